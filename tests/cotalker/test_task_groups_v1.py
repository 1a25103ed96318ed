"""Task groups, version 1."""

from typing import Any

import pytest
from starlette.testclient import TestClient

GROUPS = "/api/v1/tasks/group"
WEBSITE = "61a8b233685ed3562e7cfdeb"
FIELD = "62bf5e03654e96017e00e46a"
SHOP = "62bf5e0d654e96017e00e474"
TRAINING = "62bf5e17654e96017e00e47e"
ARCHIVE = "62bf5e21654e96017e00e488"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
TAKEN_GROUP = "61a8b1f8685ed3562e7cfd9a"
AGENT = "61b9b7b1d258d731520fc84a"
UNKNOWN = "ffffffffffffffffffffffff"


class TestList:
    """GET /api/v1/tasks/group."""

    def test_is_that_of_version_2_under_its_own_key(self, cotalker: TestClient) -> None:
        """The rows are those of version 2, under `taskgroups`."""
        for query in ("", "limit=2&page=2", "isActive=false", "sortBy=collectionName&orderBy=desc", "isActive=all"):
            first = cotalker.get(f"{GROUPS}?{query}").json()
            assert first == {"data": {"taskgroups": cotalker.get(f"/api/v2/task-groups?{query}").json()["data"]["values"]}}

    def test_count(self, cotalker: TestClient) -> None:
        """`count=true` adds the number on all pages, and no `counter`."""
        data = cotalker.get(f"{GROUPS}?limit=1&count=true").json()["data"]

        assert data["count"] == 5
        assert set(data) == {"taskgroups", "count"}
        assert set(cotalker.get(f"{GROUPS}?count=false").json()["data"]) == {"taskgroups"}

    def test_debug(self, cotalker: TestClient) -> None:
        """`debug=true` shows how the query was read."""
        assert cotalker.get(f"{GROUPS}?limit=1&debug=true").json()["debug"] == {"data": {"query": {"limit": 1, "debug": True}}}

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("limit=x", '"limit" must be a number:\n("x")'),
            ("page=-1", '"page" must be greater than or equal to 0:\n("-1")'),
            ("sortBy=name", '"sortBy" must be one of [createdAt, modifiedAt, collectionName]:\n("name")'),
            ("isActive=maybe", '"isActive" must be one of [all, true, false]:\n("maybe")'),
            ("count=1", '"count" must be a boolean:\n("1")'),
        ],
    )
    def test_refused_query(self, cotalker: TestClient, assert_refused, query: str, error: str) -> None:
        """Values that don't fit are refused."""
        assert_refused(cotalker.get(f"{GROUPS}?{query}"), 400, error)

    def test_needs_admin(self, server, agent: TestClient, become, assert_refused) -> None:
        """Without the header, and without the right that goes with it, the list is refused."""
        without = server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert_refused(without.get(GROUPS), 403, "Forbidden")
        assert_refused(become(AGENT, Admin="true").get(GROUPS), 403, "Forbidden")
        assert become(AGENT, "admin-tasks-read", Admin="true").get(GROUPS).status_code == 200


class TestById:
    """GET /api/v1/tasks/group/{taskGroupId}."""

    def test_is_wrapped(self, cotalker: TestClient) -> None:
        """The answer is that of version 2, with `debug` beside it."""
        path = f"{GROUPS}/{ARCHIVE}"

        assert cotalker.get(path).json() == cotalker.get(f"/api/v2/task-groups/{ARCHIVE}").json()
        assert cotalker.get(f"{path}?debug=true").json()["debug"] == {"data": {"query": {"debug": True}}}

    def test_admin_is_optional(self, agent: TestClient, become, assert_refused) -> None:
        """Anybody may ask without the header; with it the right is needed."""
        assert agent.get(f"{GROUPS}/{WEBSITE}").status_code == 200
        assert_refused(become(AGENT, Admin="true").get(f"{GROUPS}/{WEBSITE}"), 403, "Forbidden")

    def test_refusal_with_debug(self, cotalker: TestClient) -> None:
        """A refusal shows it, too, under either prefix."""
        for prefix in ("/api/v1", "/api"):
            response = cotalker.get(f"{prefix}/tasks/group/{UNKNOWN}?debug=true")

            assert response.status_code == 404
            assert response.json() == {
                "error": "Not Found",
                "debug": {"data": {"query": {"debug": True}}, "message": "Not Found"},
            }


