"""What the operations on tasks of version 1, and their younger neighbours, have in common."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from answers import vendors_headers
from contract_check import operations

GROUP = "61a8b233685ed3562e7cfdeb"
GUARDED_GROUP = "62bf5e03654e96017e00e46a"

TASK = "61a9045c49cb12c5f92f9ed4"
MACHINE = "61b9b7f72b810c1adc8b1e31"
STATE = "61b9b7fdac349679d0e2f26b"
ELEMENT = "61b9b803b8cf489071f6f6a6"
UNKNOWN = "ffffffffffffffffffffffff"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
NEIGHBOUR_GROUP = "62bf5e2b654e96017e00e492"
READER = "61b9b7c0d258d731520fc853"

T = f"/tasks/{GROUP}"
READS = [
    "/tasks/group",
    "/tasks/group/visibility",
    f"/tasks/group/{GROUP}",
    f"{T}/task",
    f"{T}/task/{TASK}",
    f"{T}/task/serial/1",
    f"{T}/project?projectCode={UNKNOWN}",
    f"{T}/bounds/{UNKNOWN}",
    f"/tasks/relations/{GROUP}",
    f"{T}/sm/smstatemachine",
    f"{T}/sm/smstatemachine/{MACHINE}",
    f"{T}/sm/smstate",
    f"{T}/sm/smstate/all",
    f"{T}/sm/smstate/{STATE}",
    f"{T}/sm/nextsmstate?taskId={TASK}",
    f"{T}/filter",
    f"{T}/sla",
    f"{T}/sla/inuse",
    f"{T}/sla/smstatemachine/{MACHINE}",
]
SEARCHES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{T}/task", {}),
    ("POST", f"{T}/task/all", {}),
    ("POST", f"{T}/task/group", {"groupBy": "status"}),
]
COLLECTION = "61b9b690d258d731520fc7c1"
ASSET = {"type": "generic", "property": ELEMENT, "propertyType": COLLECTION}
SLA = {
    "code": "reaction",
    "display": "Reaction",
    "data": {"time": 2, "timeType": "hours"},
    "start": {},
    "end": {},
    "pb": UNKNOWN,
    "stateMachine": MACHINE,
}
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/tasks/group", {"group": FREE_GROUP}),
    ("PATCH", f"/tasks/group/{GROUP}", {"defaultView": "list"}),
    ("POST", f"{T}/task/create", {"name": "x"}),
    ("PATCH", f"{T}/task/{TASK}", {"name": "x"}),
    ("POST", f"{T}/task/multi", {"cmd": []}),
    ("POST", f"{T}/bounds", {"channel": UNKNOWN, "tasks": [TASK]}),
    ("POST", f"{T}/sm/smstatemachine", {"asset": ASSET, "code": "x", "name": "x", "propertyType": COLLECTION}),
    ("PATCH", f"{T}/sm/smstatemachine/{MACHINE}", {"name": "x"}),
    ("POST", f"{T}/sm/smstate", {"property": ELEMENT, "stateMachine": MACHINE}),
    ("PATCH", f"{T}/sm/smstate/{STATE}", {"type": "closed"}),
    ("POST", f"{T}/filter", {"name": "x"}),
    ("POST", f"{T}/sla", SLA),
]
# Filters and agreements of the world have no known ids.
LISTED = [("filter", {"name": "Other"}), ("sla", {"display": "Other"})]
ALL: list[tuple[str, str, dict[str, Any] | None]] = [*(("GET", path, None) for path in READS), *SEARCHES, *WRITES]
IDS = [f"{method} {path}" for method, path, _ in ALL]
WITH_BODY = [case for case in ALL if case[2] is not None]
WITH_GROUP = [(method, path, body) for method, path, body in ALL if GROUP in path]


def ask(client: TestClient, method: str, path: str, body: Any, prefix: str = "/api/v1") -> Any:
    """Send one of the requests above."""
    return client.request(method, f"{prefix}{path}", json=body) if body is not None else client.request(method, prefix + path)


class TestBothPrefixes:
    """`/api/v1/…` and `/api/…`."""

    @pytest.mark.parametrize(("method", "path", "body"), ALL, ids=IDS)
    def test_are_served(self, server, cotalker: TestClient, method: str, path: str, body: Any) -> None:
        """Each path answers with and without the version, in either case, with a slash at the end or without."""
        path, _, query = path.partition("?")
        for spelling in (f"/api/v1{path}", f"/api{path}", f"/API/V1{path}/".replace("/TASKS", "/tasks"), f"/Api{path}/"):
            server.reset()

            response = cotalker.request(method, f"{spelling}?{query}", json=body)

            assert response.status_code == 200, response.text

    @pytest.mark.parametrize("path", READS)
    def test_answer_alike(self, cotalker: TestClient, path: str) -> None:
        """Both prefixes answer the same, to HEAD with the same headers."""
        first, second = cotalker.get(f"/api/v1{path}"), cotalker.get(f"/api{path}")

        assert first.status_code == 200
        assert first.json() == second.json()
        assert first.headers["content-type"] == "application/json; charset=utf-8"
        assert vendors_headers(cotalker.head(f"/api{path}")) == vendors_headers(first)

    def test_are_no_version_2(self, cotalker: TestClient, assert_refused) -> None:
        """Drafts of the vendor's page had task groups under other versions; they are not there."""
        assert_refused(cotalker.get("/api/v2/tasks/group"), 404, "Not Found")
        assert_refused(cotalker.get(f"/api/v3/tasks/group/{GROUP}"), 404, "Not Found")


