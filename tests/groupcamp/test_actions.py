"""What GroupCamp's own interface can do: each action, what it refuses, and that whatever is done leaves the data consistent."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from groupcamp.clients import FORBIDDEN, GROUP, TASKS, UNAUTHORIZED, Task, refused, signing, uuid, walk
from groupcamp.invariants import check_rows, check_tasks, rows
from understudy.vendors.groupcamp import tables

CONTENT, HOSTING = uuid("task:tasklist", 60), uuid("task:tasklist", 61)
LANDING_PAGE, HOSTING_PLAN = uuid("task:task", 501), uuid("task:task", 502)
GO_LIVE = uuid("milestone:milestone", 33)
JEAN, ANNA = uuid("person:user", 7), uuid("person:user", 9)
NOON = "2030-05-05T12:00:00.700Z"

Do = Callable[..., dict[str, Any]]


@pytest.fixture
def do(act, server) -> Do:
    """Return a function that runs an action, after which everything must still be consistent."""

    def run(action: str, **body: Any) -> dict[str, Any]:
        done: dict[str, Any] = act("groupcamp", action, **body)
        check_rows(server)
        return done

    return run


@pytest.fixture
def short_day(server) -> str:
    """The address of a user whose working day has seven hours."""
    return next(user["email"] for user in rows(server, tables.User) if user["workday"] == 25_200)


def one(tasks, task: str) -> Task:
    """Return a task as the API shows it, after a check of all."""
    found = tasks()
    check_tasks(found)
    (shown,) = (each for each in found if each["id"] == task)
    return shown


def refuse(admin: TestClient, action: str, status: int, detail: str, **body: Any) -> None:
    """Check that an action is refused, with these words in the reason."""
    response = admin.post(f"/actions/groupcamp/{action}", json=body)
    assert response.status_code == status, response.text
    assert detail in response.json()["errors"][0]["detail"]


class TestCreateTask:
    """create-task."""

    def test_little_is_needed(self, do: Do, clock, tasks) -> None:
        """A list and a name make an open task of Nobody, by the account's first user, without dates or time."""
        clock.freeze(NOON)

        made = do("create-task", list=HOSTING, name="New")

        assert made == one(tasks, made["id"])
        assert made | {"id": "", "list": "", "creator": made["creator"]["name"]} == {
            "id": "",
            "name": "New",
            "description": "",
            "list": "",
            "creation_date": "2030-05-05T12:00:00Z",
            "creator": "Beatriz Arroyo",
            "modification_date": "2030-05-05T12:00:00Z",
            "completion_date": None,
            "completed_by": None,
            "track_time": {"total": {"d": 0, "s": 0}},
            "is_open": True,
            "affects": [{"user": {"id": "empty"}, "progress": 0, "estimate": {"d": 0, "s": 0}, "track_time": {"d": 0, "s": 0}}],
            "begin": {"type": "empty"},
            "end": {"type": "empty"},
        }

    def test_opens_a_closed_list(self, do: Do, tasks) -> None:
        """A task added to a closed list opens it again, for all of its tasks."""
        assert one(tasks, HOSTING_PLAN)["list"]["is_closed"] is True

        made = do("create-task", list=HOSTING, name="New")

        assert made["list"]["is_closed"] is False
        assert one(tasks, HOSTING_PLAN)["list"]["is_closed"] is False

    def test_everything_can_be_said(self, do: Do, tasks, short_day: str) -> None:
        """Assignees by address or id, with progress and estimates, dates, creator, description, tags."""
        made = do(
            "create-task",
            list=CONTENT,
            name="Ünïcödé 🎈 \u202eRTL",
            description="x" * 100_000,
            creator="anna@localhost",
            affects=["jean@localhost", {"user": ANNA, "progress": 30, "estimate": {"d": 250}}, {"user": short_day}],
            estimate={"s": 3600},
            begin="2019-07-01",
            end="milestone",
            tags=["web", "print", "web"],
        )

        assert made == one(tasks, made["id"])
        assert made["name"] == "Ünïcödé 🎈 \u202eRTL"
        assert made["description"] == "x" * 100_000
        assert made["creator"]["name"] == "Anna Berg"
        assert [(affect["user"]["id"], affect["progress"]) for affect in made["affects"]][:2] == [(JEAN, 0), (ANNA, 30)]
        assert [affect["estimate"] for affect in made["affects"]] == [
            {"d": 125, "s": 3600}, {"d": 250, "s": 7200}, {"d": 143, "s": 3600},
        ]  # fmt: skip
        assert made["begin"] == {"type": "date", "date": "2019-07-01"}
        assert made["end"] == {"type": "milestone", "date": "2019-07-31", "id": GO_LIVE}

    def test_tags_show_in_v3(self, serve: Callable[..., Any]) -> None:
        """Tags are the newer generation's; in the older one they don't show."""
        server = serve(groupcamp_generation="v3")
        body = {"list": HOSTING, "name": "New", "tags": ["web"]}

        made = server.admin.post("/actions/groupcamp/create-task", json=body).json()

        (shown,) = (task for task in walk(signing(server), TASKS) if task["id"] == made["id"])
        assert [tag["name"] for tag in shown["rich_tags"]] == ["web"]
        assert "rich_tags" not in made

    @pytest.mark.parametrize(
        ("begin", "end"),
        [
            ({"type": "date", "date": "2026-01-01"}, {"type": "date", "date": "2026-01-02"}),
            ({"type": "empty"}, {"type": "milestone"}),
            ({"type": "empty"}, {"type": "empty"}),
        ],
    )
    def test_dates_in_wire_form(self, do: Do, begin: dict[str, str], end: dict[str, str]) -> None:
        """Dates may come as the API shows them."""
        made = do("create-task", list=CONTENT, name="New", begin=begin, end=end)

        assert made["begin"] == begin
        assert made["end"] | end == made["end"]

    @pytest.mark.parametrize("estimate", [7200, {"s": 7200}, {"d": 250}, {"d": 250, "s": 7200}])
    def test_nobodys_estimate(self, do: Do, estimate: object) -> None:
        """An unassigned task can carry an estimate, by the account's length of a day."""
        made = do("create-task", list=HOSTING, name="New", estimate=estimate)

        assert made["affects"][0]["user"] == {"id": "empty"}
        assert made["affects"][0]["estimate"] == {"d": 250, "s": 7200}

    @pytest.mark.parametrize(
        ("estimate", "expected"),
        [
            ({"s": 1}, {"d": 1, "s": 1}),
            ({"s": 14}, {"d": 1, "s": 14}),
            ({"s": 43}, {"d": 1, "s": 43}),
            ({"s": 44}, {"d": 2, "s": 44}),
            ({"d": 1}, {"d": 1, "s": 29}),
            ({"d": 5}, {"d": 5, "s": 144}),
            ({"d": 0}, {"d": 0, "s": 0}),
            (0, {"d": 0, "s": 0}),
            ({"s": 1_000_000_000}, {"d": 34_722_222, "s": 1_000_000_000}),
            ({"d": 1_000_000_000}, {"d": 1_000_000_000, "s": 28_800_000_000}),
        ],
    )
    def test_rounding(self, do: Do, estimate: object, expected: dict[str, int]) -> None:
        """The other unit is rounded to the nearest, but something never becomes nothing."""
        made = do("create-task", list=HOSTING, name="New", estimate=estimate)

        assert made["affects"][0]["estimate"] == expected

    @pytest.mark.parametrize(
        ("body", "status", "detail"),
        [
            ({}, 422, "list"),
            ({"list": HOSTING}, 422, "name"),
            ({"list": HOSTING, "name": ""}, 422, "name"),
            ({"list": HOSTING, "name": 5}, 422, "name"),
            ({"list": HOSTING, "name": "x", "color": 1}, 422, "color"),
            ({"list": "x", "name": "x"}, 404, "tasklist"),
            ({"list": GROUP, "name": "x"}, 404, "tasklist"),
            ({"list": uuid("task:tasklist", 999_999), "name": "x"}, 404, "tasklist"),
            ({"list": uuid("task:tasklist", 0, (1 << 32) - 1), "name": "x"}, 404, "tasklist"),
            ({"list": HOSTING, "name": "x", "creator": "who@localhost"}, 404, "user"),
            ({"list": HOSTING, "name": "x", "creator": "owner@neighbour.test"}, 404, "user"),
            ({"list": HOSTING, "name": "x", "affects": [GROUP]}, 404, "user"),
            ({"list": HOSTING, "name": "x", "affects": [JEAN, "jean@localhost"]}, 422, "affects"),
            ({"list": HOSTING, "name": "x", "affects": [{"user": JEAN, "progress": 15}]}, 422, "progress"),
            ({"list": HOSTING, "name": "x", "affects": [{"user": JEAN, "progress": 110}]}, 422, "progress"),
            ({"list": HOSTING, "name": "x", "affects": [{"user": JEAN, "progress": -10}]}, 422, "progress"),
            ({"list": HOSTING, "name": "x", "estimate": -1}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": 10**18}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": 10**30}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": 1.5}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": True}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": {}}, 422, "estimate"),
            ({"list": HOSTING, "name": "x", "estimate": {"d": 250, "s": 3600}}, 422, "duration"),
            ({"list": HOSTING, "name": "x", "end": "milestone"}, 422, "milestone"),
            ({"list": HOSTING, "name": "x", "end": "soon"}, 422, "end"),
            ({"list": HOSTING, "name": "x", "begin": "2026-02-30"}, 422, "begin"),
            ({"list": HOSTING, "name": "x", "begin": {"type": "odd"}}, 422, "begin"),
            ({"list": HOSTING, "name": "x", "begin": {"type": "date"}}, 422, "begin"),
            ({"list": HOSTING, "name": "x", "end": {"type": "date", "date": None}}, 422, "end"),
            ({"list": HOSTING, "name": "x", "begin": "2026-01-02", "end": "2026-01-01"}, 422, "begin"),
            ({"list": CONTENT, "name": "x", "begin": "2019-08-01", "end": "milestone"}, 422, "begin"),
            ({"list": HOSTING, "name": "x", "tags": ["nope"]}, 404, "tag"),
            ({"list": HOSTING, "name": "x", "tags": ["strategic"]}, 404, "tag"),
        ],
    )
    def test_refusals(self, admin: TestClient, server, body: dict[str, Any], status: int, detail: str) -> None:
        """What is not there gives 404, what doesn't fit 422; nothing is left of a refused task."""
        before = rows(server, tables.Task)

        refuse(admin, "create-task", status, detail, **body)

        assert rows(server, tables.Task) == before
        check_rows(server)

    def test_users_of_another_account(self, admin: TestClient, server) -> None:
        """A user of another account is unknown here, by Uuid as well."""
        (stranger,) = (user for user in rows(server, tables.User) if user["account"] == 19)

        refuse(
            admin,
            "create-task",
            404,
            "user",
            list=HOSTING,
            name="x",
            affects=[uuid("person:user", stranger["id"] - (19 << 32), 19)],
        )


