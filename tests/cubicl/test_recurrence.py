"""Recurrent tasks of Cubicl's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from cubicl.office import (
    ANNA,
    BOSS,
    CLIENT,
    DAY_MS,
    FIELD,
    FILE,
    HOUR_MS,
    JEAN,
    NOW_MS,
    TAG,
    WEBSITE,
    WORKFLOW,
    Json,
    Office,
    assert_text,
)
from understudy.vendors.cubicl.rules.recurring import _moved

DAILY = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}
AFTER_DEADLINE = DAILY | {"createWhen": "after-deadline"}
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


def ms(text: str) -> int:
    """Return an ISO date in milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def weekdays(*days: int) -> list[bool]:
    """Return the seven flags, Monday first."""
    return [day in days for day in range(7)]


class Series:
    """A project in which one task recurs."""

    def __init__(self, office: Office, group: str) -> None:
        self.office = office
        self.group = group

    def start(self, recurrence: Json, **fields: Any) -> str:
        """Create the first task."""
        task: str = self.office.task(self.group, recurrent=True, recurrence=recurrence, **fields)["_id"]
        return task

    def tasks(self) -> list[Json]:
        """Return all tasks of the series, oldest first."""
        return sorted(self.office.every_task(group=self.group), key=lambda task: task["priorityScore"])

    def complete(self, task: str) -> None:
        """Put a task into the completed state."""
        response = self.office.owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"})
        assert response.status_code == 200, response.text

    def dates(self) -> list[tuple[Any, Any]]:
        """Return start and deadline of each task."""
        return [(task["start"], task["deadline"]) for task in self.tasks()]

    def newest(self) -> list[bool]:
        """Return `lastCopy` of each task."""
        return [task["lastCopy"] for task in self.tasks()]


@pytest.fixture
def series(office: Office, project: str, stopped) -> Series:
    """A new project, while the clock stands still."""
    return Series(office, project)


