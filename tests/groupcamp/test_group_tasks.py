"""The tasks of a group: which ones, in which form, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from groupcamp.clients import (
    ERROR_ID,
    FORBIDDEN,
    GROUP,
    NOT_FOUND,
    TASKS,
    Task,
    bad_parameter,
    refused,
    signing,
    uuid,
    walk,
)

JEAN = {"id": "1cGVyc29uOnVzZXIvNzczMDk0MTEzMzU", "name": "Jean Martin", "type": "user", "utype": "employee", "state": "ok"}
ANNA = {"id": "1cGVyc29uOnVzZXIvNzczMDk0MTEzMzc", "name": "Anna Berg", "type": "user", "utype": "employee", "state": "ok"}
WEBSITE = {"id": GROUP, "name": "Website relaunch", "type": "group", "gtype": "project", "state": "ok"}
GO_LIVE = "1bWlsZXN0b25lOm1pbGVzdG9uZS83NzMwOTQxMTM2MQ"
EXAMPLE: dict[str, Any] = {
    "result": [
        {
            "id": "1dGFzazp0YXNrLzc3MzA5NDExODI5",
            "name": "Write the landing page",
            "description": "First version of the text, English only",
            "list": {
                "id": "1dGFzazp0YXNrbGlzdC83NzMwOTQxMTM4OA",
                "name": "Content",
                "group": WEBSITE,
                "description": "",
                "milestone": {
                    "id": GO_LIVE,
                    "name": "Go-live",
                    "group": WEBSITE,
                    "description": "Public opening",
                    "is_private": False,
                    "is_open": True,
                    "date": "2019-07-31",
                    "user": {"id": "empty"},
                },
                "is_private": False,
                "is_closed": False,
            },
            "creation_date": "2019-06-03T08:15:30Z",
            "creator": JEAN,
            "modification_date": "2019-07-12T16:40:02Z",
            "completion_date": None,
            "completed_by": None,
            "track_time": {"total": {"d": 750, "s": 21600}},
            "is_open": True,
            "affects": [
                {
                    "user": JEAN,
                    "progress": 100,
                    "estimate": {"d": 1000, "s": 28800},
                    "track_time": {"d": 500, "s": 14400},
                },
                {
                    "user": ANNA,
                    "progress": 40,
                    "estimate": {"d": 500, "s": 14400},
                    "track_time": {"d": 125, "s": 3600},
                },
            ],
            "begin": {"type": "date", "date": "2019-06-10"},
            "end": {"type": "milestone", "date": "2019-07-31", "id": GO_LIVE},
        },
        {
            "id": "1dGFzazp0YXNrLzc3MzA5NDExODMw",
            "name": "Choose a hosting plan",
            "description": "",
            "list": {
                "id": "1dGFzazp0YXNrbGlzdC83NzMwOTQxMTM4OQ",
                "name": "Hosting",
                "group": WEBSITE,
                "description": "",
                "milestone": {"id": "empty"},
                "is_private": False,
                "is_closed": True,
            },
            "creation_date": "2019-06-04T09:00:00Z",
            "creator": JEAN,
            "modification_date": "2019-06-20T14:05:00Z",
            "completion_date": "2019-06-20T14:05:00Z",
            "completed_by": JEAN,
            "track_time": {"total": {"d": 0, "s": 0}},
            "is_open": False,
            "affects": [
                {
                    "user": {"id": "empty"},
                    "progress": 100,
                    "estimate": {"d": 0, "s": 0},
                    "track_time": {"d": 0, "s": 0},
                }
            ],
            "begin": {"type": "empty"},
            "end": {"type": "empty"},
        },
    ]
}

DATES = ["due_begin", "due_end", "cpl_begin", "cpl_end", "crea_begin", "crea_end", "mod_begin", "mod_end"]
PAIRS = ["due", "cpl", "crea", "mod"]


def keys(value: Any) -> Any:
    """Return the keys of nested objects in their order."""
    if isinstance(value, dict):
        return [(key, keys(item)) for key, item in value.items()]
    return [keys(item) for item in value] if isinstance(value, list) else None


def compared(task: Task, what: str) -> str | None:
    """Return the day that a pair of parameters compares, or None: the rules of the contract, written anew."""
    if what == "due":
        return None if task["end"]["type"] == "empty" else task["end"]["date"]
    name = {"cpl": "completion_date", "crea": "creation_date", "mod": "modification_date"}[what]
    return None if task[name] is None else task[name][:10]


def fits(task: Task, parameters: dict[str, str]) -> bool:
    """Whether a task is kept by these parameters."""
    for name, value in parameters.items():
        if name == "state":
            if task["is_open"] != (value == "open"):
                return False
            continue
        what, _, side = name.partition("_")
        day = compared(task, what)
        if day is None or (day < value if side == "begin" else day > value):
            return False
    return True


def next_day(day: str, by: int = 1) -> str:
    """Return the day after another one, or further away."""
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


class TestGetGroupTasks:
    """GET /task/v1/group/{Group}/tasks."""

    def test_example(self, reporting: TestClient) -> None:
        """The documented answer is given to the letter, keys in their order."""
        response = reporting.get(TASKS, params={"crea_end": "2019-12-31"})

        assert response.status_code == 200
        assert response.json() == EXAMPLE
        assert keys(response.json()) == keys(EXAMPLE)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.headers["content-length"] == str(len(response.content))

    def test_tasks_are_the_groups(self, tasks) -> None:
        """What is listed lies in lists of the group, and every task of such a list is listed."""
        found = tasks()

        assert len(found) == 172
        assert {task["list"]["group"]["id"] for task in found} == {GROUP}
        assert len({task["id"] for task in found}) == 172

    def test_order(self, tasks) -> None:
        """The oldest come first; those created together come by number."""
        found = tasks()

        places = [(task["creation_date"], number(task)) for task in found]
        assert places == sorted(places)
        assert len({created for created, _ in places}) < len(places)

    def test_creation_decides_and_not_the_number(self, act, clock, tasks) -> None:
        """A task with the largest number comes first if it was created first."""
        clock.freeze("2018-01-01T00:00:00Z")
        made = act("groupcamp", "create-task", list=uuid("task:tasklist", 61), name="Long ago")

        found = tasks()

        assert found[0]["id"] == made["id"]
        assert number(found[0]) == max(number(task) for task in found)

    @pytest.mark.parametrize("kind", ["project", "intranet", "extranet"])
    def test_every_kind_of_group(self, act, tasks, kind: str) -> None:
        """A group need not be a project."""
        group = act("groupcamp", "create-group", name="Any", gtype=kind)
        shelf = act("groupcamp", "create-list", group=group["id"], name="List")
        act("groupcamp", "create-task", list=shelf["id"], name="Task")

        (task,) = tasks(group["id"])

        assert task["list"]["group"] == {"id": group["id"], "name": "Any", "type": "group", "gtype": kind, "state": "ok"}

    def test_archived_group(self, tasks) -> None:
        """An archived group answers."""
        found = tasks(uuid("person:group", 22))

        assert len(found) == 12
        assert {task["list"]["group"]["state"] for task in found} == {"archi"}

    def test_group_without_tasks(self, reporting: TestClient) -> None:
        """A group may have no tasks at all."""
        response = reporting.get(f"/task/v1/group/{uuid('person:group', 26)}/tasks")

        assert response.status_code == 200
        assert response.json() == {"result": []}

    def test_private_lists_and_milestones_are_shown(self, tasks) -> None:
        """Who acts is not looked at, so what is private is listed too."""
        lists = [task["list"] for task in tasks()]

        assert any(one["is_private"] and one["milestone"] == {"id": "empty"} for one in lists)
        assert any(one["milestone"].get("is_private") for one in lists)

    @pytest.mark.parametrize("generation", ["seed", "v3"])
    def test_no_addresses(self, serve: Callable[..., Any], generation: str) -> None:
        """No user's e-mail address is shown, in neither generation."""
        response = signing(serve(groupcamp_generation=generation)).get(TASKS)

        assert len(response.json()["result"]) == 100
        assert "@" not in response.text

    def test_both_states_without_state(self, tasks) -> None:
        """Without `state`, open and completed tasks come."""
        assert {task["is_open"] for task in tasks()} == {True, False}


