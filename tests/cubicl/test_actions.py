"""What Cubicl's own interface can do: the set-up actions."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    BOSS,
    CLIENT,
    FIELD,
    JEAN,
    NOBODY,
    NOW_MS,
    PLAIN_TASK,
    PORTAL_USER,
    ROOT,
    TASK,
    WORKFLOW,
    Json,
    Office,
    assert_code,
    assert_empty,
)
from understudy.core.store import table_of
from understudy.vendors.cubicl.tables import Storage

ACTIONS = {
    "archive": {"task": PLAIN_TASK},
    "restore": {"task": PLAIN_TASK},
    "set-gantt": {"task": PLAIN_TASK, "inGantt": True},
    "make-email-task": {"task": PLAIN_TASK},
    "make-support-task": {"task": PLAIN_TASK},
    "share-with-customer": {"task": PLAIN_TASK},
    "portal-post": {"task": TASK, "content": "x"},
    "email-post": {"task": PLAIN_TASK, "content": "x"},
    "create-project": {"name": "x"},
    "set-permissions": {"group": FIELD, "perms": {"members": {}, "everybody": {}, "users": {}}},
    "create-tag": {"group": FIELD, "name": "x"},
    "create-workflow": {"group": FIELD, "name": "x"},
    "create-user": {"firstname": "x", "lastname": "y", "email": "x@y"},
    "remove-user": {"user": JEAN},
    "set-client-permission": {"user": JEAN, "level": 1},
    "create-portal-user": {"customer": CLIENT, "firstname": "x", "lastname": "y"},
    "create-token": {"user": JEAN},
    "remove-token": {"token": "cubicl-viewer"},
    "set-storage": {"totalCapacity": 1, "totalSize": 0},
}


def attempt(admin: TestClient, action: str, **body: Any) -> Any:
    """Send an action."""
    return admin.post(f"/actions/cubicl/{action}", json=body)


class TestEveryAction:
    """What holds for all of them."""

    def test_listed(self, admin: TestClient) -> None:
        """The control plane lists them with the form of their bodies."""
        listed = {one["action"]: one for one in admin.get("/actions").json()["actions"] if one["vendor"] == "cubicl"}

        assert set(listed) == set(ACTIONS)
        assert all(set(body) <= set(listed[name]["body"]["properties"]) for name, body in ACTIONS.items())
        assert set(listed["make-email-task"]["body"]["properties"]) == {"task", "from"}
        assert all(one["summary"] for one in listed.values())

    @pytest.mark.parametrize("action", ACTIONS)
    def test_unknown_id(self, admin: TestClient, action: str) -> None:
        """An unknown id is a 404."""
        ids = {name: NOBODY for name in ACTIONS[action] if name in ("task", "group", "user", "customer", "token")}
        if not ids:
            return

        response = attempt(admin, action, **ACTIONS[action] | ids)

        assert response.status_code == 404
        assert NOBODY in response.json()["errors"][0]["detail"]

    @pytest.mark.parametrize("action", ACTIONS)
    def test_body_that_does_not_fit(self, admin: TestClient, action: str) -> None:
        """A missing, unknown or ill-typed field is a 422 that names it."""
        body = ACTIONS[action]
        first = next(iter(body))

        bodies = [({name: value for name, value in body.items() if name != first}, first), (body | {"nonsense": 1}, "nonsense")]
        bodies.append((body | {first: {"a": 1}}, first))
        for wrong, named in bodies:
            response = attempt(admin, action, **wrong)
            assert response.status_code == 422
            assert named in response.json()["errors"][0]["detail"]

    @pytest.mark.parametrize(
        ("action", "body"),
        [
            ("set-gantt", {"task": TASK, "inGantt": "perhaps"}),
            ("share-with-customer", {"task": TASK, "shared": None}),
            ("portal-post", {"task": TASK, "content": ""}),
            ("make-email-task", {"task": TASK, "from": {"name": "x"}}),
            ("make-email-task", {"task": TASK, "from": {"name": "x", "emailAddress": "a@b", "nonsense": 1}}),
            ("create-project", {"name": ""}),
            ("create-project", {"name": "x", "taskStates": []}),
            ("create-project", {"name": "x", "taskStates": [{"name": "x", "type": "finished"}]}),
            ("create-project", {"name": "x", "taskStates": [{"name": "x", "type": "active"}, {"name": "x", "type": "waiting"}]}),
            ("create-project", {"name": "x", "perms": {"members": {"tasks": 5}}}),
            ("create-project", {"name": "x", "perms": {"members": {"tasks": -1}}}),
            ("create-project", {"name": "x", "perms": {"members": {"cakes": 1}}}),
            ("set-permissions", {"group": FIELD, "perms": {"nobody": {}}}),
            ("create-user", {"firstname": "x", "lastname": "y", "email": "nowhere"}),
            ("set-client-permission", {"user": JEAN, "level": 5}),
            ("set-client-permission", {"user": JEAN, "level": -1}),
            ("create-portal-user", {"customer": CLIENT, "firstname": "", "lastname": "y"}),
            ("set-storage", {"totalCapacity": -1, "totalSize": 0}),
            ("set-storage", {"totalCapacity": 1 << 63, "totalSize": 0}),
            ("set-storage", {"totalCapacity": 1.5, "totalSize": 0}),
        ],
    )
    def test_value_that_does_not_fit(self, admin: TestClient, action: str, body: Json) -> None:
        """So is a value out of its bounds."""
        assert attempt(admin, action, **body).status_code == 422


class TestTasks:
    """archive, restore, set-gantt."""

    def test_archive_and_restore(self, office: Office, stopped) -> None:
        """`archivedAt` is absent at first, then a number, then null; the activities are the owner's."""
        task = office.task(FIELD)
        assert "archivedAt" not in task

        archived = office.do("archive", task=task["_id"])
        assert archived == office.read(task["_id"])
        assert archived["archivedAt"] == NOW_MS
        restored = office.do("restore", task=task["_id"])

        assert restored == office.read(task["_id"])
        assert restored["archivedAt"] is None
        assert [(one["type"], one["user"]) for one in office.activities(task["_id"])] == [("archive", BOSS), ("restore", BOSS)]

    def test_archive_twice(self, office: Office, admin: TestClient) -> None:
        """What is archived can't be archived again, and what is not can't be restored."""
        assert attempt(admin, "restore", task=PLAIN_TASK).status_code == 422
        office.do("archive", task=PLAIN_TASK)
        assert attempt(admin, "archive", task=PLAIN_TASK).status_code == 422

    def test_gantt(self, office: Office) -> None:
        """The answer tells what no operation shows; the task itself stays as it is."""
        before = office.read(PLAIN_TASK)

        for value in (True, True, False):
            assert office.do("set-gantt", task=PLAIN_TASK, inGantt=value) == before | {"inGantt": value}
        assert office.read(PLAIN_TASK) == before


