"""The fields of a task group."""

from collections.abc import Mapping
from typing import Any

from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null, strings
from understudy.vendors.cotalker.schemas.values import Check, object_id, one_of

VIEWS = ("list", "kanban", "calendar", "gantt", "grid")
FLOWS = ("free", "state-machine")


def new_task_group(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the group and the other writable fields of a new task group; raise `MissingField` or `InvalidValue`.

    Fields that the server manages, and unknown ones, are left out.
    """
    if "group" not in body:
        raise MissingField("group")
    group = object_id("group", body["group"])
    return group, task_group_changes(body)


def task_group_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a task group that are to change; raise `InvalidValue`."""
    return {name: check(name, body[name]) for name, check in TASK_GROUP_FIELDS.items() if name in body}


def _days(name: str, value: Any) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidValue(name, "be a number", value)
    if value < 0:
        raise InvalidValue(name, "be greater than or equal to 0", value)
    if value > 1825:
        raise InvalidValue(name, "be less than or equal to 1825", value)
    return int(value) if value == int(value) else value


def _views(name: str, value: object) -> list[str]:
    return [one_of(*VIEWS)(name, view) for view in strings(name, value)]


def _levels(name: str, value: object) -> list[int]:
    """At most five levels, each at least one bit, fifty bits in all (task group model)."""
    if not isinstance(value, list):
        raise InvalidValue(name, "be an array", value)
    if not all(isinstance(bits, int | float) and not isinstance(bits, bool) and bits >= 1 and bits % 1 == 0 for bits in value):
        raise InvalidValue(name, "contain whole numbers from 1 up", value)
    if len(value) > 5:
        raise InvalidValue(name, "contain at most 5 items", value)
    if sum(value) > 50:
        raise InvalidValue(name, "add up to at most 50", value)
    return [int(bits) for bits in value]


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


TASK_GROUP_FIELDS: Mapping[str, Check] = {
    "isActive": flag,
    "readonly": flag,
    "taskEditorPermissions": strings,
    "taskFollowerPermissions": strings,
    "taskImportPermissions": strings,
    "writePermissions": strings,
    "readPermissions": strings,
    "flowType": one_of(*FLOWS),
    "hideClosedAfterDays": _days,
    "defaultView": one_of(*VIEWS),
    "levelConfig": _levels,
    "availableViews": _views,
    "taskPropertyPermissions": _property_permissions,
    "initialStateMachine": id_or_null,
    "defaultFilter": id_or_null,
}
