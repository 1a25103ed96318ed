"""What holds for every request to Cubicl: tokens, paths, methods, bodies."""

import pytest
from starlette.testclient import TestClient

from cubicl.office import (
    BOSS,
    CLIENT,
    COMMENT,
    FILE,
    HOOK,
    NOBODY,
    PLAIN_TASK,
    ROOT,
    TASK,
    assert_code,
    assert_empty,
    assert_text,
)
from understudy.vendors.cubicl import auth

OPERATIONS = {
    "getTasks": ("GET", "/tasks", None),
    "getTaskById": ("GET", f"/tasks/{TASK}", None),
    "createTask": ("POST", "/tasks", {"group": ROOT, "name": "x"}),
    "updateTask": ("PUT", f"/tasks/{TASK}", {"name": "x"}),
    "deleteTask": ("DELETE", f"/tasks/{TASK}", None),
    "addSubtask": ("POST", f"/tasks/{TASK}/subtasks", {"subtask": PLAIN_TASK}),
    "updateTaskState": ("PUT", f"/tasks/{TASK}/state", {"value": "cb_active"}),
    "getTaskActivities": ("GET", f"/tasks/{TASK}/activities", None),
    "createTaskComment": ("POST", f"/tasks/{TASK}/activities", {"content": "x"}),
    "changeTaskCommentVisibility": ("PUT", f"/tasks/{TASK}/activities/{COMMENT}", {"value": True}),
    "getOrganizationUsers": ("GET", "/organization/users", None),
    "getUsersByIds": ("GET", f"/users?ids={BOSS}", None),
    "getMe": ("GET", "/app/me", None),
    "getProjects": ("GET", "/groups", None),
    "getClients": ("GET", "/crm/customers", None),
    "getClientById": ("GET", f"/crm/customers/{CLIENT}", None),
    "createClient": ("POST", "/crm/customers", {"name": "x"}),
    "updateClient": ("PUT", f"/crm/customers/{CLIENT}", {"name": "x"}),
    "deleteClient": ("DELETE", f"/crm/customers/{CLIENT}", None),
    "getWebhooks": ("GET", "/users/self/webhook", None),
    "getFileUrl": ("GET", f"/files/{FILE}/url", None),
    "getFileSystemNodes": ("GET", f"/file-system-nodes?group={ROOT}", None),
    "addFilesToFileSystem": ("POST", "/file-system-nodes/files", {"group": ROOT, "files": [FILE]}),
    "createDirectory": ("POST", "/file-system-nodes/directories", {"group": ROOT, "name": "x"}),
    "createWebhook": ("POST", "/users/self/webhook", {"type": "task-created", "group": ROOT, "url": HOOK}),
}
WITH_BODY = {name: operation for name, operation in OPERATIONS.items() if operation[2] is not None}
OF_A_TASK = {name: operation for name, operation in OPERATIONS.items() if TASK in operation[1]}

EVERY_OPERATION = pytest.mark.parametrize(("method", "path", "body"), OPERATIONS.values(), ids=OPERATIONS)
EVERY_BODY = pytest.mark.parametrize(("method", "path", "body"), WITH_BODY.values(), ids=WITH_BODY)
EVERY_TASK_PATH = pytest.mark.parametrize(("method", "path", "body"), OF_A_TASK.values(), ids=OF_A_TASK)

OTHER_PATHS = [
    ("GET", "/crm/customers/{}"),
    ("PUT", "/crm/customers/{}"),
    ("DELETE", "/crm/customers/{}"),
    ("GET", "/files/{}/url"),
    ("PUT", "/users/self/webhook/{}"),
    ("DELETE", "/users/self/webhook/{}"),
]
"""Operations on a record other than a task."""


class TestSuccess:
    """What an operation answers when all is well."""

    @EVERY_OPERATION
    def test_is_always_200(self, owner: TestClient, method, path, body) -> None:
        """Every success is a 200, never 201 or 204, and JSON has its character set beside it."""
        response = owner.request(method, path, json=body)

        assert response.status_code == 200, response.text
        if response.content:
            assert response.headers["content-type"] == "application/json; charset=utf-8"
        else:
            assert_empty(response)


