"""Reading tasks: the list of the caller, single tasks, their states' log, and what belongs to a project or a channel."""

from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
FIELD = "62bf5e03654e96017e00e46a"
TRAINING = "62bf5e17654e96017e00e47e"
TASK = "61a9045c49cb12c5f92f9ed4"
ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
SUPERVISOR = "61b9b7b8d258d731520fc84f"
STATE = "61b9b7fdac349679d0e2f26b"
PENDING = "61b9b803b8cf489071f6f6a6"
MACHINE = "61b9b7f72b810c1adc8b1e31"
UNKNOWN = "ffffffffffffffffffffffff"
LIST = f"/api/v1/tasks/{GROUP}/task"

Task = dict[str, Any]


@pytest.fixture
def active(rows, cotalker: TestClient) -> list[Task]:
    """Every active task of the group, by `_id`."""
    found: list[Task] = rows(cotalker, f"/api/v2/task-groups/{GROUP}/tasks", isActive="true")
    assert len(found) == 63
    return found


def leaves(value: Any) -> list[str]:
    """Return every text and number within a value, in lower case."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None or isinstance(value, bool) else [str(value).lower()]


class TestMyTasks:
    """GET /api/v1/tasks/{taskGroupId}/task."""

    @pytest.mark.parametrize("group", [GROUP, FIELD, TRAINING])
    def test_is_what_the_caller_sees(self, agent: TestClient, cotalker: TestClient, rows, group: str) -> None:
        """The active tasks among those that version 2 lists for the same caller, in a bare array."""
        for client in (agent, cotalker):
            expected = rows(client, f"/api/v2/task-groups/{group}/tasks", isActive="true")

            assert client.get(f"/api/v1/tasks/{group}/task?limit=1000").json() == expected

    def test_with_admin_needs_the_right(self, become, assert_refused) -> None:
        """The header asks for all of them, which needs a right."""
        assert_refused(become(AGENT, Admin="true").get(LIST), 403, "Forbidden")

    def test_pages(self, cotalker: TestClient, active: list[Task]) -> None:
        """Ten come on a page unless another number is asked for; past the end there are none."""
        assert cotalker.get(LIST).json() == active[:10]
        assert cotalker.get(f"{LIST}?limit=7&page=3").json() == active[14:21]
        assert cotalker.get(f"{LIST}?page=99").json() == []
        assert cotalker.get(f"{LIST}?page=0").json() == active[:10]
        assert cotalker.get(f"{LIST}?limitBy=none&limit=5").json() == active
        assert cotalker.get(f"{LIST}?limitBy=all&limit=5").json() == active[:5]
        assert cotalker.get(f"{LIST}?limitBy=group&limit=5").json() == active[:5]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("assignee", ADMIN),
            ("status", PENDING),
            ("smStateMachine", MACHINE),
            ("assignee", UNKNOWN),
            ("status", UNKNOWN),
            ("smStateMachine", UNKNOWN),
        ],
    )
    def test_filters(self, cotalker: TestClient, active: list[Task], field: str, value: str) -> None:
        """A filter keeps the tasks whose field has the value."""
        found = cotalker.get(f"{LIST}?limit=1000&{field}={value.upper()}").json()

        assert found == [task for task in active if task[field] == value]

    def test_filters_together(self, cotalker: TestClient, active: list[Task]) -> None:
        """All filters must hold."""
        found = cotalker.get(f"{LIST}?limit=1000&assignee={ADMIN}&status={PENDING}&search=e").json()

        assert found == [task for task in active if task["assignee"] == ADMIN and task["status"] == PENDING]
        assert found

    @pytest.mark.parametrize(
        "keywords", ["draft", "DRAFT", "draft,order", " draft , nothing ", "weekly check", TASK[-6:], "nothing", ",", "2026-03"]
    )
    def test_search(self, cotalker: TestClient, active: list[Task], keywords: str) -> None:
        """One of the keywords within one of the fields is enough."""
        wanted = [word.strip().lower() for word in keywords.split(",") if word.strip()]
        expected = [task for task in active if any(word in leaf for word in wanted for leaf in leaves(task))]

        assert cotalker.get(LIST, params={"limit": 1000, "search": keywords}).json() == expected
        assert cotalker.get(LIST, params={"limit": 3, "page": 2, "search": keywords}).json() == expected[3:6]
        assert cotalker.get(LIST, params={"limitBy": "none", "search": keywords}).json() == expected

    def test_many_keywords(self, cotalker: TestClient, assert_refused) -> None:
        """There are at most a hundred keywords, each counted once."""
        many = ",".join(f"word{n}" for n in range(101))
        error = f'"search" must contain less than or equal to 100 items:\n("{many[:100]}")'

        assert_refused(cotalker.get(LIST, params={"search": many}), 400, error)
        assert cotalker.get(LIST, params={"search": "draft," * 500}).json() == cotalker.get(f"{LIST}?search=draft").json()

    def test_modified_after(self, cotalker: TestClient, active: list[Task]) -> None:
        """`modifiedAt` is in milliseconds and itself not included."""
        instant = sorted(task["modifiedAt"] for task in active)[30]
        task = cotalker.get(f"{LIST}?limit=1000&modifiedAt=1638219703000").json()
        assert task == active

        milliseconds = round(datetime.fromisoformat(instant).timestamp() * 1000)

        found = cotalker.get(f"{LIST}?limit=1000&modifiedAt={milliseconds}").json()
        assert found == [task for task in active if task["modifiedAt"] > instant]
        found = cotalker.get(f"{LIST}?limit=1000&modifiedAt={milliseconds - 1}").json()
        assert found == [task for task in active if task["modifiedAt"] >= instant]
        assert cotalker.get(f"{LIST}?modifiedAt={10**30}").json() == []

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ("limit=0", '"limit" must be greater than or equal to 1:\n("0")'),
            ("page=x", '"page" must be a number:\n("x")'),
            ("assignee=x", '"assignee" must be a valid ObjectId:\n("x")'),
            ("status=", '"status" must be a valid ObjectId:\n("")'),
            ("smStateMachine=x", '"smStateMachine" must be a valid ObjectId:\n("x")'),
            ("filter=x", '"filter" must be a valid ObjectId:\n("x")'),
            ("limitBy=page", '"limitBy" must be one of [all, group, none]:\n("page")'),
            ("modifiedAt=2021-12-06", '"modifiedAt" must be a number:\n("2021-12-06")'),
            ("modifiedAt=1.5", '"modifiedAt" must be an integer:\n("1.5")'),
            ("search=", '"search" must not be empty:\n("")'),
        ],
    )
    def test_refused_query(self, cotalker: TestClient, assert_refused, query: str, error: str) -> None:
        """Values that don't fit are refused."""
        assert_refused(cotalker.get(f"{LIST}?{query}"), 400, error)

    def test_unknown_parameters(self, cotalker: TestClient) -> None:
        """What a client appends by mistake is ignored."""
        assert cotalker.get(f"{LIST}?[object Object]&admin=x").json() == cotalker.get(LIST).json()


