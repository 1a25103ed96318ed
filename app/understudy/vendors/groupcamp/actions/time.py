"""Recording time, which GroupCamp's API can only read."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from understudy.core.sandbox import Sandbox
from understudy.core.store import Session
from understudy.core.vendor import ActionRefused
from understudy.vendors.groupcamp import documents, tables, wire
from understudy.vendors.groupcamp.actions.found import MOST, Body, Day, fetch, fetch_user, moment
from understudy.vendors.groupcamp.rules import both_units, tally
from understudy.vendors.groupcamp.schemas import day_of
from understudy.vendors.groupcamp.uuids import Kind, account_of, new_number

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
    """A task, who worked on it (Nobody when no user is named), how long, and on which day (by default today)."""

    task: str
    user: str | None = None
    duration: Length
    date: Day | None = None
    name: str = ""


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
    """Record time spent on a task and return the Timelog.

    The task's sums change; its modification date doesn't, for a time record is an object of its own (inferred).
    """
    task = fetch(session, tables.Task, Kind.TASK, wish.task)
    account = session.get(tables.Account, account_of(task.id))
    assert account is not None
    user = None if wish.user is None else fetch_user(session, account.number, wish.user)
    d, s = in_both_units(wish.duration, account.workday if user is None else user.workday)
    now = moment(sandbox)
    record = tables.Timelog(
        id=new_number(session, account.number),
        group=task.group,
        task=task.id,
        user=None if user is None else user.id,
        name=wish.name,
        day=day_of(now) if wish.date is None else wish.date.toordinal(),
        d=d,
        s=s,
        created=now,
        modified=now,
        modification_user=task.creator if user is None else user.id,
    )
    session.add(record)
    tally(session, task.id)
    documents.write(session, "task", task.id)
    group = session.get(tables.Group, task.group)
    assert group is not None
    users = wire.simple_users(session, (record.user, record.modification_user))
    return wire.timelog(record, wire.simple_group(group.model_dump()), users, time_unit=account.time_unit)