class TestReservedWords:
    """Words in the place of an id."""

    @pytest.mark.parametrize("word", ["all", "create", "multi", "group"])
    def test_of_tasks(self, cotalker: TestClient, assert_refused, word: str) -> None:
        """They are words for POST only; for GET they are malformed ids."""
        for method in ("GET", "PATCH"):
            response = cotalker.request(method, f"/api/v1{T}/task/{word}")
            assert_refused(response, 400, f'"taskId" must be a valid ObjectId:\n("{word}")')

    def test_come_first(self, cotalker: TestClient, assert_refused) -> None:
        """Where a path could be read in two ways, the word wins."""
        assert_refused(cotalker.get("/api/tasks/group/task"), 400, '"taskGroupId" must be a valid ObjectId:\n("task")')
        assert_refused(cotalker.get("/api/tasks/relations/task"), 400, '"taskGroupId" must be a valid ObjectId:\n("task")')
        assert isinstance(cotalker.get(f"/api{T}/sm/smstate/all").json(), list)

    def test_of_version_2(self, cotalker: TestClient) -> None:
        """`relations` is no id of a task."""
        response = cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/relations")

        assert "values" in response.json()["data"]

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", f"{T}/task/{TASK}"),
            ("PUT", f"{T}/task/{TASK}"),
            ("DELETE", f"/tasks/group/{GROUP}"),
            ("GET", f"{T}/bounds"),
        ],
    )
    def test_unknown_method(self, cotalker: TestClient, assert_refused, method: str, path: str) -> None:
        """Nothing is deleted or replaced in this way."""
        assert_refused(cotalker.request(method, f"/api/v1{path}"), 404, "Not Found")


class TestCaller:
    """Who asks."""

    @pytest.mark.parametrize(("method", "path", "body"), ALL, ids=IDS)
    def test_needs_a_token(self, anonymous: TestClient, assert_refused, method: str, path: str, body: Any) -> None:
        """Without a token every operation is a 401."""
        assert_refused(ask(anonymous, method, path, body), 401, "Unauthorized")

    @pytest.mark.parametrize(("method", "path", "body"), ALL, ids=IDS)
    def test_of_another_company(self, server, assert_refused, method: str, path: str, body: Any) -> None:
        """A header `Company` that names another company is refused everywhere."""
        other = server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true", Company=UNKNOWN)

        assert_refused(ask(other, method, path, body), 403, "Forbidden")

    @pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{method} {path}" for method, path, _ in WRITES])
    def test_who_may_only_read(self, become, assert_refused, method: str, path: str, body: Any) -> None:
        """A read-only user writes nothing, whatever else the user may do."""
        reader = become(READER, "admin-*-write", Admin="true")

        assert_refused(ask(reader, method, path, body), 403, "Forbidden")

    @pytest.mark.parametrize(("kind", "body"), LISTED)
    def test_who_may_only_read_what_is_listed(self, cotalker: TestClient, become, assert_refused, kind: str, body: Any) -> None:
        """The same for the records whose ids are found in a list."""
        path = f"{T}/{kind}/{cotalker.get(f'/api/v1{T}/{kind}').json()[0]['_id']}"

        assert_refused(ask(become(READER), "PATCH", path, body), 403, "Forbidden")
        assert ask(become(READER), "GET", path, None).status_code == 200

    @pytest.mark.parametrize(("kind", "body"), LISTED)
    def test_strangers_to_what_is_listed(
        self, server, anonymous: TestClient, cotalker: TestClient, assert_refused, kind: str, body: Any
    ) -> None:
        """The same for the credentials."""
        path = f"{T}/{kind}/{cotalker.get(f'/api/v1{T}/{kind}').json()[0]['_id']}"
        other = server.client("/cotalker", Authorization="Bearer cotalker-admin", Company=UNKNOWN)

        for method, sent in (("GET", None), ("PATCH", body)):
            assert_refused(ask(anonymous, method, path, sent), 401, "Unauthorized")
            assert_refused(ask(other, method, path, sent), 403, "Forbidden")

    def test_read_only_is_not_checked_without_permissions(self, serve) -> None:
        """With permission checks off a read-only user may write."""
        server = serve(cotalker_permission_checks=False)
        token = server.admin.post("/actions/cotalker/create-token", json={"user": READER}).json()["token"]

        response = server.client("/cotalker", Authorization=f"Bearer {token}").post(f"/api{T}/task/create", json={"name": "x"})

        assert response.status_code == 200