class TestCompleteTask:
    """complete-task and reopen-task."""

    def test_completes_for_everybody(self, do: Do, clock, tasks) -> None:
        """Everybody is at 100, the moment is that of the change, and its author is known."""
        clock.freeze(NOON)

        done = do("complete-task", task=LANDING_PAGE, user="anna@localhost")

        assert done == one(tasks, LANDING_PAGE)
        assert done["is_open"] is False
        assert done["completion_date"] == done["modification_date"] == "2030-05-05T12:00:00Z"
        assert done["completed_by"]["id"] == ANNA
        assert [affect["progress"] for affect in done["affects"]] == [100, 100]

    def test_by_its_creator_unless_somebody_is_named(self, do: Do) -> None:
        """Without a user, it is the creator who completes."""
        assert do("complete-task", task=LANDING_PAGE)["completed_by"]["id"] == JEAN

    def test_last_open_task_closes_its_list(self, do: Do, tasks) -> None:
        """A list is closed when all of its tasks are completed, and opened by one that is not."""
        second = do("create-task", list=CONTENT, name="Second")["id"]

        assert do("complete-task", task=LANDING_PAGE)["list"]["is_closed"] is False
        assert do("complete-task", task=second)["list"]["is_closed"] is True
        assert one(tasks, LANDING_PAGE)["list"]["is_closed"] is True
        assert do("reopen-task", task=second)["list"]["is_closed"] is False
        assert one(tasks, LANDING_PAGE)["list"]["is_closed"] is False

    def test_reopening_clears_the_completion(self, do: Do, clock, tasks) -> None:
        """An open task has neither date nor author of a completion; what was done stays done."""
        clock.freeze(NOON)

        opened = do("reopen-task", task=HOSTING_PLAN)

        assert opened == one(tasks, HOSTING_PLAN)
        assert (opened["is_open"], opened["completion_date"], opened["completed_by"]) == (True, None, None)
        assert opened["affects"][0]["progress"] == 100
        assert opened["modification_date"] == "2030-05-05T12:00:00Z"

    def test_dates_never_run_backwards(self, do: Do, clock, tasks) -> None:
        """Even with the clock before the task's making, completion does not come before it."""
        clock.freeze("2001-01-01T00:00:00Z")

        done = do("complete-task", task=LANDING_PAGE)

        assert done["creation_date"] <= done["completion_date"] == done["modification_date"] == "2019-07-12T16:40:02Z"

    def test_refusals(self, do: Do, admin: TestClient) -> None:
        """A completed task can't be completed, an open one not reopened."""
        refuse(admin, "complete-task", 422, "completed already", task=HOSTING_PLAN)
        refuse(admin, "reopen-task", 422, "open", task=LANDING_PAGE)
        refuse(admin, "complete-task", 404, "task", task=uuid("task:task", 999_999))
        refuse(admin, "complete-task", 404, "user", task=LANDING_PAGE, user="who@localhost")
        refuse(admin, "complete-task", 422, "task")