def number(task: Task) -> int:
    """Return the number in a task's id."""
    from base64 import b64decode

    encoded = task["id"][1:]
    return int(b64decode(encoded + "=" * (-len(encoded) % 4)).decode().partition("/")[2])


class TestFilters:
    """The nine parameters."""

    @pytest.mark.parametrize("state", ["open", "completed"])
    def test_state(self, tasks, state: str) -> None:
        """`open` keeps what is open, `completed` the rest."""
        found = tasks(state=state)

        assert found == [task for task in tasks() if task["is_open"] == (state == "open")]
        assert found

    @pytest.mark.parametrize("what", PAIRS)
    def test_bounds_are_inclusive(self, tasks, what: str) -> None:
        """A day is on both sides of itself: a bound keeps what lies on it, to the last second."""
        everything = tasks()
        day = sorted(day for task in everything if (day := compared(task, what)))[len(everything) // 8]

        on_it = tasks(**{f"{what}_begin": day, f"{what}_end": day})
        up_to_it = tasks(**{f"{what}_end": day})
        before_it = tasks(**{f"{what}_end": next_day(day, -1)})
        from_it = tasks(**{f"{what}_begin": day})
        after_it = tasks(**{f"{what}_begin": next_day(day)})

        assert on_it == [task for task in everything if compared(task, what) == day]
        assert on_it
        assert len(up_to_it) == len(before_it) + len(on_it)
        assert len(from_it) == len(after_it) + len(on_it)
        assert len(up_to_it) + len(after_it) == sum(compared(task, what) is not None for task in everything)

    @pytest.mark.parametrize("moment", ["2030-03-05T00:00:00Z", "2030-03-05T23:59:59.999Z"])
    @pytest.mark.parametrize("what", ["crea", "mod", "cpl"])
    def test_a_day_has_24_hours(self, act, clock, tasks, what: str, moment: str) -> None:
        """The first and the last second of a UTC day belong to it."""
        clock.freeze(moment)
        task = act("groupcamp", "create-task", list=uuid("task:tasklist", 61), name="On the edge")
        act("groupcamp", "complete-task", task=task["id"])

        assert [one["id"] for one in tasks(**{f"{what}_begin": "2030-03-05", f"{what}_end": "2030-03-05"})] == [task["id"]]
        assert [one["id"] for one in tasks(**{f"{what}_begin": "2030-03-05"})] == [task["id"]]
        assert task["id"] not in [one["id"] for one in tasks(**{f"{what}_end": "2030-03-04"})]
        assert tasks(**{f"{what}_begin": "2030-03-06"}) == []

    @pytest.mark.parametrize("name", DATES)
    @pytest.mark.parametrize("day", ["0001-01-01", "2026-04-01", "9999-12-31"])
    def test_one_side_alone(self, tasks, name: str, day: str) -> None:
        """Each bound may stand alone; tasks without the value are dropped, however wide it is."""
        found = tasks(**{name: day})

        assert found == [task for task in tasks() if fits(task, {name: day})]

    def test_due_date_of_a_milestone_counts(self, tasks) -> None:
        """A due date may come from a milestone, for both bounds."""
        found = tasks(due_begin="2019-07-31", due_end="2019-07-31")

        assert [task["end"] for task in found] == [EXAMPLE["result"][0]["end"]]

    def test_a_lists_milestone_alone_is_no_due_date(self, act, tasks) -> None:
        """A task whose list has a milestone is due only if it says so."""
        task = act("groupcamp", "create-task", list=uuid("task:tasklist", 60), name="Some day")

        assert task["end"] == {"type": "empty"}
        assert task["list"]["milestone"]["date"] == "2019-07-31"
        assert [one["name"] for one in tasks(due_end="2019-07-31")] == ["Write the landing page"]

    def test_partly_completed_is_not_completed(self, act, tasks) -> None:
        """A task that all assignees have finished, but that is open, has no completion date."""
        act("groupcamp", "set-progress", task=EXAMPLE["result"][0]["id"], user="anna@localhost", progress=100)

        partly = [task["id"] for task in tasks() if task["is_open"] and any(a["progress"] == 100 for a in task["affects"])]

        assert EXAMPLE["result"][0]["id"] in partly
        for parameters in ({"state": "completed"}, {"cpl_begin": "0001-01-01"}, {"cpl_end": "9999-12-31"}):
            assert not set(partly) & {task["id"] for task in tasks(**parameters)}

    def test_completion_date_implies_completed(self, tasks) -> None:
        """A bound on completion keeps completed tasks only, with `state=completed` or without."""
        found = tasks(cpl_begin="2000-01-01")

        assert found == tasks(cpl_begin="2000-01-01", state="completed") == tasks(state="completed")

    # The days of the world lie between autumn 2025 and summer 2026.
    days = st.dates(date(2025, 8, 1), date(2026, 9, 1)).map(str)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        parameters=st.fixed_dictionaries(
            {}, optional={"state": st.sampled_from(["open", "completed"])} | dict.fromkeys(DATES, days)
        )
    )
    def test_combine_with_and(self, tasks, world: list[Task], parameters: dict[str, str]) -> None:
        """Every combination keeps what each parameter keeps, found out by filtering the whole list in plain Python."""
        assert tasks(**parameters) == [task for task in world if fits(task, parameters)]

    @pytest.fixture
    def world(self, tasks) -> list[Task]:
        """All tasks of the group."""
        return tasks()


