"""Deleting a task and all below it."""

from understudy.core.provenance import follow
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import GanttProtected, SubtaskProtected
from understudy.vendors.cubicl.rules.events import task_event
from understudy.vendors.cubicl.rules.hierarchy import leave_parent, with_descendants
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.sheets import discard_sheet, open_sheet
from understudy.vendors.cubicl.rules.standing import standing_of
from understudy.vendors.cubicl.schemas import TASK_DELETED


def delete_task(call: CubiclCall, task: str) -> None:
    """Delete a task with its subtasks at every depth, or nothing at all.

    Nobody can read the `delete` activity of a task that is gone, so none is kept. Raises `NotFound`, `NoPermission`,
    `SubtaskProtected` and, for any of them that is in the Gantt chart, `GanttProtected`.
    """
    family = with_descendants(call.db, open_sheet(call.db, task))
    standings = [standing_of(call.db, call.caller, sheet) for sheet in family]
    if not standings[0].may_delete:
        raise standings[0].refusal("cubicl.delete.level")
    if not all(standing.may_delete for standing in standings):
        raise SubtaskProtected().by("cubicl.delete.level", "cubicl.delete.all-or-nothing")
    for sheet, standing in zip(family, standings, strict=True):
        if sheet.row.in_gantt and not standing.may_change_gantt(Level.DELETE, "cubicl.gantt.deletion"):
            raise GanttProtected().by("cubicl.gantt.deletion")
    if len(family) > 1:
        follow("cubicl.delete.subtasks")
    if len(family) > 1 + len(family[0].document["subtasks"]):
        follow("cubicl.delete.subtasks-of-all-levels")
    if family[0].row.is_archived:
        follow("cubicl.archive.still-usable")
    if family[0].document["parent"] is not None:
        follow("cubicl.delete.leaves-parent")
    leave_parent(call.db, family[0])
    for sheet in family:
        task_event(call, TASK_DELETED, sheet)
        discard_sheet(call.db, sheet)
