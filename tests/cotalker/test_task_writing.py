"""Tasks made and changed, one by one and several at once."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
FIELD = "62bf5e03654e96017e00e46a"
TASK = "61a9045c49cb12c5f92f9ed4"
COMPANY = "613eafd572343ecb53cc8ccc"
ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
SUPERVISOR = "61b9b7b8d258d731520fc84f"
NEIGHBOUR = "61b9b7ced258d731520fc85d"
STATE = "61b9b7fdac349679d0e2f26b"
PENDING = "61b9b803b8cf489071f6f6a6"
MACHINE = "61b9b7f72b810c1adc8b1e31"
ASSET = "61b9b7f06231d52cb9b341ea"
FREE_GROUP = "61ae5eb11f130a35a73e2e06"
UNKNOWN = "ffffffffffffffffffffffff"
TASKS = f"/api/v1/tasks/{GROUP}/task"
CREATE, MULTI = f"{TASKS}/create", f"{TASKS}/multi"

Task = dict[str, Any]


@pytest.fixture
def noon(clock) -> None:
    """Stop the clock."""
    clock.freeze("2026-06-10T12:00:00.000Z")


@pytest.fixture
def all_tasks(cotalker: TestClient) -> Callable[[], list[Task]]:
    """Return a function that gives every task of the group."""
    return lambda: cotalker.post(f"{TASKS}/all").json()


@pytest.mark.usefixtures("noon")
class TestCreate:
    """POST /api/v1/tasks/{taskGroupId}/task/create."""

    def test_sample(self, cotalker: TestClient) -> None:
        """With a name alone, the document is that of the sample: its keys in their order, its defaults and its delays."""
        response = cotalker.post(CREATE, json={"name": "API TASK!"})

        task = response.json()["task"]
        expected = {
            "answers": [],
            "indentation": 0,
            "isActive": True,
            "activeSlas": [],
            "editors": [ADMIN],
            "followers": [],
            "visibility": [],
            "subscribers": [],
            "userList": [ADMIN],
            "language": "english",
            "_id": task["_id"],
            "name": "API TASK!",
            "createdBy": ADMIN,
            "company": COMPANY,
            "taskGroup": GROUP,
            "owner": "manual",
            "weight": 0,
            "relativeWeight": 0,
            "createdAt": "2026-06-10T12:00:00.000Z",
            "status": PENDING,
            "smState": STATE,
            "smStateMachine": MACHINE,
            "modifiedStateAt": "2026-06-10T12:00:00.014Z",
            "closedAt": None,
            "asset": ASSET,
            "assignee": ADMIN,
            "channel": task["channel"],
            "serial": 71,
            "modifiedAt": "2026-06-10T12:00:00.075Z",
            "__v": 0,
            "extensions": {},
        }
        assert response.status_code == 200
        assert response.json() == {"task": expected}
        assert list(task) == list(expected)
        assert task["_id"][:8] == task["channel"][:8]
        assert task["_id"] != task["channel"]

    @pytest.mark.parametrize("envelope", ["task", "bare"])
    def test_is_inside_task(self, serve, envelope: str) -> None:
        """The answer is `{"task": …}` with or without the flag of the SDKs, whatever the setting for changes."""
        client = serve(cotalker_task_patch_envelope=envelope).client("/cotalker", Authorization="Bearer cotalker-agent")

        for query in ("", "?requiredSurvey=false", "?requiredSurvey=true"):
            assert list(client.post(f"{CREATE}{query}", json={"name": "x"}).json()) == ["task"]

    @pytest.mark.parametrize(
        ("field", "sent", "stored"),
        [
            ("owner", "import", "import"),
            ("assignee", AGENT, AGENT),
            ("editors", [AGENT.upper(), SUPERVISOR], [AGENT, SUPERVISOR]),
            ("editors", [], []),
            ("followers", [AGENT], [AGENT]),
            ("visibility", [AGENT], [AGENT]),
            *[(f"status{n}", PENDING, PENDING) for n in range(1, 6)],
            ("startDate", "2026-06-01", "2026-06-01T00:00:00.000Z"),
            ("endDate", "2026-06-01T10:00:00+02:00", "2026-06-01T08:00:00.000Z"),
            ("endDate", 1780300800000, "2026-06-01T08:00:00.000Z"),
            ("estimatedTime", 2.5, 2.5),
            ("info", "Ünïcode 🐙 שלום", "Ünïcode 🐙 שלום"),
            ("info", "", ""),
            ("extensions", {"visits": {"city": "Lima", "n": [1, None]}}, {"visits": {"city": "Lima", "n": [1, None]}}),
            ("answers", [UNKNOWN], [UNKNOWN]),
            ("weight", (1 << 50) - 1, (1 << 50) - 1),
            ("relativeWeight", 1, 1),
            ("image", {"small": "a", "square": "b", "original": "c", "x": 1}, {"small": "a", "square": "b", "original": "c"}),
            ("channel", UNKNOWN, UNKNOWN),
            ("asset", PENDING, PENDING),
            ("smStateMachine", MACHINE, MACHINE),
            ("channelType", "bound", "bound"),
            ("color", "red", "red"),
            ("isValid", True, True),
            ("projectCode", UNKNOWN, UNKNOWN),
            ("validators", [UNKNOWN], [UNKNOWN]),
            ("survey", UNKNOWN, UNKNOWN),
            ("insertAtEnd", False, False),
            ("name", "a" * 100_000, "a" * 100_000),
        ],
    )
    def test_writable(self, cotalker: TestClient, field: str, sent: Any, stored: Any) -> None:
        """A field that may be set is kept."""
        task = cotalker.post(CREATE, json={"name": "x", field: sent}).json()["task"]

        assert task[field] == stored
        assert cotalker.get(f"{TASKS}/{task['_id']}").json() == task

    def test_date_with_fraction(self, cotalker: TestClient, assert_refused) -> None:
        """A number with a fraction of zero is the date that it is without; one with another fraction is none."""
        task = cotalker.post(CREATE, json={"name": "x", "endDate": 1780300800000.0}).json()["task"]

        assert task["endDate"] == "2026-06-01T08:00:00.000Z"
        refused = cotalker.post(CREATE, json={"name": "x", "endDate": 1780300800000.5})
        assert_refused(refused, 400, '"endDate" must be a valid date:\n("1780300800000.5")')

    @pytest.mark.parametrize(
        "field",
        ["_id", "serial", "taskGroup", "company", "createdBy", "userList", "subscribers", "status", "smState", "modifiedStateAt",
         "closedAt", "resolutionDate", "createdAt", "modifiedAt", "activeSlas", "child", "indentation", "language", "isActive",
         "lastMessage", "__v", "unknown"],
    )  # fmt: skip
    def test_managed(self, cotalker: TestClient, make_task, field: str) -> None:
        """A field that the server manages, or that tasks don't have, is ignored."""
        plain, task = make_task(), make_task(**{field: UNKNOWN})

        assert task.get(field) != UNKNOWN
        assert set(task) == set(plain)

    @pytest.mark.parametrize("field", ["status1", "startDate", "endDate", "estimatedTime", "info", "parent"])
    def test_null(self, make_task, field: str) -> None:
        """A field that is sent as null is absent, as if it had not been sent."""
        assert field not in make_task(**{field: None})

    def test_people(self, make_task) -> None:
        """`userList` has editors, followers, visibility and assignee in this order, each once, and not who made the task."""
        task = make_task(editors=[AGENT], followers=[SUPERVISOR, AGENT], visibility=[SUPERVISOR], assignee=AGENT)

        assert task["userList"] == [AGENT, SUPERVISOR]
        assert task["createdBy"] == ADMIN

    def test_is_found(self, cotalker: TestClient, agent: TestClient, make_task, rows) -> None:
        """Lists, visibility and relations know a new task at once."""
        seen = make_task(editors=[], assignee=AGENT, status3=PENDING)
        hidden = make_task()
        relations = f"/api/v2/task-groups/{GROUP}/tasks/relations"

        ids = {task["_id"] for task in rows(agent, f"/api/v2/task-groups/{GROUP}/tasks")}

        assert seen["_id"] in ids
        assert hidden["_id"] not in ids
        assert seen in rows(cotalker, relations, assignee=AGENT, property=PENDING)
        assert hidden not in rows(cotalker, relations, assignee=AGENT)
        assert {seen["_id"], hidden["_id"]} <= {task["_id"] for task in rows(cotalker, relations, property=STATE)}

    def test_serials(self, cotalker: TestClient, make_task, assert_refused) -> None:
        """Numbers run within each group, and neither a refused nor a deactivated task disturbs them."""
        assert make_task()["serial"] == 71
        assert make_task(FIELD)["serial"] == 41
        assert_refused(cotalker.post(CREATE, json={"name": "x", "assignee": UNKNOWN}), 404, "Not Found")
        last = make_task()
        cotalker.patch(f"{TASKS}/{last['_id']}", json={"isActive": False})

        assert last["serial"] == 72
        assert make_task()["serial"] == 73

    def test_in_a_new_group(self, cotalker: TestClient, make_task) -> None:
        """A group without state machines has tasks without state, from number 1."""
        group = cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP}).json()["_id"]

        task = make_task(group)

        assert task["serial"] == 1
        assert not {"smState", "smStateMachine", "status", "asset"} & set(task)
        assert task["closedAt"] is None

    @pytest.mark.parametrize(("language", "stored"), [("es", "spanish"), ("en", "english")])
    def test_language(self, cotalker: TestClient, make_task, language: str, stored: str) -> None:
        """The language is the company's."""
        changed = cotalker.patch(f"/api/v1/companies/{COMPANY}", json={"defaultLanguage": language})
        assert changed.status_code == 200, changed.text

        assert make_task()["language"] == stored

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, '"name" is required'),
            ({"name": None}, '"name" must be a string:\n("null")'),
            ({"name": ""}, '"name" must not be empty:\n("")'),
            ({"name": 5}, '"name" must be a string:\n("5")'),
            ({"name": "x", "assignee": None}, '"assignee" must be a valid ObjectId:\n("null")'),
            ({"name": "x", "assignee": "x"}, '"assignee" must be a valid ObjectId:\n("x")'),
            ({"name": "x", "editors": AGENT}, f'"editors" must be an array:\n("{AGENT}")'),
            ({"name": "x", "editors": ["x"]}, '"editors[0]" must be a valid ObjectId:\n("x")'),
            ({"name": "x", "status1": "x"}, '"status1" must be a valid ObjectId:\n("x")'),
            ({"name": "x", "startDate": "soon"}, '"startDate" must be a valid date:\n("soon")'),
            ({"name": "x", "startDate": True}, '"startDate" must be a valid date:\n("true")'),
            ({"name": "x", "startDate": 0.5}, '"startDate" must be a valid date:\n("0.5")'),
            ({"name": "x", "startDate": 10**18}, '"startDate" must be a valid date:\n("1000000000000000000")'),
            ({"name": "x", "estimatedTime": "2"}, '"estimatedTime" must be a number:\n("2")'),
            ({"name": "x", "estimatedTime": True}, '"estimatedTime" must be a number:\n("true")'),
            ({"name": "x", "info": 5}, '"info" must be a string:\n("5")'),
            ({"name": "x", "extensions": []}, '"extensions" must be of type object:\n("[]")'),
            ({"name": "x", "extensions": {"a": 1}}, '"extensions.a" must be of type object:\n("1")'),
            ({"name": "x", "weight": 1 << 50}, f'"weight" must be less than or equal to {(1 << 50) - 1}:\n("{1 << 50}")'),
            ({"name": "x", "image": {"small": 1}}, '"image.small" must be a string:\n("1")'),
            ({"name": "x", "color": "pink"}, '"color" must be one of [none, red, blue, green, yellow]:\n("pink")'),
            ({"name": "x", "owner": None}, '"owner" must be a string:\n("null")'),
            (
                {"name": "x", "smStateMachine": UNKNOWN},
                f'"smStateMachine" must be an active state machine of the task group:\n("{UNKNOWN}")',
            ),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, all_tasks, body: Any, error: str) -> None:
        """Values that don't fit are refused, and nothing is stored."""
        assert_refused(cotalker.post(CREATE, json=body), 400, error)
        assert len(all_tasks()) == 70

    @pytest.mark.parametrize(
        "reference",
        [{"assignee": NEIGHBOUR}, {"editors": [UNKNOWN]}, {"followers": [AGENT, UNKNOWN]}, {"visibility": [UNKNOWN]},
         {"status5": UNKNOWN}, {"asset": UNKNOWN}, {"parent": UNKNOWN}],
    )  # fmt: skip
    def test_reference_to_nothing(self, cotalker: TestClient, assert_refused, all_tasks, reference: Any) -> None:
        """People, elements and tasks that the company doesn't have are not found, and nothing is stored."""
        assert_refused(cotalker.post(CREATE, json={"name": "x", **reference}), 404, "Not Found")
        assert len(all_tasks()) == 70

    @pytest.mark.parametrize("query", ["", "?requiredSurvey=true", "?requiredSurvey=false"])
    def test_start_form(self, cotalker: TestClient, query: str) -> None:
        """A form that the workflow wants filled in first keeps nobody from making a task, with or without the flag."""
        form = {"requiredSurvey": {"surveyId": UNKNOWN, "permissions": None, "parametrizedBot": []}}
        machine = cotalker.patch(f"/api/v1/tasks/{GROUP}/sm/smstatemachine/{MACHINE}", json=form).json()
        assert machine["requiredSurvey"]["surveyId"] == UNKNOWN

        task = cotalker.post(f"{CREATE}{query}", json={"name": "x"}).json()["task"]

        assert task["smStateMachine"] == MACHINE
        assert cotalker.get(f"{TASKS}/{task['_id']}").json() == task

    def test_refused_flag(self, cotalker: TestClient, assert_refused) -> None:
        """`requiredSurvey` is a boolean."""
        response = cotalker.post(f"{CREATE}?requiredSurvey=no", json={"name": "x"})

        assert_refused(response, 400, '"requiredSurvey" must be a boolean:\n("no")')


