"""Subtasks and parents: two views of one link, kept in step."""

from collections.abc import Iterator

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import Impossible, TaskArchived, WouldTurnHierarchy
from understudy.vendors.cubicl.rules.activities import write_activity
from understudy.vendors.cubicl.rules.events import task_updated
from understudy.vendors.cubicl.rules.sheets import Sheet, find_sheet, keep_sheet, open_sheet
from understudy.vendors.cubicl.rules.standing import standing_of
from understudy.vendors.cubicl.tables import Task

_tasks = table_of(Task).c
PARENT = Prepared(select(_tasks.parent).where(_tasks.id == bindparam("task")))


def add_subtask(call: CubiclCall, task: str, subtask: str) -> None:
    """Put a task under another, away from where it was; one that is there already stays.

    Raises `NotFound`, `NoPermission`, `TaskArchived`, `WouldTurnHierarchy`, and `Impossible` for an unknown subtask.
    """
    sheet = open_sheet(call.db, task)
    standing = standing_of(call.db, call.caller, sheet)
    if not standing.may_edit:
        raise standing.refusal("cubicl.subtasks.level")
    require_visible_subtasks(call, [subtask])
    if sheet.row.is_archived:
        raise TaskArchived().by("cubicl.subtasks.archived-parent")
    require_subtasks(call.db, sheet, [subtask])
    before = dict(sheet.document)
    if subtask in before["subtasks"]:
        follow("cubicl.subtasks.again")
        return
    take_in(call.db, sheet, subtask)
    sheet.document["subtasks"] = [*before["subtasks"], subtask]
    keep_sheet(call.db, sheet)
    data = {"oldValues": {"subtasks": before["subtasks"]}, "newValues": {"subtasks": sheet.document["subtasks"]}}
    write_activity(call, task, "update", call.caller, data=data)
    follow("cubicl.subtasks.activity", "cubicl.update.activity-data")
    task_updated(call, sheet, before)


def require_visible_subtasks(call: CubiclCall, subtasks: list[str]) -> None:
    """Raise `NoPermission` if one of some tasks is there but not for the caller."""
    for subtask in subtasks:
        sheet = find_sheet(call.db, subtask)
        if sheet is None:
            continue
        standing = standing_of(call.db, call.caller, sheet)
        if not standing.may_see:
            raise standing.refusal("cubicl.subtasks.level")
    if subtasks:
        follow("cubicl.subtasks.level")


def require_subtasks(db: Session, sheet: Sheet, subtasks: list[str], *rules: str) -> None:
    """Raise `Impossible` for an unknown task, and `WouldTurnHierarchy` (by `rules` too) for the task itself or one above it."""
    if any(find_sheet(db, subtask) is None for subtask in subtasks):
        raise Impossible().by("cubicl.subtasks.unknown")
    above = [sheet.row.id, *_ancestors(db, sheet.row.id)]
    if not set(above).isdisjoint(subtasks):
        raise _turned(above, subtasks).by(*rules)


def _turned(above: list[str], subtasks: list[str]) -> WouldTurnHierarchy:
    """Return the refusal; of a task and those above it, the second is the only one that the page speaks of for certain."""
    refusal = WouldTurnHierarchy()
    return refusal if set(above[1:2]) & set(subtasks) else refusal.by("cubicl.subtasks.itself-or-far-above")


def set_subtasks(db: Session, sheet: Sheet, subtasks: list[str]) -> None:
    """Let a task have these subtasks and no others; its sheet is to be kept afterwards."""
    before: list[str] = sheet.document["subtasks"]
    for dropped in before:
        if dropped not in subtasks:
            _set_parent(db, dropped, None)
            follow("cubicl.subtasks.dropped")
    for added in subtasks:
        if added not in before:
            take_in(db, sheet, added)
    sheet.document["subtasks"] = subtasks


def take_in(db: Session, parent: Sheet, subtask: str) -> None:
    """Give a task a parent and take it from the one it had; the new parent's list is the caller's to change."""
    follow("cubicl.subtasks.one-parent", "cubicl.task.two-views-of-a-link")
    sheet = open_sheet(db, subtask)
    note_projects(parent, sheet)
    if sheet.document["parent"] is not None:
        follow("cubicl.subtasks.leaves-former-parent")
    leave_parent(db, sheet)
    _set_parent(db, subtask, parent.row.id)


def note_projects(parent: Sheet, subtask: Sheet) -> None:
    """Note that a task has a parent of another project, where it has."""
    if parent.document["group"] != subtask.document["group"]:
        follow("cubicl.task.subtasks-of-other-projects")


def leave_parent(db: Session, sheet: Sheet) -> None:
    """Take a task out of its parent's list."""
    former = sheet.document["parent"]
    if former is not None:
        above = open_sheet(db, former)
        above.document["subtasks"] = [task for task in above.document["subtasks"] if task != sheet.row.id]
        keep_sheet(db, above)


def with_descendants(db: Session, sheet: Sheet) -> list[Sheet]:
    """Return a task and all below it, each after its parent."""
    found = [sheet]
    for above in found:
        found += [open_sheet(db, task) for task in above.document["subtasks"]]
    return found


def _set_parent(db: Session, task: str, parent: str | None) -> None:
    sheet = open_sheet(db, task)
    sheet.document["parent"] = parent
    keep_sheet(db, sheet)


def _ancestors(db: Session, task: str) -> Iterator[str]:
    parent = db.scalar(PARENT, task=task)
    while parent is not None:
        yield parent
        parent = db.scalar(PARENT, task=parent)