class TestView:
    """The list through a saved filter."""

    def view(self, client: TestClient, **fields: Any) -> str:
        """Make a filter and return its id."""
        response = client.post(f"/api/v1/tasks/{GROUP}/filter", json={"name": "View", **fields})
        assert response.status_code == 200, response.text
        made: str = response.json()["_id"]
        return made

    def test_groups(self, cotalker: TestClient, active: list[Task]) -> None:
        """Tasks come in groups, each with its headings, ordered and narrowed as the filter says."""
        view = self.view(cotalker, query={"smState": STATE}, groupBy=["assignee", "status"], sortBy="name", orderBy="desc")

        groups = cotalker.get(f"{LIST}?filter={view}&limit=1000").json()

        assert groups
        for group in groups:
            assignee, status = group["_id"]
            assert (assignee["key"], assignee["type"]) == ("assignee", "COTUser")
            assert (status["key"], status["display"], status["type"], status["id"]) == (
                "status",
                "Pending",
                "COTProperty",
                PENDING,
            )
            expected = [task for task in active if task["smState"] == STATE and task["assignee"] == assignee["id"]]
            assert group["tasks"] == sorted(expected, key=lambda task: task["name"], reverse=True)
        assert len({group["_id"][0]["id"] for group in groups}) == len(groups)
        assert sum(len(group["tasks"]) for group in groups) == sum(task["smState"] == STATE for task in active)

    def test_limits(self, cotalker: TestClient, active: list[Task]) -> None:
        """`limit` counts for the whole, for each group or not at all; `page` has no effect."""
        path = f"{LIST}?filter={self.view(cotalker, groupBy=['smState'])}"

        def sizes(query: str) -> list[int]:
            return [len(group["tasks"]) for group in cotalker.get(path + query).json()]

        assert sum(sizes("")) == 10
        assert sum(sizes("&limit=3")) == 3
        assert cotalker.get(f"{path}&limit=3&limitBy=all&page=2").json() == cotalker.get(f"{path}&limit=3").json()
        assert sizes("&limit=3&limitBy=group") == [3, 3, 3, 3]
        assert sum(sizes("&limit=3&limitBy=none")) == len(active)

    def test_without_groups(self, cotalker: TestClient, active: list[Task]) -> None:
        """A filter that groups by nothing makes one group without headings."""
        view = self.view(cotalker)

        assert cotalker.get(f"{LIST}?filter={view}&limit=1000").json() == [{"_id": [], "tasks": active}]

    def test_sorted_by_what_some_lack(self, cotalker: TestClient, active: list[Task]) -> None:
        """Tasks without the field come first."""
        view = self.view(cotalker, sortBy="startDate")

        (group,) = cotalker.get(f"{LIST}?filter={view}&limit=1000").json()

        assert [task.get("startDate") or "" for task in group["tasks"]] == sorted(task.get("startDate") or "" for task in active)

    def test_for_an_ordinary_user(self, agent: TestClient, cotalker: TestClient) -> None:
        """Only what the caller sees goes through; other filters of the query hold as well."""
        view = self.view(cotalker, groupBy=["smState"])

        groups = agent.get(f"{LIST}?filter={view}&limit=1000&assignee={AGENT}&search=a").json()

        ids = {task["_id"] for group in groups for task in group["tasks"]}
        assert ids == {task["_id"] for task in agent.get(f"{LIST}?limit=1000&assignee={AGENT}&search=a").json()}
        assert ids

    def test_unknown(self, cotalker: TestClient, assert_refused) -> None:
        """A filter that is not there, or is another group's, is not found."""
        other = cotalker.get(f"/api/v1/tasks/{FIELD}/filter").json()[0]["_id"]

        assert_refused(cotalker.get(f"{LIST}?filter={UNKNOWN}"), 404, "Not Found")
        assert_refused(cotalker.get(f"{LIST}?filter={other}"), 404, "Not Found")


