"""Tasks beyond those of one group: one of them, its list and milestone, those of the account, those of a user."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import FORBIDDEN, GROUP, NOT_FOUND, Task, bad_parameter, error_id, refused, signing, uuid, walk
from groupcamp.invariants import rows
from groupcamp.test_group_tasks import DATES, EXAMPLE, JEAN, PAIRS, compared, fits, keys
from understudy.vendors.groupcamp import tables

LANDING_PAGE: Task = EXAMPLE["result"][0]
CONTENT, HOSTING = uuid("task:tasklist", 60), uuid("task:tasklist", 61)
GO_LIVE = uuid("milestone:milestone", 33)
ANNA = uuid("person:user", 9)
TRASHED, DELETED, WITHOUT_TASKS = (uuid("person:group", item) for item in (23, 24, 25))

# Path of one object, name of its parameter, its id, and the id of something else.
SINGLE = [
    ("/task/v1/task", "Task", LANDING_PAGE["id"], CONTENT),
    ("/task/v1/task_list", "TaskList", CONTENT, LANDING_PAGE["id"]),
    ("/task/v1/milestone", "Milestone", GO_LIVE, GROUP),
]


@pytest.fixture
def everything(reporting: TestClient) -> list[Task]:
    """All tasks of the account, through the API."""
    return walk(reporting, "/task/v1/tasks")


def inside(server: Any, table: Any, group: str, kind: str) -> str:
    """Return the Uuid of the first record of a table that lies in a group."""
    number = next(row["id"] for row in rows(server, tables.Group) if uuid("person:group", row["id"] - (18 << 32)) == group)
    first = next(row["id"] for row in rows(server, table) if row["group"] == number)
    return uuid(kind, first - (18 << 32))


class TestGetTask:
    """GET /task/v1/task/{Task}."""

    def test_example(self, reporting: TestClient) -> None:
        """The task is shown as in a list."""
        response = reporting.get(f"/task/v1/task/{LANDING_PAGE['id']}")

        assert response.status_code == 200
        assert response.json() == {"result": LANDING_PAGE}
        assert keys(response.json()["result"]) == keys(LANDING_PAGE)

    @pytest.mark.parametrize("generation", ["seed", "v3"])
    def test_every_task_of_a_group(self, serve: Callable[..., Any], generation: str) -> None:
        """Alone or listed, a task is the same, in both generations."""
        client = signing(serve(groupcamp_generation=generation))

        for task in client.get(f"/task/v1/group/{uuid('person:group', 22)}/tasks").json()["result"]:
            assert client.get(f"/task/v1/task/{task['id']}").json() == {"result": task}
            assert ("rich_tags" in task) == ("permalink" in task) == (generation == "v3")
            assert ("shortname" in task["creator"]) == (generation == "v3")

    def test_deleted_task(self, act, reporting: TestClient) -> None:
        """A deleted task is not there."""
        act("groupcamp", "delete-task", task=LANDING_PAGE["id"])

        refused(reporting.get(f"/task/v1/task/{LANDING_PAGE['id']}"), 404, NOT_FOUND)

    def test_last_slash(self, reporting: TestClient) -> None:
        """One slash at the end is tolerated."""
        assert reporting.get(f"/task/v1/task/{LANDING_PAGE['id']}/").status_code == 200


class TestGetTaskList:
    """GET /task/v1/task_list/{TaskList}."""

    def test_example(self, reporting: TestClient) -> None:
        """The list is shown as its tasks show it, milestone and all."""
        response = reporting.get(f"/task/v1/task_list/{CONTENT}")

        assert response.status_code == 200
        assert response.json() == {"result": LANDING_PAGE["list"]}
        assert keys(response.json()["result"]) == keys(LANDING_PAGE["list"])

    def test_without_milestone(self, reporting: TestClient) -> None:
        """Where there is no milestone, there is Nothing."""
        shown = reporting.get(f"/task/v1/task_list/{HOSTING}").json()["result"]

        assert shown["milestone"] == {"id": "empty"}

    def test_every_list(self, server, reporting: TestClient, everything: list[Task]) -> None:
        """Every list is the one that its tasks show; an empty one is open."""
        lists = {task["list"]["id"]: task["list"] for task in everything}

        assert {one: reporting.get(f"/task/v1/task_list/{one}").json()["result"] for one in lists} == lists
        assert any(one["is_private"] for one in lists.values())
        empty = uuid(
            "task:tasklist", min(row["id"] for row in rows(server, tables.TaskList) if row["name"] == "Some day") % 2**32
        )
        assert reporting.get(f"/task/v1/task_list/{empty}").json()["result"]["is_closed"] is False

    def test_private(self, act, reporting: TestClient) -> None:
        """A private list is shown as any other."""
        made = act("groupcamp", "create-list", group=GROUP, name="Secret", is_private=True)

        shown = reporting.get(f"/task/v1/task_list/{made['id']}").json()["result"]

        assert (shown["name"], shown["is_private"]) == ("Secret", True)

    def test_v3(self, serve: Callable[..., Any]) -> None:
        """In the newer generation a milestone's user has a short name."""
        client = signing(serve(groupcamp_generation="v3"))
        lists = [task["list"] for task in walk(client, "/task/v1/tasks") if task["list"]["milestone"].get("is_private")]

        shown = client.get(f"/task/v1/task_list/{lists[0]['id']}").json()["result"]

        assert shown == lists[0]
        assert shown["milestone"]["user"]["shortname"]


