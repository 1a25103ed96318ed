"""A task's state and its completion."""

from understudy.core.provenance import follow
from understudy.core.store import Session
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import SameState, StateOfArchivedTask
from understudy.vendors.cubicl.rules.activities import write_state_change
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.rules.events import task_state_changed
from understudy.vendors.cubicl.rules.projects import State, state_named, states_of
from understudy.vendors.cubicl.rules.recurring import copy_on_completion
from understudy.vendors.cubicl.rules.sheets import NOT_COMPLETED, Sheet, keep_sheet, open_sheet
from understudy.vendors.cubicl.rules.standing import standing_of


def change_state(call: CubiclCall, task: str, name: str) -> dict[str, object]:
    """Put a task into another state and return the change as a TaskStateActivity, which has five properties.

    Raises `NotFound`, `NoPermission`, and then, in this order, `StateOfArchivedTask`, `UnknownState` and `SameState`.
    """
    sheet = open_sheet(call.db, task)
    standing = standing_of(call.db, call.caller, sheet)
    if not standing.may_change_state:
        raise standing.refusal("cubicl.state.level")
    if sheet.row.is_archived:
        raise StateOfArchivedTask
    new = state_named(states_of(call.db, sheet.row.project), name)
    old = state_of(call.db, sheet)
    if new["name"] == old["name"]:
        raise SameState
    completes = enter_state(call, sheet, old, new)
    keep_sheet(call.db, sheet)
    change = write_state_change(call, task, call.caller, old, new)
    task_state_changed(call, sheet, change)
    if completes:
        copy_on_completion(call, sheet)
    return change


def state_of(db: Session, sheet: Sheet) -> State:
    """Return the state that a task is in."""
    return state_named(states_of(db, sheet.row.project), sheet.document["state"])


def enter_state(context: Context, sheet: Sheet, old: State, new: State) -> bool:
    """Put a task into a state and stamp or clear its completion; tell whether this completes it."""
    sheet.document["state"] = new["name"]
    if sheet.document["subtasks"] and new["name"] != old["name"]:
        follow("cubicl.state.subtasks-keep-theirs")
    was_completed, is_completed = old["type"] == "completed", new["type"] == "completed"
    if is_completed and not was_completed:
        follow("cubicl.state.completion")
        sheet.document["completedAt"] = context.now()
    elif was_completed and not is_completed:
        follow("cubicl.state.completion-cleared")
        sheet.document["completedAt"] = NOT_COMPLETED
    elif is_completed and new["name"] != old["name"]:
        follow("cubicl.state.completion-kept")
    if new["type"] == "cancelled":
        follow("cubicl.state.cancelled-is-not-completed")
    return is_completed and not was_completed
