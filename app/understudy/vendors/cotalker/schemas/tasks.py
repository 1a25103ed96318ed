"""The fields of a task, as they are sent, and by which tasks are searched and grouped."""

from collections.abc import Mapping
from typing import Any

from understudy.core.clock import EARLIEST, LATEST, iso
from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas import queries
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null
from understudy.vendors.cotalker.schemas.searches import search
from understudy.vendors.cotalker.schemas.shapes import (
    array,
    filled_text,
    known,
    mapping,
    number,
    object_ids,
    or_null,
    shape,
    text,
)
from understudy.vendors.cotalker.schemas.values import Check, object_id, one_of, ruled

CHANNEL_TYPES = ("bound", "unbound", "unbound-hierarchy")
COLORS = ("none", "red", "blue", "green", "yellow")
DATES = ("createdAt", "modifiedAt", "modifiedStateAt", "closedAt", "resolutionDate", "startDate", "endDate")
STATUSES = ("status1", "status2", "status3", "status4", "status5")
LARGEST_WEIGHT = (1 << 50) - 1  # what the vendor's SQL copy leaves for a position


def instant(name: str, value: Any) -> str:
    """Read an ISO 8601 text or epoch milliseconds and return it as it is stored, in UTC with three decimals."""
    if isinstance(value, float) and EARLIEST <= value <= LATEST:
        if not value.is_integer():
            refusal = InvalidValue(name, "be a valid date", value)
            raise refusal.by("cotalker.errors.date", "cotalker.task-fields.dates-with-fraction")
        follow("cotalker.task-fields.dates-with-fraction")
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and EARLIEST <= value <= LATEST:
        follow("cotalker.task-fields.dates-in-bodies")
        return iso(value)
    if not isinstance(value, str):
        raise InvalidValue(name, "be a valid date", value).by("cotalker.errors.date")
    kept = iso(queries.span(name, value).first)
    if value != kept:
        follow("cotalker.task-fields.dates-in-bodies")
    return kept


def _weight(name: str, value: Any) -> int | float:
    if number(name, value) > LARGEST_WEIGHT:
        raise InvalidValue(name, f"be less than or equal to {LARGEST_WEIGHT}", value)
    return number(name, value)


def _extensions(name: str, value: Any) -> dict[str, Any]:
    """Read the additional fields: by the code of their collection, then by their key."""
    return {code: mapping(f"{name}.{code}", fields) for code, fields in mapping(name, value).items()}


PATCHABLE: Mapping[str, Check] = {
    "name": filled_text,
    "isActive": flag,
    "smState": object_id,
    "assignee": object_id,
    "editors": object_ids,
    "followers": object_ids,
    "visibility": object_ids,
    **dict.fromkeys(STATUSES, id_or_null),
    "startDate": or_null(instant),
    "endDate": or_null(instant),
    "estimatedTime": or_null(number),
    "info": or_null(text),
    "extensions": ruled(_extensions, "cotalker.task-fields.extensions"),
    "answers": object_ids,
    "parent": id_or_null,
    "weight": ruled(_weight, "cotalker.task-fields.weight"),
    "relativeWeight": number,
    "image": ruled(shape({"small": text, "square": text, "original": text}), "cotalker.task-fields.image"),
    # Deprecated ones, which today's tasks have only when somebody sends them.
    "channelType": one_of(*CHANNEL_TYPES),
    "color": one_of(*COLORS),
    "isValid": flag,
    "insertAtEnd": flag,
    "projectCode": object_id,
    "survey": object_id,
    "validators": object_ids,
}
"""What may be changed; null clears a field that has no default (for the dates, `estimatedTime`, `info` and `parent` inferred)."""

CREATABLE: Mapping[str, Check] = {
    **{name: check for name, check in PATCHABLE.items() if name not in ("isActive", "smState")},
    "owner": text,
    "smStateMachine": object_id,
    "asset": object_id,
    "channel": object_id,
}

_MANAGED: Mapping[str, Check] = {
    "_id": object_id,
    "userList": object_id,
    "subscribers": object_id,
    "activeSlas": object_id,
    "status": object_id,
    "createdBy": object_id,
    "company": object_id,
    "taskGroup": object_id,
    "language": text,
    "indentation": number,
    "serial": number,
    "createdAt": instant,
    "modifiedAt": instant,
    "modifiedStateAt": instant,
    "closedAt": instant,
    "resolutionDate": instant,
    "__v": number,
}

_IGNORED: Mapping[str, str] = {
    **dict.fromkeys((*_MANAGED, "child", "lastMessage"), "cotalker.task-fields.managed"),
    **dict.fromkeys(("owner", "smStateMachine", "asset", "channel"), "cotalker.task-fields.creatable"),
    **dict.fromkeys(("isActive", "smState"), "cotalker.patch.changes-only"),
    "taskGroup": "cotalker.create.task-group-in-body",
}
"""Why a field that is sent has no effect, where it has none."""

LIST_FIELDS = frozenset({"editors", "followers", "visibility", "answers", "validators", "userList", "subscribers", "activeSlas"})
"""The fields of a task that hold several values."""

# What a value has to be that a field of a task is searched for; a list field is searched for one of its items.
SEARCHABLE: Mapping[str, Check] = {
    **{name: check for name, check in CREATABLE.items() if name not in ("extensions", "image")},
    **dict.fromkeys(("editors", "followers", "visibility", "answers", "validators"), object_id),
    "name": text,
    "isActive": flag,
    "smState": object_id,
    **_MANAGED,
}


