"""What GroupCamp does with tasks: which of them a request gets, and what holds between a task's figures."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, or_, select, update

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import AccessForbidden, NotFound
from understudy.vendors.groupcamp.paging import Place
from understudy.vendors.groupcamp.tables import Affect, ForbiddenObject, Group, Task, TaskDocument, Timelog
from understudy.vendors.groupcamp.uuids import Kind, account_of, uuid

WORKDAY: Final = 28_800
"""Seconds of a working day where nobody says otherwise: eight hours (inferred)."""

_documents = table_of(TaskDocument)
_affects, _groups, _logs, _tasks = table_of(Affect).c, table_of(Group).c, table_of(Timelog).c, table_of(Task).c

_is_forbidden = exists().where(table_of(ForbiddenObject).c.id == bindparam("uuid"))
ONE_GROUP = Prepared(
    select(_groups.state, _groups.has_tasks, _is_forbidden.label("is_forbidden")).where(_groups.id == bindparam("which"))
)

# A filter on a value that a task doesn't have drops the task, as NULL fails every comparison. That is also why contradictions
# (`state=open` beside a completion date, a beginning after its end) need no rule of their own: nothing fits them.
CLAUSES = {
    "state_open": _tasks.completed.is_(None),
    "state_completed": _tasks.completed.is_not(None),
    "due_begin": _tasks.due_day >= bindparam("due_begin"),
    "due_end": _tasks.due_day <= bindparam("due_end"),
    "cpl_begin": _tasks.completed >= bindparam("cpl_begin"),
    "cpl_end": _tasks.completed <= bindparam("cpl_end"),
    "crea_begin": _tasks.created >= bindparam("crea_begin"),
    "crea_end": _tasks.created <= bindparam("crea_end"),
    "mod_begin": _tasks.modified >= bindparam("mod_begin"),
    "mod_end": _tasks.modified <= bindparam("mod_end"),
    # In this form, and not as (a) or (b and c), an index on group and creation leads straight to the place.
    "cursor": (_tasks.created >= bindparam("after_created"))
    & or_(_tasks.created > bindparam("after_created"), _tasks.id > bindparam("after_id")),
}


@lru_cache(maxsize=2048)
def page_statement(generation: str, names: tuple[str, ...]) -> Prepared:
    """Return the query for the tasks of a group under these conditions, oldest first, ties by number (order inferred)."""
    query = select(_tasks.id, _tasks.created, _documents.c[generation].label("document")).where(
        _documents.c.task == _tasks.id, _tasks.group == bindparam("which"), *(CLAUSES[name] for name in names)
    )
    return Prepared(query.order_by(_tasks.created, _tasks.id).limit(bindparam("at_most")))


def fetch_group(call: SignedCall, group: int) -> None:
    """Make sure that a group can be retrieved.

    Raises `NotFound` for one that the account doesn't have and `AccessForbidden` for one that is there. What makes the vendor
    forbid one is unknown; taken here: trash, deleted, without the Tasks application, or forbidden by a set-up action.
    """
    row = call.db.first(ONE_GROUP, which=group, uuid=uuid(Kind.GROUP, group)) if account_of(group) == call.account else None
    if row is None:
        raise NotFound
    if row["state"] in ("trash", "del") or not row["has_tasks"] or row["is_forbidden"]:
        raise AccessForbidden


def group_tasks(call: SignedCall, group: int, query: Mapping[str, Any]) -> tuple[list[bytes], Place | None]:
    """Return the documents of one page, and the place of the last of them if more follow."""
    size = call.settings.groupcamp_page_size
    values: dict[str, Any] = {"which": group, "at_most": size + 1}
    names = []
    for name, value in query.items():
        if name == "state":
            names.append(f"state_{value}")
            continue
        names.append(name)
        values |= {"after_created": value.created, "after_id": value.id} if name == "cursor" else {name: value}
    rows = call.db.all(page_statement(call.settings.groupcamp_generation, tuple(names)), **values)
    documents = [row["document"] for row in rows[:size]]
    return documents, Place(rows[size - 1]["created"], rows[size - 1]["id"]) if len(rows) > size else None


def both_units(*, d: int | None = None, s: int | None = None, workday: int) -> tuple[int, int]:
    """Return a length of time as thousandths of a day and seconds, from whichever was entered.

    Rounded to the nearest, but never to nothing: one is 0 only if the other is (help centre for the relation; rounding inferred).
    """
    if s is not None:
        return (max(1, _rounded(s * 1000, workday)) if s else 0), s
    d = d or 0
    return d, (max(1, _rounded(d * workday, 1000)) if d else 0)


def _rounded(dividend: int, divisor: int) -> int:
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