class TestInconsistent:
    """Parameters that contradict each other."""

    @pytest.mark.parametrize("name", ["cpl_begin", "cpl_end"])
    def test_open_with_a_completion_date(self, reporting: TestClient, name: str) -> None:
        """What is open has no completion date: an empty list, not an error."""
        response = reporting.get(TASKS, params={"state": "open", name: "2026-01-01"})

        assert response.status_code == 200
        assert response.json() == {"result": []}

    @pytest.mark.parametrize("what", PAIRS)
    def test_end_before_begin(self, reporting: TestClient, what: str) -> None:
        """A reversed pair gives an empty list."""
        response = reporting.get(TASKS, params={f"{what}_begin": "2026-03-02", f"{what}_end": "2026-03-01"})

        assert response.status_code == 200
        assert response.json() == {"result": []}

    def test_completed_before_created(self, reporting: TestClient) -> None:
        """An impossible mix of two pairs does too."""
        response = reporting.get(TASKS, params={"cpl_end": "2026-01-01", "crea_begin": "2026-01-02"})

        assert response.status_code == 200
        assert response.json() == {"result": []}

    @pytest.mark.parametrize("wrong", [{"cpl_begin": "soon"}, {"due_begin": "2026-02-30"}])
    def test_malformed_value_wins(self, reporting: TestClient, wrong: dict[str, str]) -> None:
        """A malformed value is an error, contradictory or not."""
        response = reporting.get(TASKS, params={"state": "open", "cpl_end": "2026-01-01"} | wrong)

        refused(response, 400, bad_parameter(next(iter(wrong)), "invalid"))


