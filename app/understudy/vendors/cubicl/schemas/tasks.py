"""The bodies about tasks."""

from collections.abc import Mapping
from typing import Any, TypedDict

import orjson

from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.recurrence import Recurrence, read_recurrence
from understudy.vendors.cubicl.schemas.steps import Steps, fitting_steps, read_steps
from understudy.vendors.cubicl.schemas.values import (
    Reader,
    boolean,
    filled,
    filled_reference,
    is_number,
    number,
    one_of,
    optional_number,
    optional_reference,
    or_null,
    read_fields,
    reference,
    references,
    require,
    string,
)


class NewTask(TypedDict, total=False):
    """The fields of a new task that were sent, as the task will hold them; `workflowId` is either spelling."""

    group: str
    name: str
    desc: str
    workflowId: str | None
    parent: str | None
    private: bool
    recurrent: bool
    recurrence: Recurrence | None
    stepType: str
    steps: Steps | None
    files: list[str]
    customer: str | None
    tags: list[str]
    priority: float
    assignees: list[str]
    start: float | None
    deadline: float | None
    state: str
    estimatedTime: float | None
    customFields: dict[str, str]
    followers: list[str]


class Changes(TypedDict, total=False):
    """The fields of a task that are to change, and their new values; None unsets.

    `recurrence` None ends the recurrence; without `recurrent` it is meant for a task that recurs already. `steps` without
    `stepType` still has to fit that of the task.
    """

    assignees: list[str]
    followers: list[str]
    customer: str | None
    deadline: float | None
    desc: str
    group: str
    files: list[str]
    recurrent: bool
    recurrence: Recurrence | None
    name: str
    workflowId: str | None
    start: float | None
    steps: Steps | None
    stepType: str
    private: bool
    state: str
    subtasks: list[str]
    estimatedTime: float | None
    customFields: dict[str, str]
    updateTemplate: bool


def read_new_task(body: Mapping[str, Any]) -> NewTask:
    """Return the body of Create Task."""
    for name in ("group", "name"):
        require(body, name)
    task = read_fields(body, NEW_TASK)
    _merge_workflow(task, "workFlowId")
    _require_recurrence(task)
    task["recurrence"] = task["recurrence"] if task.get("recurrent") else None
    require_deadline(task["recurrence"], task.get("deadline"))
    task["steps"] = fitting_steps(task.get("stepType", "none"), body.get("steps"))
    return task  # type: ignore[return-value]  # every field has been read by its reader


def read_changes(body: Mapping[str, Any]) -> Changes:
    """Return the body of Update Task."""
    changes = read_fields(body, CHANGES)
    _merge_workflow(changes, "workflowId")
    _require_recurrence(changes)
    if changes.get("recurrent") is False:
        changes["recurrence"] = None
    if "stepType" in changes:
        changes["steps"] = fitting_steps(changes["stepType"], body.get("steps"))
    elif "steps" in body:
        changes |= {"steps": read_steps(body["steps"])} if body["steps"] is not None else {"steps": None, "stepType": "none"}
    return changes  # type: ignore[return-value]  # every field has been read by its reader


def require_deadline(recurrence: Recurrence | None, deadline: float | None) -> None:
    """Refuse a recurrence that waits for a deadline which the task doesn't have."""
    if recurrence is not None and recurrence["createWhen"] == "after-deadline" and deadline is None:
        raise BadRequest("createWhen after-deadline needs a deadline")


def read_subtask(body: Mapping[str, Any]) -> str:
    """Return the body of Add Subtask."""
    return reference("subtask", require(body, "subtask"))


def read_state(body: Mapping[str, Any]) -> str:
    """Return the body of Update Task State."""
    return string("value", require(body, "value"))


def _merge_workflow(fields: dict[str, Any], preferred: str) -> None:
    """Make `workflowId` of the two spellings; Create Task has the one, Update Task the other (inferred: both will do in both)."""
    given: dict[str, Any] = {name: fields.pop(name) for name in ("workFlowId", "workflowId") if name in fields}
    if given:
        fields["workflowId"] = given.get(preferred, next(iter(given.values())))


def _require_recurrence(fields: Mapping[str, Any]) -> None:
    if fields.get("recurrent") and fields.get("recurrence") is None:
        raise BadRequest("recurrence is required when recurrent is true")


def _priority(name: str, value: Any) -> int | float:
    if not is_number(value) or not 1 <= value <= 5:
        raise BadRequest(f"{name} must be from 1 to 5")
    return value  # type: ignore[no-any-return]  # is_number


def _custom_fields(name: str, value: Any) -> dict[str, str]:
    """Read values under the names of fields; they are answered as strings, and an empty one or null takes its name out."""
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object")
    if any(isinstance(item, list | dict) for item in value.values()):
        raise BadRequest(f"{name} must hold strings")
    return {field: _text(item) for field, item in value.items() if item is not None and item != ""}


def _text(value: str | float | bool) -> str:
    """Write a value as JavaScript's `String` does."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e21
    return orjson.dumps(int(value) if whole and abs(value) < 1 << 63 else value).decode()


STEP_TYPE = one_of("none", "steps", "progress")

NEW_TASK: dict[str, Reader] = {
    "group": filled_reference,
    "name": filled,
    "desc": string,
    "workFlowId": reference,
    "workflowId": reference,
    "parent": optional_reference,
    "private": boolean,
    "recurrent": boolean,
    "recurrence": or_null(read_recurrence),
    "stepType": STEP_TYPE,
    "files": references,
    "customer": optional_reference,
    "tags": references,
    "priority": _priority,
    "assignees": references,
    "start": optional_number,
    "deadline": optional_number,
    "state": string,
    "estimatedTime": number,
    "customFields": _custom_fields,
    "followers": references,
}

CHANGES: dict[str, Reader] = {
    "assignees": or_null(references, null=[]),
    "followers": or_null(references, null=[]),
    "customer": optional_reference,
    "deadline": optional_number,
    "desc": or_null(string, null=""),
    "group": filled_reference,
    "files": or_null(references, null=[]),
    "recurrent": or_null(boolean, null=False),
    "recurrence": or_null(read_recurrence),
    "name": filled,
    "workFlowId": optional_reference,
    "workflowId": optional_reference,
    "start": optional_number,
    "stepType": or_null(STEP_TYPE, null="none"),
    "private": or_null(boolean, null=False),
    "state": filled,
    "subtasks": or_null(references, null=[]),
    "estimatedTime": optional_number,
    "customFields": or_null(_custom_fields, null={}),
    "updateTemplate": or_null(boolean, null=False),
}
