"""Comments and other activities of Cubicl's tasks."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    BOSS,
    COMMENT,
    CREATE,
    EDIT,
    FIELD,
    FILE,
    JEAN,
    NOBODY,
    NONE,
    NOW_MS,
    PLAIN_TASK,
    PORTAL_USER,
    ROOT,
    TASK,
    VIEW,
    Json,
    Office,
    assert_code,
    assert_empty,
    assert_text,
)

DRAFT = {"_id": FILE, "name": "draft.pdf"}
NOT_A_POST = 'Only activities of type "post" can have their visibility changed.'
KIND = "Visibility can only be changed for support requests, tasks shared with customers, or email tasks."
FOREIGN = "The visibility of comments created by portal or email users cannot be changed."
SENT = "The visibility of comments made visible in email tasks cannot be removed."


def show(client: TestClient, task: str, activity: str, value: Any = True) -> Any:
    """Send a Change Task Comment Visibility."""
    return client.put(f"/tasks/{task}/activities/{activity}", json={"value": value})


class TestCreateTaskComment:
    """POST /api/v1/tasks/:id/activities."""

    def test_text(self, office: Office, owner: TestClient, stopped) -> None:
        """The answer is the activity, as the list has it; the client doesn't see it."""
        response = owner.post(f"/tasks/{PLAIN_TASK}/activities", json={"content": "Hello"})

        assert response.status_code == 200
        comment = response.json()
        assert list(comment) == ["_id", "user", "type", "content", "files", "createdAt", "customerCanSee", "mentions"]
        assert comment == {
            "_id": comment["_id"],
            "user": BOSS,
            "type": "post",
            "content": "Hello",
            "files": [],
            "createdAt": NOW_MS,
            "customerCanSee": False,
            "mentions": [],
        }
        assert office.activities(PLAIN_TASK) == [comment]

    def test_everything(self, office: Office) -> None:
        """Files come back as whole records; a reply names what it replies to."""
        first = office.comment(PLAIN_TASK)["_id"]
        mentions = [{"id": JEAN, "name": "Jean"}, {"id": JEAN, "name": "J."}]

        comment = office.comment(
            PLAIN_TASK,
            content="@Jean",
            fileIds=[FILE, FILE],
            mentions=[{**mentions[0], "nonsense": 1}, mentions[1]],
            replyToId=first.upper(),
        )

        assert comment["files"] == [DRAFT]
        assert comment["mentions"] == mentions
        assert comment["replyToId"] == first
        assert comment["content"] == "@Jean"

    @pytest.mark.parametrize("content", [{}, {"content": ""}])
    def test_files_alone(self, owner: TestClient, content: Json) -> None:
        """Files do without a text."""
        response = owner.post(f"/tasks/{TASK}/activities", json={"fileIds": [FILE], **content})

        assert (response.json()["content"], response.json()["files"]) == ("", [DRAFT])

    @pytest.mark.parametrize("text", [" ", "🎉", "مرحبا", "a\0b", "x" * 100_000], ids=range(5))
    def test_text_as_sent(self, office: Office, text: str) -> None:
        """Texts of every kind and size are kept as they are."""
        office.comment(PLAIN_TASK, content=text, mentions=[{"id": JEAN, "name": text}])

        (comment,) = office.activities(PLAIN_TASK)
        assert (comment["content"], comment["mentions"][0]["name"]) == (text, text)

    @pytest.mark.parametrize(
        "body",
        [{}, {"content": ""}, {"fileIds": []}, {"content": "", "fileIds": []}, {"mentions": [], "replyToId": COMMENT}],
    )
    def test_nothing(self, owner: TestClient, body: Json) -> None:
        """A comment has a text or files."""
        assert_text(owner.post(f"/tasks/{TASK}/activities", json=body), 400, "content or fileIds is required")

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            *(({"content": value}, "content must be a string") for value in (None, 1, True, [], {})),
            *(({"fileIds": value}, "fileIds must be a list of strings") for value in (None, FILE, [1], {})),
            *(({"mentions": value}, "mentions must be a list of objects with id and name") for value in (None, JEAN, [JEAN], {})),
            ({"mentions": [{}]}, "mentions.id is required"),
            ({"mentions": [{"id": JEAN}]}, "mentions.name is required"),
            ({"mentions": [{"id": 1, "name": "x"}]}, "mentions.id must be a string"),
            ({"mentions": [{"id": JEAN, "name": None}]}, "mentions.name must be a string"),
            *(({"replyToId": value}, "replyToId must be a string") for value in (None, 1, [])),
        ],
    )
    def test_format(self, owner: TestClient, fields: Json, text: str) -> None:
        """A field of a wrong type is a 400 that says so."""
        response = owner.post(f"/tasks/{TASK}/activities", json={"content": "x", "fileIds": [FILE], **fields})

        assert_text(response, 400, text)

    @pytest.mark.parametrize(
        "fields",
        [
            {"fileIds": [NOBODY]},
            {"mentions": [{"id": NOBODY, "name": "x"}]},
            {"replyToId": NOBODY},
            {"replyToId": ""},
        ],
    )
    def test_unknown_records(self, office: Office, owner: TestClient, fields: Json) -> None:
        """An id that nothing has is a 422 with nothing, and nothing is written."""
        before = office.activities(TASK)

        assert_empty(owner.post(f"/tasks/{TASK}/activities", json={"content": "x", **fields}), 422)
        assert office.activities(TASK) == before

    def test_reply_to_something_else(self, office: Office, owner: TestClient) -> None:
        """Only a comment, and only one of the same task, can be replied to."""
        update = owner.put(f"/tasks/{PLAIN_TASK}", json={"name": "x"}).json()["activity"]["_id"]

        for activity in (update, COMMENT):
            response = owner.post(f"/tasks/{PLAIN_TASK}/activities", json={"content": "x", "replyToId": activity})
            assert_empty(response, 422)

    def test_archived(self, office: Office) -> None:
        """An archived task can be commented on."""
        office.do("archive", task=PLAIN_TASK)

        office.comment(PLAIN_TASK)

        assert [one["type"] for one in office.activities(PLAIN_TASK)] == ["archive", "post"]

    def test_email_task(self, office: Office) -> None:
        """On a task that a mail made, a comment waits to be sent."""
        office.do("make-email-task", task=PLAIN_TASK)

        assert list(office.comment(PLAIN_TASK).items())[-1] == ("mailStatus", "not-sent")
        assert "mailStatus" not in office.comment(TASK)

    @pytest.mark.parametrize(("level", "allowed"), [(NONE, False), (VIEW, False), (CREATE, True)])
    def test_permission(self, office: Office, project: str, level: int, allowed: bool) -> None:
        """It takes level Create; following is not enough."""
        person = office.person()
        office.levels(project, person, level)
        task = office.task(project, followers=[person.id])["_id"]

        response = person.client.post(f"/tasks/{task}/activities", json={"content": "x"})

        if allowed:
            assert response.json()["user"] == person.id
        else:
            assert_code(response, 403, 4)

    def test_assignee_and_owner(self, office: Office) -> None:
        """Assignees and the owner may, even with level None."""
        person = office.person()
        group = office.project(members=[person.id])
        assigned = office.task(group, assignees=[person.id])["_id"]
        owned = office.task(group, person.client)["_id"]
        office.levels(group, person, NONE)

        for task in (assigned, owned):
            assert office.comment(task, person.client)["user"] == person.id

    @pytest.mark.parametrize(("verb", "fields"), [("DELETE", {}), ("PATCH", {"content": "Other"})])
    def test_cannot_be_deleted(self, office: Office, owner: TestClient, verb: str, fields: Json) -> None:
        """A comment can't be taken back or written anew, and nobody can show it to the client from the start."""
        comment = office.comment(PLAIN_TASK, customerCanSee=True)

        assert_empty(owner.request(verb, f"/tasks/{PLAIN_TASK}/activities/{comment['_id']}", json=fields), 405)
        assert office.activities(PLAIN_TASK) == [comment]
        assert comment["customerCanSee"] is False

    def test_permission_comes_before_the_records(self, viewer: TestClient) -> None:
        """Who may not comment learns nothing about files."""
        assert_code(viewer.post(f"/tasks/{TASK}/activities", json={"fileIds": [NOBODY]}), 403, 4)