class TestDeleteTask:
    """delete-task."""

    def test_is_never_returned_again(self, do: Do, tasks, server) -> None:
        """A deleted task is gone, its time records stay in the group without it."""
        logs = len(rows(server, tables.Timelog))

        gone = do("delete-task", task=LANDING_PAGE)

        assert gone["name"] == "Write the landing page"
        assert LANDING_PAGE not in [task["id"] for task in tasks()]
        assert len(rows(server, tables.Timelog)) == logs

    def test_may_close_and_open_its_list(self, do: Do, tasks) -> None:
        """A list closes when its last open task goes, and opens when its last task goes."""
        extra = do("create-task", list=HOSTING, name="Extra")["id"]
        assert one(tasks, HOSTING_PLAN)["list"]["is_closed"] is False

        do("delete-task", task=extra)
        assert one(tasks, HOSTING_PLAN)["list"]["is_closed"] is True

        do("delete-task", task=HOSTING_PLAN)
        assert do("create-task", list=HOSTING, name="Again")["list"]["is_closed"] is False

    def test_twice(self, do: Do, admin: TestClient) -> None:
        """What is gone can't be deleted."""
        do("delete-task", task=LANDING_PAGE)

        refuse(admin, "delete-task", 404, "task", task=LANDING_PAGE)


