"""Where a task starts, where it may go, and who may do what with it."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
FLOW = "62bf5e03654e96017e00e46a"
TRAINING = "62bf5e17654e96017e00e47e"
ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
SUPERVISOR = "61b9b7b8d258d731520fc84f"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
PENDING = "61b9b803b8cf489071f6f6a6"
ASSET = "61b9b7f06231d52cb9b341ea"
COLLECTION = "61b9b690d258d731520fc7c1"
UNKNOWN = "ffffffffffffffffffffffff"

Document = dict[str, Any]


def task_path(task: Document) -> str:
    """Return the path of a task."""
    return f"/api/v1/tasks/{task['taskGroup']}/task/{task['_id']}"


@pytest.fixture
def states(cotalker: TestClient) -> Callable[[str], list[Document]]:
    """Return a function that gives the states of a group in the order in which its tasks go through them."""

    def read(group: str) -> list[Document]:
        found = {state["_id"]: state for state in cotalker.get(f"/api/v1/tasks/{group}/sm/smstate/all").json()}
        way = [next(state for state in found.values() if state["type"] == "new")]
        while way[-1]["next"]:
            way.append(found[way[-1]["next"][0]["target"]])
        assert len(way) == len(found) == 4
        return way

    return read


@pytest.fixture
def change(cotalker: TestClient) -> Callable[..., Any]:
    """Return a function that changes a task as the administrator, or as somebody else."""

    def patch(task: Document, *, client: TestClient = cotalker, **changes: Any) -> Any:
        return client.patch(task_path(task), json=changes)

    return patch


class TestStart:
    """Where a new task starts."""

    def new_group(self, client: TestClient, **fields: Any) -> str:
        """Make a task group without state machines and return its id."""
        group: str = client.post("/api/v2/task-groups", json={"group": FREE_GROUP, **fields}).json()["_id"]
        return group

    def new_machine(self, client: TestClient, group: str, code: str, **asset: str) -> Document:
        """Make a state machine."""
        body = {
            "code": code,
            "name": code,
            "propertyType": COLLECTION,
            "asset": asset or {"type": "generic", "property": ASSET, "propertyType": COLLECTION},
        }
        response = client.post(f"/api/v1/tasks/{group}/sm/smstatemachine", json=body)
        assert response.status_code == 200, response.text
        machine: Document = response.json()
        return machine

    def new_state(self, client: TestClient, machine: Document, **fields: Any) -> str:
        """Make a state of a machine and return its id."""
        body = {"property": PENDING, "stateMachine": machine["_id"], **fields}
        response = client.post(f"/api/v1/tasks/{machine['taskGroup']}/sm/smstate", json=body)
        assert response.status_code == 200, response.text
        state: str = response.json()["_id"]
        return state

    def test_the_initial_state_machine(self, cotalker: TestClient, make_task) -> None:
        """A task starts in the group's `initialStateMachine`, at its `initialState`."""
        group = self.new_group(cotalker)
        first, second = (self.new_machine(cotalker, group, code) for code in ("first", "second"))
        self.new_state(cotalker, first, type="new")
        states = [self.new_state(cotalker, second, type=kind) for kind in ("new", "in-progress")]
        cotalker.patch(f"/api/v1/tasks/{group}/sm/smstatemachine/{second['_id']}", json={"initialState": states[1]})
        cotalker.patch(f"/api/v1/tasks/group/{group}", json={"initialStateMachine": second["_id"]})

        task = make_task(group)

        assert (task["smStateMachine"], task["smState"], task["status"]) == (second["_id"], states[1], PENDING)
        assert task["asset"] == ASSET

    def test_another_state_machine(self, cotalker: TestClient, make_task) -> None:
        """A state machine that is asked for takes its place."""
        group = self.new_group(cotalker)
        first, second = (self.new_machine(cotalker, group, code) for code in ("first", "second"))
        state = self.new_state(cotalker, second)

        assert make_task(group)["smStateMachine"] == first["_id"]
        task = make_task(group, smStateMachine=second["_id"])
        assert (task["smStateMachine"], task["smState"]) == (second["_id"], state)

    def test_no_initial_state_machine(self, cotalker: TestClient, make_task) -> None:
        """Without one the first active machine counts; without `initialState` the first state that is new, or the first."""
        group = self.new_group(cotalker)
        inactive, active = (self.new_machine(cotalker, group, code) for code in ("first", "second"))
        path = f"/api/v1/tasks/{group}/sm/smstatemachine"
        cotalker.patch(f"{path}/{inactive['_id']}", json={"isActive": False})
        bare = make_task(group)
        first = self.new_state(cotalker, active)
        early = make_task(group)
        new = self.new_state(cotalker, active, type="new")

        assert (bare["smStateMachine"], bare.get("smState")) == (active["_id"], None)
        assert early["smState"] == first
        assert make_task(group)["smState"] == new

    def test_deactivated_initial_state_machine(self, cotalker: TestClient, make_task, assert_refused) -> None:
        """A deactivated machine starts no task, asked for or not."""
        group = self.new_group(cotalker)
        first, second = (self.new_machine(cotalker, group, code) for code in ("first", "second"))
        cotalker.patch(f"/api/v1/tasks/group/{group}", json={"initialStateMachine": first["_id"]})
        cotalker.patch(f"/api/v1/tasks/{group}/sm/smstatemachine/{first['_id']}", json={"isActive": False})

        assert make_task(group)["smStateMachine"] == second["_id"]
        response = cotalker.post(f"/api/v1/tasks/{group}/task/create", json={"name": "x", "smStateMachine": first["_id"]})
        error = f'"smStateMachine" must be an active state machine of the task group:\n("{first["_id"]}")'
        assert_refused(response, 400, error)

    def test_closed_at_once(self, cotalker: TestClient, make_task, clock) -> None:
        """A task that starts in a closed state is closed."""
        clock.freeze("2026-06-10T12:00:00.000Z")
        group = self.new_group(cotalker)
        self.new_state(cotalker, self.new_machine(cotalker, group, "first"), type="closed")

        task = make_task(group)

        assert task["closedAt"] == task["resolutionDate"] == task["modifiedStateAt"] == "2026-06-10T12:00:00.014Z"

    def test_unique_asset(self, cotalker: TestClient, make_task) -> None:
        """A machine of the kind `unique` gives each task an element of its own, unless one is sent."""
        group = self.new_group(cotalker)
        self.new_machine(cotalker, group, "first", type="unique", propertyType=COLLECTION)

        first, second, third = make_task(group, name="Own"), make_task(group), make_task(group, asset=ASSET)

        assert len({first["asset"], second["asset"], ASSET}) == 3
        assert third["asset"] == ASSET
        element = cotalker.get(f"/api/v2/properties/{first['asset']}").json()["data"]
        assert element["name"]["display"] == "Own"
        assert element["propertyType"] == "shops"
        assert element["owner"] == {"$ref": "task-brasaverde-task_manager", "$id": first["_id"]}

    def test_state_before_there_were_any(self, cotalker: TestClient, make_task, change) -> None:
        """A task that has no state may go to any, even where the flow is strict."""
        group = self.new_group(cotalker, flowType="state-machine")
        machine = self.new_machine(cotalker, group, "first")
        task = make_task(group)
        states = [self.new_state(cotalker, machine) for _ in range(2)]

        listed = cotalker.get(f"/api/v1/tasks/{group}/sm/nextsmstate?taskId={task['_id']}").json()

        assert [state["_id"] for state in listed] == states
        assert change(task, smState=states[1]).json()["task"]["smState"] == states[1]