class TestTokens:
    """The Authorization header."""

    @EVERY_OPERATION
    def test_missing(self, anonymous: TestClient, method, path, body) -> None:
        """Without a token every operation is a 401 that says nothing."""
        assert_empty(anonymous.request(method, path, json=body), 401)

    @pytest.mark.parametrize(("method", "path"), OTHER_PATHS)
    def test_missing_for_another_record(self, anonymous: TestClient, method: str, path: str) -> None:
        """Neither can anything else be done without one."""
        assert_empty(anonymous.request(method, path.format(NOBODY)), 401)

    def test_missing_for_files(self, anonymous: TestClient) -> None:
        """Nor can files be taken out of a project."""
        assert_empty(anonymous.delete(f"/file-system-nodes?ids={NOBODY}"), 401)

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer ",
            "cubicl-owner",
            "Basic cubicl-owner",
            "Token cubicl-owner",
            "Bearer unknown",
            "Bearer cubicl-owner x",
            "Bearer CUBICL-OWNER",
            "Bearer \xff",
        ],
    )
    def test_worthless(self, anonymous: TestClient, header: str) -> None:
        """A header that is not Bearer, or has no known token, is no token."""
        assert_empty(anonymous.get(f"/tasks/{TASK}", headers={"Authorization": header.encode("latin-1")}), 401)

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_case_of_the_scheme(self, anonymous: TestClient, scheme: str) -> None:
        """The word Bearer may come in any case."""
        assert anonymous.get(f"/tasks/{TASK}", headers={"Authorization": f"{scheme} cubicl-owner"}).status_code == 200

    def test_repeated(self, anonymous: TestClient) -> None:
        """Of two headers the first counts."""
        bad_first = [("Authorization", "Bearer unknown"), ("Authorization", "Bearer cubicl-owner")]

        assert_empty(anonymous.get(f"/tasks/{TASK}", headers=bad_first), 401)
        assert anonymous.get(f"/tasks/{TASK}", headers=bad_first[::-1]).status_code == 200

    def test_removed(self, office, anonymous: TestClient) -> None:
        """A removed token stops working."""
        token = office.do("create-token", user=BOSS)["token"]
        header = {"Authorization": f"Bearer {token}"}
        assert anonymous.get(f"/tasks/{TASK}", headers=header).status_code == 200

        office.do("remove-token", token=token)

        assert_empty(anonymous.get(f"/tasks/{TASK}", headers=header), 401)

    def test_acts_as_its_user(self, office) -> None:
        """What is done with a token is recorded under its user."""
        person = office.person()
        group = office.project(members=[person.id])

        task = office.task(group, person.client)
        comment = office.comment(task["_id"], person.client)

        assert (task["assignedBy"], comment["user"]) == (person.id, person.id)