class TestSetProgress:
    """set-progress."""

    def test_assignees_progress_independently(self, do: Do, clock, tasks) -> None:
        """One assignee's progress is set; a task that everybody has finished stays open."""
        clock.freeze(NOON)

        changed = do("set-progress", task=LANDING_PAGE, user=ANNA, progress=100)

        assert changed == one(tasks, LANDING_PAGE)
        assert [affect["progress"] for affect in changed["affects"]] == [100, 100]
        assert changed["is_open"] is True
        assert changed["modification_date"] == "2030-05-05T12:00:00Z"

    def test_of_nobody(self, do: Do) -> None:
        """An unassigned task progresses, too."""
        task = do("create-task", list=HOSTING, name="New")["id"]

        assert do("set-progress", task=task, progress=30)["affects"][0]["progress"] == 30

    def test_refusals(self, do: Do, admin: TestClient) -> None:
        """Steps are of ten, users are assignees, and what is completed is done."""
        refuse(admin, "set-progress", 422, "progress", task=LANDING_PAGE, user=ANNA, progress=55)
        refuse(admin, "set-progress", 422, "not assigned", task=LANDING_PAGE, progress=50)
        refuse(admin, "set-progress", 422, "not assigned", task=LANDING_PAGE, user="big.boss@localhost", progress=50)
        refuse(admin, "set-progress", 422, "reopen", task=HOSTING_PLAN, progress=50)
        assert do("set-progress", task=HOSTING_PLAN, progress=100)["is_open"] is False


