"""State machines and states."""

from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
FLOW = "62bf5e03654e96017e00e46a"
ARCHIVE = "62bf5e21654e96017e00e488"
COMPANY = "613eafd572343ecb53cc8ccc"
MACHINE = "61b9b7f72b810c1adc8b1e31"
STATE = "61b9b7fdac349679d0e2f26b"
PENDING = "61b9b803b8cf489071f6f6a6"
ASSET = "61b9b7f06231d52cb9b341ea"
COLLECTION = "61b9b690d258d731520fc7c1"
OTHER_COLLECTION = "61b9b694d258d731520fc7c5"
UNKNOWN = "ffffffffffffffffffffffff"
MACHINES = f"/api/v1/tasks/{GROUP}/sm/smstatemachine"
STATES = f"/api/v1/tasks/{GROUP}/sm/smstate"
NOON = "2026-06-10T12:00:00.000Z"

NEW = {
    "asset": {"property": ASSET, "propertyType": COLLECTION, "type": "generic"},
    "code": "visits_flow",
    "name": "Visits",
    "propertyType": COLLECTION,
}


@pytest.fixture(autouse=True)
def _noon(clock) -> None:
    clock.freeze(NOON)


@pytest.fixture
def machine(cotalker: TestClient) -> dict[str, Any]:
    """A new state machine."""
    response = cotalker.post(MACHINES, json=NEW)
    assert response.status_code == 200, response.text
    made: dict[str, Any] = response.json()
    return made


class TestMachines:
    """Reading state machines."""

    def test_list(self, cotalker: TestClient, machine: dict[str, Any]) -> None:
        """All of the group's are listed, in a bare array, active or not."""
        cotalker.patch(f"{MACHINES}/{machine['_id']}", json={"isActive": False})

        listed = cotalker.get(MACHINES).json()

        assert [each["_id"] for each in listed] == [MACHINE, machine["_id"]]
        assert listed[0] == cotalker.get(f"{MACHINES}/{MACHINE.upper()}").json()
        assert {each["taskGroup"] for each in listed} == {GROUP}
        assert cotalker.get(f"/api/v1/tasks/{ARCHIVE}/sm/smstatemachine").json() == []