class TestPath:
    """The ids in a path."""

    @pytest.mark.parametrize(("method", "path", "body"), WITH_GROUP, ids=[f"{m} {p}" for m, p, _ in WITH_GROUP])
    def test_malformed(self, cotalker: TestClient, assert_refused, method: str, path: str, body: Any) -> None:
        """The id of the task group is looked at first."""
        response = ask(cotalker, method, path.replace(GROUP, "x"), body)

        assert_refused(response, 400, '"taskGroupId" must be a valid ObjectId:\n("x")')

    @pytest.mark.parametrize("group", [UNKNOWN, NEIGHBOUR_GROUP])
    @pytest.mark.parametrize(("method", "path", "body"), WITH_GROUP, ids=[f"{m} {p}" for m, p, _ in WITH_GROUP])
    def test_unknown(self, cotalker: TestClient, assert_refused, method: str, path: str, body: Any, group: str) -> None:
        """A task group that is not there, and one of another company, are not found."""
        assert_refused(ask(cotalker, method, path.replace(GROUP, group), body), 404, "Not Found")

    @pytest.mark.parametrize(
        ("method", "path", "name"),
        [
            ("GET", f"{T}/task/x", "taskId"),
            ("PATCH", f"{T}/task/x", "taskId"),
            ("GET", f"{T}/bounds/x", "channelId"),
            ("GET", f"{T}/sm/smstatemachine/x", "stateMachineId"),
            ("PATCH", f"{T}/sm/smstatemachine/x", "stateMachineId"),
            ("GET", f"{T}/sm/smstate/x", "stateId"),
            ("PATCH", f"{T}/sm/smstate/x", "stateId"),
            ("GET", f"{T}/filter/x", "filterId"),
            ("PATCH", f"{T}/filter/x", "filterId"),
            ("GET", f"{T}/sla/x", "slaId"),
            ("PATCH", f"{T}/sla/x", "slaId"),
            ("GET", f"{T}/sla/smstatemachine/x", "stateMachineId"),
        ],
    )
    def test_malformed_second_id(self, cotalker: TestClient, assert_refused, method: str, path: str, name: str) -> None:
        """The id of a record is an ObjectId as well; `%2F` is part of it."""
        assert_refused(ask(cotalker, method, path, {}), 400, f'"{name}" must be a valid ObjectId:\n("x")')
        encoded = ask(cotalker, method, path[:-1] + "a%2Fb", {})
        assert_refused(encoded, 400, f'"{name}" must be a valid ObjectId:\n("a/b")')

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            (method, f"{{}}/{path}")
            for method in ("GET", "PATCH")
            for path in ("task/{}", "sm/smstatemachine/{}", "sm/smstate/{}", "filter/{}", "sla/{}")
        ]
        + [("GET", "{}/sla/smstatemachine/{}")],
    )
    def test_record_of_another_group(self, cotalker: TestClient, assert_refused, method: str, path: str) -> None:
        """What is not there, and what belongs to another task group, is not found."""
        group, kind = f"/tasks/{GROUP}", path.split("/")[1]
        known = {"task": TASK, "sm": STATE if "smstate/" in path else MACHINE}.get(kind)
        if known is None:
            known = MACHINE if "smstatemachine" in path else cotalker.get(f"/api/v1{group}/{kind}").json()[0]["_id"]

        unknown = ask(cotalker, method, path.format(group, UNKNOWN), {} if method == "PATCH" else None)
        foreign = ask(cotalker, method, path.format(f"/tasks/{GUARDED_GROUP}", known), {} if method == "PATCH" else None)

        assert_refused(unknown, 404, "Not Found")
        assert_refused(foreign, 404, "Not Found")
        assert ask(cotalker, method, path.format(group, known), {} if method == "PATCH" else None).status_code == 200


