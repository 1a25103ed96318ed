"""Changes to a task's details, moves to another project included."""

from collections.abc import Sequence
from typing import Any, Final, cast

import orjson

from understudy.core.provenance import follow
from understudy.core.store import Session
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import (
    DatesNeeded,
    GanttProtected,
    MayNotMoveIn,
    MayNotMoveOut,
    TaskArchived,
    UnknownState,
)
from understudy.vendors.cubicl.rules.activities import write_activity, write_state_change
from understudy.vendors.cubicl.rules.events import task_state_changed, task_updated
from understudy.vendors.cubicl.rules.hierarchy import require_subtasks, require_visible_subtasks, set_subtasks
from understudy.vendors.cubicl.rules.projects import Level, State, state_named, states_of
from understudy.vendors.cubicl.rules.recurring import change_template, copy_on_completion, recur, schedule
from understudy.vendors.cubicl.rules.references import (
    customer_named,
    in_workflow,
    require_assignees,
    require_assignees_of,
    require_files,
    require_users,
    require_workflow,
)
from understudy.vendors.cubicl.rules.sheets import Document, Sheet, keep_sheet, open_sheet
from understudy.vendors.cubicl.rules.standing import Standing, standing_in, standing_of
from understudy.vendors.cubicl.rules.states import enter_state, state_of
from understudy.vendors.cubicl.rules.steps import differ_in_progress_only, number_steps, progress_differs
from understudy.vendors.cubicl.schemas import Changes, require_deadline, require_fitting

AS_SENT: Final = ("name", "desc", "start", "deadline", "assignees", "followers", "group", "private", "stepType")
"""Fields that a task holds just as they are sent."""

REPORTED: Final = (*AS_SENT, "state", "steps", "customer", "files", "subtasks", "workflow", "estimatedTime", "customFields")
"""Properties that an update activity reports when they change; those that the server derives are not among them."""


def update_task(call: CubiclCall, task: str, changes: Changes) -> tuple[dict[str, Any], Document]:
    """Change a task and return the update activity and the document.

    Raises `NotFound`, then `BadRequest` for what doesn't fit the task as it is, then in this order `NoPermission`,
    `TaskArchived`, `Impossible` for an unknown project, `MayNotMoveOut`, `MayNotMoveIn`, `UnknownState`, `DatesNeeded`,
    `GanttProtected`, `Impossible` for any other unknown record, and `WouldTurnHierarchy`.
    """
    sheet = open_sheet(call.db, task)
    changes = _fitted(sheet, changes)
    standing = standing_of(call.db, call.caller, sheet)
    _require_right(call, standing, sheet, changes)
    if sheet.row.is_archived:
        raise TaskArchived
    _require_move(call, standing, sheet, changes)
    old, new = _states(call.db, sheet, changes)
    _require_gantt(standing, sheet, changes)
    _require_records(call.db, sheet, changes)

    before = dict(sheet.document)
    _apply(call, sheet, changes)
    completes = enter_state(call, sheet, old, new)
    changed = {name for name in REPORTED if before.get(name) != sheet.document.get(name)}
    _apply_recurrence(call, sheet, changes, changed)
    keep_sheet(call.db, sheet)
    activity = _record(call, sheet, before, changed, old, new)
    if completes:
        copy_on_completion(call, sheet)
    return activity, sheet.document


def _fitted(sheet: Sheet, changes: Changes) -> Changes:
    """Hold changes against the task: steps against its stepType, a recurrence against its deadline."""
    if changes.get("steps") is not None and "stepType" not in changes:
        require_fitting(sheet.document["stepType"], changes["steps"])
    stored = orjson.loads(sheet.row.recurrence) if sheet.row.recurrence else None
    if changes.get("recurrence") is not None and "recurrent" not in changes and stored is None:
        follow("cubicl.recurrence.changed-alone")
        changes = cast(Changes, {name: value for name, value in changes.items() if name != "recurrence"})
    elif changes.get("recurrence") is not None and "recurrent" not in changes:
        follow("cubicl.recurrence.changed-alone")
    if "recurrence" in changes or "deadline" in changes:
        require_deadline(changes.get("recurrence", stored), changes.get("deadline", sheet.document["deadline"]))
    return changes


def _require_right(call: CubiclCall, standing: Standing, sheet: Sheet, changes: Changes) -> None:
    if not standing.may_edit:
        if not (standing.is_assigned and _is_progress_only(sheet, changes)):
            raise standing.refusal("cubicl.update.level").by(*(("cubicl.update.only-progress",) if standing.is_assigned else ()))
        follow("cubicl.update.assignee-progress", "cubicl.update.only-progress")
    added = [task for task in changes.get("subtasks", []) if task not in sheet.document["subtasks"]]
    require_visible_subtasks(call, added)


def _is_progress_only(sheet: Sheet, changes: Changes) -> bool:
    """Whether only ticks or progress change, which is all that assignees may do here."""
    if "steps" not in changes or not set(changes) <= {"steps", "stepType"}:
        return False
    same_type = changes.get("stepType", sheet.document["stepType"]) == sheet.document["stepType"]
    return same_type and differ_in_progress_only(sheet.document.get("steps"), changes["steps"])