class TestGetMilestone:
    """GET /task/v1/milestone/{Milestone}."""

    def test_example(self, reporting: TestClient) -> None:
        """The milestone is shown as lists show it."""
        response = reporting.get(f"/task/v1/milestone/{GO_LIVE}")

        assert response.status_code == 200
        assert response.json() == {"result": LANDING_PAGE["list"]["milestone"]}
        assert list(response.json()["result"]) == ["id", "name", "group", "description", "is_private", "is_open", "date", "user"]

    @pytest.mark.parametrize("generation", ["seed", "v3"])
    def test_every_milestone(self, serve: Callable[..., Any], generation: str) -> None:
        """Private ones too, with somebody in charge or nobody."""
        client = signing(serve(groupcamp_generation=generation))
        lists = [task["list"]["milestone"] for task in walk(client, "/task/v1/tasks")]
        milestones = {one["id"]: one for one in lists if one["id"] != "empty"}

        assert {one: client.get(f"/task/v1/milestone/{one}").json()["result"] for one in milestones} == milestones
        assert {one["is_private"] for one in milestones.values()} == {True, False}

    def test_private(self, act, reporting: TestClient) -> None:
        """A private milestone is shown as any other."""
        made = act("groupcamp", "create-milestone", group=GROUP, name="Secret", date="2026-07-01", is_private=True)

        shown = reporting.get(f"/task/v1/milestone/{made['id']}").json()["result"]

        assert (shown["name"], shown["is_private"]) == ("Secret", True)

    def test_moved(self, act, reporting: TestClient) -> None:
        """A milestone that moved shows its new day, and so do the tasks that are due with it."""
        act("groupcamp", "set-milestone-date", milestone=GO_LIVE, date="2019-08-15")

        assert reporting.get(f"/task/v1/milestone/{GO_LIVE}").json()["result"]["date"] == "2019-08-15"
        assert reporting.get(f"/task/v1/task/{LANDING_PAGE['id']}").json()["result"]["end"]["date"] == "2019-08-15"


