"""Lengths of time, which stand in two units, and the sums of them that a task shows."""

from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, update

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.groupcamp.tables import Affect, Task, Timelog

WORKDAY: Final = 28_800
"""Seconds of a working day where nobody says otherwise: eight hours (inferred)."""

_affects, _logs, _tasks = table_of(Affect).c, table_of(Timelog).c, table_of(Task).c


def both_units(*, d: int | None = None, s: int | None = None, workday: int) -> tuple[int, int]:
    """Return a length of time as thousandths of a day and seconds, from whichever was entered.

    Rounded to the nearest, but never to nothing: one is 0 only if the other is (help centre for the relation; rounding inferred).
    """
    if s is not None:
        return (max(1, rounded(s * 1000, workday)) if s else 0), s
    d = d or 0
    return d, (max(1, rounded(d * workday, 1000)) if d else 0)


def rounded(dividend: int, divisor: int) -> int:
    """Divide, to the nearest whole number."""
    return (2 * dividend + divisor) // (2 * divisor)


def _sums(*conditions: Any) -> tuple[Any, Any]:
    """The sums of the time records that fit, in both units; summed unit by unit, for days differ in length."""
    return tuple(  # type: ignore[return-value]  # of two
        select(func.coalesce(func.sum(column), 0)).where(*conditions).scalar_subquery() for column in (_logs.d, _logs.s)
    )


_of_task = _logs.task == bindparam("which")
_of_assignee = or_(_logs.user == _affects.user, _logs.user.is_(None) & _affects.user.is_(None))
_task_sums, _affect_sums = _sums(_of_task), _sums(_of_task, _of_assignee)
TALLY_TASK = Prepared(
    update(table_of(Task)).where(_tasks.id == bindparam("which")).values(spent_d=_task_sums[0], spent_s=_task_sums[1])
)
TALLY_AFFECTS = Prepared(
    update(table_of(Affect)).where(_affects.task == bindparam("which")).values(spent_d=_affect_sums[0], spent_s=_affect_sums[1])
)


def tally(db: Session, task: int) -> None:
    """Bring the sums of time spent on a task up to date, after a change of its time records or assignees."""
    db.run(TALLY_TASK, which=task)
    db.run(TALLY_AFFECTS, which=task)