class TestOneTask:
    """GET …/task/{taskId}, …/task/serial/{serial} and the path of version 2."""

    def test_is_bare(self, cotalker: TestClient, active: list[Task]) -> None:
        """Version 1 answers the document alone, version 2 inside `data`."""
        task = next(task for task in active if task["_id"] == TASK)

        assert cotalker.get(f"{LIST}/{TASK}").json() == task
        assert cotalker.get(f"{LIST}/{TASK.upper()}").json() == task
        assert cotalker.get(f"{LIST}/serial/{task['serial']}").json() == task
        assert cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/{TASK}").json() == {"data": task}
        debugged = cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/{TASK}?debug=true").json()
        assert debugged == {"data": task, "debug": {"data": {"query": {"debug": True}}}}

    def test_inactive(self, cotalker: TestClient) -> None:
        """A deactivated task is found."""
        assert cotalker.get(f"{LIST}/serial/9").json()["isActive"] is False

    @pytest.mark.parametrize(
        ("serial", "error"),
        [
            ("x", '"serial" must be a number:\n("x")'),
            ("1.5", '"serial" must be an integer:\n("1.5")'),
            ("0", '"serial" must be greater than or equal to 1:\n("0")'),
            ("-1", '"serial" must be greater than or equal to 1:\n("-1")'),
        ],
    )
    def test_malformed_serial(self, cotalker: TestClient, assert_refused, serial: str, error: str) -> None:
        """A serial is a whole number from 1."""
        assert_refused(cotalker.get(f"{LIST}/serial/{serial}"), 400, error)

    @pytest.mark.parametrize("serial", ["71", "9999999999999999999999"])
    def test_unknown_serial(self, cotalker: TestClient, assert_refused, serial: str) -> None:
        """A number that no task has is not found."""
        assert_refused(cotalker.get(f"{LIST}/serial/{serial}"), 404, "Not Found")

    @pytest.mark.parametrize("group", [GROUP, FIELD, TRAINING])
    @pytest.mark.parametrize("user", [AGENT, SUPERVISOR])
    def test_who_sees_it(self, become, cotalker: TestClient, rows, assert_refused, group: str, user: str) -> None:
        """Exactly the tasks of the caller's list are given one by one; `Admin` from an ordinary user changes nothing."""
        client, asking = become(user), become(user, Admin="true")
        listed = {task["_id"] for task in rows(client, f"/api/v2/task-groups/{group}/tasks")}

        for task in rows(cotalker, f"/api/v2/task-groups/{group}/tasks"):
            for path in (
                f"/api/v1/tasks/{group}/task/{task['_id']}",
                f"/api/v1/tasks/{group}/task/serial/{task['serial']}",
                f"/api/v2/task-groups/{group}/tasks/{task['_id']}",
                f"/api/v2/task-groups/{group}/tasks/{task['_id']}/sm-state-changes",
                f"/api/v1/tasks/{group}/sm/nextsmstate?taskId={task['_id']}",
            ):
                if task["_id"] in listed:
                    assert asking.get(path).status_code == 200
                else:
                    assert_refused(client.get(path), 403, "Forbidden")
                    assert_refused(asking.get(path), 403, "Forbidden")

    def test_everything_unchecked(self, serve) -> None:
        """With permission checks off every task is given."""
        client = serve(cotalker_permission_checks=False).client("/cotalker", Authorization="Bearer cotalker-agent")

        assert {client.get(f"/api/v1/tasks/{TRAINING}/task/serial/{n}").status_code for n in range(1, 13)} == {200}

    def test_malformed_query(self, cotalker: TestClient, assert_refused) -> None:
        """Version 2 looks at `debug`."""
        response = cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/{TASK}?debug=x")

        assert_refused(response, 400, '"debug" must be a boolean:\n("x")')

    @pytest.mark.parametrize("tail", ["", "/sm-state-changes"])
    def test_path_of_version_2(self, cotalker: TestClient, agent: TestClient, server, assert_refused, tail: str) -> None:
        """Ids are checked, and looked for within the group."""
        path = f"/api/v2/task-groups/{GROUP}/tasks"
        other = server.client("/cotalker", Authorization="Bearer cotalker-admin", Company=UNKNOWN)

        assert_refused(cotalker.get(f"{path}/x{tail}"), 400, '"taskId" must be a valid ObjectId:\n("x")')
        assert_refused(cotalker.get(f"{path}/{UNKNOWN}{tail}"), 404, "Not Found")
        assert_refused(cotalker.get(f"{path.replace(GROUP, FIELD)}/{TASK}{tail}"), 404, "Not Found")
        assert_refused(cotalker.get(f"{path.replace(GROUP, UNKNOWN)}/{TASK}{tail}"), 404, "Not Found")
        assert_refused(other.get(f"{path}/{TASK}{tail}"), 403, "Forbidden")
        assert_refused(server.client("/cotalker").get(f"{path}/{TASK}{tail}"), 401, "Unauthorized")