class TestOneObject:
    """What the three methods refuse."""

    @pytest.mark.parametrize(("path", "name", "good", "other"), SINGLE)
    def test_ids(self, reporting: TestClient, path: str, name: str, good: str, other: str) -> None:
        """Text that is no id, or one of another kind, is wrong; one that is not there, or is another account's, is not found."""
        kind = {"Task": "task:task", "TaskList": "task:tasklist", "Milestone": "milestone:milestone"}[name]

        for wrong in ("x", other, f"{good}=", good.lower(), good[1:], "empty"):
            refused(reporting.get(f"{path}/{wrong}"), 400, error_id(name))
        for unknown in (uuid(kind, 999_999), uuid(kind, 5, account=19), uuid(kind, 1, account=2**31), uuid(kind, 0, account=0)):
            refused(reporting.get(f"{path}/{unknown}"), 404, NOT_FOUND)

    @pytest.mark.parametrize(("path", "name", "good", "other"), SINGLE)
    def test_another_account(self, server, path: str, name: str, good: str, other: str) -> None:
        """What one account has, another can't find."""
        refused(signing(server, "nk-demo-1").get(f"{path}/{good}"), 404, NOT_FOUND)

    @pytest.mark.parametrize(("path", "name", "good", "other"), SINGLE)
    @pytest.mark.parametrize("change", [{"state": "trash"}, {"state": "del"}, {"tasks": False}])
    def test_group_that_can_not_be_retrieved(
        self, act, reporting: TestClient, path: str, name: str, good: str, other: str, change: dict[str, Any]
    ) -> None:
        """What is in a group goes with it."""
        act("groupcamp", "set-group-state", group=GROUP, **change)

        refused(reporting.get(f"{path}/{good}"), 403, FORBIDDEN)

    @pytest.mark.parametrize(("path", "name", "good", "other"), SINGLE)
    @pytest.mark.parametrize("whole_group", [True, False])
    def test_forbidden(self, act, reporting: TestClient, path: str, name: str, good: str, other: str, whole_group: bool) -> None:
        """An object answers 403 when it is forbidden, or its group is; and answers again when it is allowed."""
        act("groupcamp", "forbid", id=GROUP if whole_group else good)
        refused(reporting.get(f"{path}/{good}"), 403, FORBIDDEN)

        act("groupcamp", "forbid", id=GROUP if whole_group else good, forbidden=False)
        assert reporting.get(f"{path}/{good}").status_code == 200

    @pytest.mark.parametrize(("path", "name", "good", "other"), SINGLE)
    def test_archived_group(self, act, reporting: TestClient, path: str, name: str, good: str, other: str) -> None:
        """What is in an archived group can be read."""
        act("groupcamp", "set-group-state", group=GROUP, state="archi")

        assert reporting.get(f"{path}/{good}").status_code == 200


