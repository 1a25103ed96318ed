"""Saved filters, and service-level agreements."""

from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
FLOW = "62bf5e03654e96017e00e46a"
COMPANY = "613eafd572343ecb53cc8ccc"
ADMIN = "61b9b7a9d258d731520fc846"
MACHINE = "61b9b7f72b810c1adc8b1e31"
UNKNOWN = "ffffffffffffffffffffffff"
FILTERS = f"/api/v1/tasks/{GROUP}/filter"
SLAS = f"/api/v1/tasks/{GROUP}/sla"
NOON = "2026-06-10T12:00:00.000Z"


@pytest.fixture(autouse=True)
def _noon(clock) -> None:
    clock.freeze(NOON)


class TestFilters:
    """/api/v1/tasks/{taskGroupId}/filter."""

    def test_create(self, cotalker: TestClient) -> None:
        """A name is enough; the answer is the document, bare, and the list has it."""
        document = cotalker.post(FILTERS, json={"name": "Mine", "unknown": 1, "createdBy": UNKNOWN}).json()

        assert document == {
            "isActive": True,
            "query": {},
            "groupBy": [],
            "sortBy": "_id",
            "orderBy": "asc",
            "_id": document["_id"],
            "name": "Mine",
            "company": COMPANY,
            "taskGroup": GROUP,
            "createdBy": ADMIN,
            "createdAt": NOON,
            "modifiedAt": NOON,
            "__v": 0,
        }
        assert cotalker.get(f"{FILTERS}/{document['_id'].upper()}").json() == document
        assert cotalker.get(FILTERS).json()[-1] == document
        assert len(cotalker.get(FILTERS).json()) == 3
        assert document not in cotalker.get(FILTERS.replace(GROUP, FLOW)).json()

    @pytest.mark.parametrize(
        ("changes", "version"),
        [
            ({"name": "x", "isActive": False}, 0),
            ({"query": {"isActive": True, "$or": [{"serial": 1}]}}, 0),
            ({"groupBy": ["status", "assignee"]}, 1),
            ({"sortBy": "name", "orderBy": "desc"}, 0),
            ({}, 0),
        ],
    )
    def test_update(self, cotalker: TestClient, changes: dict[str, Any], version: int) -> None:
        """What is sent takes the place of what was."""
        before = cotalker.get(FILTERS).json()[0]

        after = cotalker.patch(f"{FILTERS}/{before['_id']}", json=changes).json()

        assert after == before | changes | {"modifiedAt": NOON, "__v": version}
        assert cotalker.get(f"{FILTERS}/{before['_id']}").json() == after

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"name": ""}, '"name" must not be empty:\n("")'),
            ({"query": []}, '"query" must be of type object:\n("[]")'),
            ({"query": {"assignee": "x"}}, '"assignee" must be a valid ObjectId:\n("x")'),
            ({"groupBy": "status"}, '"groupBy" must be an array:\n("status")'),
            ({"orderBy": "up"}, '"orderBy" must be one of [asc, desc]:\n("up")'),
            ({"isActive": 1}, '"isActive" must be a boolean:\n("1")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, error: str) -> None:
        """Values that don't fit are refused, in new filters and in changed ones."""
        path = f"{FILTERS}/{cotalker.get(FILTERS).json()[0]['_id']}"

        assert_refused(cotalker.post(FILTERS, json={"name": "x", **body}), 400, error)
        assert_refused(cotalker.patch(path, json=body), 400, error)
        assert len(cotalker.get(FILTERS).json()) == 2

    def test_name_is_required(self, cotalker: TestClient, assert_refused) -> None:
        """A filter has a name."""
        assert_refused(cotalker.post(FILTERS, json={}), 400, '"name" is required')

    def test_as_default_filter(self, cotalker: TestClient) -> None:
        """A task group may name a filter as its default."""
        made = cotalker.get(FILTERS).json()[0]["_id"]

        assert cotalker.patch(f"/api/v1/tasks/group/{GROUP}", json={"defaultFilter": made}).json()["defaultFilter"] == made


NEW = {
    "code": "reaction",
    "display": "Reaction",
    "data": {"time": 2, "timeType": "hours"},
    "start": {"state": UNKNOWN},
    "end": ["any", 1],
    "pb": UNKNOWN,
    "stateMachine": MACHINE,
}


class TestAgreements:
    """/api/v1/tasks/{taskGroupId}/sla."""

    def test_create(self, cotalker: TestClient) -> None:
        """A record is kept as it was sent; the lists have it."""
        document = cotalker.post(SLAS, json={**NEW, "unknown": 1}).json()

        assert document == {
            "isActive": True,
            "_id": document["_id"],
            **NEW,
            "company": COMPANY,
            "taskGroup": GROUP,
            "createdAt": NOON,
            "modifiedAt": NOON,
            "__v": 0,
        }
        assert cotalker.get(f"{SLAS}/{document['_id']}").json() == document
        assert cotalker.get(SLAS).json()[-1] == document
        assert cotalker.get(f"{SLAS}/smstatemachine/{MACHINE}").json() == cotalker.get(SLAS).json()
        assert document not in cotalker.get(SLAS.replace(GROUP, FLOW)).json()

    def test_in_use(self, cotalker: TestClient) -> None:
        """The active ones are in use."""
        made = cotalker.post(SLAS, json=NEW).json()
        assert made in cotalker.get(f"{SLAS}/inuse").json()

        after = cotalker.patch(f"{SLAS}/{made['_id']}", json={"isActive": False}).json()

        assert after not in cotalker.get(f"{SLAS}/inuse").json()
        assert after in cotalker.get(SLAS).json()

    def test_of_another_machine(self, cotalker: TestClient) -> None:
        """The list about a machine has its own only."""
        body = {"code": "m", "name": "m", "propertyType": "61b9b690d258d731520fc7c1"}
        body |= {"asset": {"type": "unique", "propertyType": body["propertyType"]}}
        machine = cotalker.post(f"/api/v1/tasks/{GROUP}/sm/smstatemachine", json=body).json()["_id"]

        made = cotalker.post(SLAS, json={**NEW, "stateMachine": machine}).json()

        assert cotalker.get(f"{SLAS}/smstatemachine/{machine}").json() == [made]
        assert made not in cotalker.get(f"{SLAS}/smstatemachine/{MACHINE}").json()
        cotalker.patch(f"{SLAS}/{made['_id']}", json={"stateMachine": MACHINE})
        assert cotalker.get(f"{SLAS}/smstatemachine/{machine}").json() == []

    @pytest.mark.parametrize(
        "changes",
        [{"display": "x"}, {"data": {"time": 1.5, "timeType": "days"}}, {"start": 1, "end": "x"}, {"code": "reaction"}, {}],
    )
    def test_update(self, cotalker: TestClient, changes: dict[str, Any]) -> None:
        """What is sent takes the place of what was."""
        before = cotalker.post(SLAS, json=NEW).json()

        after = cotalker.patch(f"{SLAS}/{before['_id']}", json=changes).json()

        assert after == before | changes | {"modifiedAt": NOON}
        assert cotalker.get(f"{SLAS}/{before['_id']}").json() == after

    @pytest.mark.parametrize("field", list(NEW))
    def test_required(self, cotalker: TestClient, assert_refused, field: str) -> None:
        """All of these fields are needed."""
        body = {name: value for name, value in NEW.items() if name != field}

        assert_refused(cotalker.post(SLAS, json=body), 400, f'"{field}" is required')

    @pytest.mark.parametrize(
        ("wishes", "status", "error"),
        [
            ({"data": {"time": 1}}, 400, '"data.timeType" is required'),
            ({"data": {"timeType": "x"}}, 400, '"data.time" is required'),
            ({"data": {"time": "1", "timeType": "x"}}, 400, '"data.time" must be a number:\n("1")'),
            ({"start": None}, 400, '"start" must not be null:\n("null")'),
            ({"pb": "x"}, 400, '"pb" must be a valid ObjectId:\n("x")'),
            ({"stateMachine": UNKNOWN}, 404, "Not Found"),
            ({"code": "website_relaunch_resolution"}, 409, '"code" already exists'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, wishes: Any, status: int, error: str) -> None:
        """Values that don't fit are refused; a code is taken in the whole company."""
        for group in (GROUP, FLOW) if status == 409 else (GROUP,):
            machine = cotalker.get(f"/api/v1/tasks/{group}/sm/smstatemachine").json()[0]["_id"]
            body = {**NEW, "stateMachine": machine, **wishes}
            assert_refused(cotalker.post(SLAS.replace(GROUP, group), json=body), status, error)

    @pytest.mark.parametrize(
        ("changes", "status", "error"),
        [
            ({"code": "other"}, 400, '"code" cannot be changed'),
            ({"display": ""}, 400, '"display" must not be empty:\n("")'),
            ({"stateMachine": UNKNOWN}, 404, "Not Found"),
        ],
    )
    def test_refused_change(self, cotalker: TestClient, assert_refused, changes: Any, status: int, error: str) -> None:
        """The code never changes, and the state machine must be the group's."""
        path = f"{SLAS}/{cotalker.get(SLAS).json()[0]['_id']}"

        assert_refused(cotalker.patch(path, json=changes), status, error)

    def test_executed_is_not_emulated(self, cotalker: TestClient) -> None:
        """Of the executed ones nothing but the path is known."""
        response = cotalker.post(f"{SLAS}/executed", json={})

        assert response.status_code == 501
        assert response.text.startswith("Understudy does not emulate")