class TestMove:
    """A change of `smState`."""

    def test_free(self, make_task, states, change) -> None:
        """In a free group a task goes from any state to any other."""
        way = states(GROUP)
        task = make_task()

        for target in (way[3], way[0], way[2], way[1], way[3]):
            assert change(task, smState=target["_id"]).json()["task"]["smState"] == target["_id"]

    def test_strict(self, make_task, states, change, assert_refused) -> None:
        """In a state-machine group it goes only where the present state leads, forwards step by step."""
        way = states(FLOW)
        task = make_task(FLOW)

        for position in range(4):
            for target in way:
                if target not in (way[position], *way[position + 1 : position + 2]):
                    error = f'"smState" must be a state that follows the present one:\n("{target["_id"]}")'
                    assert_refused(change(task, smState=target["_id"]), 400, error)
            if position < 3:
                assert change(task, smState=way[position + 1]["_id"]).status_code == 200

    def test_writes_down(self, make_task, states, change, clock) -> None:
        """Status and dates follow the state; a closed one closes the task, leaving it opens it again."""
        way = states(GROUP)
        clock.freeze("2026-06-10T12:00:00.000Z")
        task = make_task()
        clock.freeze("2026-06-11T12:00:00.000Z")

        closed = change(task, smState=way[3]["_id"], status=PENDING).json()["task"]
        clock.freeze("2026-06-12T12:00:00.000Z")
        again = change(task, smState=way[3]["_id"]).json()["task"]
        opened = change(task, smState=way[1]["_id"]).json()["task"]

        changed = {
            "smState": way[3]["_id"],
            "status": way[3]["property"],
            "modifiedStateAt": "2026-06-11T12:00:00.000Z",
            "closedAt": "2026-06-11T12:00:00.000Z",
            "resolutionDate": "2026-06-11T12:00:00.000Z",
            "modifiedAt": "2026-06-11T12:00:00.000Z",
        }
        assert closed == task | changed
        assert again == closed | {"modifiedAt": "2026-06-12T12:00:00.000Z"}
        assert (opened["closedAt"], opened["resolutionDate"]) == (None, "2026-06-11T12:00:00.000Z")
        assert opened["modifiedStateAt"] == "2026-06-12T12:00:00.000Z"
        assert opened["status"] == way[1]["property"]

    def test_same_state(self, cotalker: TestClient, make_task, change, rows) -> None:
        """The same state again is no change of state, even where nothing leads back, and is not logged."""
        task = make_task(FLOW)

        after = change(task, smState=task["smState"].upper(), name="Other").json()["task"]

        assert after["modifiedStateAt"] == task["modifiedStateAt"]
        assert after["name"] == "Other"
        assert len(rows(cotalker, f"/api/v2/task-groups/{FLOW}/tasks/{task['_id']}/sm-state-changes")) == 1

    def test_state_of_another_group(self, make_task, states, change, assert_refused) -> None:
        """A state of another group is none, also in a free group; nor is an inactive one."""
        task = make_task()
        for target in (states(FLOW)[1]["_id"], UNKNOWN):
            assert_refused(
                change(task, smState=target), 400, f'"smState" must be an active state of the task group:\n("{target}")'
            )

    def test_inactive_state(self, cotalker: TestClient, make_task, states, change, assert_refused) -> None:
        """A deactivated state takes no tasks and is not offered."""
        target = states(GROUP)[1]["_id"]
        cotalker.patch(f"/api/v1/tasks/{GROUP}/sm/smstate/{target}", json={"isActive": False})
        task = make_task()

        offered = cotalker.get(f"/api/v1/tasks/{GROUP}/sm/nextsmstate?taskId={task['_id']}").json()

        assert target not in [state["_id"] for state in offered]
        assert_refused(change(task, smState=target), 400, f'"smState" must be an active state of the task group:\n("{target}")')

    def test_state_of_another_machine(self, cotalker: TestClient, make_task, change) -> None:
        """A state of another machine of the group takes the task to that machine."""
        body = {"code": "other", "name": "x", "propertyType": COLLECTION, "asset": {"type": "unique", "propertyType": COLLECTION}}
        machine = cotalker.post(f"/api/v1/tasks/{GROUP}/sm/smstatemachine", json=body).json()["_id"]
        state = cotalker.post(f"/api/v1/tasks/{GROUP}/sm/smstate", json={"property": ASSET, "stateMachine": machine}).json()[
            "_id"
        ]
        task = make_task()

        moved = change(task, smState=state).json()["task"]

        assert (moved["smStateMachine"], moved["smState"], moved["status"]) == (machine, state, ASSET)
        assert cotalker.get(f"/api/v1/tasks/{GROUP}/task?smStateMachine={machine}").json() == [moved]

    def test_permissions_of_the_step(self, cotalker: TestClient, become, make_task, states, change, assert_refused) -> None:
        """Where a step has permissions, one of them is needed; `Admin` opens no step."""
        way = states(FLOW)
        step = {"target": way[1]["_id"], "permissions": ["starter", "other"], "canChange": ["none"]}
        cotalker.patch(f"/api/v1/tasks/{FLOW}/sm/smstate/{way[0]['_id']}", json={"next": [step]})
        task = make_task(FLOW, editors=[AGENT])
        path = f"/api/v1/tasks/{FLOW}/sm/nextsmstate?taskId={task['_id']}"
        agent = become(AGENT, "app-tasks")

        assert agent.get(path).json() == []
        assert_refused(change(task, client=agent, smState=way[1]["_id"]), 403, "Forbidden")
        assert_refused(change(task, smState=way[1]["_id"]), 403, "Forbidden")
        starter = become(AGENT, "app-tasks", "starter")
        assert [state["_id"] for state in starter.get(path).json()] == [way[1]["_id"]]
        assert change(task, client=starter, smState=way[1]["_id"]).status_code == 200

    def test_triggers_are_not_run(self, cotalker: TestClient, make_task, states, change) -> None:
        """Where a step has triggers the state changes all the same, and nothing else does."""
        way = states(FLOW)
        step = {"target": way[1]["_id"], "triggers": [{"version": "v2", "name": "routine"}]}
        cotalker.patch(f"/api/v1/tasks/{FLOW}/sm/smstate/{way[0]['_id']}", json={"next": [step]})
        task = make_task(FLOW)

        moved = change(task, smState=way[1]["_id"]).json()["task"]

        follows = ("status", "smState", "modifiedStateAt", "modifiedAt")
        assert moved["smState"] == way[1]["_id"]
        assert {name: value for name, value in moved.items() if name not in follows} == {
            name: value for name, value in task.items() if name not in follows
        }

    def test_unchecked_permissions_of_the_step(self, serve) -> None:
        """With permission checks off every step is open; which steps there are is no permission."""
        client = serve(cotalker_permission_checks=False).client("/cotalker", Authorization="Bearer cotalker-agent")
        states = client.get(f"/api/v1/tasks/{FLOW}/sm/smstate").json()
        first = next(state for state in states if state["type"] == "new")
        step = first["next"][0] | {"permissions": ["nobody-has-it"]}
        client.patch(f"/api/v1/tasks/{FLOW}/sm/smstate/{first['_id']}", json={"next": [step]})
        task = client.post(f"/api/v1/tasks/{FLOW}/task/create", json={"name": "x"}).json()["task"]
        last = next(state for state in states if state["type"] == "closed")

        assert client.patch(task_path(task), json={"smState": last["_id"]}).status_code == 400
        assert client.patch(task_path(task), json={"smState": step["target"]}).status_code == 200

    def test_open_sub_tasks(self, make_task, states, change, assert_refused) -> None:
        """A parent is closed only when its sub-tasks are; deactivated ones don't count."""
        closed = states(GROUP)[3]["_id"]
        parent = make_task()
        first, second = make_task(parent=parent["_id"]), make_task(parent=parent["_id"])
        error = f'"smState" must not be a closed state while there are open sub-tasks:\n("{closed}")'

        assert_refused(change(parent, smState=closed), 400, error)
        assert change(first, smState=closed).status_code == 200
        assert_refused(change(parent, smState=closed), 400, error)
        assert change(second, isActive=False).status_code == 200
        assert change(parent, smState=closed).status_code == 200