def _require_move(call: CubiclCall, standing: Standing, sheet: Sheet, changes: Changes) -> None:
    target = changes.get("group", sheet.row.project)
    if target == sheet.row.project:
        if "group" in changes:
            follow("cubicl.move.same-project")
        return
    in_target = standing_in(call.db, call.caller, target, unknown="cubicl.move.unknown-project")
    if not standing.may_be_moved:
        raise MayNotMoveOut().by("cubicl.move.out-level")
    if not in_target.may_be_moved_into:
        raise MayNotMoveIn().by("cubicl.move.in-level")
    if sheet.document["subtasks"] or sheet.document["parent"] is not None:
        follow("cubicl.task.subtasks-of-other-projects")
    follow("cubicl.move.group", "cubicl.move.state" if "state" in changes else "cubicl.move.keeps-state")


def _states(db: Session, sheet: Sheet, changes: Changes) -> tuple[State, State]:
    """Return the state before and the one after; a task that moves keeps its state if the target has that name."""
    states = states_of(db, changes.get("group", sheet.row.project))
    old = state_of(db, sheet)
    if "state" not in changes:
        return old, _kept(states, old)
    new = state_named(states, changes["state"])
    follow("cubicl.update.present-state" if new["name"] == old["name"] else "cubicl.update.state")
    return old, new


def _kept(states: Sequence[State], old: State) -> State:
    try:
        return state_named(states, old["name"])
    except UnknownState as refusal:
        raise refusal.by("cubicl.move.keeps-state") from None


def _require_gantt(standing: Standing, sheet: Sheet, changes: Changes) -> None:
    if not sheet.row.in_gantt:
        return
    before = {name: sheet.document[name] for name in ("start", "deadline", "group")}
    after = {name: changes.get(name, value) for name, value in before.items()}
    if None in after.values():
        raise DatesNeeded().by("cubicl.gantt.needs-both-dates")
    if after != before and not standing.may_change_gantt(Level.EDIT, "cubicl.gantt.changes"):
        raise GanttProtected().by("cubicl.gantt.changes")


def _require_records(db: Session, sheet: Sheet, changes: Changes) -> None:
    require_assignees(db, changes.get("assignees", []))
    require_users(db, changes.get("followers", []))
    require_assignees_of(db, changes.get("steps"))
    require_files(db, changes.get("files", []))
    require_workflow(db, changes.get("workflowId"))
    customer_named(db, changes.get("customer"))
    require_subtasks(db, sheet, changes.get("subtasks", []), "cubicl.subtasks.ancestor-by-update")
    if changes.get("assignees") and "followers" not in changes:
        follow("cubicl.update.followers-stay")


def _apply(call: CubiclCall, sheet: Sheet, changes: Changes) -> None:
    """Put the changes into the document; whatever then says nothing is left out."""
    document = sheet.document
    document |= {name: value for name, value in changes.items() if name in AS_SENT}
    if "customer" in changes:
        document["customer"] = customer_named(call.db, changes["customer"])
    if "files" in changes:
        document["files"] = [{"_id": file} for file in changes["files"]]
    if "subtasks" in changes:
        set_subtasks(call.db, sheet, changes["subtasks"])
    if "steps" in changes:
        steps = changes["steps"]
        _set(document, "steps", None if steps is None else number_steps(call, steps, known=document.get("steps")))
    if "estimatedTime" in changes:
        _set(document, "estimatedTime", changes["estimatedTime"])
    if "customFields" in changes:
        _set(document, "customFields", changes["customFields"] or None)
    if "workflowId" in changes and changes["workflowId"] != document.get("workflow", {}).get("id"):
        workflow = require_workflow(call.db, changes["workflowId"])
        _set(document, "workflow", in_workflow(call, workflow) if workflow else None)


def _apply_recurrence(call: CubiclCall, sheet: Sheet, changes: Changes, changed: set[str]) -> None:
    if changes.get("updateTemplate"):
        follow("cubicl.recurrence.update-template")
        change_template(sheet, changed)
    elif sheet.row.template is not None and changed:
        follow("cubicl.recurrence.template-default")
    if "recurrence" in changes:
        recur(call, sheet, changes["recurrence"])
    elif "deadline" in changes:
        schedule(call, sheet)


def _record(call: CubiclCall, sheet: Sheet, before: Document, changed: set[str], old: State, new: State) -> dict[str, Any]:
    """Write the activities of an update, tell of it, and return the first activity, which is always there."""
    task, after = sheet.row.id, sheet.document
    names = [name for name in REPORTED if name in changed]
    data = {
        "oldValues": {name: before.get(name) for name in names},
        "newValues": {name: after.get(name) for name in names},
    }
    update = write_activity(call, task, "update", call.caller, data=data)
    if not names:
        follow("cubicl.update.no-change")
    if progress_differs(before.get("steps"), after.get("steps")):
        steps = {"oldSteps": before["steps"], "newSteps": after["steps"]}
        write_activity(call, task, "progress", call.caller, data=steps)
        follow("cubicl.update.progress-activity", "cubicl.update.progress-data")
    task_updated(call, sheet, before)
    if "state" in changed:
        follow("cubicl.update.state-change-activity")
        task_state_changed(call, sheet, write_state_change(call, task, call.caller, old, new))
    return update


def _set(document: Document, name: str, value: Any) -> None:
    if value is None:
        document.pop(name, None)
    else:
        document[name] = value