class TestUpdateTask:
    """update-task."""

    def test_only_what_is_sent_changes(self, do: Do, clock, tasks) -> None:
        """Everything else stays, but for the modification date."""
        before = one(tasks, LANDING_PAGE)
        clock.freeze(NOON)

        changed = do("update-task", task=LANDING_PAGE, name="Rewrite")

        assert changed == one(tasks, LANDING_PAGE)
        assert changed == before | {"name": "Rewrite", "modification_date": "2030-05-05T12:00:00Z"}

    def test_assignees_are_replaced(self, do: Do) -> None:
        """Time recorded by one who is no longer assigned stays in the total."""
        changed = do("update-task", task=LANDING_PAGE, affects=["big.boss@localhost", ANNA], estimate={"d": 500})

        assert [affect["track_time"]["s"] for affect in changed["affects"]] == [3600, 3600]
        assert [affect["estimate"]["d"] for affect in changed["affects"]] == [500, 500]
        assert changed["track_time"]["total"] == {"d": 750, "s": 21600}

    def test_unassigning(self, do: Do) -> None:
        """Without assignees it is Nobody's."""
        changed = do("update-task", task=LANDING_PAGE, affects=[])

        assert [affect["user"] for affect in changed["affects"]] == [{"id": "empty"}]

    def test_a_completed_task_stays_done_by_all(self, do: Do) -> None:
        """New assignees of a completed task are at 100."""
        changed = do("update-task", task=HOSTING_PLAN, affects=[{"user": ANNA, "progress": 10}])

        assert changed["affects"][0]["progress"] == 100

    def test_dates(self, do: Do, tasks) -> None:
        """Start and due date can be set and taken away, one without the other."""
        assert do("update-task", task=LANDING_PAGE, end="2019-06-30")["begin"]["date"] == "2019-06-10"
        assert do("update-task", task=LANDING_PAGE, begin=None)["end"] == {"type": "date", "date": "2019-06-30"}
        assert do("update-task", task=LANDING_PAGE, end="milestone", begin="2019-07-31")["end"]["id"] == GO_LIVE
        assert do("update-task", task=LANDING_PAGE, begin="2019-07-01")["end"]["type"] == "milestone"
        assert do("update-task", task=LANDING_PAGE, end=None)["end"] == {"type": "empty"}

    def test_text_and_tags(self, do: Do) -> None:
        """A description can be emptied, tags replaced."""
        assert do("update-task", task=LANDING_PAGE, description="", tags=["print"])["description"] == ""
        do("update-task", task=LANDING_PAGE, tags=[])

    def test_refusals(self, do: Do, admin: TestClient) -> None:
        """What would break the task is refused."""
        refuse(admin, "update-task", 422, "begin", task=LANDING_PAGE, begin="2019-08-01")
        refuse(admin, "update-task", 422, "begin", task=LANDING_PAGE, end="2019-06-01")
        refuse(admin, "update-task", 422, "milestone", task=HOSTING_PLAN, end="milestone")
        refuse(admin, "update-task", 422, "estimate", task=LANDING_PAGE, estimate=5)
        refuse(admin, "update-task", 422, "name", task=LANDING_PAGE, name="")


class TestLogTime:
    """log-time."""

    def test_answers_the_record(self, do: Do, clock) -> None:
        """The record is shown as the API would show it."""
        clock.freeze(NOON)

        made = do("log-time", task=LANDING_PAGE, user="jean@localhost", duration={"d": 125}, date="2019-06-11", name="Draft")

        assert made["id"].startswith("1dHJhY2s6dGltZWxvZy8")
        assert made | {"id": "", "owner": made["owner"]["id"]} == {
            "id": "",
            "name": "Draft",
            "date": "2019-06-11",
            "user": made["modification_user"],
            "time_unit": "s",
            "duration": {"d": 125, "s": 3600},
            "creation_date": "2030-05-05T12:00:00Z",
            "modification_date": "2030-05-05T12:00:00Z",
            "modification_user": {"id": JEAN, "name": "Jean Martin", "type": "user", "utype": "employee", "state": "ok"},
            "billable": None,
            "owner": GROUP,
            "category": None,
            "object": {"id": LANDING_PAGE, "type": "task", "appli": "task"},
        }

    def test_adds_up(self, do: Do, clock, tasks, short_day: str) -> None:
        """An assignee's time is theirs and the total's, that of others and of Nobody only the total's; sums are per unit."""
        before = one(tasks, LANDING_PAGE)
        clock.freeze(NOON)

        assert do("log-time", task=LANDING_PAGE, user=ANNA, duration=3600)["date"] == "2030-05-05"
        do("log-time", task=LANDING_PAGE, user=short_day, duration={"s": 25_200})
        do("log-time", task=LANDING_PAGE, duration={"d": 1})

        after = one(tasks, LANDING_PAGE)
        assert [affect["track_time"] for affect in after["affects"]] == [{"d": 500, "s": 14_400}, {"d": 250, "s": 7200}]
        assert after["track_time"]["total"] == {"d": 750 + 125 + 1000 + 1, "s": 21_600 + 3600 + 25_200 + 29}
        assert after["modification_date"] == before["modification_date"]

    def test_nobodys_time_on_an_unassigned_task(self, do: Do, tasks) -> None:
        """Time without a user is Nobody's where Nobody has the task."""
        do("log-time", task=HOSTING_PLAN, duration=600)
        do("log-time", task=HOSTING_PLAN, user=ANNA, duration=1200)

        shown = one(tasks, HOSTING_PLAN)
        assert shown["affects"][0]["track_time"] == {"d": 21, "s": 600}
        assert shown["track_time"]["total"] == {"d": 21 + 42, "s": 1800}

    def test_assigning_somebody_who_has_recorded_time(self, do: Do, tasks) -> None:
        """Their time becomes an assignee's."""
        do("log-time", task=HOSTING_PLAN, user=ANNA, duration=1200)

        changed = do("update-task", task=HOSTING_PLAN, affects=[ANNA])

        assert changed["affects"][0]["track_time"]["s"] == 1200

    def test_refusals(self, admin: TestClient) -> None:
        """A length, a task and a user have to be there and fit."""
        refuse(admin, "log-time", 422, "duration", task=LANDING_PAGE)
        refuse(admin, "log-time", 422, "duration", task=LANDING_PAGE, duration="1h")
        refuse(admin, "log-time", 422, "duration", task=LANDING_PAGE, duration={"d": 1, "s": 3600})
        refuse(admin, "log-time", 404, "user", task=LANDING_PAGE, user="who@localhost", duration=1)
        refuse(admin, "log-time", 404, "task", task=GROUP, duration=1)
        refuse(admin, "log-time", 422, "date", task=LANDING_PAGE, duration=1, date="today")


