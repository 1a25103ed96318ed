"""The states of tasks: where a task starts, where it may go, and what a change of state writes down."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from understudy.core.clock import iso
from understudy.core.ids import object_id
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import Forbidden, InvalidValue
from understudy.vendors.cotalker.paging import Listing
from understudy.vendors.cotalker.tables import State, StateChange, StateMachine, Task

Document = dict[str, Any]

_states, _machines = table_of(State).c, table_of(StateMachine).c
_tasks, _changes = table_of(Task).c, table_of(StateChange).c
STATES_OF_GROUP = Prepared(select(_states.document).where(_states.task_group == bindparam("task_group")).order_by(_states.id))
STATE_OF_GROUP = Prepared(
    select(_states.document).where(_states.id == bindparam("id"), _states.task_group == bindparam("task_group"))
)
STATES_OF_MACHINE = Prepared(
    select(_states.document)
    .where(_states.task_group == bindparam("task_group"), _states.state_machine == bindparam("machine"))
    .order_by(_states.id)
)
MACHINES_OF_GROUP = Prepared(
    select(_machines.document).where(_machines.task_group == bindparam("task_group")).order_by(_machines.id)
)
SUBTASKS = Prepared(
    select(_tasks.document).where(_tasks.task_group == bindparam("task_group"), _tasks.parent == bindparam("parent"))
)
CHANGES_SO_FAR = Prepared(select(func.count()).select_from(table_of(StateChange)).where(_changes.task == bindparam("task")))

STATE_CHANGES = Listing(
    table=table_of(StateChange),
    clauses={"task": _changes.task == bindparam("task")},
    sorts={"_id": _changes.number},  # their order of creation, whatever the clock did meanwhile
)


def starting_machine(call: Call, task_group: Mapping[str, Any], wanted: str | None) -> Document | None:
    """Return the state machine of a new task, or None where the group has none.

    The one that is asked for, the group's `initialStateMachine` or else its first active one; raises `InvalidValue` for one that
    is asked for and is not an active one of the group.
    """
    rows = call.db.all(MACHINES_OF_GROUP, task_group=task_group["_id"])
    machines: list[Document] = [machine for row in rows if (machine := orjson.loads(row["document"]))["isActive"]]
    by_id: dict[str | None, Document] = {machine["_id"]: machine for machine in machines}
    if wanted is not None:
        if wanted not in by_id:
            must = "be an active state machine of the task group"
            raise InvalidValue("smStateMachine", must, wanted).by("cotalker.states.machine-refused")
        follow("cotalker.states.machine-sent")
        return by_id[wanted]
    if (initial := by_id.get(task_group.get("initialStateMachine"))) is not None:
        follow("cotalker.states.initial-machine")
        return initial
    follow("cotalker.states.first-machine" if machines else "cotalker.states.no-machine")
    return next(iter(machines), None)


def starting_state(call: Call, machine: Mapping[str, Any]) -> Document | None:
    """Return the state in which tasks of a machine start: its `initialState`, its first of type `new`, or else its first."""
    rows = call.db.all(STATES_OF_MACHINE, task_group=machine["taskGroup"], machine=machine["_id"])
    states = [orjson.loads(row["document"]) for row in rows]
    named: Document | None = next((state for state in states if state["_id"] == machine.get("initialState")), None)
    if named is not None:
        follow("cotalker.states.initial-state")
        return named
    follow("cotalker.states.first-state")
    return next((state for state in states if state["type"] == "new"), None) or next(iter(states), None)


def next_states(call: Call, caller: Caller, task_group: Mapping[str, Any], task: Mapping[str, Any]) -> list[Document]:
    """Return the states that a task may move to: what the present one lists, or in a `free` group every other one."""
    states = [orjson.loads(row["document"]) for row in call.db.all(STATES_OF_GROUP, task_group=task_group["_id"])]
    others = [state for state in states if state["isActive"] and state["_id"] != task.get("smState")]
    present = next((state for state in states if state["_id"] == task.get("smState")), None)
    if task_group["flowType"] == "free" or present is None:
        follow("cotalker.workflows.next-in-free")
        return others
    follow("cotalker.workflows.next-for-caller")
    open_to_caller = {step["target"] for step in present["next"] if _may_take(call, caller, step)}
    return [state for state in others if state["_id"] in open_to_caller]


def move_task(call: Call, caller: Caller, task_group: Mapping[str, Any], task: Document, target: str, *, now: int) -> None:
    """Put a task into another state, where the flow of its group leads there; the same state again changes nothing.

    Raises `InvalidValue` for a state that can't be reached and `Forbidden` for a transition that others may make.
    """
    if target == task.get("smState"):
        follow("cotalker.states.same-state")
        return
    row = call.db.first(STATE_OF_GROUP, id=target, task_group=task_group["_id"])
    state = None if row is None else orjson.loads(row["document"])
    if state is None or not state["isActive"]:
        raise InvalidValue("smState", "be an active state of the task group", target).by("cotalker.states.other-group")
    if task_group["flowType"] == "state-machine":
        _require_transition(call, caller, task, target)
    else:
        follow("cotalker.states.free")
    if state["type"] == "closed":
        _require_closed_subtasks(call, task, target)
    enter_state(task, state, now)
    log_state(call.db, call.sandbox.seed, task, changed_by=caller.id, instant=now)


def enter_state(task: Document, state: Mapping[str, Any], instant: int) -> None:
    """Write a state into a task; a closed one closes it, any other opens it again."""
    follow("cotalker.states.status", "cotalker.states.stamp")
    if state["type"] == "closed":
        follow("cotalker.states.closed")
    elif task["closedAt"] is not None:
        follow("cotalker.states.reopened")
    task |= {
        "status": state["property"],
        "smState": state["_id"],
        "smStateMachine": state["stateMachine"],
        "modifiedStateAt": iso(instant),
        "closedAt": None,
    }
    if state["type"] == "closed":
        task |= {"closedAt": iso(instant), "resolutionDate": iso(instant)}


def log_state(session: Session, seed: int, task: Mapping[str, Any], *, changed_by: str, instant: int) -> None:
    """Note the state that a task is in from `instant` on.

    The keys are those that clients read and, for the rest, the columns of the vendor's SQL copy of this log, spelled
    as elsewhere in the API (inferred).
    """
    document = {
        "_id": object_id(session, seed=seed, instant=instant),
        "task": task["_id"],
        "taskGroup": task["taskGroup"],
        "currentState": task["smState"],
        "currentStateMachine": task["smStateMachine"],
        "changedBy": changed_by,
        "createdAt": iso(instant),
    }
    follow("cotalker.states.logged")
    number = session.scalar(CHANGES_SO_FAR, task=task["_id"]) + 1
    session.add(StateChange(task=task["_id"], number=number, document=orjson.dumps(document).decode()))


def _require_transition(call: Call, caller: Caller, task: Mapping[str, Any], target: str) -> None:
    row = call.db.first(STATE_OF_GROUP, id=task.get("smState"), task_group=task["taskGroup"])
    if row is None:
        follow("cotalker.states.without-state")
        return
    steps = [step for step in orjson.loads(row["document"])["next"] if step["target"] == target]
    if not steps:
        misfit = InvalidValue("smState", "be a state that follows the present one", target)
        raise misfit.by("cotalker.states.strict", "cotalker.states.not-next")
    if not any(_may_take(call, caller, step) for step in steps):
        raise Forbidden().by("cotalker.states.permissions-of-a-step", "cotalker.states.step-refused")
    follow("cotalker.states.strict")
    if any("none" in step.get("canChange", ()) for step in steps):
        follow("cotalker.states.can-change")
    if any(step.get("triggers") for step in steps):
        follow("cotalker.states.triggers")


def _may_take(call: Call, caller: Caller, step: Mapping[str, Any]) -> bool:
    """Whether one of the step's permissions is the caller's; `canChange` rules the app's buttons only (state model)."""
    permissions = step.get("permissions")
    if not permissions:
        return True
    if not call.settings.cotalker_permission_checks:
        follow("cotalker.admin.checks-off")
        return True
    follow("cotalker.states.permissions-of-a-step")
    return caller.has_any(permissions)


def _require_closed_subtasks(call: Call, task: Mapping[str, Any], target: str) -> None:
    rows = call.db.all(SUBTASKS, task_group=task["taskGroup"], parent=task["_id"])
    left_open = [sub for row in rows if (sub := orjson.loads(row["document"]))["closedAt"] is None]
    if any(sub["isActive"] for sub in left_open):
        misfit = InvalidValue("smState", "not be a closed state while there are open sub-tasks", target)
        raise misfit.by("cotalker.states.open-sub-tasks", "cotalker.states.open-sub-tasks-status")
    if left_open:
        follow("cotalker.states.deactivated-sub-tasks")