@pytest.mark.usefixtures("noon")
class TestUpdate:
    """PATCH /api/v1/tasks/{taskGroupId}/task/{taskId}."""

    @pytest.mark.parametrize(
        ("changes", "version"),
        [
            ({}, 0),
            ({"name": "Another"}, 0),
            ({"assignee": AGENT}, 0),
            ({"editors": [AGENT]}, 1),
            ({"followers": []}, 1),
            ({"visibility": [SUPERVISOR], "name": "y"}, 1),
            ({"status2": PENDING}, 0),
            ({"status1": None}, 0),
            ({"startDate": None, "endDate": None, "estimatedTime": None, "info": None}, 0),
            ({"startDate": "2026-06-01T00:00:00.000Z"}, 0),
            ({"estimatedTime": 3}, 0),
            ({"info": "Text"}, 0),
            ({"extensions": {"visits": {"city": "Lima"}}}, 0),
            ({"answers": [UNKNOWN]}, 1),
            ({"weight": 5, "relativeWeight": 2.5}, 0),
            ({"image": {"small": "a"}}, 0),
            ({"isActive": False}, 0),
            ({"validators": [UNKNOWN], "channelType": "unbound"}, 1),
        ],
    )
    def test_replaces_fields(self, cotalker: TestClient, make_task, clock, changes: dict[str, Any], version: int) -> None:
        """What is sent takes the place of what was; the answer is the whole task, inside `task`."""
        before = make_task(status1=PENDING, extensions={"visits": {"street": "x"}, "other": {}}, followers=[AGENT])
        clock.freeze("2026-06-11T12:00:00.000Z")

        response = cotalker.patch(f"{TASKS}/{before['_id']}", json=changes)

        expected = before | changes | {"modifiedAt": "2026-06-11T12:00:00.000Z", "__v": version}
        people = [user for field in ("editors", "followers", "visibility") for user in expected[field]]
        expected["userList"] = list(dict.fromkeys([*people, expected["assignee"]]))
        assert response.status_code == 200
        assert response.json() == {"task": expected}
        assert cotalker.get(f"{TASKS}/{before['_id']}").json() == expected

    def test_bare_by_setting(self, serve) -> None:
        """A setting answers the document bare, as the vendor's page prints it."""
        client = serve(cotalker_task_patch_envelope="bare").client("/cotalker", Authorization="Bearer cotalker-admin")

        task = client.patch(f"{TASKS}/{TASK}", json={"name": "x"}).json()

        assert task == client.get(f"{TASKS}/{TASK}").json()
        assert task["name"] == "x"

    @pytest.mark.parametrize(
        "field",
        ["_id", "serial", "taskGroup", "company", "createdBy", "owner", "asset", "channel", "smStateMachine", "userList",
         "subscribers", "status", "modifiedStateAt", "closedAt", "resolutionDate", "createdAt", "modifiedAt",
         "activeSlas", "child", "indentation", "language", "lastMessage", "__v", "unknown"],
    )  # fmt: skip
    def test_managed(self, cotalker: TestClient, make_task, field: str) -> None:
        """A field that can't be changed is left as it is."""
        before = make_task()

        after = cotalker.patch(f"{TASKS}/{before['_id']}", json={field: UNKNOWN}).json()["task"]

        assert after == before | {"modifiedAt": "2026-06-10T12:00:00.076Z"}

    def test_at_once(self, cotalker: TestClient, make_task) -> None:
        """A change in the very moment of the creation is stamped after it, so that whoever asks for what is newer finds it."""
        before = make_task()
        task = before["_id"]
        stamps = [before["modifiedAt"]]

        for state in cotalker.get(f"/api/v1/tasks/{GROUP}/sm/nextsmstate?taskId={task}").json()[:2]:
            after = cotalker.patch(f"{TASKS}/{task}", json={"smState": state["_id"]}).json()["task"]
            stamps.append(after["modifiedAt"])
            assert after["modifiedStateAt"] == after["modifiedAt"]

        assert stamps == [f"2026-06-10T12:00:00.{thousandths}Z" for thousandths in ("075", "076", "077")]
        newer = f"{TASKS}?modifiedAt=1781092800075"
        assert [found["_id"] for found in cotalker.get(newer).json()] == [task]

    def test_clock_put_back(self, cotalker: TestClient, make_task, clock) -> None:
        """After the clock was put back, changes are stamped by it again."""
        task = make_task()["_id"]
        clock.freeze("2026-06-10T11:00:00.000Z")

        after = cotalker.patch(f"{TASKS}/{task}", json={}).json()["task"]

        assert after["modifiedAt"] == "2026-06-10T11:00:00.000Z"

    def test_is_found_by_what_is_new(self, cotalker: TestClient, agent: TestClient, become, make_task, rows) -> None:
        """Lists, visibility and relations follow at once, and forget what was."""
        path, relations = f"/api/v2/task-groups/{GROUP}/tasks", f"/api/v2/task-groups/{GROUP}/tasks/relations"
        task = make_task(editors=[AGENT], assignee=AGENT, status1=PENDING, status4=ASSET)
        supervisor = become(SUPERVISOR)

        def found(client: TestClient, where: str, **params: Any) -> bool:
            return task["_id"] in {row["_id"] for row in rows(client, where, **params)}

        assert found(agent, path)
        assert found(cotalker, relations, property=ASSET)
        changes = {"editors": [], "followers": [SUPERVISOR], "assignee": SUPERVISOR, "status1": None, "status4": None}
        cotalker.patch(f"{TASKS}/{task['_id']}", json={**changes, "isActive": False, "name": "ZZZ"})

        assert not found(agent, path)
        assert found(supervisor, path)
        assert found(cotalker, relations, assignee=SUPERVISOR)
        assert not found(cotalker, relations, assignee=AGENT)
        assert not found(cotalker, relations, property=ASSET)
        assert found(cotalker, relations, property=PENDING)
        assert not found(cotalker, path, isActive="true")
        assert rows(cotalker, path, sortBy="name", orderBy="desc")[0]["_id"] == task["_id"]

    @pytest.mark.parametrize(
        ("changes", "status", "error"),
        [
            ({"name": ""}, 400, '"name" must not be empty:\n("")'),
            ({"isActive": "false"}, 400, '"isActive" must be a boolean:\n("false")'),
            ({"smState": "x"}, 400, '"smState" must be a valid ObjectId:\n("x")'),
            ({"smState": None}, 400, '"smState" must be a valid ObjectId:\n("null")'),
            ({"assignee": None}, 400, '"assignee" must be a valid ObjectId:\n("null")'),
            ({"followers": [UNKNOWN]}, 404, "Not Found"),
            ({"status1": UNKNOWN}, 404, "Not Found"),
            ({"parent": UNKNOWN}, 404, "Not Found"),
            (
                {"name": "Changed", "smState": UNKNOWN},
                400,
                f'"smState" must be an active state of the task group:\n("{UNKNOWN}")',
            ),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, changes: Any, status: int, error: str) -> None:
        """Values that don't fit are refused, and nothing is changed."""
        before = cotalker.get(f"{TASKS}/{TASK}").json()

        assert_refused(cotalker.patch(f"{TASKS}/{TASK}", json=changes), status, error)
        assert cotalker.get(f"{TASKS}/{TASK}").json() == before

    def test_reactivated(self, cotalker: TestClient) -> None:
        """A task that was deleted in the vendor's way can be brought back."""
        for active in (False, True):
            task = cotalker.patch(f"{TASKS}/{TASK}", json={"isActive": active}).json()["task"]
            assert task["isActive"] is active


class TestMulti:
    """POST /api/v1/tasks/{taskGroupId}/task/multi."""

    def test_runs_in_order(self, cotalker: TestClient, make_task) -> None:
        """Commands run one after the other, under each of their names; the answer is the array of their tasks."""
        task = make_task()["_id"]
        changes = [
            {"method": method, "task": {"_id": task.upper(), "name": method, "serial": 5}}
            for method in ("PATCH", "patch", "update")
        ]
        creations = [{"method": method, "task": {"name": method, "_id": UNKNOWN}} for method in ("POST", "post", "create")]

        tasks = cotalker.post(MULTI, json={"cmd": [*changes, *creations, changes[0]]}).json()

        assert [task["name"] for task in tasks] == ["PATCH", "patch", "update", "POST", "post", "create", "PATCH"]
        assert [task["serial"] for task in tasks] == [71, 71, 71, 72, 73, 74, 71]
        assert cotalker.get(f"{TASKS}/{task}").json() == tasks[-1]
        assert cotalker.get(f"{TASKS}/{tasks[4]['_id']}").json() == tasks[4]

    def test_nothing(self, cotalker: TestClient) -> None:
        """No command, no task."""
        assert cotalker.post(MULTI, json={"cmd": []}).json() == []

    @pytest.mark.parametrize(
        ("command", "error"),
        [
            (
                {"method": "DELETE", "task": {}},
                '"cmd[1].method" must be one of [PATCH, patch, update, POST, post, create]:\n("DELETE")',
            ),
            ({"task": {}}, '"cmd[1].method" is required'),
            ({"method": "POST"}, '"cmd[1].task" is required'),
            ({"method": "POST", "task": []}, '"cmd[1].task" must be of type object:\n("[]")'),
            ({"method": "POST", "task": {}}, '"cmd[1].task.name" is required'),
            ({"method": "PATCH", "task": {}}, '"cmd[1].task._id" is required'),
            ({"method": "PATCH", "task": {"_id": "x"}}, '"cmd[1].task._id" must be a valid ObjectId:\n("x")'),
            ({"method": "PATCH", "task": {"_id": TASK, "name": 5}}, '"cmd[1].task.name" must be a string:\n("5")'),
            ("x", '"cmd[1]" must be of type object:\n("x")'),
            (
                {"method": "PATCH", "task": {"_id": UNKNOWN, "name": "x"}},
                '"cmd[1].task" must hold only ids of records that are there:\n("{"name":"x"}")',
            ),
            (
                {"method": "POST", "task": {"name": "x", "assignee": UNKNOWN}},
                f'"cmd[1].task" must hold only ids of records that are there:\n("{{"name":"x","assignee":"{UNKNOWN}"}}")',
            ),
            (
                {"method": "PATCH", "task": {"_id": TASK, "smState": UNKNOWN}},
                f'"smState" must be an active state of the task group:\n("{UNKNOWN}")',
            ),
        ],
    )
    def test_all_or_nothing(self, cotalker: TestClient, assert_refused, all_tasks, command: Any, error: str) -> None:
        """One bad command, whatever is bad about it, and none is run."""
        before = all_tasks()
        good = {"method": "PATCH", "task": {"_id": TASK, "name": "Changed"}}
        new = {"method": "POST", "task": {"name": "New"}}

        response = cotalker.post(MULTI, json={"cmd": [good, command, new]})

        assert_refused(response, 400, error)
        assert all_tasks() == before

    def test_not_allowed(self, agent: TestClient, cotalker: TestClient, make_task, assert_refused) -> None:
        """A task that the caller may not change is a 403, and none is run."""
        mine, other = make_task(editors=[AGENT]), make_task(followers=[AGENT])
        commands = [{"method": "PATCH", "task": {"_id": task["_id"], "name": "Changed"}} for task in (mine, other)]

        assert_refused(agent.post(MULTI, json={"cmd": commands}), 403, "Forbidden")
        assert cotalker.get(f"{TASKS}/{mine['_id']}").json() == mine

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, '"cmd" is required'),
            ({"cmd": {}}, '"cmd" must be an array:\n("{}")'),
            ({"cmd": [{}] * 10_001}, '"cmd" must contain at most 10000 items:\n("10001")'),
        ],
    )
    def test_refused(self, cotalker: TestClient, assert_refused, body: Any, error: str) -> None:
        """`cmd` is an array."""
        assert_refused(cotalker.post(MULTI, json=body), 400, error)