class TestBody:
    """What is sent."""

    @pytest.mark.parametrize(("method", "path", "body"), WITH_BODY, ids=[f"{m} {p}" for m, p, _ in WITH_BODY])
    @pytest.mark.parametrize(
        "content", [b"{", b"null", b'"x"', b"1", b'{"name": NaN}', b'{"name": "\xff"}', b'{"name": "\\ud800"}']
    )
    def test_no_json(self, cotalker: TestClient, assert_refused, method: str, path: str, body: Any, content: bytes) -> None:
        """What is no JSON object or array is no JSON."""
        assert_refused(cotalker.request(method, f"/api/v1{path}", content=content), 400, "Invalid JSON")

    @pytest.mark.parametrize(("method", "path", "body"), WITH_BODY, ids=[f"{m} {p}" for m, p, _ in WITH_BODY])
    def test_array(self, cotalker: TestClient, assert_refused, method: str, path: str, body: Any) -> None:
        """An array is no object."""
        response = cotalker.request(method, f"/api/v1{path}", json=[])

        assert_refused(response, 400, '"value" must be of type object:\n("[]")')

    @pytest.mark.parametrize(("method", "path", "body"), WITH_BODY, ids=[f"{m} {p}" for m, p, _ in WITH_BODY])
    def test_content_type_does_not_matter(self, cotalker: TestClient, method: str, path: str, body: Any) -> None:
        """Some of the vendor's own samples send JSON without saying so."""
        sent = cotalker.build_request(method, f"/api/v1{path}", json=body)

        response = cotalker.request(method, f"/api/v1{path}", content=sent.content, headers={"Content-Type": "text/plain"})

        assert response.status_code == 200, response.text

    @pytest.mark.parametrize(
        "value", [None, True, 1, -1.5, 1e300, 2**70, "", "x", [], [1], [None], ["x"], {}, {"a": {}}, {"$gt": {}}, [[[]]]], ids=str
    )
    @pytest.mark.parametrize(("method", "path", "body"), WITH_BODY, ids=[f"{m} {p}" for m, p, _ in WITH_BODY])
    def test_any_value_for_any_field(
        self, cotalker: TestClient, method: str, path: str, body: dict[str, Any], value: Any
    ) -> None:
        """Whatever is sent for a field is taken or refused; nothing ends in a fault."""
        for field in FIELDS:
            response = cotalker.request(method, f"/api/v1{path}", json={**body, field: value})

            assert response.status_code in (200, 400, 403, 404, 409), f"{field}: {response.text}"


FIELDS = (
    "name", "isActive", "smState", "assignee", "editors", "status1", "startDate", "estimatedTime", "info", "extensions",
    "parent", "weight", "image", "serial", "_id", "limit", "skip", "fields", "query", "groupBy", "filters", "sortBy", "cmd",
    "channel", "tasks", "asset", "code", "propertyType", "initialState", "dynamicPropertyTypes", "requiredSurvey", "hooks",
    "allowedExtensions", "next", "property", "stateMachine", "subtask", "surveyTriggers", "type", "data", "start", "pb",
    "$or", "$and", "a.b", "$where", "levelConfig", "taskPropertyPermissions", "hideClosedAfterDays",
)  # fmt: skip


def test_every_operation_is_in_the_tables() -> None:
    """The tables of this file have every operation on tasks of version 1."""
    asked = {(method, re.sub(r"\?.*", "", f"/api/v1{path}")) for method, path, _ in ALL}
    asked |= {("GET", f"/api/v1{T}/{kind}/{UNKNOWN}") for kind, _ in LISTED}
    asked |= {("PATCH", f"/api/v1{T}/{kind}/{UNKNOWN}") for kind, _ in LISTED}

    for operation in operations("cotalker"):
        if operation.pattern.pattern.startswith("/api/v1/tasks/"):
            assert any(method == operation.method and operation.pattern.fullmatch(path) for method, path in asked), operation.id