# The fields by which tasks are grouped, with the kind of record that each of them names.
GROUPINGS: Mapping[str, str] = {
    **dict.fromkeys(("status", "status1", "status2", "status3", "status4", "status5", "asset"), "COTProperty"),
    **dict.fromkeys(("assignee", "createdBy"), "COTUser"),
    "smState": "COTSMState",
    "smStateMachine": "COTSMStateMachine",
}


METHODS: Mapping[str, str] = {
    **dict.fromkeys(("PATCH", "patch", "update"), "update"),
    **dict.fromkeys(("POST", "post", "create"), "create"),
}
"""The words for `method` in a batch, and what each of them asks for."""


def new_task(body: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Return the writable fields of a new task; raise `MissingField` or `InvalidValue`.

    Fields that the server manages, `userList` and a `taskGroup` other than that of the path among them, are left out.
    """
    wishes = known(body, CREATABLE, required=("name",), within=within, by="cotalker.task-fields.name-required")
    if len(wishes) > 1:
        follow("cotalker.task-fields.writable")
    _follow_ignored(body, wishes)
    return wishes


def task_changes(body: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Return the fields of a task that are to change; raise `InvalidValue`."""
    wishes = known(body, PATCHABLE, within=within)
    _follow_changes(wishes)
    _follow_ignored(body, wishes)
    return wishes


def task_commands(body: Mapping[str, Any]) -> list[tuple[str | None, dict[str, Any]]]:
    """Return the commands of a batch: the id of a task that is to change, or None for a new one, and its fields.

    Raises `MissingField` or `InvalidValue`, which name the command.
    """
    if "cmd" not in body:
        raise MissingField("cmd").by("cotalker.multi.cmd-needed")
    commands: list[tuple[str | None, dict[str, Any]]] = _commands("cmd", body["cmd"])
    return commands


def _command(name: str, value: Any) -> tuple[str | None, dict[str, Any]]:
    command = mapping(name, value)
    for field in ("method", "task"):
        if field not in command:
            raise MissingField(f"{name}.{field}").by("cotalker.multi.commands")
    method = one_of(*METHODS, by="cotalker.multi.methods")(f"{name}.method", command["method"])
    task, within = mapping(f"{name}.task", command["task"]), f"{name}.task."
    follow("cotalker.multi.id-of-a-change")
    if METHODS[method] == "create":
        return None, new_task(task, within=within)
    if "_id" not in task:
        raise MissingField(f"{within}_id").by("cotalker.multi.id-of-a-change")
    wanted = object_id(f"{within}_id", task["_id"])
    return wanted, task_changes({name: value for name, value in task.items() if name != "_id"}, within=within)


_commands = ruled(array(_command, most=queries.LARGEST_LIMIT), "cotalker.multi.cmd-needed")


def _follow_changes(wishes: Mapping[str, Any]) -> None:
    """Note what the values of a change rely on."""
    if wishes:
        follow("cotalker.task-fields.writable")
    if "isActive" in wishes:
        follow("cotalker.patch.changes-only", "cotalker.patch.reactivate" if wishes["isActive"] else "cotalker.patch.soft-delete")
    if any(name in wishes and wishes[name] is None for name in STATUSES):
        follow("cotalker.task-fields.cleared")
    if any(name in wishes and wishes[name] is None for name in ("startDate", "endDate", "estimatedTime", "info", "parent")):
        follow("cotalker.task-fields.cleared-others")


def _follow_ignored(body: Mapping[str, Any], wishes: Mapping[str, Any]) -> None:
    """Note what of a body has no effect."""
    if len(body) > len(wishes):
        follow(*dict.fromkeys(_IGNORED.get(name, "cotalker.protocol.unknown-fields") for name in body if name not in wishes))


def task_search(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the query of a search and, apart from it, `limit`, `skip` and `fields`; raise `InvalidValue`."""
    query, paging = search(body)
    if "limit" in paging or "skip" in paging:
        follow("cotalker.search.limit-and-skip")
    if "fields" in paging:
        follow("cotalker.search.fields")
    return task_query(query), paging


def task_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query for tasks with what clients write in short spelled out; raise `InvalidValue` for a date that is none.

    A list of serial numbers, which clients send bare, means any of them; a date without a time means its whole day in UTC.
    """
    return {name: _spelled_out(name, wanted) for name, wanted in query.items()}


def _spelled_out(name: str, wanted: Any) -> Any:
    if name in ("$and", "$or", "$nor") and isinstance(wanted, list):
        return [task_query(part) if isinstance(part, dict) else part for part in wanted]
    if name == "serial" and isinstance(wanted, list):
        follow("cotalker.search.serials")
        return {"$in": wanted}
    if name in DATES and isinstance(wanted, str):
        span = queries.span(name, wanted)
        if span.first < span.last:
            follow("cotalker.search.whole-day")
            return {"$gte": iso(span.first), "$lte": iso(span.last)}
    return wanted


def bound_tasks(body: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return a channel and the tasks to bind to it, under names that are ours; raise `MissingField` or `InvalidValue`."""
    fields = {"channel": object_id, "tasks": object_ids}
    wanted = known(body, fields, required=("channel", "tasks"), by="cotalker.bounds.body")
    return wanted["channel"], wanted["tasks"]