class TestClients:
    """make-email-task, make-support-task, share-with-customer, portal-post, email-post."""

    def test_email_task(self, office: Office) -> None:
        """An id is made for the sender, the same for the same address."""
        one = office.do("make-email-task", task=PLAIN_TASK, **{"from": {"name": "Joe", "emailAddress": "joe@client.test"}})
        again = office.do("make-email-task", task=TASK, **{"from": {"name": "J.", "emailAddress": "joe@client.test"}})
        other = office.do("make-email-task", task=TASK)

        assert one == office.read(PLAIN_TASK)
        assert list(one["email"]) == ["emailUserId"]
        assert one["email"] == again["email"] != other["email"]

    def test_email_post(self, office: Office, admin: TestClient, stopped) -> None:
        """A comment of the sender's, with the details of the mail."""
        assert attempt(admin, "email-post", task=PLAIN_TASK, content="x").status_code == 422
        sender = {"name": "Joe", "emailAddress": "joe@client.test"}
        user = office.do("make-email-task", task=PLAIN_TASK, **{"from": sender})["email"]["emailUserId"]

        post = office.do("email-post", task=PLAIN_TASK, content="Hello")

        assert office.activities(PLAIN_TASK) == [post]
        assert post == {
            "_id": post["_id"],
            "user": user,
            "emailUser": user,
            "type": "post",
            "content": "Hello",
            "files": [],
            "createdAt": NOW_MS,
            "customerCanSee": True,
            "mentions": [],
            "emailDetails": {"to": [{"name": "Support", "emailAddress": "support@cubicl.test"}], "cc": [], "from": sender},
        }

    def test_support_task(self, office: Office, admin: TestClient) -> None:
        """The portal user who is named, else one of the task's client."""
        named = office.do("make-support-task", task=PLAIN_TASK, portalUser=PORTAL_USER)
        mine = office.task(FIELD, customer=CLIENT)["_id"]

        assert named == office.read(PLAIN_TASK)
        assert named["support"] == {"portalUser": PORTAL_USER}
        assert office.do("make-support-task", task=mine)["support"] == {"portalUser": PORTAL_USER}
        assert attempt(admin, "make-support-task", task=TASK, portalUser=NOBODY).status_code == 404

    def test_share(self, office: Office) -> None:
        """The portal users of the client follow a shared task; without a client nobody does."""
        task = office.task(FIELD, customer=CLIENT)["_id"]

        shared = office.do("share-with-customer", task=task)
        assert (shared["sharedWithCustomer"], shared["portalFollowers"]) == (True, [PORTAL_USER])
        unshared = office.do("share-with-customer", task=task, shared=False)

        assert unshared == office.read(task)
        assert unshared["sharedWithCustomer"] is False
        assert "portalFollowers" not in unshared
        assert office.do("share-with-customer", task=PLAIN_TASK)["portalFollowers"] == []

    @pytest.mark.parametrize("action", ["make-support-task", "share-with-customer"])
    def test_portal_post(self, office: Office, admin: TestClient, action: str) -> None:
        """A comment of the portal user's, on a support request or a shared task."""
        task = office.task(FIELD, customer=CLIENT)["_id"]
        assert attempt(admin, "portal-post", task=task, content="x").status_code == 422
        office.do(action, task=task)

        post = office.do("portal-post", task=task, content="Hello")

        assert office.activities(task) == [post]
        assert (post["user"], post["portalUser"], post["content"]) == (PORTAL_USER, PORTAL_USER, "Hello")
        assert (post["type"], post["customerCanSee"]) == ("post", True)