class TestCreateMachine:
    """POST …/sm/smstatemachine."""

    def test_sample(self, cotalker: TestClient) -> None:
        """What is not sent has the defaults of the sample, and no `modifiedAt`; the answer is bare."""
        document = cotalker.post(MACHINES, json=NEW).json()

        assert document == {
            "hooks": {"onCreate": []},
            "requiredSurvey": {"permissions": [], "parametrizedBot": []},
            "dynamicPropertyTypes": {"isActive": []},
            "isActive": True,
            "taskChannelType": "unbound-hierarchy",
            "allowedExtensions": [],
            "_id": document["_id"],
            **NEW,
            "company": COMPANY,
            "taskGroup": GROUP,
            "createdAt": NOON,
            "__v": 0,
        }
        assert cotalker.get(f"{MACHINES}/{document['_id']}").json() == document

    def test_everything(self, cotalker: TestClient) -> None:
        """Each field is kept as it was sent, unknown ones are not."""
        wishes = {
            **NEW,
            "asset": {"propertyType": COLLECTION, "type": "unique"},
            "dynamicPropertyTypes": {"status1": COLLECTION, "status2": None, "isActive": ["status1"]},
            "allowedExtensions": [COLLECTION],
            "hooks": {"onCreate": [{"a": 1}]},
            "requiredSurvey": {"surveyId": UNKNOWN, "permissions": None, "parametrizedBot": []},
            "taskChannelType": "bound",
            "isActive": False,
        }

        document = cotalker.post(MACHINES, json={**wishes, "unknown": 1, "_id": UNKNOWN, "company": UNKNOWN}).json()

        assert {field: document[field] for field in wishes} == wishes
        assert "unknown" not in document
        assert (document["company"], document["_id"] == UNKNOWN) == (COMPANY, False)

    @pytest.mark.parametrize(
        ("wishes", "error"),
        [
            ({"asset": None}, '"asset" must be of type object:\n("null")'),
            ({"asset": {"type": "generic", "propertyType": COLLECTION}}, '"asset.property" is required'),
            ({"asset": {"type": "generic", "property": ASSET}}, '"asset.propertyType" is required'),
            ({"asset": {"propertyType": COLLECTION}}, '"asset.type" is required'),
            (
                {"asset": {"propertyType": COLLECTION, "type": "x"}},
                '"asset.type" must be one of [generic, unique]:\n("x")',
            ),
            ({"code": "Visits"}, '"code" must be at most 60 lowercase letters, digits and underscores:\n("Visits")'),
            ({"code": "a" * 61}, f'"code" must be at most 60 lowercase letters, digits and underscores:\n("{"a" * 61}")'),
            ({"name": ""}, '"name" must not be empty:\n("")'),
            ({"propertyType": "x"}, '"propertyType" must be a valid ObjectId:\n("x")'),
            ({"allowedExtensions": [UNKNOWN] * 51}, '"allowedExtensions" must contain at most 50 items:\n("51")'),
            (
                {"dynamicPropertyTypes": {"isActive": ["status6"]}},
                '"dynamicPropertyTypes.isActive[0]" must be one of [status1, status2, status3, status4, status5]:\n("status6")',
            ),
            (
                {"taskChannelType": "x"},
                '"taskChannelType" must be one of [bound, unbound, unbound-hierarchy]:\n("x")',
            ),
            ({"initialState": STATE}, f'"initialState" must be a state of the state machine:\n("{STATE}")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, wishes: Any, error: str) -> None:
        """Values that don't fit are refused, and nothing is stored."""
        assert_refused(cotalker.post(MACHINES, json={**NEW, **wishes}), 400, error)
        assert len(cotalker.get(MACHINES).json()) == 1

    def test_by_anybody(self, agent: TestClient) -> None:
        """It takes neither the header `Admin` nor a permission, and a state doesn't either."""
        machine = agent.post(MACHINES, json=NEW)
        state = agent.post(STATES, json={"property": PENDING, "stateMachine": machine.json()["_id"]})

        assert (machine.status_code, state.status_code) == (200, 200)
        assert agent.patch(f"{MACHINES}/{machine.json()['_id']}", json={"name": "x"}).json()["name"] == "x"
        assert agent.patch(f"{STATES}/{state.json()['_id']}", json={"type": "closed"}).json()["type"] == "closed"

    @pytest.mark.parametrize("field", list(NEW))
    def test_required(self, cotalker: TestClient, assert_refused, field: str) -> None:
        """Four fields are needed."""
        body = {name: value for name, value in NEW.items() if name != field}

        assert_refused(cotalker.post(MACHINES, json=body), 400, f'"{field}" is required')

    @pytest.mark.parametrize(
        "wishes",
        [
            {"propertyType": UNKNOWN},
            {"asset": {"type": "unique", "propertyType": UNKNOWN}},
            {"asset": {"type": "generic", "propertyType": COLLECTION, "property": UNKNOWN}},
            {"allowedExtensions": [COLLECTION, UNKNOWN]},
            {"dynamicPropertyTypes": {"status1": UNKNOWN, "isActive": []}},
        ],
    )
    def test_reference_to_nothing(self, cotalker: TestClient, assert_refused, machine: Any, wishes: Any) -> None:
        """Collections and elements that the company doesn't have are not found, in new machines and in changed ones."""
        assert_refused(cotalker.post(MACHINES, json={**NEW, "code": "other", **wishes}), 404, "Not Found")
        if "propertyType" not in wishes and wishes.get("asset", {}).get("type") != "unique":
            assert_refused(cotalker.patch(f"{MACHINES}/{machine['_id']}", json=wishes), 404, "Not Found")

    def test_code_is_taken(self, cotalker: TestClient, assert_refused, machine: dict[str, Any]) -> None:
        """A code is taken in the whole company, also by a deactivated machine."""
        cotalker.patch(f"{MACHINES}/{machine['_id']}", json={"isActive": False})

        for group in (GROUP, FLOW):
            assert_refused(cotalker.post(MACHINES.replace(GROUP, group), json=NEW), 409, '"code" already exists')


class TestUpdateMachine:
    """PATCH …/sm/smstatemachine/{stateMachineId}."""

    @pytest.mark.parametrize(
        ("changes", "version"),
        [
            ({}, 0),
            ({"name": "Other"}, 0),
            ({"dynamicPropertyTypes": {"status1": COLLECTION, "isActive": ["status1"]}}, 0),
            ({"allowedExtensions": [COLLECTION]}, 1),
            ({"isActive": False}, 0),
            ({**NEW}, 0),
            ({"asset": {"property": PENDING, "propertyType": OTHER_COLLECTION, "type": "generic"}}, 0),
        ],
    )
    def test_replaces_fields(self, cotalker: TestClient, machine: dict[str, Any], changes: dict[str, Any], version: int) -> None:
        """What is sent takes the place of what was; the answer is the whole document, bare."""
        after = cotalker.patch(f"{MACHINES}/{machine['_id']}", json=changes).json()

        assert after == machine | changes | {"modifiedAt": NOON, "__v": version}
        assert cotalker.get(f"{MACHINES}/{machine['_id']}").json() == after

    def test_initial_state(self, cotalker: TestClient, machine: dict[str, Any], assert_refused) -> None:
        """The initial state is one of the machine's."""
        body = {"property": PENDING, "stateMachine": machine["_id"]}
        state = cotalker.post(STATES, json=body).json()["_id"]
        path = f"{MACHINES}/{machine['_id']}"

        assert cotalker.patch(path, json={"initialState": state.upper()}).json()["initialState"] == state
        for other in (STATE, UNKNOWN):
            error = f'"initialState" must be a state of the state machine:\n("{other}")'
            assert_refused(cotalker.patch(path, json={"initialState": other}), 400, error)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"code": "other"}, '"code" cannot be changed'),
            ({"propertyType": OTHER_COLLECTION}, '"propertyType" cannot be changed'),
            ({"asset": {"type": "unique", "propertyType": COLLECTION}}, '"asset.type" cannot be changed'),
            ({"asset": {"type": "generic", "propertyType": COLLECTION}}, '"asset.property" is required'),
            ({"name": 5}, '"name" must be a string:\n("5")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, machine: Any, assert_refused, changes: Any, error: str) -> None:
        """What never changes can't be changed, and nothing else is then."""
        path = f"{MACHINES}/{machine['_id']}"

        assert_refused(cotalker.patch(path, json={"isActive": False, **changes}), 400, error)
        assert cotalker.get(path).json() == machine

    def test_asset_in_use(self, cotalker: TestClient, machine: Any, make_task, assert_refused) -> None:
        """The asset stays as it is while there are active tasks."""
        path = f"{MACHINES}/{machine['_id']}"
        task = make_task(smStateMachine=machine["_id"])
        other = {"property": PENDING, "propertyType": COLLECTION, "type": "generic"}
        elsewhere = {**NEW["asset"], "propertyType": OTHER_COLLECTION}

        assert_refused(cotalker.patch(path, json={"asset": other}), 400, '"asset.property" cannot be changed')
        assert_refused(cotalker.patch(path, json={"asset": elsewhere}), 400, '"asset.propertyType" cannot be changed')
        assert cotalker.patch(path, json={"asset": NEW["asset"]}).status_code == 200
        cotalker.patch(f"/api/v1/tasks/{GROUP}/task/{task['_id']}", json={"isActive": False})
        assert cotalker.patch(path, json={"asset": other}).json()["asset"] == other

    def test_stays_deactivated(self, cotalker: TestClient, machine: Any, assert_refused) -> None:
        """Nothing brings a deactivated machine back."""
        path = f"{MACHINES}/{machine['_id']}"
        assert cotalker.patch(path, json={"isActive": True}).status_code == 200
        cotalker.patch(path, json={"isActive": False})

        assert_refused(cotalker.patch(path, json={"isActive": True}), 400, '"isActive" must stay false:\n("true")')
        assert cotalker.patch(path, json={"isActive": False}).status_code == 200


class TestStates:
    """Reading states."""

    def test_lists(self, cotalker: TestClient) -> None:
        """Both lists have all states of the group, each with the id of its element."""
        states = cotalker.get(STATES).json()

        assert cotalker.get(f"{STATES}/all").json() == states
        assert len(states) == 4
        assert {state["taskGroup"] for state in states} == {GROUP}
        assert [state["_id"] for state in states] == sorted(state["_id"] for state in states)
        assert next(state for state in states if state["_id"] == STATE)["property"] == PENDING
        assert cotalker.get(f"{STATES}/{STATE}").json() in states
        assert cotalker.get(f"/api/v1/tasks/{ARCHIVE}/sm/smstate").json() == []

    def test_populated_by_setting(self, serve) -> None:
        """A setting names the elements, with a text, in the first list only."""
        client = serve(cotalker_smstate_populated=True).client("/cotalker", Authorization="Bearer cotalker-agent")
        whole = {state["_id"]: state for state in client.get(f"{STATES}/all").json()}

        listed = client.get(STATES).json()

        assert [state["property"]["name"] for state in listed if state["_id"] == STATE] == ["Pending"]
        for state in listed:
            document = whole.pop(state["_id"])
            assert state["property"]["_id"] == document["property"]
            assert state["property"]["translations"] == {}
            assert {field: state[field] for field in ("stateMachine", "subtask", "next")} == {
                field: document[field] for field in ("stateMachine", "subtask", "next")
            }
        assert not whole


class TestCreateState:
    """POST …/sm/smstate."""

    def test_sample(self, cotalker: TestClient, machine: dict[str, Any]) -> None:
        """What is not sent has the defaults of the sample; the answer is bare."""
        body = {"property": PENDING, "stateMachine": machine["_id"]}

        document = cotalker.post(STATES, json=body).json()

        assert document == {
            "subtask": {"triggers": []},
            "isActive": True,
            "type": "in-progress",
            "next": [],
            "surveyTriggers": [],
            "_id": document["_id"],
            **body,
            "company": COMPANY,
            "taskGroup": GROUP,
            "createdAt": NOON,
            "modifiedAt": NOON,
            "__v": 0,
        }
        assert cotalker.get(f"{STATES}/{document['_id']}").json() == document

    def test_steps(self, cotalker: TestClient) -> None:
        """A step needs its target only; it gets an id of its own and the defaults of the sample."""
        steps = [
            {"target": STATE},
            {"target": STATE, "canChange": ["survey", "task-ui", "*", "none"], "permissions": ["a"], "triggers": [{}]},
        ]

        state = cotalker.post(STATES, json={"property": PENDING, "stateMachine": MACHINE, "next": steps}).json()

        first, second = state["next"]
        assert first == {
            "_id": first["_id"],
            "target": STATE,
            "canChange": ["manual"],
            "permissions": None,
            "requiredSurvey": None,
            "triggers": [],
        }
        assert second == {"_id": second["_id"], "requiredSurvey": None, **steps[1]}
        assert first["_id"] != second["_id"]

    @pytest.mark.parametrize(
        ("wishes", "status", "error"),
        [
            ({"property": None}, 400, '"property" must be a valid ObjectId:\n("null")'),
            ({"property": UNKNOWN}, 404, "Not Found"),
            ({"stateMachine": UNKNOWN}, 404, "Not Found"),
            ({"type": "done"}, 400, '"type" must be one of [new, in-progress, closed]:\n("done")'),
            ({"next": [{}]}, 400, '"next[0].target" is required'),
            ({"next": {}}, 400, '"next" must be an array:\n("{}")'),
            (
                {"next": [{"target": STATE, "canChange": ["x"]}]},
                400,
                '"next[0].canChange[0]" must be one of [survey, manual, none, task-ui, *]:\n("x")',
            ),
            (
                {"next": [{"target": STATE, "permissions": [1]}]},
                400,
                '"next[0].permissions" must be an array of strings:\n("[1]")',
            ),
            ({"subtask": {"target": "x"}}, 400, '"subtask.target" must be a valid ObjectId:\n("x")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, wishes: Any, status: int, error: str) -> None:
        """Values that don't fit are refused, and nothing is stored."""
        body = {"property": PENDING, "stateMachine": MACHINE, **wishes}

        assert_refused(cotalker.post(STATES, json=body), status, error)
        assert len(cotalker.get(STATES).json()) == 4

    @pytest.mark.parametrize("field", ["property", "stateMachine"])
    def test_required(self, cotalker: TestClient, assert_refused, field: str) -> None:
        """Two fields are needed, and the state machine must be the group's."""
        body = {"property": PENDING, "stateMachine": MACHINE}
        foreign = cotalker.post(STATES.replace(GROUP, FLOW), json=body)

        assert_refused(cotalker.post(STATES, json={field: body[field]} | {}), 400, f'"{({*body} - {field}).pop()}" is required')
        assert_refused(foreign, 404, "Not Found")


class TestUpdateState:
    """PATCH …/sm/smstate/{stateId}."""

    @pytest.mark.parametrize(
        ("changes", "version"),
        [
            ({"type": "closed"}, 0),
            ({"isActive": False}, 0),
            ({"property": ASSET, "icon": "x"}, 0),
            ({"next": []}, 1),
            ({"subtask": {"target": MACHINE, "triggers": []}}, 0),
            ({"stateMachine": MACHINE}, 0),
            ({}, 0),
        ],
    )
    def test_replaces_fields(self, cotalker: TestClient, changes: dict[str, Any], version: int) -> None:
        """What is sent takes the place of what was; the answer is the whole document, bare. Even the type changes."""
        before = cotalker.get(f"{STATES}/{STATE}").json()

        after = cotalker.patch(f"{STATES}/{STATE}", json=changes).json()

        assert after == before | changes | {"modifiedAt": NOON, "__v": version}
        assert cotalker.get(f"{STATES}/{STATE}").json() == after

    @pytest.mark.parametrize(
        ("changes", "status", "error"),
        [
            ({"stateMachine": UNKNOWN}, 400, '"stateMachine" cannot be changed'),
            ({"property": UNKNOWN}, 404, "Not Found"),
            ({"type": None}, 400, '"type" must be one of [new, in-progress, closed]:\n("null")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, changes: Any, status: int, error: str) -> None:
        """A state stays in its machine, and its element must be there."""
        assert_refused(cotalker.patch(f"{STATES}/{STATE}", json=changes), status, error)