class TestParameters:
    """What is refused in a query."""

    @pytest.mark.parametrize("name", ["state", *DATES, "cursor"])
    def test_several_values(self, reporting: TestClient, name: str) -> None:
        """A parameter that comes twice is refused, good values or not."""
        value = {"state": "open", "cursor": "MS8x"}.get(name, "2026-01-01")

        same, other = (reporting.get(f"{TASKS}?{name}={value}&crea_begin=2026-01-01&{name}={last}") for last in (value, "x"))

        expected = bad_parameter(name, "multiple")
        if name != "crea_begin":
            refused(same, 400, expected)
        refused(other, 400, expected)

    def test_name_is_compared_decoded(self, reporting: TestClient) -> None:
        """An escaped name is the same name."""
        response = reporting.get(f"{TASKS}?state=open&%73tate=completed")

        refused(response, 400, bad_parameter("state", "multiple"))

    def test_repetition_comes_before_form(self, reporting: TestClient) -> None:
        """One that comes twice is told of before one that is malformed."""
        response = reporting.get(f"{TASKS}?state=x&mod_end=2026-01-01&mod_end=2026-01-01")

        refused(response, 400, bad_parameter("mod_end", "multiple"))

    @pytest.mark.parametrize("value", ["", "Open", "OPEN", "closed", "open,completed", "open ", " open", "0", "open\0", "öffen"])
    def test_state(self, reporting: TestClient, value: str) -> None:
        """`state` has two values, in small letters."""
        response = reporting.get(TASKS, params={"state": value})

        refused(response, 400, bad_parameter("state", "invalid"))

    @pytest.mark.parametrize("name", DATES)
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "2026",
            "2026-01",
            "2026-1-1",
            "26-01-01",
            "20260101",
            "2026-W01-1",
            "2026-001",
            "2026/01/01",
            "01-01-2026",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "0000-01-01",
            "10000-01-01",
            "-001-01-01",
            "2026-01-01T00:00:00Z",
            "2026-01-01 ",
            " 2026-01-01",
            "2026-01-01\n",
            "2026-01-0\u0661",
            "today",
            "null",
            "1767225600",
            "9" * 5000,
            "\0",
        ],
    )
    def test_dates(self, reporting: TestClient, name: str, value: str) -> None:
        """A date is `YYYY-MM-DD`, of a day that exists."""
        response = reporting.get(TASKS, params={name: value})

        refused(response, 400, bad_parameter(name, "invalid"))

    def test_leap_day(self, reporting: TestClient) -> None:
        """29 February exists in leap years."""
        response = reporting.get(TASKS, params={"due_begin": "2028-02-29"})

        assert response.status_code == 200

    @pytest.mark.parametrize("query", ["state", "state=", "&state&", "due_end"])
    def test_name_without_a_value(self, reporting: TestClient, query: str) -> None:
        """A name alone is an empty value."""
        response = reporting.get(f"{TASKS}?{query}")

        refused(response, 400, bad_parameter(query.strip("=&"), "invalid"))

    @pytest.mark.parametrize(
        "query", ["due_before=x", "State=open", "page=2", "limit=1", "x=1&x=2", "%FF=%FF", "=", "&&", "%00=1"]
    )
    def test_unknown_parameters_are_ignored(self, reporting: TestClient, query: str) -> None:
        """What the page doesn't name changes nothing."""
        response = reporting.get(f"{TASKS}?{query}&crea_end=2019-12-31")

        assert response.status_code == 200
        assert response.json() == EXAMPLE

    def test_strict_parameters(self, serve: Callable[..., Any]) -> None:
        """With the strict setting, what the page doesn't name is refused; what it names, and the cursor, is not."""
        client = signing(serve(groupcamp_strict_parameters=True))

        refused(client.get(TASKS, params={"due_before": "x"}), 400, bad_parameter("due_before", "invalid"))
        refused(client.get(TASKS, params={"State": "open"}), 400, bad_parameter("State", "invalid"))
        assert len(walk(client, TASKS, crea_begin="2000-01-01")) == 172

    @pytest.mark.parametrize("query", ["state=%ff", "due_end=%00", "cursor=%c3%28", "state=%"])
    def test_bytes_that_are_no_text(self, reporting: TestClient, query: str) -> None:
        """Escapes that are no UTF-8 are wrong values like others."""
        response = reporting.get(f"{TASKS}?{query}")

        refused(response, 400, bad_parameter(query.partition("=")[0], "invalid"))


