"""Actions on tasks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy import bindparam, select, update

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.groupcamp import documents, tables
from understudy.vendors.groupcamp.actions.found import Body, Day, Name, fetch, fetch_user, first_user, moment
from understudy.vendors.groupcamp.actions.time import Length, in_both_units
from understudy.vendors.groupcamp.rules.disturbances import AFFECTS, DELETE_AFFECTS, DELETE_TAGS, discard_task
from understudy.vendors.groupcamp.rules.durations import tally
from understudy.vendors.groupcamp.uuids import Kind, account_of, new_number

_affects, _logs = table_of(tables.Affect), table_of(tables.Timelog)
_tags, _task_tags = table_of(tables.Tag), table_of(tables.TaskTag)
FINISH_AFFECTS = Prepared(update(_affects).where(_affects.c.task == bindparam("which")).values(progress=100))
TAG_BY_NAME = Prepared(
    select(_tags).where(
        _tags.c.name == bindparam("name"), _tags.c.account == bindparam("account"), _tags.c.for_task == bindparam("for_task")
    )
)


def _plain(value: object) -> object:
    """Take a date in the shape in which the API shows it, too: `{"type": "date", "date": ...}`."""
    if not isinstance(value, dict) or "type" not in value:
        return value
    return {"date": value.get("date") or value, "milestone": "milestone", "empty": None}.get(str(value["type"]), value)


Begin = Annotated[Day | None, BeforeValidator(_plain)]
End = Annotated[Day | Literal["milestone"] | None, BeforeValidator(_plain)]
Progress = Annotated[int, Field(ge=0, le=100, multiple_of=10, strict=True)]


class Assignee(Body):
    """A user who is to have a task; without an estimate, that of the whole body."""

    user: str
    progress: Progress = 0
    estimate: Length | None = None


class TaskBody(Body):
    """What can be said of a task.

    `affects` has users, or objects that say more of each; empty, the task is assigned to Nobody. `estimate` is for each assignee
    without an own one, or for Nobody. `end` is a day, or `milestone` for that of the list's milestone. `tags` has names.
    """

    description: str = ""
    affects: Sequence[Assignee | str] = ()
    estimate: Length = 0
    begin: Begin = None
    end: End = None
    tags: Sequence[str] = ()


class CreateTask(TaskBody):
    """A new task; its creator is the first user of the account unless one is named."""

    list: str
    name: Name
    creator: str | None = None


class UpdateTask(TaskBody):
    """What is to change; what is not sent stays. An `estimate` needs `affects` beside it."""

    task: str
    name: Name | None = None


class SetProgress(Body):
    """An assignee, or Nobody when no user is named, and a percentage."""

    task: str
    user: str | None = None
    progress: Progress


class OneTask(Body):
    """A task."""

    task: str


class CompleteTask(OneTask):
    """A task and who completes it, by default its creator."""

    user: str | None = None


def create_task(sandbox: Sandbox, session: Session, wish: CreateTask) -> Mapping[str, Any]:
    """Create a task and return it."""
    in_list = fetch(session, tables.TaskList, Kind.TASK_LIST, wish.list)
    account, now = account_of(in_list.id), moment(sandbox)
    creator = first_user(session, account) if wish.creator is None else fetch_user(session, account, wish.creator).id
    task = tables.Task(
        id=new_number(session, account),
        group=in_list.group,
        list=in_list.id,
        name=wish.name,
        description=wish.description,
        created=now,
        creator=creator,
        modified=now,
        due_with_milestone=False,
    )
    _set_dates(session, task, in_list, begin=wish.begin, end=wish.end)
    session.add(task)
    _assign(session, task, wish.affects, wish.estimate)
    _tag(session, task, wish.tags)
    return _followed(session, task)


def update_task(sandbox: Sandbox, session: Session, wish: UpdateTask) -> Mapping[str, Any]:
    """Change a task and return it."""
    task, sent = _task(session, wish.task), wish.model_fields_set
    if "estimate" in sent and "affects" not in sent:
        raise ActionRefused("estimate: needs affects beside it")
    if wish.name is not None:
        task.name = wish.name
    if "description" in sent:
        task.description = wish.description
    if sent & {"begin", "end"}:
        in_list = session.get(tables.TaskList, task.list)
        assert in_list is not None
        begin = wish.begin if "begin" in sent else _day(task.begin_day)
        end = wish.end if "end" in sent else "milestone" if task.due_with_milestone else _day(task.due_day)
        _set_dates(session, task, in_list, begin=begin, end=end)
    _save(sandbox, session, task)
    if "affects" in sent:
        session.run(DELETE_AFFECTS, which=task.id)
        _assign(session, task, wish.affects, wish.estimate)
    if "tags" in sent:
        session.run(DELETE_TAGS, which=task.id)
        _tag(session, task, wish.tags)
    return _followed(session, task)


def set_progress(sandbox: Sandbox, session: Session, wish: SetProgress) -> Mapping[str, Any]:
    """Set an assignee's progress and return the task; it stays open even when everybody is at 100 (help centre)."""
    task = _task(session, wish.task)
    user = None if wish.user is None else fetch_user(session, account_of(task.id), wish.user).id
    assigned = [affect for affect in session.records(tables.Affect, AFFECTS, which=task.id) if affect.user == user]
    if not assigned:
        raise ActionRefused(f"user: the task is not assigned to {wish.user or 'Nobody'}")
    if task.completed is not None and wish.progress != 100:
        raise ActionRefused("progress: a completed task is done by everybody; reopen it first")
    assigned[0].progress = wish.progress
    session.save(assigned[0])
    _save(sandbox, session, task)
    return _followed(session, task)


