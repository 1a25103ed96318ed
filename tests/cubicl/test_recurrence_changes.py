"""What becomes of a Cubicl series whose rule changes on the way."""

import pytest

from cubicl.office import DAY_MS, NOW_MS, Office, assert_text

DAILY = {"type": "daily", "period": 1, "createWhen": "completed", "active": True, "stopCondition": "none"}
AFTER_DEADLINE = DAILY | {"createWhen": "after-deadline"}


@pytest.mark.usefixtures("stopped")
class TestFromCompletedToAfterDeadline:
    """A series that began without dates, and is to follow its deadline later."""

    def test_series_goes_on(self, office: Office, project: str, clock) -> None:
        """The deadline that came with the new rule is that of the series: the copies have deadlines too, and go on."""
        task = office.task(project, recurrent=True, recurrence=DAILY)["_id"]
        changes = {"start": NOW_MS, "deadline": NOW_MS + DAY_MS, "recurrence": AFTER_DEADLINE}
        assert office.owner.put(f"/tasks/{task}", json=changes).status_code == 200

        clock.advance("P3DT1H")

        series = sorted(office.every_task(group=project), key=lambda one: one["deadline"])
        assert [one["deadline"] for one in series] == [NOW_MS + days * DAY_MS for days in (1, 2, 3, 4)]
        assert [one["start"] for one in series] == [NOW_MS + days * DAY_MS for days in (0, 1, 2, 3)]
        assert [one["lastCopy"] for one in series] == [False, False, False, True]

    def test_deadline_of_the_series_stays(self, office: Office, project: str, clock) -> None:
        """A series that has a deadline keeps it when only the one task gets another together with the new rule."""
        task = office.task(project, recurrent=True, recurrence=DAILY, deadline=NOW_MS + DAY_MS)["_id"]
        changes = {"deadline": NOW_MS + DAY_MS + 1000, "recurrence": AFTER_DEADLINE}
        assert office.owner.put(f"/tasks/{task}", json=changes).status_code == 200

        clock.advance("P1DT1H")

        series = sorted(office.every_task(group=project), key=lambda one: one["deadline"])
        assert [one["deadline"] for one in series] == [NOW_MS + DAY_MS + 1000, NOW_MS + 2 * DAY_MS]

    def test_without_a_deadline(self, office: Office, project: str) -> None:
        """Without any deadline the rule is refused, and the task still recurs as before."""
        task = office.task(project, recurrent=True, recurrence=DAILY)["_id"]

        response = office.owner.put(f"/tasks/{task}", json={"recurrence": AFTER_DEADLINE})

        assert_text(response, 400, "createWhen after-deadline needs a deadline")
        assert office.owner.put(f"/tasks/{task}/state", json={"value": "cb_completed"}).status_code == 200
        assert len(office.every_task(group=project)) == 2
