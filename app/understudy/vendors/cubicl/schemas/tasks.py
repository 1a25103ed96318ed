"""The bodies about tasks."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

import orjson

from understudy.core.provenance import follow, following
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.recurrence import Recurrence, read_recurrence
from understudy.vendors.cubicl.schemas.steps import Steps, fitting_steps, read_steps
from understudy.vendors.cubicl.schemas.values import (
    Reader,
    boolean,
    filled,
    filled_reference,
    ignore_all_but,
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
    unset_by,
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
        require(body, name, "cubicl.create.required")
    task = read_fields(body, NEW_TASK, beside={"steps"})
    _note_defaults(task)
    _merge_workflow(task, "workFlowId")
    _require_recurrence(task)
    if task.get("recurrence") is not None and not task.get("recurrent"):
        follow("cubicl.create.recurrence-needs-recurrent")
    task["recurrence"] = task["recurrence"] if task.get("recurrent") else None
    require_deadline(task["recurrence"], task.get("deadline"))
    task["steps"] = fitting_steps(task.get("stepType", "none"), body.get("steps"))
    return task  # type: ignore[return-value]  # every field has been read by its reader


def read_changes(body: Mapping[str, Any]) -> Changes:
    """Return the body of Update Task."""
    changes = read_fields(body, CHANGES, beside={"steps"})
    if not FIXED.isdisjoint(body):
        follow("cubicl.update.fixed-fields")
    _merge_workflow(changes, "workflowId")
    _require_recurrence(changes)
    if changes.get("recurrent") is False:
        changes["recurrence"] = None
    if "stepType" in changes:
        changes["steps"] = fitting_steps(changes["stepType"], body.get("steps"))
    elif "steps" in body:
        changes |= _steps_alone(body["steps"])
    return changes  # type: ignore[return-value]  # every field has been read by its reader


def _note_defaults(task: Mapping[str, Any]) -> None:
    if not task.keys() >= DEFAULTED:
        follow("cubicl.create.defaults")
    for field, rule in (("desc", "cubicl.create.desc-default"), ("priority", "cubicl.create.priority-default")):
        if field not in task:
            follow(rule)


def _steps_alone(steps: Any) -> dict[str, Any]:
    """Read `steps` that came without a stepType; null is none, and so there is no stepType either."""
    if steps is None:
        follow("cubicl.update.unset", "cubicl.steps.none")
        return {"steps": None, "stepType": "none"}
    follow("cubicl.steps.by-stored-type")
    return {"steps": read_steps(steps)}


def require_deadline(recurrence: Recurrence | None, deadline: float | None) -> None:
    """Refuse a recurrence that waits for a deadline which the task doesn't have."""
    if recurrence is not None and recurrence["createWhen"] == "after-deadline" and deadline is None:
        raise BadRequest("createWhen after-deadline needs a deadline").by("cubicl.recurrence.needs-deadline")


def read_subtask(body: Mapping[str, Any]) -> str:
    """Return the body of Add Subtask."""
    ignore_all_but({"subtask"}, body)
    return reference("subtask", require(body, "subtask", "cubicl.subtasks.required"))


def read_state(body: Mapping[str, Any]) -> str:
    """Return the body of Update Task State."""
    ignore_all_but({"value"}, body)
    return string("value", require(body, "value", "cubicl.state.required"))


def _merge_workflow(fields: dict[str, Any], preferred: str) -> None:
    """Make `workflowId` of the two spellings; Create Task has the one, Update Task the other."""
    given: dict[str, Any] = {name: fields.pop(name) for name in ("workFlowId", "workflowId") if name in fields}
    if given:
        follow("cubicl.task.workflow-spelling" if list(given) == [preferred] else "cubicl.task.workflow-either-spelling")
        fields["workflowId"] = given.get(preferred, next(iter(given.values())))


def _require_recurrence(fields: Mapping[str, Any]) -> None:
    if fields.get("recurrent") and fields.get("recurrence") is None:
        refusal = BadRequest("recurrence is required when recurrent is true")
        raise refusal.by("cubicl.recurrence.needed", "cubicl.recurrence.needed-is-400")


def _priority(name: str, value: Any) -> int | float:
    if not is_number(value) or not 1 <= value <= 5:
        raise BadRequest(f"{name} must be from 1 to 5").by("cubicl.create.priority-range")
    return value  # type: ignore[no-any-return]  # is_number


