"""Webhooks: subscribing, changing and removing subscriptions."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    CREATE,
    FIELD,
    HOOK,
    MANAGEMENT,
    NOBODY,
    NONE,
    NOW_MS,
    ROOT,
    SHOP,
    VIEW,
    WEBSITE,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

OF_TASKS = [
    "task-created",
    "task-updated",
    "task-deleted",
    "task-post-created",
    "task-state-changed",
    "task-archived",
    "task-restored",
]
OF_CLIENTS = ["client-created", "client-deleted"]
PATH = "/users/self/webhook"


def create(client: TestClient, **fields: Any) -> Json:
    """Subscribe to an event."""
    response = client.post(PATH, json={"group": FIELD, "type": "task-created", "url": HOOK, **fields})
    assert response.status_code == 200, response.text
    made: Json = response.json()
    return made


def attempts(owner: TestClient) -> list[Any]:
    """Return a way to create, and one to change, a webhook."""
    webhook = create(owner)["_id"]
    whole = {"group": FIELD, "type": "task-created", "url": HOOK}
    return [
        lambda **fields: owner.post(PATH, json={**whole, **fields}),
        lambda **fields: owner.put(f"{PATH}/{webhook}", json=fields),
    ]


class TestGetWebhooks:
    """GET /users/self/webhook."""

    def test_own(self, owner: TestClient, member: TestClient) -> None:
        """Everybody sees their own, oldest first."""
        assert owner.get(PATH).json() == []
        mine = [create(owner, type=event) for event in ("task-updated", "client-created", "task-created")]
        theirs = create(member)

        assert owner.get(PATH).json() == mine
        assert member.get(PATH).json() == [theirs]


class TestCreateWebhook:
    """POST /users/self/webhook."""

    @pytest.mark.parametrize("event", OF_TASKS)
    def test_of_tasks(self, owner: TestClient, stopped, event: str) -> None:
        """A webhook for an event of tasks has a project."""
        webhook = create(owner, type=event, group=FIELD.upper(), nonsense=1, _id=NOBODY)

        assert webhook == {"_id": webhook["_id"], "group": FIELD, "type": event, "url": HOOK, "createdAt": NOW_MS}
        assert webhook["_id"] != NOBODY

    @pytest.mark.parametrize("event", OF_CLIENTS)
    @pytest.mark.parametrize("group", [FIELD, NOBODY, None, ""])
    def test_of_clients(self, owner: TestClient, stopped, event: str, group: str | None) -> None:
        """One for an event of clients has none, whatever was sent."""
        webhook = create(owner, type=event, group=group)

        assert webhook == {"_id": webhook["_id"], "type": event, "url": HOOK, "createdAt": NOW_MS}

    @pytest.mark.parametrize("name", ["type", "url"])
    def test_missing(self, owner: TestClient, name: str) -> None:
        """Without type or address it is a 400."""
        body = {"group": FIELD, "type": "task-created", "url": HOOK}

        assert_text(owner.post(PATH, json={key: body[key] for key in body if key != name}), 400, f"{name} is required")
        assert owner.get(PATH).json() == []

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"type": ""}, "type must not be empty"),
            ({"type": None}, "type must not be empty"),
            ({"type": 5}, "type must be a string"),
            ({"url": ""}, "url must not be empty"),
            ({"url": ["x"]}, "url must be a string"),
            ({"group": 5}, "group must be a string"),
            ({"group": {}}, "group must be a string"),
        ],
    )
    def test_bad_field(self, owner: TestClient, fields: Json, text: str) -> None:
        """A field that doesn't fit is a 400 that says so, in a change too."""
        for attempt in attempts(owner):
            assert_text(attempt(**fields), 400, text)

    @pytest.mark.parametrize(
        "url",
        [
            "example.com",
            "/hook",
            "//example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "mailto:a@b.test",
            "http://",
            "http:///path",
            "http://:80",
            "http://a b.test",
            "http://a.test/\n",
            "http://a.test:port",
            "http://a.test:99999",
            "http://a.test:0",
            "http://[::1",
            "http://a.test/<x>",
            "http://a.test/\u0000",
            " http://a.test",
        ],
    )
    def test_bad_url(self, owner: TestClient, url: str) -> None:
        """An address that is none of the web is a 400."""
        for attempt in attempts(owner):
            assert_text(attempt(url=url), 400, "url must be a valid URL")

    @pytest.mark.parametrize("url", ["https://a.test", "HTTP://A.test:8080/x?y=z#f", "http://[::1]:9/", "http://u:p@a.test/ü"])
    def test_good_url(self, owner: TestClient, url: str) -> None:
        """Any other comes back as it was sent."""
        assert create(owner, url=url)["url"] == url

    @pytest.mark.parametrize("event", ["task", "task-Created", "taskCreated", "post-created", "💥", "task-created "])
    def test_unknown_type(self, owner: TestClient, event: str) -> None:
        """A type that is not supported is code 118, even without a project; in a change too."""
        for attempt in attempts(owner):
            assert_code(attempt(type=event), 422, 118)
            assert_code(attempt(type=event, group=None), 422, 118)

    @pytest.mark.parametrize("event", OF_TASKS)
    @pytest.mark.parametrize("fields", [{}, {"group": None}, {"group": ""}])
    def test_project_missing(self, owner: TestClient, event: str, fields: Json) -> None:
        """An event of tasks without a project is code 2."""
        assert_code(owner.post(PATH, json={"type": event, "url": HOOK, **fields}), 422, 2)
        assert owner.get(PATH).json() == []

    @pytest.mark.parametrize("group", [NOBODY, "x"])
    def test_unknown_project(self, owner: TestClient, group: str) -> None:
        """An unknown project is a 422 that says nothing."""
        for attempt in attempts(owner):
            assert_empty(attempt(group=group), 422)

    @pytest.mark.parametrize("level", [NONE, VIEW, CREATE])
    def test_permission(self, office: Office, project: str, level: int) -> None:
        """Who may not see the tasks of a project can't be told of them: 403 with code 4."""
        person = office.person()
        office.levels(project, person, level)

        response = person.client.post(PATH, json={"group": project, "type": "task-created", "url": HOOK})

        if level == NONE:
            assert_code(response, 403, 4)
        else:
            assert response.status_code == 200

    def test_private_project(self, office: Office, member: TestClient, owner: TestClient) -> None:
        """Nor can strangers of a private project."""
        body = {"group": MANAGEMENT, "type": "task-created", "url": HOOK}

        assert_code(member.post(PATH, json=body), 403, 4)
        assert owner.post(PATH, json=body).status_code == 200

    def test_permission_for_clients(self, office: Office, viewer: TestClient) -> None:
        """Nor can those of clients who may not see them."""
        body = {"type": "client-created", "url": HOOK}
        assert_code(viewer.post(PATH, json=body), 403, 4)
        office.do("set-client-permission", user=ANNA, level=VIEW)

        assert viewer.post(PATH, json=body).status_code == 200

    def test_twice(self, owner: TestClient) -> None:
        """The same may be subscribed to twice."""
        assert create(owner)["_id"] != create(owner)["_id"]
        assert len(owner.get(PATH).json()) == 2