class TestPaths:
    """Paths and methods."""

    @pytest.mark.parametrize("path", ["/nothing", "", "/tasks/a/b/c/d", f"/tasks/{TASK}/nothing", f"/tasks/{TASK}/state/x"])
    def test_unknown(self, owner: TestClient, path: str) -> None:
        """A path that is not of the API is a 404 that says nothing."""
        assert_empty(owner.get(path), 404)

    @pytest.mark.parametrize("path", ["/nothing", "/tasks/x", f"/tasks/{TASK}/state"])
    def test_token_comes_first(self, anonymous: TestClient, path: str) -> None:
        """Without a token an unknown path, a malformed id and a wrong method are 401 as well."""
        assert_empty(anonymous.get(path), 401)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", "/tasks"),
            ("PATCH", "/tasks"),
            ("DELETE", "/tasks"),
            ("OPTIONS", "/tasks"),
            ("POST", f"/tasks/{TASK}"),
            ("PATCH", f"/tasks/{TASK}"),
            ("GET", f"/tasks/{TASK}/state"),
            ("HEAD", f"/tasks/{TASK}/state"),
            ("GET", f"/tasks/{TASK}/subtasks"),
            ("PUT", f"/tasks/{TASK}/activities"),
            ("DELETE", f"/tasks/{TASK}/activities/{COMMENT}"),
            ("BREW", "/tasks"),
            ("POST", "/organization/users"),
            ("DELETE", "/users"),
            ("PUT", "/app/me"),
            ("POST", "/groups"),
            ("DELETE", "/crm/customers"),
            ("PATCH", f"/crm/customers/{CLIENT}"),
            ("PUT", "/users/self/webhook"),
            ("GET", "/files/upload"),
            ("PUT", "/files/upload"),
            ("POST", f"/files/{FILE}/url"),
            ("PUT", "/file-system-nodes"),
            ("GET", "/file-system-nodes/files"),
            ("DELETE", "/file-system-nodes/directories"),
            ("GET", f"/users/self/webhook/{NOBODY}"),
        ],
    )
    def test_wrong_method(self, owner: TestClient, method: str, path: str) -> None:
        """A known path with a method that it doesn't have is a 405 that says nothing but which methods there are."""
        response = owner.request(method, path)

        assert_empty(response, 405)
        assert response.headers["allow"]
        for allowed in response.headers["allow"].split(", "):
            assert owner.request(allowed, path).status_code != 405
        assert method not in response.headers["allow"].split(", ")

    @pytest.mark.parametrize(
        "path", [f"/TASKS/{TASK}", f"/tasks/{TASK}/", f"/tasks/{TASK.upper()}", f"/Tasks/{TASK}/Activities/", "/tasks/"]
    )
    def test_express_spelling(self, owner: TestClient, path: str) -> None:
        """Letters of either case and a trailing slash make no difference."""
        assert owner.get(path).json() == owner.get(path.lower().rstrip("/")).json()

    @pytest.mark.parametrize("path", ["/tasks", f"/tasks/{TASK}", f"/tasks/{TASK}/activities"])
    def test_head(self, owner: TestClient, path: str) -> None:
        """HEAD is answered wherever GET is, with the same headers."""
        get, head = owner.get(path), owner.head(path)

        assert head.status_code == 200
        assert head.headers["content-length"] == get.headers["content-length"]
        assert head.headers["content-type"] == get.headers["content-type"]

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/chat/threads"),
            ("GET", "/chat/threads/1/messages"),
            ("POST", "/chat/messages"),
            ("GET", "/bookkeeping/page"),
            ("GET", "/bookkeeping/activities"),
            ("POST", "/bookkeeping/entries"),
            ("GET", "/bookkeeping/entries/1"),
            ("PUT", "/bookkeeping/entries/1"),
            ("DELETE", "/bookkeeping/entries/1"),
            ("POST", "/bookkeeping/payment/1"),
            ("DELETE", "/bookkeeping/payments/1"),
        ],
    )
    def test_not_emulated(self, owner: TestClient, anonymous: TestClient, method: str, path: str) -> None:
        """What the vendor documents and this server lacks is a 501 in our own words, behind the token."""
        response = owner.request(method, path)

        assert response.status_code == 501
        assert "Understudy does not emulate" in response.text
        assert_empty(anonymous.request(method, path), 401)

    @EVERY_TASK_PATH
    @pytest.mark.parametrize("wrong", ["x", "64b7f0c2a1d3e4f5a6b7c8d", f"{TASK}0", "64b7f0c2a1d3e4f5a6b7c8dg", "%00", "é" * 24])
    def test_malformed_task_id(self, owner: TestClient, method, path, body, wrong: str) -> None:
        """An id in the path that is not 24 hexadecimal digits is a 400 that says so."""
        response = owner.request(method, path.replace(TASK, wrong), json=body)

        name = "taskId" if COMMENT in path else "id"
        assert_text(response, 400, f"{name} must be 24 hexadecimal digits")

    def test_malformed_activity_id(self, owner: TestClient) -> None:
        """So is the id of an activity."""
        response = owner.put(f"/tasks/{TASK}/activities/x", json={"value": True})

        assert_text(response, 400, "activityId must be 24 hexadecimal digits")

    @pytest.mark.parametrize(("method", "path"), OTHER_PATHS)
    @pytest.mark.parametrize("wrong", ["x", f"{CLIENT}0", "%00", "a%2Fb", "é" * 24])
    def test_malformed_id_of_another_record(self, owner: TestClient, method: str, path: str, wrong: str) -> None:
        """So is the id of a client, file or webhook, whatever the body."""
        response = owner.request(method, path.format(wrong), content=b"{" if method == "PUT" else None)

        assert_text(response, 400, "id must be 24 hexadecimal digits")

    @pytest.mark.parametrize(("method", "path"), OTHER_PATHS)
    def test_unknown_record(self, owner: TestClient, viewer: TestClient, method: str, path: str) -> None:
        """One that doesn't exist is a 404 that says nothing, for whomever."""
        for client in (owner, viewer):
            body = {"name": "x"} if method == "PUT" else None
            assert_empty(client.request(method, path.format(NOBODY), json=body), 404)

    @EVERY_TASK_PATH
    def test_unknown_task(self, owner: TestClient, member: TestClient, method, path, body) -> None:
        """A task that doesn't exist is a 404 that says nothing, for whomever."""
        for client in (owner, member):
            assert_empty(client.request(method, path.replace(TASK, NOBODY), json=body), 404)

    @EVERY_TASK_PATH
    def test_forbidden_task(self, office, method, path, body) -> None:
        """A task that exists but is not for the caller is a 403 with code 4, not a 404."""
        hidden = office.task(ROOT, private=True)["_id"]
        person = office.person()
        comment = office.comment(hidden)["_id"]

        response = person.client.request(method, path.replace(TASK, hidden).replace(COMMENT, comment), json=body)

        assert_code(response, 403, 4)


