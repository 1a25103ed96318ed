"""The states of tasks: where a task starts, where it may go, and what a change of state writes down."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from understudy.core.clock import iso
from understudy.core.ids import object_id
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
    is asked for and is not an active one of the group (inferred).
    """
    rows = call.db.all(MACHINES_OF_GROUP, task_group=task_group["_id"])
    machines: list[Document] = [machine for row in rows if (machine := orjson.loads(row["document"]))["isActive"]]
    by_id: dict[str | None, Document] = {machine["_id"]: machine for machine in machines}
    if wanted is not None:
        if wanted not in by_id:
            raise InvalidValue("smStateMachine", "be an active state machine of the task group", wanted)
        return by_id[wanted]
    return by_id.get(task_group.get("initialStateMachine")) or next(iter(machines), None)


def starting_state(call: Call, machine: Mapping[str, Any]) -> Document | None:
    """Return the state in which tasks of a machine start: its `initialState`, its first of type `new`, or else its first."""
    rows = call.db.all(STATES_OF_MACHINE, task_group=machine["taskGroup"], machine=machine["_id"])
    states = [orjson.loads(row["document"]) for row in rows]
    named = (state for state in states if state["_id"] == machine.get("initialState"))
    new = (state for state in states if state["type"] == "new")
    found: Document | None = next(named, None) or next(new, None) or next(iter(states), None)
    return found


def next_states(call: Call, caller: Caller, task_group: Mapping[str, Any], task: Mapping[str, Any]) -> list[Document]:
    """Return the states that a task may move to: what the present one lists, or in a `free` group every other one."""
    states = [orjson.loads(row["document"]) for row in call.db.all(STATES_OF_GROUP, task_group=task_group["_id"])]
    others = [state for state in states if state["isActive"] and state["_id"] != task.get("smState")]
    present = next((state for state in states if state["_id"] == task.get("smState")), None)
    if task_group["flowType"] == "free" or present is None:
        return others
    open_to_caller = {step["target"] for step in present["next"] if _may_take(call, caller, step)}
    return [state for state in others if state["_id"] in open_to_caller]


def move_task(call: Call, caller: Caller, task_group: Mapping[str, Any], task: Document, target: str, *, now: int) -> None:
    """Put a task into another state, where the flow of its group leads there; the same state again changes nothing.

    Raises `InvalidValue` for a state that can't be reached and `Forbidden` for a transition that others may make.
    """
    if target == task.get("smState"):
        return
    row = call.db.first(STATE_OF_GROUP, id=target, task_group=task_group["_id"])
    state = None if row is None else orjson.loads(row["document"])
    if state is None or not state["isActive"]:
        raise InvalidValue("smState", "be an active state of the task group", target)
    if task_group["flowType"] == "state-machine":
        _require_transition(call, caller, task, target)
    if state["type"] == "closed" and _has_open_subtasks(call, task):
        raise InvalidValue("smState", "not be a closed state while there are open sub-tasks", target)
    enter_state(task, state, now)
    log_state(call.db, call.sandbox.seed, task, changed_by=caller.id, instant=now)


def enter_state(task: Document, state: Mapping[str, Any], instant: int) -> None:
    """Write a state into a task; a closed one closes it, any other opens it again."""
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
    number = session.scalar(CHANGES_SO_FAR, task=task["_id"]) + 1
    session.add(StateChange(task=task["_id"], number=number, document=orjson.dumps(document).decode()))


def _require_transition(call: Call, caller: Caller, task: Mapping[str, Any], target: str) -> None:
    row = call.db.first(STATE_OF_GROUP, id=task.get("smState"), task_group=task["taskGroup"])
    if row is None:
        return  # a task that has no state yet may start anywhere (inferred)
    steps = [step for step in orjson.loads(row["document"])["next"] if step["target"] == target]
    if not steps:
        raise InvalidValue("smState", "be a state that follows the present one", target)
    if not any(_may_take(call, caller, step) for step in steps):
        raise Forbidden


def _may_take(call: Call, caller: Caller, step: Mapping[str, Any]) -> bool:
    """Whether one of the step's permissions is the caller's; `canChange` rules the app's buttons only (state model)."""
    permissions = step.get("permissions")
    return not permissions or not call.settings.cotalker_permission_checks or caller.has_any(permissions)


def _has_open_subtasks(call: Call, task: Mapping[str, Any]) -> bool:
    """Whether a sub-task is neither closed nor deactivated (that deactivated ones don't count is inferred)."""
    rows = call.db.all(SUBTASKS, task_group=task["taskGroup"], parent=task["_id"])
    return any(sub["isActive"] and sub["closedAt"] is None for sub in (orjson.loads(row["document"]) for row in rows))
