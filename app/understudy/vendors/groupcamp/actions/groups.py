"""Actions on groups, and on what tasks hang on in a group: lists and milestones."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import StrictBool
from sqlalchemy import and_, bindparam, case, select, update

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.groupcamp import documents, tables, wire
from understudy.vendors.groupcamp.actions.found import TABLES, Body, Day, Name, fetch, fetch_account, fetch_user, moment
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, kind_of, new_number

_lists, _tasks = table_of(tables.TaskList).c, table_of(tables.Task).c
_of_milestone = and_(
    _tasks.due_with_milestone == bindparam("inherited"),
    _tasks.list.in_(select(_lists.id).where(_lists.milestone == bindparam("which"))),
)
_begins_later = _tasks.begin_day > bindparam("new_day")
MOVE_DUE_DATES = Prepared(update(table_of(tables.Task)).where(_of_milestone).values(due_day=bindparam("new_day")))
MOVE_BEGINNINGS = Prepared(
    update(table_of(tables.Task))
    .where(_of_milestone, _begins_later)
    .values(
        begin_day=bindparam("new_day"),
        modified=case((_tasks.modified < bindparam("present"), bindparam("present")), else_=_tasks.modified),
    )
)


METHODS = (
    "GET /task/v1/tasks",
    "GET /track/v1/timelogs",
    "GET /core/v1/orgas/invited",
    "POST /core/v1/orga/invited",
    "POST /core/v1/group/project",
)
"""The methods that may answer 403 and name no object that could be forbidden."""


class CreateGroup(Body):
    """A new group of the account."""

    name: Name
    gtype: Literal["project", "intranet", "extranet"] = "project"


class SetGroupState(Body):
    """A group, the state it is to have, and whether its Tasks and Timelog applications are on; what is not sent stays."""

    group: str
    state: Literal["ok", "archi", "trash", "del"] | None = None
    tasks: StrictBool | None = None
    timelogs: StrictBool | None = None


class CreateList(Body):
    """A new list in a group, linked to a milestone of that group if one is named."""

    group: str
    name: Name
    description: str = ""
    milestone: str | None = None
    is_private: StrictBool = False


class CreateMilestone(Body):
    """A new milestone in a group; `user` is in charge."""

    group: str
    name: Name
    date: Day
    description: str = ""
    is_private: StrictBool = False
    user: str | None = None


class SetMilestoneDate(Body):
    """A milestone and its new day."""

    milestone: str
    date: Day


class Forbid(Body):
    """The Uuid of an object, or one of `METHODS`, and whether it is to answer 403.

    An object does where it is asked for itself, and a group also where something in it is.
    """

    id: str
    forbidden: StrictBool = True


def create_group(sandbox: Sandbox, session: Session, wish: CreateGroup) -> Mapping[str, Any]:
    """Create a group and return it."""
    account = fetch_account(session).number
    group = tables.Group(
        id=new_number(session, account),
        account=account,
        name=wish.name,
        gtype=wish.gtype,
        state="ok",
        has_tasks=True,
        folded=wish.name.casefold(),
    )
    session.add(group)
    return _shown_group(group)


def set_group_state(sandbox: Sandbox, session: Session, wish: SetGroupState) -> Mapping[str, Any]:
    """Change a group's state and return it."""
    group = fetch(session, tables.Group, Kind.GROUP, wish.group)
    group.state = wish.state or group.state
    group.has_tasks = group.has_tasks if wish.tasks is None else wish.tasks
    group.has_timelogs = group.has_timelogs if wish.timelogs is None else wish.timelogs
    session.save(group)
    documents.write(session, "group", group.id)
    return _shown_group(group)


def create_list(sandbox: Sandbox, session: Session, wish: CreateList) -> Mapping[str, Any]:
    """Create a list and return it; a private milestone makes it private."""
    group = fetch(session, tables.Group, Kind.GROUP, wish.group)
    milestone = None if wish.milestone is None else fetch(session, tables.Milestone, Kind.MILESTONE, wish.milestone)
    if milestone is not None and milestone.group != group.id:
        raise ActionRefused("milestone: it belongs to another group")
    made = tables.TaskList(
        id=new_number(session, group.account),
        group=group.id,
        milestone=None if milestone is None else milestone.id,
        name=wish.name,
        description=wish.description,
        is_private=wish.is_private or (milestone is not None and milestone.is_private),
    )
    session.add(made)
    (row,) = session.all(wire.LISTS, ids=[made.id])
    return wire.task_list(row, wire.simple_users(session, [row["milestone_user"]]))


def create_milestone(sandbox: Sandbox, session: Session, wish: CreateMilestone) -> Mapping[str, Any]:
    """Create a milestone and return it."""
    group = fetch(session, tables.Group, Kind.GROUP, wish.group)
    milestone = tables.Milestone(
        id=new_number(session, group.account),
        group=group.id,
        name=wish.name,
        description=wish.description,
        is_private=wish.is_private,
        is_open=True,
        day=wish.date.toordinal(),
        user=None if wish.user is None else fetch_user(session, group.account, wish.user).id,
    )
    session.add(milestone)
    return _shown_milestone(session, milestone)


def set_milestone_date(sandbox: Sandbox, session: Session, wish: SetMilestoneDate) -> Mapping[str, Any]:
    """Move a milestone and return it.

    The due dates of tasks that take theirs from it move too, which does not count as a modification of the task; but a task that
    would begin after it is due is modified to begin on the new day (both inferred).
    """
    milestone = fetch(session, tables.Milestone, Kind.MILESTONE, wish.milestone)
    milestone.day = wish.date.toordinal()
    session.save(milestone)
    values = {"which": milestone.id, "inherited": True, "new_day": milestone.day}
    session.run(MOVE_DUE_DATES, **values)
    session.run(MOVE_BEGINNINGS, **values, present=moment(sandbox))
    documents.write(session, "milestone", milestone.id)
    return _shown_milestone(session, milestone)


def forbid(sandbox: Sandbox, session: Session, wish: Forbid) -> Mapping[str, Any]:
    """Forbid an object or a method, or allow it again."""
    mark = session.get(tables.Forbidden, wish.id)
    new_mark = tables.Forbidden(id=wish.id) if wish.id in METHODS else _mark_of_object(session, wish.id)
    if wish.forbidden and mark is None:
        session.add(new_mark)
    elif mark is not None and not wish.forbidden:
        session.remove(mark)
    return {"id": wish.id, "forbidden": wish.forbidden}


def _mark_of_object(session: Session, uuid: str) -> tables.Forbidden:
    try:
        kind = kind_of(uuid)
    except NotAUuid:
        raise UnknownRecord(f"{uuid!r} is neither a Uuid nor one of {', '.join(METHODS)}") from None
    found: Any = fetch(session, TABLES[kind], kind, uuid)
    return tables.Forbidden(id=uuid, kind=kind.value, number=found.id)


def _shown_group(group: tables.Group) -> dict[str, Any]:
    return wire.simple_group(group.model_dump())


def _shown_milestone(session: Session, milestone: tables.Milestone) -> dict[str, Any]:
    group = session.get(tables.Group, milestone.group)
    assert group is not None
    users = wire.simple_users(session, [milestone.user])
    return wire.milestone(milestone.model_dump(), _shown_group(group), users)