def complete_task(sandbox: Sandbox, session: Session, wish: CompleteTask) -> Mapping[str, Any]:
    """Complete a task and return it; all of its assignees are then at 100 (inferred)."""
    task = _task(session, wish.task)
    if task.completed is not None:
        raise ActionRefused("task: it is completed already")
    task.completed = max(moment(sandbox), task.modified)
    task.completed_by = task.creator if wish.user is None else fetch_user(session, account_of(task.id), wish.user).id
    session.run(FINISH_AFFECTS, which=task.id)
    _save(sandbox, session, task)
    return _followed(session, task)


def reopen_task(sandbox: Sandbox, session: Session, wish: OneTask) -> Mapping[str, Any]:
    """Open a task again and return it; the progress of its assignees stays (inferred)."""
    task = _task(session, wish.task)
    if task.completed is None:
        raise ActionRefused("task: it is open")
    task.completed = task.completed_by = None
    _save(sandbox, session, task)
    return _followed(session, task)


def delete_task(sandbox: Sandbox, session: Session, wish: OneTask) -> Mapping[str, Any]:
    """Delete a task and return it as it was."""
    task = _task(session, wish.task)
    shown = documents.shown(session, task)
    discard_task(session, task)
    return shown


def _task(session: Session, uuid: str) -> tables.Task:
    return fetch(session, tables.Task, Kind.TASK, uuid)


def _followed(session: Session, task: tables.Task) -> dict[str, Any]:
    """Bring up to date what shows a task, and return it as the API shows it."""
    documents.follow_task(session, task)
    return documents.shown(session, task)


def _save(sandbox: Sandbox, session: Session, task: tables.Task) -> None:
    """Write a changed task back. Its dates never run backwards, even if the sandbox's clock did."""
    task.modified = max(moment(sandbox), task.modified)
    session.save(task)


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _set_dates(
    session: Session, task: tables.Task, in_list: tables.TaskList, *, begin: date | None, end: date | str | None
) -> None:
    """Set start and due date; raise `ActionRefused` for a milestone that is not there and for a start after the due date."""
    milestone = None if in_list.milestone is None else session.get(tables.Milestone, in_list.milestone)
    task.due_with_milestone = end == "milestone"
    if task.due_with_milestone and milestone is None:
        raise ActionRefused("end: the task's list has no milestone")
    task.begin_day = None if begin is None else begin.toordinal()
    task.due_day = end.toordinal() if isinstance(end, date) else milestone.day if end and milestone else None
    if task.begin_day is not None and task.due_day is not None and task.begin_day > task.due_day:
        raise ActionRefused("begin: it is after the due date")


def _assign(session: Session, task: tables.Task, affects: Sequence[Assignee | str], estimate: Length) -> None:
    """Write a new task's assignees, or Nobody; raise `UnknownRecord`, and `ActionRefused` for one who comes twice."""
    account = session.get(tables.Account, account_of(task.id))
    assert account is not None
    rows = []
    for wanted in affects:
        one = Assignee(user=wanted) if isinstance(wanted, str) else wanted
        user = fetch_user(session, account.number, one.user)
        rows.append((user.id, one.progress, estimate if one.estimate is None else one.estimate, user.workday))
    if len({user for user, *_ in rows}) < len(rows):
        raise ActionRefused("affects: a user comes twice")
    for position, (assignee, progress, length, workday) in enumerate(rows or [(None, 0, estimate, account.workday)]):
        d, s = in_both_units(length, workday)
        finished = 100 if task.completed is not None else progress
        session.add(tables.Affect(task=task.id, position=position, user=assignee, progress=finished, estimate_d=d, estimate_s=s))
    tally(session, task.id)


def _tag(session: Session, task: tables.Task, names: Sequence[str]) -> None:
    for name in dict.fromkeys(names):
        row = session.first(TAG_BY_NAME, name=name, account=account_of(task.id), for_task=True)
        if row is None:
            raise UnknownRecord(f"there is no tag {name!r} for tasks")
        session.add(tables.TaskTag(task=task.id, tag=row["id"]))