class TestGetTasks:
    """GET /task/v1/tasks."""

    def test_all_of_the_account(self, server, everything: list[Task]) -> None:
        """Without parameters, the tasks of all groups that can be retrieved come, oldest first, ties by number."""
        open_groups = {
            row["id"]
            for row in rows(server, tables.Group)
            if row["account"] == 18 and row["state"] in ("ok", "archi") and row["has_tasks"]
        }
        wanted = sorted(
            (row for row in rows(server, tables.Task) if row["group"] in open_groups), key=lambda row: (row["created"], row["id"])
        )

        assert [task["id"] for task in everything] == [uuid("task:task", row["id"] % 2**32) for row in wanted]
        assert len({task["list"]["group"]["id"] for task in everything}) > 4

    def test_group(self, reporting: TestClient, everything: list[Task]) -> None:
        """The tasks of a group are those that its own method lists; several groups combine with OR."""
        archive = uuid("person:group", 22)

        one = walk(reporting, f"/task/v1/tasks?group={GROUP}")
        two = walk(reporting, f"/task/v1/tasks?group={GROUP}&group={archive}&group={GROUP}")

        assert one == walk(reporting, f"/task/v1/group/{GROUP}/tasks")
        assert two == [task for task in everything if task["list"]["group"]["id"] in (GROUP, archive)]

    @pytest.mark.parametrize("query", [{"list": CONTENT}, {"list": CONTENT, "group": GROUP}])
    def test_list(self, reporting: TestClient, query: dict[str, str]) -> None:
        """The tasks of a list, with its group named or not."""
        assert reporting.get("/task/v1/tasks", params=query).json() == {"result": [LANDING_PAGE]}

    def test_list_of_another_group(self, reporting: TestClient) -> None:
        """A list whose group is not among those that are named has nothing, without a warning."""
        response = reporting.get("/task/v1/tasks", params={"list": CONTENT, "group": uuid("person:group", 22)})

        assert response.status_code == 200
        assert response.json() == {"result": []}

    @pytest.mark.parametrize("users", [[JEAN["id"]], [JEAN["id"], ANNA], [ANNA, ANNA]])
    def test_to(self, reporting: TestClient, everything: list[Task], users: list[str]) -> None:
        """Tasks that are assigned to any of these users; each comes once."""
        found = walk(reporting, "/task/v1/tasks?" + "&".join(f"to={user}" for user in users))

        assert found == [task for task in everything if {affect["user"]["id"] for affect in task["affects"]} & set(users)]
        assert found

    def test_all_together(self, reporting: TestClient, everything: list[Task]) -> None:
        """Different parameters combine with AND."""
        found = walk(reporting, f"/task/v1/tasks?to={JEAN['id']}&group={GROUP}")

        assert found == [
            task
            for task in everything
            if task["list"]["group"]["id"] == GROUP and JEAN["id"] in {affect["user"]["id"] for affect in task["affects"]}
        ]
        assert found

    @pytest.mark.parametrize("size", [1, 7, 100])
    def test_pages(self, serve: Callable[..., Any], size: int) -> None:
        """Pages follow each other without gap or repetition, and their address repeats the parameters."""
        client = signing(serve(groupcamp_page_size=size))
        path = f"/task/v1/tasks?to={ANNA}&to={JEAN['id']}"

        first = client.get(path).json()

        assert len(first["result"]) == min(size, len(walk(client, path)))
        assert ("next_page" in first) == (len(walk(client, path)) > size)
        assert size == 100 or first["next_page"].startswith(f"http://testserver/groupcamp{path}&cursor=")
        assert walk(client, path) == walk(signing(serve()), path)

    def test_no_filters_on_state_or_dates(self, reporting: TestClient, everything: list[Task]) -> None:
        """Those of the other lists are unknown parameters here, so they are ignored."""
        assert walk(reporting, "/task/v1/tasks", state="open", due_end="x") == everything

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("group=x", "group", "invalid"),
            (f"group={GROUP}&group=", "group", "invalid"),
            (f"group={CONTENT}", "group", "invalid"),
            ("list=", "list", "invalid"),
            (f"list={GROUP}", "list", "invalid"),
            (f"list={CONTENT}&list={CONTENT}", "list", "multiple"),
            ("to=jean@localhost", "to", "invalid"),
            (f"to={JEAN['id']}&to=x", "to", "invalid"),
            ("cursor=x", "cursor", "invalid"),
            ("cursor=MS8x&cursor=MS8x", "cursor", "multiple"),
        ],
    )
    def test_bad_parameters(self, reporting: TestClient, query: str, field: str, code: str) -> None:
        """Ids of the right kind only, no addresses; a list can be named once."""
        refused(reporting.get(f"/task/v1/tasks?{query}"), 400, bad_parameter(field, code))

    @pytest.mark.parametrize(
        "query",
        [
            f"group={uuid('person:group', 999_999)}",
            f"group={GROUP}&group={uuid('person:group', 21, account=19)}",
            f"list={uuid('task:tasklist', 999_999)}",
            f"to={uuid('person:user', 999_999)}",
            f"to={uuid('person:user', 1, account=2**31)}",
            f"group={TRASHED}&to={uuid('person:user', 999_999)}",
        ],
    )
    def test_not_found(self, reporting: TestClient, query: str) -> None:
        """What is named has to be there; that comes before access."""
        refused(reporting.get(f"/task/v1/tasks?{query}"), 404, NOT_FOUND)

    @pytest.mark.parametrize("group", [TRASHED, DELETED, WITHOUT_TASKS])
    def test_forbidden_group(self, server, reporting: TestClient, group: str) -> None:
        """A group that can't be retrieved can't be named, nor can a list in it."""
        task_list = inside(server, tables.TaskList, group, "task:tasklist")

        refused(reporting.get(f"/task/v1/tasks?group={GROUP}&group={group}"), 403, FORBIDDEN)
        refused(reporting.get(f"/task/v1/tasks?list={task_list}"), 403, FORBIDDEN)

    @pytest.mark.parametrize(
        ("thing", "query"),
        [(GROUP, f"group={GROUP}"), (CONTENT, f"list={CONTENT}"), (ANNA, f"to={ANNA}"), ("GET /task/v1/tasks", "")],
    )
    def test_forbidden(self, act, reporting: TestClient, thing: str, query: str) -> None:
        """What was forbidden can't be named; the method itself can be forbidden too."""
        act("groupcamp", "forbid", id=thing)
        refused(reporting.get(f"/task/v1/tasks?{query}"), 403, FORBIDDEN)

        act("groupcamp", "forbid", id=thing, forbidden=False)
        assert reporting.get(f"/task/v1/tasks?{query}").status_code == 200

    def test_forbidden_group_is_left_out(self, act, reporting: TestClient, everything: list[Task]) -> None:
        """The tasks of a forbidden group are not among those of the account."""
        act("groupcamp", "forbid", id=GROUP)

        assert walk(reporting, "/task/v1/tasks") == [task for task in everything if task["list"]["group"]["id"] != GROUP]

    def test_strict_parameters(self, serve: Callable[..., Any]) -> None:
        """With the setting on, an unknown parameter is refused."""
        client = signing(serve(groupcamp_strict_parameters=True))

        refused(client.get("/task/v1/tasks?state=open"), 400, bad_parameter("state", "invalid"))


