"""The fields of a task group."""

from collections.abc import Mapping
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null, strings
from understudy.vendors.cotalker.schemas.values import Check, object_id, one_of, ruled

VIEWS = ("list", "kanban", "calendar", "gantt", "grid")
FLOWS = ("free", "state-machine")
MANAGED = {"_id", "group", "company", "collectionName", "botUser", "createdAt", "modifiedAt", "__v"}


def new_task_group(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the group and the other writable fields of a new task group; raise `MissingField` or `InvalidValue`.

    Fields that the server manages, and unknown ones, are left out.
    """
    if "group" not in body:
        raise MissingField("group").by("cotalker.task-groups.group-required")
    group = object_id("group", body["group"])
    follow("cotalker.task-groups.group-required")
    return group, _writable({name: value for name, value in body.items() if name != "group"})


def task_group_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a task group that are to change; raise `InvalidValue`."""
    return _writable(body)


def _writable(body: Mapping[str, Any]) -> dict[str, Any]:
    wishes = {name: check(name, body[name]) for name, check in TASK_GROUP_FIELDS.items() if name in body}
    if wishes:
        follow("cotalker.task-groups.writable")
    if len(wishes) < len(body):
        follow("cotalker.task-groups.managed" if MANAGED & body.keys() else "cotalker.protocol.unknown-fields")
    return wishes


def _days(name: str, value: Any) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidValue(name, "be a number", value).by("cotalker.errors.number")
    if value < 0:
        raise InvalidValue(name, "be greater than or equal to 0", value)
    if value > 1825:
        raise InvalidValue(name, "be less than or equal to 1825", value)
    return int(value) if value == int(value) else value


def _views(name: str, value: object) -> list[str]:
    return [one_of(*VIEWS)(name, view) for view in strings(name, value)]


def _levels(name: str, value: object) -> list[int]:
    """At most five levels, each at least one bit, fifty bits in all."""
    if not isinstance(value, list):
        raise InvalidValue(name, "be an array", value)
    if not all(isinstance(bits, int | float) and not isinstance(bits, bool) and bits >= 1 and bits % 1 == 0 for bits in value):
        raise InvalidValue(name, "contain whole numbers from 1 up", value)
    if len(value) > 5:
        raise InvalidValue(name, "contain at most 5 items", value)
    if sum(value) > 50:
        raise InvalidValue(name, "add up to at most 50", value)
    return [int(bits) for bits in value]


def _reference(name: str, value: object) -> str | None:
    if value is None:
        follow("cotalker.task-groups.nullable")
    return id_or_null(name, value)


def _property_permissions(name: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InvalidValue(name, "be an array of objects", value)
    return [_property_permission(f"{name}[{position}]", item) for position, item in enumerate(value)]


def _property_permission(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    if "property" not in item:
        raise MissingField(f"{name}.property")
    return {
        "property": object_id(f"{name}.property", item["property"]),
        "editor": strings(f"{name}.editor", item.get("editor", [])),
        "follower": strings(f"{name}.follower", item.get("follower", [])),
    }


PERMISSIONS = ruled(strings, "cotalker.task-groups.permission-codes")

TASK_GROUP_FIELDS: Mapping[str, Check] = {
    "isActive": flag,
    "readonly": flag,
    "taskEditorPermissions": PERMISSIONS,
    "taskFollowerPermissions": PERMISSIONS,
    "taskImportPermissions": ruled(strings, "cotalker.task-groups.import-permissions"),
    "writePermissions": PERMISSIONS,
    "readPermissions": PERMISSIONS,
    "flowType": one_of(*FLOWS, by="cotalker.task-groups.flow-types"),
    "hideClosedAfterDays": ruled(_days, "cotalker.task-groups.days-until-hidden"),
    "defaultView": one_of(*VIEWS, by="cotalker.task-groups.views"),
    "levelConfig": ruled(_levels, "cotalker.task-groups.levels"),
    "availableViews": ruled(_views, "cotalker.task-groups.available-views"),
    "taskPropertyPermissions": ruled(_property_permissions, "cotalker.task-groups.permissions-of-elements"),
    "initialStateMachine": _reference,
    "defaultFilter": _reference,
}