class TestIds:
    """The id in the path."""

    @pytest.mark.parametrize(
        "text",
        [
            "x",
            "1",
            "21",
            "nonsense",
            "61a8b233685ed3562e7cfdeb",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "jean@localhost",
            GROUP.lower(),
            GROUP[1:],
            f"2{GROUP[1:]}",
            f"{GROUP}=",
            f"{GROUP}==",
            f"{GROUP}A",
            f"{GROUP}%20",
            f"%20{GROUP}",
            f"{GROUP}%0A",
            f"{GROUP}%00",
            "%00",
            "%FF",
            "%2F",
            "a%2Fb",
            "..%2F..",
            "é",
            "1é",
            "1" * 5000,
            uuid("person:group", 0).replace("1", "1_", 1),
            "1" + "cGVyc29uOmdyb3VwL",
        ],
    )
    def test_malformed(self, reporting: TestClient, text: str) -> None:
        """Text that is no id of this service is a bad id."""
        response = reporting.get(f"/task/v1/group/{text}/tasks")

        refused(response, 400, ERROR_ID)

    @pytest.mark.parametrize(
        "inside",
        [
            "person:group/",
            "person:group/x",
            "person:group/-1",
            "person:group/007",
            "person:group/1/2",
            f"person:group/{'9' * 21}",
        ],
    )
    def test_no_number(self, reporting: TestClient, inside: str) -> None:
        """An id has to hold a number, written plainly, of no more than 64 bits' length."""
        from base64 import b64encode

        response = reporting.get(f"/task/v1/group/1{b64encode(inside.encode()).decode().rstrip('=')}/tasks")

        refused(response, 400, ERROR_ID)

    @pytest.mark.parametrize(
        ("kind", "item"),
        [
            ("task:task", 501),
            ("person:user", 7),
            ("task:tasklist", 60),
            ("milestone:milestone", 33),
            ("person:orga", 21),
            ("task:group", 21),
            ("group", 21),
        ],
    )
    def test_of_another_kind(self, reporting: TestClient, kind: str, item: int) -> None:
        """The id of something that is no group is a bad id here, whether or not that thing exists."""
        response = reporting.get(f"/task/v1/group/{uuid(kind, item)}/tasks")

        refused(response, 400, ERROR_ID)

    @pytest.mark.parametrize(
        ("item", "account"), [(999_999, 18), (0, 18), (21, 19), (21, 20), (21, 0), (0xFFFFFFFF, 18), (0, (1 << 32) - 1)]
    )
    def test_unknown(self, reporting: TestClient, item: int, account: int) -> None:
        """A well-formed id without a group of this account is not found, even if another account has that group."""
        response = reporting.get(f"/task/v1/group/{uuid('person:group', item, account)}/tasks")

        refused(response, 404, NOT_FOUND)

    @pytest.mark.parametrize("item", [23, 24, 25])
    def test_forbidden(self, reporting: TestClient, item: int) -> None:
        """A group in the trash, a deleted one, and one without the Tasks application can't be retrieved."""
        response = reporting.get(f"/task/v1/group/{uuid('person:group', item)}/tasks")

        refused(response, 403, FORBIDDEN)