class TestGetAssignedTasks:
    """GET /task/v1/user/{User}/assigned_tasks."""

    @pytest.mark.parametrize("user", ["jean@localhost", "JEAN@LocalHost", "jean%40localhost", JEAN["id"]])
    def test_of_a_user(self, reporting: TestClient, everything: list[Task], user: str) -> None:
        """All tasks with the user among the assignees, in all groups, by address or by id."""
        found = walk(reporting, f"/task/v1/user/{user}/assigned_tasks")

        assert found == [task for task in everything if JEAN["id"] in {affect["user"]["id"] for affect in task["affects"]}]
        assert len({task["list"]["group"]["id"] for task in found}) > 1
        assert {task["is_open"] for task in found} == {True, False}

    @pytest.mark.parametrize("query", [{name: "2026-03-01"} for name in DATES] + [{"state": "open"}, {"state": "completed"}])
    def test_one_filter(self, reporting: TestClient, query: dict[str, str]) -> None:
        """Each filter keeps what it keeps of a group's tasks."""
        path = "/task/v1/user/jean@localhost/assigned_tasks"

        assert walk(reporting, path, **query) == [task for task in walk(reporting, path) if fits(task, query)]

    @pytest.mark.parametrize("what", PAIRS)
    def test_range(self, reporting: TestClient, what: str) -> None:
        """Both bounds count, and combine with the state."""
        path = "/task/v1/user/jean@localhost/assigned_tasks"
        days = sorted(day for task in walk(reporting, path) if (day := compared(task, what)))
        query = {f"{what}_begin": days[len(days) // 4], f"{what}_end": days[len(days) // 2], "state": "completed"}

        found = walk(reporting, path, **query)

        assert found == [task for task in walk(reporting, path) if fits(task, query)]

    @pytest.mark.parametrize(
        "query", [{"state": "open", "cpl_begin": "2020-01-01"}, {"due_begin": "2026-02-02", "due_end": "2026-02-01"}]
    )
    def test_contradictions(self, reporting: TestClient, query: dict[str, str]) -> None:
        """Filters that contradict each other give an empty list."""
        response = reporting.get("/task/v1/user/jean@localhost/assigned_tasks", params=query)

        assert response.status_code == 200
        assert response.json() == {"result": []}

    def test_partly_completed(self, reporting: TestClient) -> None:
        """A task that this user has finished, but that is open, is not completed."""
        found = walk(reporting, "/task/v1/user/jean@localhost/assigned_tasks", cpl_begin="0001-01-01")

        assert LANDING_PAGE["affects"][0]["progress"] == 100
        assert LANDING_PAGE["id"] not in [task["id"] for task in found]

    def test_follows_assignments(self, act, reporting: TestClient) -> None:
        """A user who is assigned sees the task here, and no longer when not."""
        path = "/task/v1/user/big.boss@localhost/assigned_tasks"
        act("groupcamp", "update-task", task=LANDING_PAGE["id"], affects=["big.boss@localhost"])
        assert LANDING_PAGE["id"] in [task["id"] for task in walk(reporting, path)]

        act("groupcamp", "update-task", task=LANDING_PAGE["id"], affects=[])
        assert LANDING_PAGE["id"] not in [task["id"] for task in walk(reporting, path)]

    def test_nobodys_tasks_are_not_assigned(self, act, server, reporting: TestClient) -> None:
        """A user without tasks has an empty list."""
        user = signing(server, "nk-demo-1").get("/task/v1/user/owner@neighbour.test/assigned_tasks")

        assert user.status_code == 200
        refused(reporting.get("/task/v1/user/owner@neighbour.test/assigned_tasks"), 404, NOT_FOUND)

    @pytest.mark.parametrize("size", [1, 5])
    def test_pages(self, serve: Callable[..., Any], size: int) -> None:
        """Paged as the tasks of a group are."""
        path = "/task/v1/user/jean@localhost/assigned_tasks"
        client = signing(serve(groupcamp_page_size=size))

        first = client.get(f"{path}?state=open").json()

        assert first["next_page"].startswith(f"http://testserver/groupcamp{path}?state=open&cursor=")
        assert walk(client, path, state="open") == walk(signing(serve()), path, state="open")

    @pytest.mark.parametrize("user", ["x", GROUP, "empty", "jean", JEAN["id"][:-2]])
    def test_bad_user(self, reporting: TestClient, user: str) -> None:
        """What is neither an id of a user nor an address is wrong, and that comes before the parameters."""
        refused(reporting.get(f"/task/v1/user/{user}/assigned_tasks?state=x"), 400, error_id("User"))

    @pytest.mark.parametrize(
        "user", ["who@localhost", "@", "a%00@b", uuid("person:user", 999_999), uuid("person:user", 7, account=19)]
    )
    def test_unknown_user(self, reporting: TestClient, user: str) -> None:
        """A user whom the account doesn't have is not found, whether by address or by id."""
        refused(reporting.get(f"/task/v1/user/{user}/assigned_tasks"), 404, NOT_FOUND)

    def test_forbidden_user(self, act, reporting: TestClient) -> None:
        """A forbidden user answers 403."""
        act("groupcamp", "forbid", id=JEAN["id"])

        refused(reporting.get("/task/v1/user/jean@localhost/assigned_tasks"), 403, FORBIDDEN)

    @pytest.mark.parametrize(
        ("query", "field", "code"),
        [
            ("state=x", "state", "invalid"),
            ("state=open&state=open", "state", "multiple"),
            ("due_end=2026-02-30", "due_end", "invalid"),
        ],
    )
    def test_bad_parameters(self, reporting: TestClient, query: str, field: str, code: str) -> None:
        """Parameters are read as for the tasks of a group, before anybody is looked for."""
        refused(reporting.get(f"/task/v1/user/who@localhost/assigned_tasks?{query}"), 400, bad_parameter(field, code))