class TestCompleted:
    """Copies that completion makes."""

    def test_copy(self, series: Series, office: Office, clock) -> None:
        """At once there is a copy with the same details; what belongs to the one task only is not copied."""
        parent = office.task(FIELD)["_id"]
        steps = [
            {"name": "a", "completed": True, "assignees": [JEAN]},
            {"name": "b", "stepType": "progress", "completed": 2, "total": 3},
            {"name": "c", "stepType": "steps", "steps": [{"name": "d", "completed": True}]},
        ]
        first = series.start(
            DAILY,
            name="Back up",
            desc="All of it",
            start=1000,
            deadline=2000,
            assignees=[JEAN],
            followers=[ANNA],
            priority=4,
            customer=CLIENT,
            files=[FILE],
            tags=[TAG],
            private=True,
            estimatedTime=60,
            customFields={"Room": "B12"},
            workFlowId=WORKFLOW,
            parent=parent,
            stepType="steps",
            steps=steps,
            state="cb_active",
        )
        office.task(series.group, parent=first)
        office.comment(first)
        clock.advance("PT1H")

        series.complete(first)

        original, _, copy = series.tasks()
        changed = {
            "_id",
            "state",
            "start",
            "deadline",
            "completedAt",
            "createdAt",
            "priorityScore",
            "steps",
            "subtasks",
            "lastCopy",
        }
        assert {name for name in copy if copy[name] != original[name]} == changed
        assert list(copy) == list(original)
        assert (copy["start"], copy["deadline"]) == (1000 + DAY_MS, 2000 + DAY_MS)
        assert (copy["state"], copy["completedAt"], copy["createdAt"]) == ("cb_waiting", 0, NOW_MS + HOUR_MS)
        assert (copy["subtasks"], copy["lastCopy"], original["lastCopy"]) == ([], True, False)
        assert copy["priorityScore"] > original["priorityScore"]
        ids = [step.pop("id") for step in [*copy["steps"], copy["steps"][2]["steps"][0]]]
        assert len(set(ids)) == 4
        assert copy["steps"] == [
            {"name": "a", "assignees": [JEAN], "completed": False},
            {"name": "b", "assignees": [], "stepType": "progress", "completed": 0, "total": 3},
            {
                "name": "c",
                "assignees": [],
                "stepType": "steps",
                "steps": [{"name": "d", "assignees": [], "completed": False}],
                "completed": False,
            },
        ]
        assert office.activities(copy["_id"]) == []
        assert office.read(parent)["subtasks"] == [first, copy["_id"]]
        assert copy["assignedBy"] == BOSS

    def test_through_update(self, series: Series) -> None:
        """A state in Update Task completes as well; the answer shows that the task is no longer the newest."""
        first = series.start(DAILY)

        answer = series.office.owner.put(f"/tasks/{first}", json={"state": "cb_completed"}).json()

        assert answer["task"]["lastCopy"] is False
        assert series.newest() == [False, True]

    def test_created_completed(self, series: Series) -> None:
        """So does creating a task in a completed state."""
        series.start(DAILY, state="cb_completed")

        assert series.newest() == [False, True]

    def test_move_into_completion(self, series: Series, office: Office) -> None:
        """So does a move into a completed state; the copy is made where the template is."""
        first = series.start(DAILY)

        office.owner.put(f"/tasks/{first}", json={"group": WEBSITE, "state": "Published"})

        (copy,) = series.tasks()
        assert (copy["state"], copy["lastCopy"], office.read(first)["lastCopy"]) == ("cb_waiting", True, False)

    def test_only_the_newest(self, series: Series, office: Office) -> None:
        """Completing an earlier one again makes nothing; completing the newest makes the next."""
        first = series.start(DAILY)
        series.complete(first)
        office.owner.put(f"/tasks/{first}/state", json={"value": "cb_active"})
        series.complete(first)
        assert len(series.tasks()) == 2

        series.complete(series.tasks()[1]["_id"])

        assert series.newest() == [False, False, True]

    @pytest.mark.parametrize("state", ["cb_active", "cb_suspended"])
    def test_other_states(self, series: Series, office: Office, state: str) -> None:
        """Only a state of type completed makes a copy."""
        first = series.start(DAILY)

        office.owner.put(f"/tasks/{first}/state", json={"value": state})

        assert len(series.tasks()) == 1

    def test_between_completed_states(self, office: Office, stopped) -> None:
        """Going from one completed state to another is no completion."""
        first = office.task(WEBSITE, recurrent=True, recurrence=DAILY)["_id"]
        known = len(office.every_task())

        for state in ("Published", "Paid"):
            office.owner.put(f"/tasks/{first}/state", json={"value": state})

        assert len(office.every_task()) == known + 1

    def test_recurs_when_completed_already(self, office: Office, stopped) -> None:
        """So it makes no copy of a task that began to recur when it was completed already."""
        task = office.task(WEBSITE, state="Published")["_id"]
        office.owner.put(f"/tasks/{task}", json={"recurrent": True, "recurrence": DAILY})

        office.owner.put(f"/tasks/{task}/state", json={"value": "Paid"})

        assert office.read(task)["lastCopy"] is True

    def test_default_state_that_is_completed(self, office: Office, stopped) -> None:
        """Where new tasks are completed at once a copy is too, and makes no further one."""
        group = office.project(taskStates=[{"name": "Done", "type": "completed", "isDefault": True}])

        office.task(group, recurrent=True, recurrence=DAILY)

        tasks = office.every_task(group=group)
        assert [task["completedAt"] for task in tasks] == [NOW_MS, NOW_MS]

    def test_paused(self, series: Series) -> None:
        """A paused recurrence makes nothing; the task stays the newest."""
        series.complete(series.start(DAILY | {"active": False}))

        assert series.newest() == [True]

    def test_archived_original(self, series: Series, office: Office) -> None:
        """A copy is never archived and has never been."""
        first = series.start(DAILY)
        office.do("archive", task=first)
        office.do("restore", task=first)

        series.complete(first)

        assert "archivedAt" not in series.tasks()[1]

    def test_copy_of_an_email_task(self, series: Series, office: Office) -> None:
        """What made the very task is not copied: mail and support request. Sharing is."""
        first = series.start(DAILY, customer=CLIENT)
        for action in ("make-email-task", "make-support-task", "share-with-customer"):
            office.do(action, task=first)

        series.complete(first)

        assert {"email", "support"}.isdisjoint(series.tasks()[1])

    def test_dates_stay_empty(self, series: Series) -> None:
        """Without dates the copy has none; with one it has that one."""
        series.complete(series.start(DAILY))
        series.complete(series.start(DAILY, start=1000.5))

        assert series.dates() == [(None, None), (None, None), (1000.5, None), (1000.5 + DAY_MS, None)]