def _custom_fields(name: str, value: Any) -> dict[str, str]:
    """Read values under the names of fields; they are answered as strings, and an empty one or null takes its name out."""
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object").by("cubicl.task.custom-field-values")
    if any(isinstance(item, list | dict) for item in value.values()):
        raise BadRequest(f"{name} must hold strings").by("cubicl.task.custom-field-values")
    return {field: _text(item) for field, item in value.items() if item is not None and item != ""}


def _text(value: str | float | bool) -> str:
    """Write a value as JavaScript's `String` does."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e21
    return orjson.dumps(int(value) if whole and abs(value) < 1 << 63 else value).decode()


STEP_TYPE = one_of("none", "steps", "progress")

RECURRENCE = following(read_recurrence, "cubicl.recurrence.fields")
CUSTOM_FIELDS = following(_custom_fields, "cubicl.task.custom-fields-as-strings", "cubicl.task.any-custom-field")

NOTHING: Final = "cubicl.format.null-is-none"
UNSET: Final = "cubicl.update.unset"
UNSET_TEXT: Final = "cubicl.update.unset-texts"
UNSET_LIST: Final = "cubicl.update.unset-lists"

DEFAULTED: Final = frozenset(
    ("start", "deadline", "customer", "parent", "files", "tags", "assignees", "stepType", "private", "recurrent")
)
"""Fields of a new task whose default the Tasks page names, with priority, state and followers."""

FIXED: Final = frozenset(("priority", "tags", "parent", "assignedBy"))
"""Properties of a task that no update changes."""

NEW_TASK: dict[str, Reader] = {
    "group": filled_reference,
    "name": filled,
    "desc": string,
    "workFlowId": reference,
    "workflowId": reference,
    "parent": unset_by(NOTHING, read=optional_reference),
    "private": boolean,
    "recurrent": boolean,
    "recurrence": or_null(RECURRENCE, NOTHING),
    "stepType": STEP_TYPE,
    "files": references,
    "customer": unset_by(NOTHING, read=optional_reference),
    "tags": references,
    "priority": following(_priority, "cubicl.task.priority-from-1-to-5"),
    "assignees": references,
    "start": unset_by(NOTHING, read=optional_number),
    "deadline": unset_by(NOTHING, read=optional_number),
    "state": string,
    "estimatedTime": unset_by("cubicl.format.zero-is-none", read=following(number, "cubicl.task.estimated-time-in-seconds")),
    "customFields": CUSTOM_FIELDS,
    "followers": references,
}

CHANGES: dict[str, Reader] = {
    "assignees": or_null(references, UNSET, UNSET_LIST, null=[]),
    "followers": or_null(references, UNSET, UNSET_LIST, null=[]),
    "customer": unset_by(UNSET, UNSET_TEXT, read=optional_reference),
    "deadline": unset_by(UNSET, read=optional_number),
    "desc": unset_by(UNSET, UNSET_TEXT, read=or_null(string, null="")),
    "group": filled_reference,
    "files": following(or_null(references, UNSET, UNSET_LIST, null=[]), "cubicl.update.lists-as-a-whole"),
    "recurrent": or_null(boolean, UNSET, null=False),
    "recurrence": or_null(RECURRENCE, UNSET),
    "name": filled,
    "workFlowId": unset_by(UNSET, UNSET_TEXT, read=optional_reference),
    "workflowId": unset_by(UNSET, UNSET_TEXT, read=optional_reference),
    "start": unset_by(UNSET, read=optional_number),
    "stepType": or_null(STEP_TYPE, UNSET, null="none"),
    "private": or_null(boolean, UNSET, "cubicl.update.unset-flags", null=False),
    "state": filled,
    "subtasks": following(or_null(references, UNSET, UNSET_LIST, null=[]), "cubicl.update.lists-as-a-whole"),
    "estimatedTime": following(
        unset_by(UNSET, "cubicl.update.unset-estimate", read=optional_number), "cubicl.task.estimated-time-in-seconds"
    ),
    "customFields": following(
        unset_by(UNSET, "cubicl.update.unset-custom-fields", read=or_null(CUSTOM_FIELDS, null={})),
        "cubicl.update.custom-fields-as-a-whole",
    ),
    "updateTemplate": or_null(boolean, UNSET, "cubicl.update.unset-flags", null=False),
}