class TestMilestones:
    """set-milestone-date and create-milestone."""

    def test_moves_inherited_due_dates(self, do: Do, tasks) -> None:
        """Every task that takes its due date from the milestone is due on the new day, in filters too."""
        do("create-task", list=CONTENT, name="Own date", end="2019-07-31")

        moved = do("set-milestone-date", milestone=GO_LIVE, date="2019-09-01")

        assert moved == one(tasks, LANDING_PAGE)["list"]["milestone"]
        assert moved["date"] == "2019-09-01"
        assert [task["id"] for task in tasks(due_begin="2019-09-01", due_end="2019-09-01")] == [LANDING_PAGE]
        assert [task["name"] for task in tasks(due_end="2019-08-31")] == ["Own date"]

    def test_is_no_modification_of_the_tasks(self, do: Do, clock, tasks) -> None:
        """An inherited date is the milestone's, so the task itself is as it was."""
        clock.freeze(NOON)

        do("set-milestone-date", milestone=GO_LIVE, date="2019-09-01")

        assert one(tasks, LANDING_PAGE)["modification_date"] == "2019-07-12T16:40:02Z"

    def test_no_task_begins_after_it_is_due(self, do: Do, clock, tasks) -> None:
        """A task that would is modified to begin on the new day."""
        clock.freeze(NOON)

        do("set-milestone-date", milestone=GO_LIVE, date="2019-06-01")

        shown = one(tasks, LANDING_PAGE)
        assert shown["begin"] == {"type": "date", "date": "2019-06-01"}
        assert shown["modification_date"] == "2030-05-05T12:00:00Z"

    def test_of_several_lists(self, do: Do, tasks) -> None:
        """A milestone may have several lists; the tasks of all of them move."""
        second = do("create-list", group=GROUP, name="Second", milestone=GO_LIVE)
        task = do("create-task", list=second["id"], name="New", end="milestone")["id"]

        do("set-milestone-date", milestone=GO_LIVE, date="2019-10-10")

        assert {one(tasks, each)["end"]["date"] for each in (LANDING_PAGE, task)} == {"2019-10-10"}

    def test_create(self, do: Do) -> None:
        """A new milestone is open, with somebody in charge if one is named; a private one makes its lists private."""
        made = do("create-milestone", group=GROUP, name="M", date="2026-07-01", is_private=True, user="jean@localhost")
        shelf = do("create-list", group=GROUP, name="L", milestone=made["id"], description="d")

        assert made | {"id": "", "user": made["user"]["id"], "group": made["group"]["id"]} == {
            "id": "",
            "name": "M",
            "group": GROUP,
            "description": "",
            "is_private": True,
            "is_open": True,
            "date": "2026-07-01",
            "user": JEAN,
        }
        assert shelf["milestone"] == made
        assert (shelf["is_private"], shelf["is_closed"], shelf["description"]) == (True, False, "d")

    def test_refusals(self, do: Do, admin: TestClient) -> None:
        """Milestones are of the list's own group, and dates are dates."""
        group = do("create-group", name="Other")["id"]

        refuse(admin, "create-list", 422, "another group", group=group, name="L", milestone=GO_LIVE)
        refuse(admin, "set-milestone-date", 422, "date", milestone=GO_LIVE, date="2019-02-30")
        refuse(admin, "set-milestone-date", 404, "milestone", milestone=CONTENT, date="2019-02-20")
        refuse(admin, "create-milestone", 404, "group", group=CONTENT, name="M", date="2019-02-20")
        refuse(admin, "create-group", 422, "gtype", name="G", gtype="social")