class TestNextStates:
    """GET /api/v1/tasks/{taskGroupId}/sm/nextsmstate."""

    def test_free(self, cotalker: TestClient, make_task, states) -> None:
        """In a free group every other state is next, with all its fields."""
        task = make_task()

        following = cotalker.get(f"/api/v1/tasks/{GROUP}/sm/nextsmstate?taskId={task['_id']}").json()

        assert sorted(following, key=lambda s: s["_id"]) == sorted(states(GROUP)[1:], key=lambda s: s["_id"])

    def test_strict(self, cotalker: TestClient, make_task, states, change) -> None:
        """In a state-machine group the next ones are those that the present one lists, and none after the last."""
        way = states(FLOW)
        task = make_task(FLOW)
        path = f"/api/v1/tasks/{FLOW}/sm/nextsmstate?taskId={task['_id']}"

        for position in range(4):
            assert cotalker.get(path).json() == way[position + 1 : position + 2]
            if position < 3:
                change(task, smState=way[position + 1]["_id"])

    @pytest.mark.parametrize(
        ("query", "status", "error"),
        [
            ("", 400, '"taskId" is required'),
            ("taskId=x", 400, '"taskId" must be a valid ObjectId:\n("x")'),
            (f"taskId={UNKNOWN}", 404, "Not Found"),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, query: str, status: int, error: str) -> None:
        """The task is needed, and must be there."""
        assert_refused(cotalker.get(f"/api/v1/tasks/{GROUP}/sm/nextsmstate?{query}"), status, error)


class TestLevels:
    """Tasks below tasks."""

    def test_indentation(self, make_task) -> None:
        """A task is one deeper than its parent."""
        first = make_task()
        second = make_task(parent=first["_id"])
        third = make_task(parent=second["_id"])

        assert [task["indentation"] for task in (first, second, third)] == [0, 1, 2]
        assert "parent" not in first
        assert third["parent"] == second["_id"]

    def test_too_deep(self, cotalker: TestClient, make_task, change, assert_refused) -> None:
        """A group has as many levels as `levelConfig` has entries, for new tasks and for moved ones with those below."""
        chain = [make_task()]
        for _ in range(2):
            chain.append(make_task(parent=chain[-1]["_id"]))
        above, below = make_task(), make_task()
        make_task(parent=below["_id"])
        path = f"/api/v1/tasks/{GROUP}/task/create"

        error = '"parent" must be at most 2 levels deep:\n("{}")'
        deep = cotalker.post(path, json={"name": "x", "parent": chain[2]["_id"]})
        assert_refused(deep, 400, error.format(chain[2]["_id"]))
        assert_refused(change(below, parent=chain[1]["_id"]), 400, error.format(chain[1]["_id"]))
        assert_refused(change(chain[0], parent=above["_id"]), 400, error.format(above["_id"]))
        assert change(below, parent=chain[0]["_id"]).json()["task"]["indentation"] == 1

    def test_moved_with_those_below(self, cotalker: TestClient, make_task, change) -> None:
        """Those below come along; null takes a task out to the root."""
        root, branch = make_task(), make_task()
        leaf = make_task(parent=branch["_id"])

        moved = change(branch, parent=root["_id"].upper()).json()["task"]
        assert (moved["parent"], moved["indentation"]) == (root["_id"], 1)
        assert cotalker.get(task_path(leaf)).json() == leaf | {"indentation": 2}

        back = change(branch, parent=None).json()["task"]
        assert (back["parent"], back["indentation"]) == (None, 0)
        assert cotalker.get(task_path(leaf)).json() == leaf

    def test_same_parent_again(self, make_task, change) -> None:
        """The same parent again changes nothing, and a task without one may be told so."""
        root = make_task()
        leaf = make_task(parent=root["_id"])

        assert change(leaf, parent=root["_id"]).json()["task"]["indentation"] == 1
        assert "parent" not in change(root, parent=None).json()["task"]

    def test_loop(self, make_task, change, assert_refused) -> None:
        """A task is never below itself."""
        first = make_task()
        second = make_task(parent=first["_id"])

        for parent in (first, second):
            error = f'"parent" must not be the task itself or one below it:\n("{parent["_id"]}")'
            assert_refused(change(first, parent=parent["_id"]), 400, error)

    def test_parent_of_another_group(self, cotalker: TestClient, make_task, assert_refused) -> None:
        """A task of another group is not there."""
        other = make_task(FLOW)

        response = cotalker.post(f"/api/v1/tasks/{GROUP}/task/create", json={"name": "x", "parent": other["_id"]})

        assert_refused(response, 404, "Not Found")

    def test_bits(self, cotalker: TestClient, make_task, change, assert_refused) -> None:
        """A level of n bits has room for 2ⁿ tasks below one."""
        levels = {"group": FREE_GROUP, "levelConfig": [2, 1]}
        group = cotalker.post("/api/v2/task-groups", json=levels).json()["_id"]
        roots = [make_task(group) for _ in range(4)]
        for _ in range(2):
            make_task(group, parent=roots[0]["_id"])
        make_task(group, parent=roots[1]["_id"])
        path = f"/api/v1/tasks/{group}/task/create"

        root = cotalker.post(path, json={"name": "x"})
        assert_refused(root, 400, '"parent" must have room: level 0 holds 4 tasks:\n("null")')
        below = cotalker.post(path, json={"name": "x", "parent": roots[0]["_id"]})
        full = f'"parent" must have room: level 1 holds 2 tasks:\n("{roots[0]["_id"]}")'
        assert_refused(below, 400, full)
        assert_refused(change(roots[2], parent=roots[0]["_id"]), 400, full)
        assert change(roots[2], parent=roots[1]["_id"]).status_code == 200

    def test_older_groups_have_no_bounds(self, cotalker: TestClient, make_task, change) -> None:
        """Where `levelConfig` is empty tasks may lie as deep as one likes."""
        group = cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP, "levelConfig": []}).json()["_id"]
        chain = [make_task(group)]
        for _ in range(40):
            chain.append(make_task(group, parent=chain[-1]["_id"]))
        root = make_task(group)

        assert chain[-1]["indentation"] == 40
        change(chain[0], parent=root["_id"])
        assert cotalker.get(task_path(chain[-1])).json()["indentation"] == 41