class TestGetTaskActivities:
    """GET /api/v1/tasks/:id/activities."""

    def test_oldest_first(self, office: Office, owner: TestClient, clock, stopped) -> None:
        """Every type is there, in the order in which it happened, also within one millisecond."""
        task = office.task(FIELD, stepType="progress", steps={"completed": 0, "total": 2})["_id"]
        owner.put(f"/tasks/{task}", json={"steps": {"completed": 1, "total": 2}, "state": "cb_active"})
        office.comment(task)
        clock.advance("PT1H")
        office.do("archive", task=task)
        office.do("restore", task=task)
        owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})

        response = owner.get(f"/tasks/{task}/activities")

        assert response.headers["content-type"] == "application/json; charset=utf-8"
        expected = ["update", "progress", "state-change", "post", "archive", "restore", "state-change"]
        assert [one["type"] for one in response.json()] == expected
        stamps = [one["createdAt"] for one in response.json()]
        assert stamps == sorted(stamps)
        assert len(set(stamps)) == 2

    def test_archive_and_restore(self, office: Office, stopped) -> None:
        """Those have no data."""
        office.do("archive", task=PLAIN_TASK)
        office.do("restore", task=PLAIN_TASK)

        for activity in office.activities(PLAIN_TASK):
            assert list(activity) == ["_id", "user", "type", "createdAt", "customerCanSee", "mentions"]
            assert (activity["user"], activity["createdAt"]) == (BOSS, NOW_MS)

    def test_nothing(self, owner: TestClient) -> None:
        """A task to which nothing has happened has an empty list; queries change nothing."""
        assert owner.get(f"/tasks/{PLAIN_TASK}/activities").text == "[]"
        assert len(owner.get(f"/tasks/{TASK}/activities", params={"limit": 0, "skip": 9, "type": "x"}).json()) == 1

    def test_permission(self, office: Office, project: str) -> None:
        """Who may read the task may read its activities."""
        person = office.person()
        group = office.project()
        office.levels(group, person, NONE)
        followed, hidden = office.task(group, followers=[person.id])["_id"], office.task(group)["_id"]

        assert person.client.get(f"/tasks/{followed}/activities").json() == []
        assert_code(person.client.get(f"/tasks/{hidden}/activities"), 403, 4)