class TestOrderOfChecks:
    """What is told first when several things are wrong."""

    def test_id_before_parameters(self, reporting: TestClient) -> None:
        """A bad id comes before a bad parameter."""
        response = reporting.get("/task/v1/group/x/tasks", params={"state": "x"})

        refused(response, 400, ERROR_ID)

    @pytest.mark.parametrize("item", [999_999, 23])
    def test_parameters_before_existence_and_access(self, reporting: TestClient, item: int) -> None:
        """A bad parameter comes before 404 and 403."""
        response = reporting.get(f"/task/v1/group/{uuid('person:group', item)}/tasks", params={"state": "x"})

        refused(response, 400, bad_parameter("state", "invalid"))

    @pytest.mark.parametrize(("item", "status", "body"), [(999_999, 404, NOT_FOUND), (23, 403, FORBIDDEN)])
    def test_existence_and_access_before_contradictions(
        self, reporting: TestClient, item: int, status: int, body: dict[str, Any]
    ) -> None:
        """Contradictory parameters come last."""
        query = {"state": "open", "cpl_end": "2026-01-01"}

        response = reporting.get(f"/task/v1/group/{uuid('person:group', item)}/tasks", params=query)

        refused(response, status, body)

    def test_existence_before_access(self, act, reporting: TestClient) -> None:
        """What another account forbids is simply not found."""
        act("groupcamp", "forbid", id=uuid("person:group", 21, 19))

        response = reporting.get(f"/task/v1/group/{uuid('person:group', 21, 19)}/tasks")

        refused(response, 404, NOT_FOUND)


class TestGenerations:
    """The fields of 2019-07-16."""

    def test_v3_adds_its_fields(self, serve: Callable[..., Any], tasks) -> None:
        """`permalink` follows the id, `rich_tags` ends a task, `shortname` is in every user; the rest is the same."""
        older = tasks()
        newer = walk(signing(serve(groupcamp_generation="v3")), TASKS)

        first = newer[0]
        assert list(first)[:3] == ["id", "permalink", "name"]
        assert list(first)[-1] == "rich_tags"
        assert first["permalink"] == f"https://brasaverde.groupcamp.com/p/{first['id']}"
        assert first["creator"] == {"id": JEAN["id"], "name": "Jean Martin", "shortname": "Jean M."} | JEAN
        assert list(first["creator"]) == ["id", "name", "shortname", "type", "utype", "state"]
        assert [without_v3_fields(task) for task in newer] == older

    def test_tags(self, serve: Callable[..., Any]) -> None:
        """The tags of tasks are for tasks; some tasks have none."""
        found = walk(signing(serve(groupcamp_generation="v3")), TASKS)

        tags = [tag for task in found for tag in task["rich_tags"]]
        assert all(tag["for_task"] is True for tag in tags)
        assert {tag["name"] for tag in tags} == {"web", "print", "waiting", "customer"}
        assert all(list(tag) == ["id", "name", "color", "for_group", "for_task", "for_file"] for tag in tags)
        assert any(task["rich_tags"] == [] for task in found)

    def test_seed_has_none_of_them(self, reporting: TestClient) -> None:
        """By default the answer is that of 2017 to 2019."""
        text = reporting.get(TASKS).text

        assert "permalink" not in text
        assert "rich_tags" not in text
        assert "shortname" not in text


def without_v3_fields(value: Any) -> Any:
    """Return a value without the fields of the newer generation, at any depth."""
    if isinstance(value, dict):
        return {key: without_v3_fields(item) for key, item in value.items() if key not in ("permalink", "rich_tags", "shortname")}
    return [without_v3_fields(item) for item in value] if isinstance(value, list) else value