class TestAfterDeadline:
    """Copies that time makes."""

    def test_strictly_after(self, series: Series, clock) -> None:
        """At the deadline there is none yet, a millisecond later there is."""
        series.start(AFTER_DEADLINE, deadline=NOW_MS + 5000)

        clock.advance("PT5S")
        assert len(series.tasks()) == 1
        clock.advance("PT0.001S")

        assert series.newest() == [False, True]
        copy = series.tasks()[1]
        assert (copy["deadline"], copy["createdAt"]) == (NOW_MS + 5000 + DAY_MS, NOW_MS + 5001)

    def test_fraction(self, series: Series, clock) -> None:
        """A deadline between two milliseconds has passed at the second."""
        series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000.5)

        clock.advance("PT1S")
        assert len(series.tasks()) == 1
        clock.advance("PT0.001S")

        assert series.tasks()[1]["deadline"] == NOW_MS + 1000.5 + DAY_MS

    def test_each_at_its_own_instant(self, series: Series, clock) -> None:
        """A long jump makes every copy of the time between, each stamped when it fell due."""
        series.start(AFTER_DEADLINE, deadline=NOW_MS)

        clock.advance("P3DT1H")

        tasks = series.tasks()
        assert [task["deadline"] for task in tasks] == [NOW_MS + day * DAY_MS for day in range(5)]
        assert [task["createdAt"] for task in tasks] == [NOW_MS, *(NOW_MS + day * DAY_MS + 1 for day in range(4))]
        assert series.newest() == [False] * 4 + [True]

    def test_deadline_in_the_past(self, series: Series) -> None:
        """What is due when it is created falls due at once, never before its own creation."""
        series.start(AFTER_DEADLINE, deadline=NOW_MS - 2 * DAY_MS - HOUR_MS)

        tasks = series.tasks()
        expected = [NOW_MS - HOUR_MS + day * DAY_MS for day in (-2, -1, 0, 1)]
        assert [task["deadline"] for task in tasks] == expected
        assert {task["createdAt"] for task in tasks} == {NOW_MS}

    def test_completion_makes_none(self, series: Series) -> None:
        """Completing the task makes no copy."""
        series.complete(series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000))

        assert len(series.tasks()) == 1

    def test_completed_task_is_copied_all_the_same(self, series: Series, clock) -> None:
        """A task that is done before its deadline is copied after it."""
        series.complete(series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000))

        clock.advance("PT2S")

        assert [task["state"] for task in series.tasks()] == ["cb_completed", "cb_waiting"]

    def test_paused_and_resumed(self, series: Series, office: Office, clock) -> None:
        """While paused nothing comes; when resumed the missed copy comes at once, stamped then."""
        first = series.start(AFTER_DEADLINE | {"active": False}, deadline=NOW_MS)
        clock.advance("PT1H")
        assert len(series.tasks()) == 1

        office.owner.put(f"/tasks/{first}", json={"recurrence": AFTER_DEADLINE})

        assert [task["createdAt"] for task in series.tasks()] == [NOW_MS, NOW_MS + HOUR_MS]

    def test_deadline_put_off(self, series: Series, office: Office, clock) -> None:
        """The deadline that the task has is the one that counts."""
        first = series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000)
        office.owner.put(f"/tasks/{first}", json={"deadline": NOW_MS + HOUR_MS})

        clock.advance("PT30M")
        assert len(series.tasks()) == 1
        clock.advance("PT31M")

        assert len(series.tasks()) == 2

    def test_deadline_cannot_be_taken_away(self, series: Series, office: Office) -> None:
        """A deadline that copies wait for can't be unset, unless the recurrence ends with it."""
        first = series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000)

        refused = office.owner.put(f"/tasks/{first}", json={"deadline": None})

        assert_text(refused, 400, "createWhen after-deadline needs a deadline")
        assert office.owner.put(f"/tasks/{first}", json={"deadline": None, "recurrent": False}).status_code == 200

    def test_deleted(self, series: Series, office: Office, clock) -> None:
        """A deleted task is not copied."""
        office.owner.delete(f"/tasks/{series.start(AFTER_DEADLINE, deadline=NOW_MS + 1000)}")

        clock.advance("PT2S")

        assert series.tasks() == []

    @pytest.mark.parametrize("deadline", [1e300, 253402300799999, 253402300800000, 18446744073709551615])
    def test_end_of_the_calendar(self, series: Series, clock, deadline: float) -> None:
        """A deadline that no clock reaches, or whose copy the calendar lacks, does no harm."""
        series.start(AFTER_DEADLINE, deadline=deadline)

        clock.set("9999-12-31T23:59:59.999Z")

        assert series.newest() == [True]

    @pytest.mark.parametrize("deadline", [-1e300, -62135596800001])
    def test_before_the_calendar(self, series: Series, deadline: float) -> None:
        """A deadline before year 1 has passed, but has no next one."""
        series.start(AFTER_DEADLINE, deadline=deadline)

        assert series.newest() == [True]

    def test_world_is_quiet(self, office: Office, clock) -> None:
        """No copy appears by itself in the default world before 2040; then one does."""
        known = len(office.every_task())

        clock.set("2039-12-31T23:59:59Z")
        assert len(office.every_task()) == known
        clock.set("2040-01-02T00:00:00Z")

        assert len(office.every_task()) > known