class TestBodies:
    """The body of a request."""

    @EVERY_BODY
    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"nothing",
            b"[]",
            b'"text"',
            b"1",
            b"null",
            b'{"name": NaN}',
            b'{"start": 1e400}',
            b'{"start": Infinity}',
            b'{"name": "\xff"}',
            b'{"name": "\\ud800"}',
            b'{"name": "a",}',
            b"[" * 2000,
            b'{"a":' * 2000 + b"1" + b"}" * 2000,
            b"\x00",
        ],
        ids=range(15),
    )
    def test_no_json_object(self, owner: TestClient, method, path, body, content: bytes) -> None:
        """Whatever is no JSON object is a 400 that says so."""
        response = owner.request(method, path, content=content)

        assert_text(response, 400, "the body must be a JSON object")

    @EVERY_BODY
    def test_format_comes_before_existence(self, owner: TestClient, method, path, body) -> None:
        """A malformed body is refused before anybody looks for the task."""
        response = owner.request(method, path.replace(TASK, NOBODY), content=b"{")

        assert_text(response, 400, "the body must be a JSON object")

    @pytest.mark.parametrize("path", ["/crm/customers/{}", "/users/self/webhook/{}"])
    def test_format_comes_before_existence_of_another_record(self, viewer: TestClient, path: str) -> None:
        """Or for the client or webhook."""
        assert_text(viewer.put(path.format(NOBODY), content=b"{"), 400, "the body must be a JSON object")

    @EVERY_BODY
    def test_format_comes_before_permission(self, office, method, path, body) -> None:
        """And before anybody asks whether the caller may."""
        hidden = office.task(ROOT, private=True)["_id"]

        response = office.person().client.request(method, path.replace(TASK, hidden), content=b"{")

        assert_text(response, 400, "the body must be a JSON object")

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
    def test_content_type_does_not_matter(self, owner: TestClient, kind: str) -> None:
        """A JSON body is read whatever the request calls it."""
        response = owner.put(f"/tasks/{TASK}", content=b'{"name": "New"}', headers={"Content-Type": kind})

        assert response.json()["task"]["name"] == "New"

    def test_an_empty_object_changes_nothing(self, owner: TestClient) -> None:
        """Every detail is optional, so none may be sent."""
        response = owner.put(f"/tasks/{TASK}", content=b"{}")

        assert response.status_code == 200
        assert response.json()["activity"]["data"] == {"oldValues": {}, "newValues": {}}

    def test_last_of_two_keys_counts(self, owner: TestClient) -> None:
        """Of two equal keys the last counts, as in JavaScript."""
        response = owner.put(f"/tasks/{TASK}", content=b'{"name": "First", "name": "Last"}')

        assert response.json()["task"]["name"] == "Last"

    def test_unknown_fields_are_ignored(self, owner: TestClient) -> None:
        """What the vendor doesn't know it doesn't mind."""
        response = owner.post("/tasks", json={"group": ROOT, "name": "x", "nonsense": 1, "_id": NOBODY, "createdAt": 5})

        assert response.status_code == 200
        assert response.json()["_id"] != NOBODY
        assert response.json()["createdAt"] > 5
        assert "nonsense" not in response.json()

    @EVERY_BODY
    def test_too_large(self, serve, method, path, body) -> None:
        """A body beyond the limit is a 413 that says nothing."""
        small = serve(max_body_bytes=5)
        client = small.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert_empty(client.request(method, path, json=body), 413)


class TestFaults:
    """A bug of this server."""

    @EVERY_OPERATION
    def test_fault(self, owner: TestClient, monkeypatch: pytest.MonkeyPatch, method, path, body) -> None:
        """It is a 500 that says nothing, marked as ours."""
        monkeypatch.setattr(auth, "USER_OF_TOKEN", None)

        response = owner.request(method, path, json=body)

        assert_empty(response, 500)
        assert response.headers["x-understudy-bug"] == "AttributeError"