class TestStateChanges:
    """GET /api/v2/task-groups/{taskGroupId}/tasks/{taskId}/sm-state-changes."""

    def path(self, task: str) -> str:
        """Return the path of a task's log."""
        return f"/api/v2/task-groups/{GROUP}/tasks/{task}/sm-state-changes"

    def test_tells_how_the_task_came_here(self, cotalker: TestClient, active: list[Task], rows) -> None:
        """Every task of the world has come from the first state to its own, which it entered when it says."""
        for task in active[:12]:
            log = rows(cotalker, self.path(task["_id"]))

            assert log[0]["currentState"] == STATE
            assert (log[-1]["currentState"], log[-1]["createdAt"]) == (task["smState"], task["modifiedStateAt"])
            assert [entry["createdAt"] for entry in log] == sorted(entry["createdAt"] for entry in log)
            assert {entry["task"] for entry in log} == {task["_id"]}

    def test_grows(self, cotalker: TestClient, make_task, rows, clock) -> None:
        """There is an entry for the creation and one for each change, the oldest first, even if the clock goes back."""
        clock.freeze("2026-06-10T12:00:00.000Z")
        task = make_task()
        states = [state["_id"] for state in cotalker.get(f"/api/v1/tasks/{GROUP}/sm/smstate").json()]
        way = [task["smState"]]
        for state in [s for s in states if s != task["smState"]]:
            clock.freeze(f"2026-06-10T11:00:0{len(way)}.000Z")
            cotalker.patch(f"{LIST}/{task['_id']}", json={"smState": state})
            way.append(state)

        log = rows(cotalker, self.path(task["_id"]))

        assert [entry["currentState"] for entry in log] == way
        assert log[0] == {
            "_id": log[0]["_id"],
            "task": task["_id"],
            "taskGroup": GROUP,
            "currentState": STATE,
            "currentStateMachine": MACHINE,
            "changedBy": ADMIN,
            "createdAt": "2026-06-10T12:00:00.014Z",
        }
        assert [entry["createdAt"] for entry in log[1:]] == [f"2026-06-10T11:00:0{n}.000Z" for n in range(1, len(way))]

    def test_pages(self, cotalker: TestClient, rows, make_task) -> None:
        """Ten entries come on a page unless another number is asked for."""
        task = make_task()["_id"]
        states = [state["_id"] for state in cotalker.get(f"/api/v1/tasks/{GROUP}/sm/smstate").json()]
        for n in range(13):
            cotalker.patch(f"{LIST}/{task}", json={"smState": states[n % 4]})
        whole = rows(cotalker, self.path(task))
        assert len(whole) >= 13

        def page(query: str) -> Any:
            return cotalker.get(f"{self.path(task)}?{query}").json()

        assert page("") == {"data": {"values": whole[:10]}}
        assert page("limit=4&page=2&count=true") == {"data": {"values": whole[4:8], "count": len(whole)}}
        assert page("page=99") == {"data": {"values": []}}
        assert page("limit=1&debug=true")["debug"] == {"data": {"query": {"debug": True, "limit": 1}}}

    def test_without_states(self, cotalker: TestClient, make_task) -> None:
        """A task without state has no log."""
        group = cotalker.post("/api/v1/tasks/group", json={"group": "61ae5eb11f130a35a73e2e06"}).json()["_id"]
        task = make_task(group)["_id"]

        assert cotalker.get(f"/api/v2/task-groups/{group}/tasks/{task}/sm-state-changes").json() == {"data": {"values": []}}

    def test_refused_query(self, cotalker: TestClient, assert_refused) -> None:
        """Values that don't fit are refused."""
        for name, value, must in [
            ("limit", "x", "be a number"),
            ("count", "1", "be a boolean"),
            ("page", "1.5", "be an integer"),
        ]:
            assert_refused(cotalker.get(f"{self.path(TASK)}?{name}={value}"), 400, f'"{name}" must {must}:\n("{value}")')