class TestProjects:
    """create-project, set-permissions, create-tag, create-workflow."""

    def test_plain_project(self, office: Office) -> None:
        """Without parents it stands below the root; what is not customised is not there."""
        project = office.do("create-project", name="Plain")

        assert project == {
            "_id": project["_id"],
            "name": "Plain",
            "parents": [ROOT],
            "admins": [],
            "members": [],
            "groups": [],
        }
        assert len(project["_id"]) == 24

    def test_full_project(self, office: Office) -> None:
        """Everything that a project may have comes back, and names itself in its children."""
        states = [{"name": "One", "type": "waiting", "color": "#111", "textColor": "#222", "isDefault": True}]
        states.append({"name": "Two", "type": "cancelled", "color": "#333", "textColor": "#444"})
        perms = {"members": {"tasks": 3, "gantt": 1}, "everybody": {"files": 0, "calendar": 4}, "users": {JEAN: {"tasks": 4}}}
        left, right = office.project(), office.project()

        project = office.do(
            "create-project",
            name="Full",
            parents=[right, left, right],
            admins=[BOSS],
            members=[JEAN, BOSS, JEAN],
            taskStates=states,
            perms=perms,
            private=True,
        )
        child = office.project(parents=[project["_id"]])

        assert project | {"_id": ""} == {
            "_id": "",
            "name": "Full",
            "parents": [right, left],
            "admins": [BOSS],
            "members": [JEAN, BOSS],
            "groups": [],
            "taskStates": states,
            "perms": perms,
        }
        assert office.do("set-permissions", group=project["_id"], perms=None)["groups"] == [child]

    @pytest.mark.parametrize(
        "fields",
        [
            {"parents": [NOBODY]},
            {"admins": [NOBODY]},
            {"members": [JEAN, NOBODY]},
            {"perms": {"users": {NOBODY: {}}}},
        ],
    )
    def test_unknown_records(self, admin: TestClient, fields: Json) -> None:
        """Parents and people must be there."""
        assert attempt(admin, "create-project", name="x", **fields).status_code == 404

    def test_unknown_user_in_permissions(self, admin: TestClient) -> None:
        """So must people who get levels of their own."""
        assert attempt(admin, "set-permissions", group=FIELD, perms={"users": {NOBODY: {}}}).status_code == 404

    def test_set_permissions(self, office: Office) -> None:
        """The project comes back with its new permissions, or without any."""
        perms = {"members": {"tasks": 2}, "everybody": {}}

        assert office.do("set-permissions", group=FIELD, perms=perms)["perms"] == perms
        assert "perms" not in office.do("set-permissions", group=FIELD, perms=None)

    def test_create_tag(self, office: Office, admin: TestClient) -> None:
        """The tag comes back with its id, which tasks can have; a project has a name once."""
        tag = office.do("create-tag", group=FIELD, name="fresh")

        assert tag == {"_id": tag["_id"], "name": "fresh", "group": FIELD}
        assert office.task(FIELD, tags=[tag["_id"]])["tags"] == [tag["_id"]]
        assert attempt(admin, "create-tag", group=FIELD, name="fresh").status_code == 422

    def test_create_workflow(self, office: Office) -> None:
        """The workflow comes back with its id and that of its template; tasks in it have ids of their own there."""
        workflow = office.do("create-workflow", group=FIELD, name="Hiring")
        one, two = (office.task(FIELD, workFlowId=workflow["_id"])["workflow"] for _ in range(2))

        assert workflow == {"_id": one["id"], "name": "Hiring", "group": FIELD, "templateId": one["templateId"]}
        assert one["taskflowId"] != two["taskflowId"]
        assert one["id"] != WORKFLOW


