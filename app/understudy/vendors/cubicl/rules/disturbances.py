"""Paging faults: a list changes between two of its pages, and a client that counts rows meets one twice or never.

Cubicl's pages are counted by rows (`skip`), so a record that comes in before them moves all others on, and one that goes moves
them back. Both happen as if somebody else had done it just now, webhooks included.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.rules.events import task_event
from understudy.vendors.cubicl.rules.hierarchy import leave_parent
from understudy.vendors.cubicl.rules.sheets import discard_sheet, keep_sheet, new_sheet, open_sheet
from understudy.vendors.cubicl.rules.steps import number_steps
from understudy.vendors.cubicl.schemas import TASK_CREATED, TASK_DELETED

NEAR: Final = 50
"""How many of the rows already read a fault may choose from."""

Read = Callable[[int, int], Sequence[str]]


def disturb(
    call: CubiclCall, read: Read, skip: int, *, insert: Callable[[str], None], delete: Callable[[Sequence[str]], None]
) -> int:
    """Do what a fault wants before the rows of a list from `skip` on are read; return how many more are to be read before them.

    `read` gives ids of the list by skip and limit; `insert` makes a record directly above one, `delete` removes one of some, the
    last if it may. Nothing is done for a first page, or one beyond the end.
    """
    if skip == 0:
        return 0
    near = min(skip, NEAR)
    before = read(skip - near, near)
    fault = call.paging_fault() if len(before) == near else None
    if fault == "insert":
        insert(before[-1])
    elif fault == "delete":
        delete(before)
    return int(fault == "duplicate")


def disturb_tasks(call: CubiclCall, read: Read, skip: int) -> int:
    """Do that to a list of tasks."""
    return disturb(call, read, skip, insert=partial(_copy_task, call), delete=partial(_delete_task, call))


def _copy_task(call: CubiclCall, task: str) -> None:
    """Make another task just like one, directly above it; its subtasks, activities and recurrence are not copied."""
    original = open_sheet(call.db, task)
    document: dict[str, Any] = {
        **original.document,
        "_id": call.new_id(),
        "priorityScore": original.document["priorityScore"] - 1,
        "createdAt": call.now(),
        "subtasks": [],
    }
    if "steps" in document:
        document["steps"] = number_steps(call, document["steps"])
    sheet = new_sheet(call.db, document)
    if document["parent"] is not None:
        parent = open_sheet(call.db, document["parent"])
        parent.document["subtasks"] = [*parent.document["subtasks"], sheet.row.id]
        keep_sheet(call.db, parent)
    task_event(call, TASK_CREATED, sheet)


def _delete_task(call: CubiclCall, before: Sequence[str]) -> None:
    """Delete the last of some tasks that has no subtasks; where all have some, nothing is deleted."""
    sheets = (open_sheet(call.db, task) for task in reversed(before))
    sheet = next((sheet for sheet in sheets if not sheet.document["subtasks"]), None)
    if sheet is not None:
        leave_parent(call.db, sheet)
        task_event(call, TASK_DELETED, sheet)
        discard_sheet(call.db, sheet)
