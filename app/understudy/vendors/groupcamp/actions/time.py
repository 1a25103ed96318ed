"""Recording time, which GroupCamp's API can only read."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, model_validator
from sqlalchemy import bindparam, select

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.groupcamp import documents, tables, wire
from understudy.vendors.groupcamp.actions.found import MOST, Body, Day, Name, fetch, fetch_account, fetch_user, first_user, moment
from understudy.vendors.groupcamp.rules.durations import both_units, tally
from understudy.vendors.groupcamp.schemas import day_of
from understudy.vendors.groupcamp.uuids import Kind, new_number

_categories = table_of(tables.TimeCategory).c
CATEGORY = Prepared(
    select(_categories.id).where(
        _categories.name == bindparam("name"),
        _categories.account == bindparam("account"),
        _categories.is_administrative == bindparam("is_administrative"),
    )
)

Amount = Annotated[int, Field(ge=0, le=MOST, strict=True)]


class Duration(Body):
    """A length of time in thousandths of a day or in seconds; in both, the one has to be what the other comes to."""

    d: Amount | None = None
    s: Amount | None = None

    @model_validator(mode="after")
    def _some(self) -> "Duration":
        if self.d is None and self.s is None:
            raise ValueError("`d` or `s` is needed")
        return self


# A bare number is in seconds.
Length = Duration | Amount


class LogTime(Body):
    """Who worked (Nobody when no user is named), how long, on which day (by default today), and on what.

    That is a task, or a group, or neither; then `category` has to be the name of an administrative category. Otherwise it may be
    that of a category for projects. `billable` is for projects; null says that the question does not arise.
    """

    task: str | None = None
    group: str | None = None
    category: Name | None = None
    user: str | None = None
    duration: Length
    date: Day | None = None
    name: str = ""
    billable: StrictBool | None = None


def in_both_units(length: Length, workday: int) -> tuple[int, int]:
    """Return a length as thousandths of a day and seconds; raise `ActionRefused` if it says both and they contradict."""
    if isinstance(length, int):
        return both_units(s=length, workday=workday)
    by_d, by_s = both_units(d=length.d, workday=workday), both_units(s=length.s, workday=workday)
    if length.d is None or length.s is None:
        return by_s if length.d is None else by_d
    if (length.d, length.s) not in (by_d, by_s):
        raise ActionRefused(f"duration: with a working day of {workday} s, {length.d} d are not {length.s} s")
    return length.d, length.s


def log_time(sandbox: Sandbox, session: Session, wish: LogTime) -> Mapping[str, Any]:
    """Record time spent and return the Timelog.

    A task's sums change; its modification date doesn't, for a time record is an object of its own (inferred).
    """
    task, group = _worked_on(session, wish)
    account = fetch_account(session) if group is None else session.get(tables.Account, group.account)
    assert account is not None
    user = None if wish.user is None else fetch_user(session, account.number, wish.user)
    role = None if user is None or user.role is None else session.get(tables.Role, user.role)
    d, s = in_both_units(wish.duration, account.workday if user is None else user.workday)
    now = moment(sandbox)
    record = tables.Timelog(
        id=new_number(session, account.number),
        account=account.number,
        group=None if group is None else group.id,
        task=None if task is None else task.id,
        user=None if user is None else user.id,
        name=wish.name,
        day=day_of(now) if wish.date is None else wish.date.toordinal(),
        d=d,
        s=s,
        created=now,
        modified=now,
        modification_user=_editor(session, account.number, user, task),
        billable=wish.billable,
        category=_category(session, account.number, wish.category, is_administrative=group is None),
        role=None if role is None else role.id,
        user_rate=0 if user is None else user.rate,
        role_rate=0 if role is None else role.rate,
    )
    session.add(record)
    if task is not None:
        tally(session, task.id)
        documents.write(session, "task", task.id)
    (shown,) = wire.timelogs(session, [record.model_dump()], time_unit=account.time_unit)
    return shown


def _worked_on(session: Session, wish: LogTime) -> tuple[tables.Task | None, tables.Group | None]:
    task = None if wish.task is None else fetch(session, tables.Task, Kind.TASK, wish.task)
    group = None if wish.group is None else fetch(session, tables.Group, Kind.GROUP, wish.group)
    if task is not None:
        if group is not None and group.id != task.group:
            raise ActionRefused("group: the task is in another one")
        group = session.get(tables.Group, task.group)
    if group is not None and not group.has_timelogs:
        raise ActionRefused("group: its Timelog application is off")
    if group is None and wish.category is None:
        raise ActionRefused("task: it is needed, or a group, or an administrative category")
    if wish.billable is not None and (group is None or group.gtype != "project"):
        raise ActionRefused("billable: only time for a project can be")
    return task, group


def _category(session: Session, account: int, name: str | None, *, is_administrative: bool) -> int | None:
    if name is None:
        return None
    number: int | None = session.scalar(CATEGORY, name=name, account=account, is_administrative=is_administrative)
    if number is None:
        kind = "administrative category" if is_administrative else "category for projects"
        raise UnknownRecord(f"there is no {kind} {name!r}")
    return number


def _editor(session: Session, account: int, user: tables.User | None, task: tables.Task | None) -> int:
    """Return who seems to have made the record: its user, or the creator of the task, or the first user of the account."""
    if user is not None:
        return user.id
    return first_user(session, account) if task is None else task.creator