class TestChangeTaskCommentVisibility:
    """PUT /api/v1/tasks/:taskId/activities/:activityId."""

    @pytest.fixture
    def task(self, office: Office) -> str:
        """A plain task."""
        task: str = office.task(FIELD)["_id"]
        return task

    @pytest.mark.parametrize("action", ["share-with-customer", "make-support-task"])
    def test_both_ways(self, office: Office, owner: TestClient, task: str, action: str) -> None:
        """In a shared task and in a support request a comment is shown and hidden again; nothing else changes."""
        office.do(action, task=task)
        comment = office.comment(task)

        for value in (True, True, False, False, True):
            assert_empty(show(owner, task, comment["_id"].upper(), value))
            assert office.activities(task) == [comment | {"customerCanSee": value}]

    def test_email_task(self, office: Office, owner: TestClient, task: str) -> None:
        """In a task that a mail made, showing a comment sends it; that can't be taken back, but repeated."""
        office.do("make-email-task", task=task)
        comment = office.comment(task)
        assert_empty(show(owner, task, comment["_id"], False))
        assert office.activities(task) == [comment]

        assert_empty(show(owner, task, comment["_id"], True))
        assert office.activities(task) == [comment | {"customerCanSee": True, "mailStatus": "sent"}]

        assert_empty(show(owner, task, comment["_id"], True))
        assert_text(show(owner, task, comment["_id"], False), 422, SENT)

    def test_comment_older_than_the_mail(self, office: Office, owner: TestClient, task: str) -> None:
        """A comment that had no mail status gets one when it is sent."""
        comment = office.comment(task)["_id"]
        office.do("make-email-task", task=task)

        show(owner, task, comment)

        assert office.activities(task)[0]["mailStatus"] == "sent"

    def test_not_a_post(self, office: Office, owner: TestClient, task: str) -> None:
        """Only comments can be shown; that comes before the kind of the task is looked at."""
        update = owner.put(f"/tasks/{task}", json={"name": "x"}).json()["activity"]["_id"]

        assert_text(show(owner, task, update), 422, NOT_A_POST)
        office.do("share-with-customer", task=task)
        assert_text(show(owner, task, update), 422, NOT_A_POST)

    def test_kind_of_task(self, office: Office, owner: TestClient, task: str) -> None:
        """Only where there is a client; a task that is no longer shared is none of those."""
        comment = office.comment(task)["_id"]

        for value in (True, False):
            assert_text(show(owner, task, comment, value), 422, KIND)
        office.do("share-with-customer", task=task)
        office.do("share-with-customer", task=task, shared=False)
        assert_text(show(owner, task, comment), 422, KIND)

    def test_comments_of_clients(self, office: Office, owner: TestClient, task: str) -> None:
        """What a portal user or a mail's sender wrote stays as it is."""
        office.do("make-support-task", task=task, portalUser=PORTAL_USER)
        office.do("make-email-task", task=task)
        posts = [office.do("portal-post", task=task, content="p"), office.do("email-post", task=task, content="e")]

        for post in posts:
            for value in (True, False):
                assert_text(show(owner, task, post["_id"], value), 422, FOREIGN)

    def test_kind_comes_before_the_author(self, office: Office, owner: TestClient, task: str) -> None:
        """Of two reasons the one that the page lists first is given."""
        office.do("share-with-customer", task=task)
        post = office.do("portal-post", task=task, content="p")["_id"]
        office.do("share-with-customer", task=task, shared=False)

        assert_text(show(owner, task, post), 422, KIND)

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, "value is required"),
            *(({"value": value}, "value must be true or false") for value in (None, 1, 0, "true", [], {})),
        ],
    )
    def test_format(self, owner: TestClient, body: Json, text: str) -> None:
        """The value must be there, and a boolean."""
        assert_text(owner.put(f"/tasks/{TASK}/activities/{COMMENT}", json=body), 400, text)

    def test_unknown_activity(self, office: Office, owner: TestClient, viewer: TestClient) -> None:
        """An unknown activity, or one of another task, is a 404 with nothing, before the permission is looked at."""
        for client in (owner, viewer):
            assert_empty(show(client, TASK, NOBODY), 404)
            assert_empty(show(client, PLAIN_TASK, COMMENT), 404)

    def test_author(self, office: Office) -> None:
        """The author may, as long as the task may be seen."""
        person = office.person()
        group = office.project(members=[person.id])
        task = office.task(group)["_id"]
        office.do("share-with-customer", task=task)
        comment = office.comment(task, person.client)["_id"]

        office.levels(group, person, VIEW)
        assert_empty(show(person.client, task, comment, True))
        office.levels(group, person, NONE)
        assert_code(show(person.client, task, comment, False), 403, 4)

    @pytest.mark.parametrize(("level", "allowed"), [(VIEW, False), (CREATE, False), (EDIT, True)])
    def test_others(self, office: Office, project: str, level: int, allowed: bool) -> None:
        """Others need level Edit; being assigned is not enough."""
        person = office.person()
        office.levels(project, person, level)
        task = office.task(project, assignees=[person.id])["_id"]
        office.do("share-with-customer", task=task)
        comment = office.comment(task)["_id"]

        response = show(person.client, task, comment)

        assert_empty(response) if allowed else assert_code(response, 403, 4)

    def test_owner_of_the_task(self, office: Office) -> None:
        """Neither is owning the task."""
        person = office.person()
        group = office.project(members=[person.id])
        task = office.task(group, person.client)["_id"]
        office.do("share-with-customer", task=task)
        comment = office.comment(task)["_id"]

        assert_code(show(person.client, task, comment), 403, 4)

    def test_permission_comes_before_the_data(self, office: Office, viewer: TestClient) -> None:
        """Who may not change it isn't told why else it could not be."""
        comment = office.comment(PLAIN_TASK)["_id"]

        assert_code(show(viewer, PLAIN_TASK, comment), 403, 4)

    def test_archived(self, office: Office, owner: TestClient, task: str) -> None:
        """On an archived task it works too."""
        office.do("share-with-customer", task=task)
        comment = office.comment(task)["_id"]
        office.do("archive", task=task)

        assert_empty(show(owner, task, comment))


class TestWorld:
    """Comments of the default world."""

    def test_known_comment(self, office: Office) -> None:
        """The known task has one comment of the plain member's, with a file."""
        (comment,) = office.activities(TASK)

        assert (comment["_id"], comment["user"], comment["files"]) == (COMMENT, JEAN, [DRAFT])

    def test_follower_reads(self, office: Office) -> None:
        """A follower reads what others wrote, and can't answer."""
        private = office.task(ROOT, private=True, followers=[ANNA])["_id"]
        office.comment(private)

        client = office.client_of(ANNA)

        assert len(client.get(f"/tasks/{private}/activities").json()) == 1
        assert_code(client.post(f"/tasks/{private}/activities", json={"content": "x"}), 403, 4)