class TestGroups:
    """set-group-state and forbid."""

    @pytest.mark.parametrize(
        ("change", "status"),
        [({"state": "trash"}, 403), ({"state": "del"}, 403), ({"tasks": False}, 403), ({"state": "archi"}, 200), ({}, 200)],
    )
    def test_state(self, do: Do, reporting: TestClient, change: dict[str, Any], status: int) -> None:
        """A group in the trash, deleted or without Tasks can't be retrieved; an archived one can, and shows it."""
        changed = do("set-group-state", group=GROUP, **change)

        response = reporting.get(TASKS)

        assert response.status_code == status
        if status == 403:
            refused(response, 403, FORBIDDEN)
        else:
            assert response.json()["result"][0]["list"]["group"] == changed

    def test_restoring(self, do: Do, reporting: TestClient) -> None:
        """A group comes back from the trash."""
        do("set-group-state", group=GROUP, state="trash")
        do("set-group-state", group=GROUP, state="ok")

        assert reporting.get(TASKS).status_code == 200

    def test_forbid(self, do: Do, reporting: TestClient) -> None:
        """A forbidden group answers 403 until it is allowed again."""
        assert do("forbid", id=GROUP) == {"id": GROUP, "forbidden": True}
        do("forbid", id=GROUP)
        refused(reporting.get(TASKS), 403, FORBIDDEN)

        assert do("forbid", id=GROUP, forbidden=False) == {"id": GROUP, "forbidden": False}
        do("forbid", id=GROUP, forbidden=False)
        assert reporting.get(TASKS).status_code == 200

    @pytest.mark.parametrize("thing", [LANDING_PAGE, CONTENT, GO_LIVE, JEAN])
    def test_other_objects_can_be_forbidden(self, do: Do, reporting: TestClient, thing: str) -> None:
        """Forbidding what is in a group doesn't forbid the group."""
        assert do("forbid", id=thing)["forbidden"] is True

        assert reporting.get(TASKS).status_code == 200

    @pytest.mark.parametrize("thing", ["x", uuid("person:group", 999_999), uuid("person:orga", 21), ""])
    def test_forbidding_what_is_not_there(self, admin: TestClient, thing: str) -> None:
        """Only an object that exists can be forbidden."""
        response = admin.post("/actions/groupcamp/forbid", json={"id": thing})

        assert response.status_code == 404


class TestKeys:
    """create-key, remove-key and set-api; what they do to requests is in test_auth.py."""

    def test_create(self, do: Do, server) -> None:
        """Key and secret can be chosen."""
        made = do("create-key", application="reporting-1", key="k-1", secret="s!cret/+")

        assert made == {"key": "k-1", "secret": "s!cret/+", "application": "reporting-1"}
        assert signing(server, "k-1", "s!cret/+").get(TASKS).status_code == 200

    def test_drawn_keys_differ(self, do: Do) -> None:
        """Without a wish, every key and secret is new."""
        made = [do("create-key", application="provisioning-1") for _ in range(2)]

        assert len({text for key in made for text in (key["key"], key["secret"])}) == 4

    def test_remove(self, do: Do, admin: TestClient) -> None:
        """A removed key is gone, and no longer shown among the credentials."""
        assert do("remove-key", key="rk-demo-1") == {"key": "rk-demo-1", "application": "reporting-1"}

        refuse(admin, "remove-key", 404, "rk-demo-1", key="rk-demo-1")
        assert "rk-demo-1" not in admin.get("/env").text

    def test_set_api(self, do: Do, reporting: TestClient) -> None:
        """The account's API can be switched off."""
        assert do("set-api", enabled=False) == {"enabled": False}
        refused(reporting.get(TASKS), 401, UNAUTHORIZED)

    def test_refusals(self, admin: TestClient) -> None:
        """A key is printable, without space, colon or at sign, unique, and of an application that exists."""
        for key in ("a b", "a:b", "a@b", "", "é", "a\n"):
            refuse(admin, "create-key", 422, "key", application="reporting-1", key=key)
        refuse(admin, "create-key", 422, "exists", application="reporting-1", key="pk-demo-1")
        refuse(admin, "create-key", 422, "application", application="provisionning-1")