class TestUsers:
    """create-user, create-token, remove-token, set-storage."""

    def test_create_user(self, office: Office, admin: TestClient) -> None:
        """A new user belongs to the organisation and so to the root project, and can be assigned."""
        user = office.do("create-user", firstname="Zoe", lastname="New", email="zoe@work.test")

        assert user == {
            "_id": user["_id"],
            "firstname": "Zoe",
            "lastname": "New",
            "email": "zoe@work.test",
            "profile": f"https://cubicl.test/profiles/{user['_id']}.png",
        }
        assert office.task(FIELD, assignees=[user["_id"]])["assignees"] == [user["_id"]]
        assert office.do("set-permissions", group=ROOT, perms=None)["members"][-1] == user["_id"]
        assert attempt(admin, "create-user", firstname="Zoe", lastname="Two", email="zoe@work.test").status_code == 422

    def test_remove_user(self, office: Office, admin: TestClient, owner: TestClient) -> None:
        """A former user's tokens are worthless and projects lose the user; what the user has done stays."""
        person = office.person()
        group = office.project(admins=[person.id], members=[person.id, JEAN])
        task = office.task(group, person.client, assignees=[person.id])["_id"]

        assert office.do("remove-user", user=person.id) == {"user": person.id}

        assert_empty(person.client.get("/tasks"), 401)
        (project,) = (one for one in owner.get("/groups").json() if one["_id"] == group)
        assert (project["admins"], project["members"]) == ([], [JEAN])
        assert person.id not in owner.get("/groups").json()[0]["members"]
        assert (office.read(task)["assignedBy"], office.read(task)["assignees"]) == (person.id, [person.id])
        assert_empty(owner.post("/tasks", json={"group": group, "name": "x", "assignees": [person.id]}), 422)
        assert attempt(admin, "remove-user", user=person.id).status_code == 404
        assert attempt(admin, "create-token", user=person.id).status_code == 404

    def test_removed_user_hears_nothing(self, office: Office, project: str) -> None:
        """A former user's webhooks are gone."""
        person = office.person()
        office.subscribe("task-created", project, person.client)
        office.do("remove-user", user=person.id)

        office.task(project)

        assert office.told() == []

    def test_a_newcomer_after_a_removal(self, office: Office, owner: TestClient) -> None:
        """Who comes after somebody has left is the last member of the root project."""
        first, second = office.person(), office.person()
        office.do("remove-user", user=first.id)
        third = office.person()

        assert owner.get("/groups").json()[0]["members"][-2:] == [second.id, third.id]

    def test_last_account_manager(self, admin: TestClient, owner: TestClient) -> None:
        """The only account manager stays."""
        response = attempt(admin, "remove-user", user=BOSS)

        assert response.status_code == 422
        assert owner.get("/app/me").status_code == 200

    def test_set_client_permission(self, office: Office, viewer: TestClient) -> None:
        """The level counts from then on."""
        assert office.do("set-client-permission", user=ANNA, level=2) == {"user": ANNA, "level": 2}

        assert viewer.post("/crm/customers", json={"name": "x"}).status_code == 200
        assert_code(viewer.delete(f"/crm/customers/{CLIENT}"), 403, 4)

    def test_create_portal_user(self, office: Office, owner: TestClient) -> None:
        """A portal user of a new client follows the tasks that are shared with it."""
        client = owner.post("/crm/customers", json={"name": "New"}).json()["_id"]

        user = office.do("create-portal-user", customer=client, firstname="Pia", lastname="Port")

        photo = f"https://cubicl.test/portal/{user['_id']}.png"
        assert user == {"_id": user["_id"], "firstname": "Pia", "lastname": "Port", "profile": photo}
        task = office.task(FIELD, customer=client)["_id"]
        assert office.do("share-with-customer", task=task)["portalFollowers"] == [user["_id"]]

    def test_tokens(self, office: Office, anonymous: TestClient, admin: TestClient) -> None:
        """A user may have several tokens; removing one leaves the others."""
        one, two = (office.do("create-token", user=JEAN) for _ in range(2))

        assert one["user"] == two["user"] == JEAN
        assert one["token"] != two["token"]
        assert office.do("remove-token", token=one["token"]) == one
        statuses = [
            anonymous.get(f"/tasks/{TASK}", headers={"Authorization": f"Bearer {made['token']}"}).status_code
            for made in (one, two)
        ]
        assert statuses == [401, 200]
        assert attempt(admin, "remove-token", token=one["token"]).status_code == 404

    def test_env_forgets_removed_tokens(self, office: Office, admin: TestClient) -> None:
        """The credentials that are shown are those that work."""

        def shown() -> list[tuple[str, str]]:
            (vendor,) = (vendor for vendor in admin.get("/env").json()["vendors"] if vendor["name"] == "cubicl")
            return [(one["name"], one["token"]) for one in vendor["credentials"]]

        assert shown() == [("owner", "cubicl-owner"), ("member", "cubicl-member"), ("viewer", "cubicl-viewer")]
        office.do("remove-token", token="cubicl-member")
        assert shown() == [("owner", "cubicl-owner"), ("viewer", "cubicl-viewer")]

    def test_storage(self, office: Office, server) -> None:
        """The numbers are kept for the upload of files."""
        numbers = {"totalCapacity": (1 << 63) - 1, "totalSize": 5}

        assert office.do("set-storage", **numbers) == numbers
        with server.app.sandboxes["default"].session() as session:
            row = session.first(table_of(Storage).select())
        assert (row["total_capacity"], row["total_size"]) == ((1 << 63) - 1, 5)