class TestStopConditions:
    """When a series ends."""

    @pytest.mark.parametrize(("count", "copies"), [(1, 0), (2, 1), (3, 2)])
    def test_count(self, series: Series, clock, count: int, copies: int) -> None:
        """The task itself is the first copy."""
        series.start(AFTER_DEADLINE | {"stopCondition": "count", "maxCount": count}, deadline=NOW_MS)

        clock.advance("P10D")

        assert series.newest() == [False] * copies + [True]

    def test_count_on_completion(self, series: Series) -> None:
        """It counts for completion as well."""
        task = series.start(DAILY | {"stopCondition": "count", "maxCount": 2})
        for _ in range(3):
            series.complete(task)
            task = series.tasks()[-1]["_id"]
            if series.office.read(task)["state"] == "cb_completed":
                break

        assert len(series.tasks()) == 2

    @pytest.mark.parametrize(("end", "copies"), [(NOW_MS, 0), (NOW_MS + 1, 1), (NOW_MS + DAY_MS, 1), (NOW_MS + DAY_MS + 1, 2)])
    def test_date(self, series: Series, clock, end: int, copies: int) -> None:
        """No copy is made after the end."""
        series.start(AFTER_DEADLINE | {"stopCondition": "date", "end": end}, deadline=NOW_MS)

        clock.advance("P10D")

        assert len(series.tasks()) == copies + 1

    @pytest.mark.parametrize(("end", "copies"), [(NOW_MS - 1, 0), (NOW_MS, 1)])
    def test_date_on_completion(self, series: Series, end: int, copies: int) -> None:
        """It counts for completion as well."""
        series.complete(series.start(DAILY | {"stopCondition": "date", "end": end}))

        assert len(series.tasks()) == copies + 1

    def test_bounds_without_condition(self, series: Series, clock) -> None:
        """End and number mean nothing unless the condition says so."""
        series.start(AFTER_DEADLINE | {"end": 0, "maxCount": 1}, deadline=NOW_MS)

        clock.advance("P1D")

        assert len(series.tasks()) == 2