class TestBodies:
    """What a body holds is taken for what it is, or refused."""

    @pytest.mark.parametrize(
        ("action", "field", "body"),
        [
            ("create-task", "begin", {"list": HOSTING, "name": "x"}),
            ("create-task", "end", {"list": HOSTING, "name": "x"}),
            ("update-task", "begin", {"task": LANDING_PAGE}),
            ("log-time", "date", {"task": LANDING_PAGE, "duration": 60}),
            ("create-milestone", "date", {"group": GROUP, "name": "M"}),
            ("set-milestone-date", "date", {"milestone": GO_LIVE}),
        ],
    )
    @pytest.mark.parametrize("day", [0, 1767225600, 1767225600.0, "1767225600", "2026-01-01T00:00:00Z", "20260101", True])
    def test_a_day_is_written_as_one(self, admin: TestClient, server, action: str, field: str, body: Any, day: Any) -> None:
        """Numbers and DateTimes are no Dates, not even at midnight."""
        before = everything(server)

        refuse(admin, action, 422, field, **body, **{field: day})

        assert everything(server) == before

    @pytest.mark.parametrize(
        ("action", "field", "body"),
        [
            ("set-api", "enabled", {}),
            ("forbid", "forbidden", {"id": GROUP}),
            ("set-group-state", "tasks", {"group": GROUP}),
            ("create-list", "is_private", {"group": GROUP, "name": "L"}),
            ("create-milestone", "is_private", {"group": GROUP, "name": "M", "date": "2026-01-01"}),
            ("set-progress", "progress", {"task": LANDING_PAGE, "user": JEAN}),
        ],
    )
    @pytest.mark.parametrize("word", ["yes", "1", "50", 50.0, []])
    def test_words_are_no_booleans_or_numbers(
        self, admin: TestClient, server, action: str, field: str, body: Any, word: object
    ) -> None:
        """A Boolean is `true` or `false`, and a percentage a whole number."""
        before = everything(server)

        refuse(admin, action, 422, field, **body, **{field: word})

        assert everything(server) == before

    @pytest.mark.parametrize("text", ["\U0001f600", "\u05e2\u05d1\u200f", "nul\0", "\u2028", "e\u0301", " 1e21 ", "x" * 100_000])
    def test_text_comes_back_as_sent(self, do: Do, tasks, text: str) -> None:
        """Any text is kept to the letter."""
        made = do("create-task", list=HOSTING, name=text, description=text)

        shown = one(tasks, made["id"])

        assert (shown["name"], shown["description"]) == (text, text)


def everything(server: Any) -> list[Any]:
    """Return the rows of all that an action can write."""
    written = (tables.Task, tables.TaskList, tables.Milestone, tables.Group, tables.Timelog, tables.Affect, tables.ApiKey)
    return [rows(server, table) for table in (*written, tables.Account, tables.Forbidden)]


class TestAnySequence:
    """Whatever is done, in whatever order."""

    tasks_of_content = st.integers(0, 3)
    users = st.sampled_from(["jean@localhost", "anna@localhost", "big.boss@localhost", "user3@brasaverde.test", None])
    steps = st.one_of(
        st.tuples(st.just("create"), st.sampled_from([CONTENT, HOSTING]), users),
        st.tuples(st.sampled_from(["complete", "reopen", "delete"]), tasks_of_content, st.none()),
        st.tuples(st.just("progress"), tasks_of_content, users),
        st.tuples(st.just("log"), tasks_of_content, users),
        st.tuples(st.just("assign"), tasks_of_content, users),
        st.tuples(st.just("due"), tasks_of_content, st.sampled_from(["milestone", "2019-08-08", None])),
        st.tuples(st.just("move"), st.sampled_from(["2019-01-01", "2019-07-01", "2030-01-01"]), st.none()),
        st.tuples(st.just("clock"), st.sampled_from(["2001-01-01T00:00:00Z", "2019-07-01T00:00:00Z", NOON]), st.none()),
    )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(sequence=st.lists(steps, max_size=15))
    def test_leaves_the_data_consistent(self, server, sequence: list[tuple[str, Any, Any]]) -> None:
        """All invariants hold after any sequence of actions, refused ones among them."""
        server.reset()
        known = [LANDING_PAGE, HOSTING_PLAN]

        for step in sequence:
            take(server.admin, known, *step)

        check_rows(server)
        check_tasks(walk(signing(server), TASKS))


def take(admin: TestClient, known: list[str], what: str, which: Any, more: Any) -> None:
    """Take one step; it may be refused, but never fail."""
    if what == "clock":
        admin.put("/clock", json={"action": "freeze", "instant": which})
        return
    task = {"task": known[which % len(known)]} if isinstance(which, int) else {}
    action, body = {
        "create": ("create-task", {"list": which, "name": "New", "affects": [more] if more else [], "estimate": 5000}),
        "complete": ("complete-task", task),
        "reopen": ("reopen-task", task),
        "delete": ("delete-task", task),
        "progress": ("set-progress", task | {"user": more, "progress": 100}),
        "log": ("log-time", task | {"user": more, "duration": 10}),
        "assign": ("update-task", task | {"affects": [more] if more else []}),
        "due": ("update-task", task | {"end": more, "begin": "2019-06-20"}),
        "move": ("set-milestone-date", {"milestone": GO_LIVE, "date": which}),
    }[what]
    response = admin.post(f"/actions/groupcamp/{action}", json=body)
    assert response.status_code in (200, 404, 422), response.text
    if what == "create":
        known.append(response.json()["id"])