class TestRelations:
    """GET /api/v1/tasks/relations/{taskGroupId}."""

    @pytest.mark.parametrize(
        "query",
        ["", f"assignee={ADMIN}", f"property={PENDING}", f"assignee={ADMIN}&property={PENDING}&isActive=true&count=true",
         "sortBy=name&orderBy=desc&limit=5&page=2"],
    )  # fmt: skip
    def test_is_that_of_version_2(self, cotalker: TestClient, query: str) -> None:
        """The older path answers as the newer one does."""
        newer = cotalker.get(f"/api/v2/task-groups/{GROUP}/tasks/relations?{query}").json()

        assert cotalker.get(f"/api/v1/tasks/relations/{GROUP}?{query}").json() == newer
        assert newer["data"]["values"]

    def test_needs_admin(self, agent: TestClient, assert_refused) -> None:
        """It is an administrative one only."""
        assert_refused(agent.get(f"/api/v1/tasks/relations/{GROUP}"), 403, "Forbidden")


class TestProject:
    """GET /api/v1/tasks/{taskGroupId}/project."""

    PATH = f"/api/v1/tasks/{GROUP}/project"

    def test_by_code(self, cotalker: TestClient, agent: TestClient, make_task) -> None:
        """The tasks with the code, as far as the caller sees them."""
        hidden, shown = make_task(projectCode=UNKNOWN), make_task(projectCode=UNKNOWN, followers=[AGENT])
        make_task(projectCode=ADMIN)

        assert cotalker.get(f"{self.PATH}?projectCode={UNKNOWN.upper()}").json() == [hidden, shown]
        assert cotalker.get(f"{self.PATH}?projectCode={STATE}").json() == []
        assert [task["_id"] for task in agent.get(f"{self.PATH}?projectCode={UNKNOWN}").json()] == [shown["_id"]]

    @pytest.mark.parametrize(
        ("query", "error"),
        [("", '"projectCode" is required'), ("projectCode=x", '"projectCode" must be a valid ObjectId:\n("x")')],
    )
    def test_refused_query(self, cotalker: TestClient, assert_refused, query: str, error: str) -> None:
        """The code is needed."""
        assert_refused(cotalker.get(f"{self.PATH}?{query}"), 400, error)