class TestDates:
    """How start and deadline move."""

    @pytest.mark.parametrize(
        ("recurrence", "start", "deadline", "expected"),
        [
            ({"type": "daily", "period": 1}, "2026-03-01T09:00", "2026-03-02T18:30", ("2026-03-02T09:00", "2026-03-03T18:30")),
            ({"type": "daily", "period": 3}, None, "2026-12-30T00:00", (None, "2027-01-02T00:00")),
            ({"type": "weekly", "period": 1}, "2026-03-01T09:00", None, ("2026-03-08T09:00", None)),
            ({"type": "weekly", "period": 2}, None, "2026-03-04T00:00", (None, "2026-03-18T00:00")),
            ({"type": "weekly", "period": 2, "days": [False] * 7}, None, "2026-03-04T00:00", (None, "2026-03-18T00:00")),
            ({"type": "daily", "period": 1, "days": weekdays(SUNDAY)}, None, "2026-03-04T00:00", (None, "2026-03-05T00:00")),
            ({"type": "monthly", "period": 1}, "2026-01-29T08:00", "2026-01-31T08:00", ("2026-02-28T08:00", "2026-02-28T08:00")),
            ({"type": "monthly", "period": 1}, None, "2028-01-31T23:59", (None, "2028-02-29T23:59")),
            ({"type": "monthly", "period": 3}, None, "2026-11-30T10:00", (None, "2027-02-28T10:00")),
            ({"type": "monthly", "period": 12}, None, "2028-02-29T10:00", (None, "2029-02-28T10:00")),
            ({"type": "monthly", "period": 1}, None, "1969-12-31T10:00", (None, "1970-01-31T10:00")),
        ],
    )
    def test_moved(self, series: Series, recurrence: Json, start: str | None, deadline: str | None, expected: Any) -> None:
        """By so many days, weeks or months; a day that the month lacks becomes its last."""
        fields = {"start": start and ms(start), "deadline": deadline and ms(deadline)}

        series.complete(series.start(DAILY | recurrence, **fields))

        assert series.dates()[1] == tuple(date and ms(date) for date in expected)

    @pytest.mark.parametrize(
        ("days", "period", "deadline", "expected"),
        [
            (weekdays(MONDAY, THURSDAY), 1, "2026-03-02", "2026-03-05"),
            (weekdays(MONDAY, THURSDAY), 1, "2026-03-05", "2026-03-09"),
            (weekdays(MONDAY, THURSDAY), 1, "2026-03-08", "2026-03-09"),
            (weekdays(MONDAY), 1, "2026-03-02", "2026-03-09"),
            (weekdays(SUNDAY), 1, "2026-03-02", "2026-03-08"),
            (weekdays(MONDAY), 2, "2026-03-02", "2026-03-16"),
            (weekdays(MONDAY), 3, "2026-03-02", "2026-03-23"),
            (weekdays(WEDNESDAY), 2, "2026-03-02", "2026-03-11"),
            (weekdays(SATURDAY), 1, "1969-12-28", "1970-01-03"),
            (weekdays(*range(7)), 1, "2026-03-02", "2026-03-03"),
        ],
    )
    def test_weekdays(self, series: Series, days: list[bool], period: int, deadline: str, expected: str) -> None:
        """To the next flagged weekday, and then over `period` minus one weeks; the start moves as far as the deadline."""
        first = series.start(
            DAILY | {"type": "weekly", "period": period, "days": days},
            start=ms(deadline) - 3 * DAY_MS,
            deadline=ms(deadline) + 17 * HOUR_MS,
        )

        series.complete(first)

        assert series.dates()[1] == (ms(expected) - 3 * DAY_MS, ms(expected) + 17 * HOUR_MS)

    @given(
        day=st.integers(-20_000, 60_000),
        days=st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
        period=st.integers(1, 60),
    )
    @settings(max_examples=200, deadline=None)
    def test_any_weekday(self, day: int, days: list[bool], period: int) -> None:
        """Whatever is flagged: the next date is a flagged day, the first such one with the weeks passed over taken off."""
        recurrence = {"type": "weekly", "period": period, "days": days}
        date = day * DAY_MS + 12345

        moved = _moved(date, date, recurrence)  # type: ignore[arg-type]  # the rest of a recurrence doesn't matter here

        after = datetime(1970, 1, 1) + timedelta(milliseconds=moved)
        before = datetime(1970, 1, 1) + timedelta(milliseconds=date)
        assert days[after.weekday()]
        ahead = (after - before).days - 7 * (period - 1)
        assert 1 <= ahead <= 7
        assert not any(days[(before.weekday() + step) % 7] for step in range(1, ahead))

    def test_series_drifts(self, series: Series, clock) -> None:
        """Each copy moves on from the one before."""
        series.start(AFTER_DEADLINE | {"type": "monthly"}, deadline=ms("2027-01-31"))

        clock.set("2027-04-01T00:00:00Z")

        deadlines = [task["deadline"] for task in series.tasks()]
        assert deadlines == [ms(date) for date in ("2027-01-31", "2027-02-28", "2027-03-28", "2027-04-28")]

    @pytest.mark.parametrize("kind", ["daily", "weekly", "monthly"])
    @pytest.mark.parametrize("period", [10**9, 18446744073709551615, 1e300, 119_988])
    def test_period_beyond_the_calendar(self, series: Series, kind: str, period: float) -> None:
        """A period that leads beyond the calendar makes no copy."""
        series.complete(series.start(DAILY | {"type": kind, "period": period}, deadline=NOW_MS))

        assert len(series.tasks()) == (2 if (kind, period) in (("daily", 119_988), ("weekly", 119_988)) else 1)