class TestRights:
    """Who may change tasks, and who may make them."""

    @pytest.mark.parametrize(
        ("people", "allowed"),
        [
            ({"editors": [AGENT]}, True),
            ({"assignee": AGENT}, True),
            ({"followers": [AGENT]}, False),
            ({"visibility": [AGENT]}, False),
            ({}, False),
        ],
    )
    @pytest.mark.parametrize("changes", [{"name": "x"}, {"smState": True}, {"isActive": False}])
    def test_parts(
        self, agent: TestClient, make_task, states, change, assert_refused, people: Any, changes: Any, allowed: bool
    ) -> None:
        """Editors and the assignee change a task; followers read it, and visibility is less than that."""
        task = make_task(**people)
        wanted = {"smState": states(GROUP)[1]["_id"]} if "smState" in changes else changes

        response = change(task, client=agent, **wanted)

        if allowed:
            assert response.status_code == 200
        else:
            assert_refused(response, 403, "Forbidden")

    def test_who_made_it(self, agent: TestClient, change, assert_refused) -> None:
        """To have made a task is no right."""
        path = f"/api/v1/tasks/{GROUP}/task/create"
        task = agent.post(path, json={"name": "x", "editors": [], "assignee": SUPERVISOR}).json()["task"]

        assert task["createdBy"] == AGENT
        assert_refused(change(task, client=agent, name="y"), 403, "Forbidden")

    @pytest.mark.parametrize(
        ("permissions", "allowed"),
        [
            (("admin-*-write",), True),
            (("web-admin-write",), True),
            (("admin-tasks-write",), True),
            (("admin-tasks-read",), False),
            (("admin-*-read",), False),
            (("admin-users-write",), False),
        ],
    )
    def test_administrators(self, become, make_task, change, assert_refused, permissions: Any, allowed: bool) -> None:
        """`Admin` opens every task to whoever may write tasks; without the header that right counts for nothing."""
        task = make_task()

        assert_refused(change(task, client=become(AGENT, *permissions), name="x"), 403, "Forbidden")
        response = change(task, client=become(AGENT, *permissions, Admin="true"), name="x")
        if allowed:
            assert response.status_code == 200
        else:
            assert_refused(response, 403, "Forbidden")

    def test_permissions_of_the_group(self, become, make_task, change, assert_refused) -> None:
        """Editor permissions of the group open all its tasks, follower permissions only for reading."""
        task = make_task(FLOW)
        editor, follower = become(AGENT, "field-supervisor"), become(SUPERVISOR, "field-observer")

        assert change(task, client=editor, name="x").status_code == 200
        assert follower.get(task_path(task)).status_code == 200
        assert_refused(change(task, client=follower, name="y"), 403, "Forbidden")

    def test_permissions_of_an_element(self, cotalker: TestClient, become, make_task, change, assert_refused) -> None:
        """Permissions that hold for an element open the tasks that have it, as far as they go."""
        items = [
            {"property": PENDING, "editor": ["plan"], "follower": ["watch"]},
            {"property": ASSET, "editor": ["other"], "follower": []},
        ]
        group = cotalker.patch(f"/api/v1/tasks/group/{GROUP}", json={"taskPropertyPermissions": items})
        assert group.status_code == 200
        held, other = make_task(status2=PENDING), make_task(status2=ASSET)
        planner = become(AGENT, "plan")

        assert change(held, client=planner, name="x").status_code == 200
        cotalker.patch(task_path(other), json={"smState": other["smState"]})
        watcher = become(SUPERVISOR, "watch")
        assert watcher.get(task_path(held)).status_code == 200
        assert_refused(change(held, client=watcher, name="y"), 403, "Forbidden")
        assert_refused(change(held, client=become(SUPERVISOR, "nothing"), name="y"), 403, "Forbidden")

    def test_write_permissions(self, cotalker: TestClient, become, make_task, change, assert_refused) -> None:
        """Where a group has `writePermissions`, one of them is needed to make tasks and, for members, to change them."""
        cotalker.patch(f"/api/v1/tasks/group/{GROUP}", json={"writePermissions": ["writer", "author"]})
        task = make_task(editors=[AGENT])
        path = f"/api/v1/tasks/{GROUP}/task/create"
        agent, author = become(AGENT, "app-tasks"), become(SUPERVISOR, "author")

        assert_refused(agent.post(path, json={"name": "x"}), 403, "Forbidden")
        assert_refused(
            agent.post(f"/api/v1/tasks/{GROUP}/task/multi", json={"cmd": [{"method": "POST", "task": {"name": "x"}}]}),
            403,
            "Forbidden",
        )
        assert_refused(change(task, client=agent, name="x"), 403, "Forbidden")
        assert author.post(path, json={"name": "x"}).status_code == 200
        assert_refused(change(task, client=author, name="x"), 403, "Forbidden")
        assert change(task, client=become(AGENT, "writer"), name="x").status_code == 200
        admin = become(SUPERVISOR, "admin-tasks-write", Admin="true")
        assert admin.post(path, json={"name": "x"}).status_code == 200

    def test_read_permissions(self, become, make_task, assert_refused) -> None:
        """A member without the group's `readPermissions` doesn't see its tasks."""
        task = make_task(TRAINING, followers=[AGENT])

        assert_refused(become(AGENT, "app-tasks").get(task_path(task)), 403, "Forbidden")
        assert become(AGENT, "training-staff").get(task_path(task)).json() == task

    def test_editor_who_may_not_read(self, become, make_task, change, assert_refused) -> None:
        """An editor without the group's `readPermissions` doesn't get to see a task by changing it."""
        task = make_task(TRAINING, editors=[AGENT])

        assert_refused(change(task, client=become(AGENT, "app-tasks"), name="x"), 403, "Forbidden")
        assert change(task, client=become(AGENT, "training-staff"), name="x").status_code == 200

    def test_reading_with_admin(self, become, make_task, assert_refused) -> None:
        """`Admin` opens every task for reading to whoever may read tasks."""
        task = make_task()

        assert_refused(become(AGENT, "admin-tasks-read").get(task_path(task)), 403, "Forbidden")
        assert become(AGENT, "admin-tasks-read", Admin="true").get(task_path(task)).json() == task
        assert_refused(become(AGENT, "admin-users-read", Admin="true").get(task_path(task)), 403, "Forbidden")

    def test_nothing_is_checked_by_setting(self, serve) -> None:
        """With permission checks off everybody changes everything."""
        client = serve(cotalker_permission_checks=False).client("/cotalker", Authorization="Bearer cotalker-agent")
        path = f"/api/v1/tasks/{TRAINING}/task"

        for task in client.post(path).json():
            assert client.patch(f"{path}/{task['_id']}", json={"name": "x"}).status_code == 200

    def test_order_of_checks(self, agent: TestClient, make_task, assert_refused) -> None:
        """What is malformed is told before what is not there, and that before what is not allowed."""
        task = make_task()

        assert_refused(agent.patch(task_path(task), json={"name": ""}), 400, '"name" must not be empty:\n("")')
        assert_refused(agent.patch(task_path(task)[:-24] + UNKNOWN, json={"name": ""}), 400, '"name" must not be empty:\n("")')
        assert_refused(agent.patch(task_path(task)[:-24] + UNKNOWN, json={"name": "x"}), 404, "Not Found")
        assert_refused(agent.patch(task_path(task), json={"assignee": UNKNOWN}), 403, "Forbidden")
