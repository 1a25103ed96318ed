"""Actions on a task that stay within the organisation."""

from collections.abc import Mapping
from typing import Any

from understudy.core.sandbox import Sandbox
from understudy.core.store import Session
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.cubicl.rules.activities import write_activity
from understudy.vendors.cubicl.rules.context import Errand
from understudy.vendors.cubicl.rules.events import task_event
from understudy.vendors.cubicl.rules.sheets import Sheet, find_sheet, keep_sheet
from understudy.vendors.cubicl.schemas import TASK_ARCHIVED, TASK_RESTORED
from understudy.vendors.cubicl.schemas.projects import Strict


class OneTask(Strict):
    """A task's id."""

    task: str


class SetGantt(OneTask):
    """A task's id, and whether the task is to be in the Gantt chart."""

    inGantt: bool


def archive(sandbox: Sandbox, session: Session, wish: OneTask) -> Mapping[str, Any]:
    """Archive a task in the name of its owner, who always may; answers the task."""
    sheet = task_named(session, wish.task)
    if sheet.row.is_archived:
        raise ActionRefused(f"task: {wish.task!r} is archived already")
    return _set_archived(Errand(sandbox, session), sheet, archived=True)


def restore(sandbox: Sandbox, session: Session, wish: OneTask) -> Mapping[str, Any]:
    """Take a task out of the archive in the name of its owner; answers the task."""
    sheet = task_named(session, wish.task)
    if not sheet.row.is_archived:
        raise ActionRefused(f"task: {wish.task!r} is not archived")
    return _set_archived(Errand(sandbox, session), sheet, archived=False)


def set_gantt(sandbox: Sandbox, session: Session, wish: SetGantt) -> Mapping[str, Any]:
    """Put a task into the Gantt chart or take it out; answers the task and `inGantt`, which no task of the API shows."""
    sheet = task_named(session, wish.task)
    sheet.row.in_gantt = wish.inGantt
    keep_sheet(session, sheet)
    return {**sheet.document, "inGantt": wish.inGantt}


def task_named(session: Session, task: str) -> Sheet:
    """Return a task; raise `UnknownRecord`."""
    sheet = find_sheet(session, task)
    if sheet is None:
        raise UnknownRecord(f"there is no task {task!r}")
    return sheet


def _set_archived(context: Errand, sheet: Sheet, *, archived: bool) -> Mapping[str, Any]:
    # archivedAt is absent on a task that never was in the archive and null on a restored one (inferred from its type).
    sheet.document["archivedAt"] = context.now() if archived else None
    keep_sheet(context.db, sheet)
    write_activity(context, sheet.row.id, "archive" if archived else "restore", sheet.row.owner)
    task_event(context, TASK_ARCHIVED if archived else TASK_RESTORED, sheet)
    return sheet.document