class TestVisibility:
    """GET /api/v1/tasks/group/visibility."""

    def test_depends_on_permissions(self, agent: TestClient, become) -> None:
        """Active groups that nothing keeps from the caller, or that a list opens to the caller."""
        path = f"{GROUPS}/visibility"

        assert agent.get(path).json() == [WEBSITE, FIELD, SHOP]
        assert become(AGENT, "training-staff").get(path).json() == [WEBSITE, SHOP, TRAINING]
        assert become(AGENT, "field-planner").get(path).json() == [WEBSITE, FIELD, SHOP]
        assert become(AGENT, "something-else").get(path).json() == [WEBSITE, SHOP]

    def test_unchecked(self, serve) -> None:
        """With permission checks off every active group is there."""
        client = serve(cotalker_permission_checks=False).client("/cotalker", Authorization="Bearer cotalker-agent")

        assert client.get(f"{GROUPS}/visibility").json() == [WEBSITE, FIELD, SHOP, TRAINING]


class TestCreate:
    """POST /api/v1/tasks/group."""

    @pytest.mark.parametrize("envelope", ["bare", "data"])
    def test_is_bare(self, serve, envelope: str) -> None:
        """The sample's document comes bare, whatever the setting for version 2; no `Admin` is asked for."""
        client = serve(cotalker_create_envelope=envelope).client("/cotalker", Authorization="Bearer cotalker-agent")

        document = client.post(GROUPS, json={"group": FREE_GROUP}).json()

        assert document["group"] == FREE_GROUP
        assert document["collectionName"] == "task_manager"
        assert list(document)[:2] == ["isActive", "readonly"]
        assert document["__v"] == 0
        assert client.get(f"{GROUPS}/{document['_id']}").json() == {"data": document}

    @pytest.mark.parametrize(
        ("body", "status", "error"),
        [
            ({}, 400, '"group" is required'),
            ({"group": "x"}, 400, '"group" must be a valid ObjectId:\n("x")'),
            ({"group": UNKNOWN}, 404, "Not Found"),
            ({"group": TAKEN_GROUP}, 409, '"group" already belongs to a task group'),
            (
                {"group": FREE_GROUP, "levelConfig": [1] * 6},
                400,
                '"levelConfig" must contain at most 5 items:\n("[1,1,1,1,1,1]")',
            ),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, status: int, error: str) -> None:
        """The rules are those of version 2."""
        assert_refused(cotalker.post(GROUPS, json=body), status, error)


class TestUpdate:
    """PATCH /api/v1/tasks/group/{taskGroupId}."""

    @pytest.fixture(autouse=True)
    def _noon(self, clock) -> None:
        clock.freeze("2026-06-10T12:00:00.000Z")

    @pytest.mark.parametrize(
        ("changes", "version"),
        [
            ({"defaultView": "kanban"}, 0),
            ({"taskEditorPermissions": ["default", "app-access"]}, 1),
            ({"taskPropertyPermissions": [{"property": UNKNOWN, "editor": ["x"], "follower": []}]}, 1),
            ({"isActive": False, "hideClosedAfterDays": 7, "flowType": "state-machine"}, 0),
            ({"initialStateMachine": None, "defaultFilter": UNKNOWN}, 0),
            ({"levelConfig": [20, 20, 10]}, 1),
            ({}, 0),
        ],
    )
    def test_replaces_fields(self, cotalker: TestClient, changes: dict[str, Any], version: int) -> None:
        """What is sent takes the place of what was; the answer is the whole document, bare."""
        before = cotalker.get(f"{GROUPS}/{WEBSITE}").json()["data"]

        after = cotalker.patch(f"{GROUPS}/{WEBSITE}", json=changes).json()

        expected = before | changes | {"modifiedAt": "2026-06-10T12:00:00.000Z", "__v": before["__v"] + version}
        assert after == expected
        assert cotalker.get(f"/api/v2/task-groups/{WEBSITE}").json() == {"data": expected}

    def test_is_found_by_what_is_new(self, cotalker: TestClient, rows) -> None:
        """Filters and order of the list follow."""
        cotalker.patch(f"{GROUPS}/{WEBSITE}", json={"isActive": False})

        assert [row["_id"] for row in rows(cotalker, "/api/v2/task-groups", isActive="false")] == [ARCHIVE, WEBSITE]
        assert rows(cotalker, "/api/v2/task-groups", modifiedAt_gte="2026-06-10")[0]["_id"] == WEBSITE

    def test_deactivated_leaves_its_workflow(self, cotalker: TestClient) -> None:
        """The state machines of a task group that is deactivated stay active."""
        path = f"/api/v1/tasks/{WEBSITE}/sm/smstatemachine"
        before = cotalker.get(path).json()

        cotalker.patch(f"{GROUPS}/{WEBSITE}", json={"isActive": False})

        assert cotalker.get(path).json() == before
        assert [machine for machine in before if machine["isActive"]]

    def test_ignores_what_never_changes(self, cotalker: TestClient) -> None:
        """Fields that the server manages, and unknown ones, are left as they are."""
        before = cotalker.get(f"{GROUPS}/{WEBSITE}").json()["data"]
        managed = dict.fromkeys(("_id", "company", "group", "collectionName", "createdAt", "botUser", "__v", "extra"), "x")

        after = cotalker.patch(f"{GROUPS}/{WEBSITE}", json=managed).json()

        assert after == before | {"modifiedAt": "2026-06-10T12:00:00.000Z"}

    def test_at_once(self, cotalker: TestClient) -> None:
        """A change in the very moment of the creation is stamped after it."""
        before = cotalker.post(GROUPS, json={"group": FREE_GROUP}).json()

        after = cotalker.patch(f"{GROUPS}/{before['_id']}", json={}).json()

        assert [before["modifiedAt"], after["modifiedAt"]] == ["2026-06-10T12:00:00.011Z", "2026-06-10T12:00:00.012Z"]

    def test_levels(self, cotalker: TestClient, assert_refused) -> None:
        """Levels can't change once there are tasks, deactivated ones included; in an empty group they can."""
        response = cotalker.patch(f"{GROUPS}/{WEBSITE}", json={"levelConfig": [5], "defaultView": "grid"})

        assert_refused(response, 400, '"levelConfig" cannot be changed')
        assert cotalker.get(f"{GROUPS}/{WEBSITE}").json()["data"]["defaultView"] == "list"
        assert cotalker.patch(f"{GROUPS}/{ARCHIVE}", json={"levelConfig": [5]}).json()["levelConfig"] == [5]

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"defaultView": "table"}, '"defaultView" must be one of [list, kanban, calendar, gantt, grid]:\n("table")'),
            ({"hideClosedAfterDays": 1826}, '"hideClosedAfterDays" must be less than or equal to 1825:\n("1826")'),
            ({"readPermissions": "x"}, '"readPermissions" must be an array of strings:\n("x")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, changes: Any, error: str) -> None:
        """Values that don't fit are refused."""
        assert_refused(cotalker.patch(f"{GROUPS}/{WEBSITE}", json=changes), 400, error)

    def test_needs_admin(self, server, become, assert_refused) -> None:
        """The header and the right to write are needed."""
        path, changes = f"{GROUPS}/{WEBSITE}", {"defaultView": "list"}
        without = server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert_refused(without.patch(path, json=changes), 403, "Forbidden")
        assert_refused(become(AGENT, "admin-tasks-read", Admin="true").patch(path, json=changes), 403, "Forbidden")
        assert become(AGENT, "admin-tasks-write", Admin="true").patch(path, json=changes).status_code == 200