class TestBounds:
    """POST /api/v1/tasks/{taskGroupId}/bounds and GET …/bounds/{channelId}."""

    PATH = f"/api/v1/tasks/{GROUP}/bounds"

    def test_own_channel(self, cotalker: TestClient, make_task) -> None:
        """A task is found under its own channel; nobody's channel has none."""
        task = make_task()

        assert cotalker.get(f"{self.PATH}/{task['channel']}").json() == [task]
        assert cotalker.get(f"{self.PATH}/{UNKNOWN}").json() == []

    def test_bind(self, cotalker: TestClient, make_task) -> None:
        """A task that was bound to another channel is found there as well, once."""
        first, second = make_task(), make_task()
        body = {"channel": first["channel"], "tasks": [second["_id"], second["_id"]]}

        for _ in range(2):
            assert cotalker.post(self.PATH, json=body).json() == [first, second]
        assert cotalker.get(f"{self.PATH}/{first['channel'].upper()}").json() == [first, second]
        assert cotalker.get(f"{self.PATH}/{second['channel']}").json() == [second]

    @pytest.mark.parametrize(
        ("body", "status", "error"),
        [
            ({}, 400, '"channel" is required'),
            ({"channel": UNKNOWN}, 400, '"tasks" is required'),
            ({"channel": "x", "tasks": []}, 400, '"channel" must be a valid ObjectId:\n("x")'),
            ({"channel": UNKNOWN, "tasks": ["x"]}, 400, '"tasks[0]" must be a valid ObjectId:\n("x")'),
            ({"channel": UNKNOWN, "tasks": [TASK, UNKNOWN]}, 404, "Not Found"),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, status: int, error: str) -> None:
        """Both are needed, every task must be there, and nothing is bound otherwise."""
        assert_refused(cotalker.post(self.PATH, json=body), status, error)
        assert cotalker.get(f"{self.PATH}/{UNKNOWN}").json() == []

    def test_needs_an_editor(self, agent: TestClient, make_task, assert_refused) -> None:
        """Only who may change a task may bind it."""
        task = make_task(followers=[AGENT])

        assert_refused(agent.post(self.PATH, json={"channel": UNKNOWN, "tasks": [task["_id"]]}), 403, "Forbidden")