class TestUpdateWebhook:
    """PUT /users/self/webhook/:id."""

    @pytest.mark.parametrize(
        "fields",
        [{}, {"url": "https://other.test/x"}, {"type": "task-deleted"}, {"group": SHOP}, {"type": "task-updated", "group": ROOT}],
    )
    def test_only_what_is_sent(self, owner: TestClient, fields: Json) -> None:
        """What is not sent stays."""
        webhook, other = create(owner), create(owner)

        changed = owner.put(f"{PATH}/{webhook['_id'].upper()}", json=fields).json()

        assert changed == webhook | fields
        assert owner.get(PATH).json() == [changed, other]

    def test_from_tasks_to_clients(self, owner: TestClient) -> None:
        """A webhook that turns to clients loses its project, and needs one again to turn back."""
        webhook = create(owner)

        turned = owner.put(f"{PATH}/{webhook['_id']}", json={"type": "client-deleted"}).json()

        assert turned == {name: webhook[name] for name in ("_id", "url", "createdAt")} | {"type": "client-deleted"}
        assert_code(owner.put(f"{PATH}/{webhook['_id']}", json={"type": "task-created"}), 422, 2)
        assert owner.put(f"{PATH}/{webhook['_id']}", json={"type": "task-created", "group": WEBSITE}).json()["group"] == WEBSITE

    @pytest.mark.parametrize("group", [None, ""])
    def test_project_taken_away(self, owner: TestClient, group: str | None) -> None:
        """Taking the project away is code 2, and nothing changes."""
        webhook = create(owner)

        assert_code(owner.put(f"{PATH}/{webhook['_id']}", json={"group": group, "url": "https://other.test"}), 422, 2)

        assert owner.get(PATH).json() == [webhook]

    def test_permission(self, office: Office, project: str) -> None:
        """The new project is one whose tasks may be seen."""
        person = office.person()
        webhook = create(person.client)["_id"]
        office.levels(project, person, NONE)

        assert_code(person.client.put(f"{PATH}/{webhook}", json={"group": project}), 403, 4)

    def test_of_somebody_else(self, owner: TestClient, member: TestClient) -> None:
        """Another user's webhook is as good as unknown, for whomever."""
        webhook = create(member)

        assert_empty(owner.put(f"{PATH}/{webhook['_id']}", json={"url": "https://other.test"}), 404)
        assert_empty(owner.delete(f"{PATH}/{webhook['_id']}"), 404)

        assert member.get(PATH).json() == [webhook]

    @pytest.mark.parametrize("content", [b"{", b"[]", b"null", b'{"url": "\xff"}'])
    def test_no_json_object(self, owner: TestClient, content: bytes) -> None:
        """Whatever is no JSON object is a 400."""
        webhook = create(owner)["_id"]

        assert_text(owner.put(f"{PATH}/{webhook}", content=content), 400, "the body must be a JSON object")

    def test_too_large(self, serve) -> None:
        """A body beyond the limit is a 413 that says nothing."""
        client = serve(max_body_bytes=5).client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert_empty(client.put(f"{PATH}/{NOBODY}", json={"url": HOOK}), 413)


class TestDeleteWebhook:
    """DELETE /users/self/webhook/:id."""

    def test_gone(self, office: Office, owner: TestClient) -> None:
        """It is not there any more, and nothing is told to it."""
        webhook, other = create(owner), create(owner)

        assert_empty(owner.delete(f"{PATH}/{webhook['_id']}"))

        assert owner.get(PATH).json() == [other]
        assert_empty(owner.delete(f"{PATH}/{webhook['_id']}"), 404)
        office.task(FIELD)
        assert [one for one, _, _ in office.told()] == [other["_id"]]