class TestUpdates:
    """Changes to a recurrent task."""

    def test_begins_to_recur(self, series: Series, office: Office) -> None:
        """A plain task that begins to recur is the newest copy of itself."""
        task = office.task(series.group)["_id"]

        answer = office.owner.put(f"/tasks/{task}", json={"recurrent": True, "recurrence": DAILY}).json()

        assert answer["task"]["lastCopy"] is True
        series.complete(task)
        assert series.newest() == [False, True]

    @pytest.mark.parametrize(
        "changes", [{"recurrent": False}, {"recurrent": None}, {"recurrence": None}, {"recurrent": False, "recurrence": DAILY}]
    )
    def test_ends_to_recur(self, series: Series, office: Office, changes: Json) -> None:
        """A task that no longer recurs has no `lastCopy` and makes no copies."""
        first = series.start(DAILY)

        answer = office.owner.put(f"/tasks/{first}", json=changes).json()

        assert "lastCopy" not in answer["task"]
        series.complete(first)
        assert len(series.tasks()) == 1

    def test_recurrence_alone(self, series: Series, office: Office) -> None:
        """A recurrence without `recurrent` changes that of a recurrent task and means nothing to another."""
        plain = office.task(series.group)["_id"]
        first = series.start(DAILY, deadline=0)

        for task in (plain, first):
            response = office.owner.put(f"/tasks/{task}", json={"recurrence": DAILY | {"active": False}})
            assert response.status_code == 200
            series.complete(task)

        assert len(series.tasks()) == 2
        assert "lastCopy" not in office.read(plain)

    def test_only_this_task(self, series: Series, office: Office) -> None:
        """A change is for this task alone unless `updateTemplate` says otherwise; dates are no exception."""
        first = series.start(DAILY, name="Old", desc="Old", deadline=1000, customer=CLIENT)

        office.owner.put(f"/tasks/{first}", json={"name": "New", "deadline": 9000, "customer": None, "updateTemplate": False})
        series.complete(first)

        copy = series.tasks()[1]
        assert (copy["name"], copy["deadline"], copy["customer"]) == ("Old", 1000 + DAY_MS, {"_id": CLIENT, "name": "ACME"})

    def test_future_copies_too(self, series: Series, office: Office) -> None:
        """With `updateTemplate` future copies take the change over, and only the change; each later one as well."""
        first = series.start(DAILY, name="Old", desc="Old", deadline=1000, customer=CLIENT, estimatedTime=5)
        office.owner.put(f"/tasks/{first}", json={"desc": "Mine"})
        changes = {"name": "New", "deadline": 9000, "customer": None, "estimatedTime": None, "updateTemplate": True}

        office.owner.put(f"/tasks/{first}", json=changes)
        for _ in range(2):
            series.complete(series.tasks()[-1]["_id"])

        for number, copy in enumerate(series.tasks()[1:], 1):
            assert (copy["name"], copy["desc"], copy["deadline"]) == ("New", "Old", 9000 + number * DAY_MS)
            assert copy["customer"] is None
            assert "estimatedTime" not in copy

    def test_template_of_a_plain_task(self, office: Office) -> None:
        """On a task that doesn't recur `updateTemplate` means nothing."""
        task = office.task(FIELD)["_id"]

        assert office.owner.put(f"/tasks/{task}", json={"name": "x", "updateTemplate": True}).status_code == 200

    def test_recurrence_goes_on(self, series: Series, office: Office) -> None:
        """A new recurrence holds for the copies too."""
        first = series.start(DAILY, deadline=1000)

        office.owner.put(f"/tasks/{first}", json={"recurrent": True, "recurrence": DAILY | {"period": 5}})
        for _ in range(2):
            series.complete(series.tasks()[-1]["_id"])

        assert [deadline for _, deadline in series.dates()] == [1000, 1000 + 5 * DAY_MS, 1000 + 10 * DAY_MS]


class TestRestart:
    """What waits for time is kept with the data."""

    def test_survives(self, serve, tmp_path) -> None:
        """A server that starts again makes the copies that were due in between."""

        def start() -> tuple[Any, TestClient]:
            server = serve(data=tmp_path / "data")
            return server, server.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        server, client = start()
        server.admin.put("/clock", json={"action": "freeze", "instant": "2026-12-01T10:00:00Z"})
        body = {"group": FIELD, "name": "Survivor", "recurrent": True, "recurrence": AFTER_DEADLINE, "deadline": NOW_MS + 1000}
        assert client.post("/tasks", json=body).status_code == 200
        server.stack.close()

        server, client = start()
        server.admin.put("/clock", json={"action": "advance", "by": "PT2S"})

        assert len(client.get("/tasks", params={"search": "survivor"}).json()) == 2
