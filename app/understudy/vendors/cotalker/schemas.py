"""What Cotalker accepts in queries and bodies, and the words it refuses the rest with.

Its validator is of the Joi family: the first value that doesn't fit ends the check. Parameters that an operation doesn't know are
ignored, for the partner SDK sends some; an empty value is refused, not ignored.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from dateutil.parser import isoparse

from understudy.core.clock import EARLIEST, LATEST, instant_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.errors import InvalidJSON, InvalidValue, MissingField

OBJECT_ID = re.compile(r"[a-fA-F0-9]{24}")
INDEXED = re.compile(r"([^\[]+)\[\d*\]")

Reader = Callable[[str, str], Any]


def read_query(call: Call, readers: Mapping[str, Reader], *, lists: Sequence[str] = ()) -> dict[str, Any]:
    """Return the known parameters of the query, read; those in `lists` may come repeated, indexed or with commas.

    Raises `InvalidValue`.
    """
    raw = call.scope["query_string"]
    if not raw:
        return {}
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        indexed = INDEXED.fullmatch(name)
        given.setdefault(indexed[1] if indexed else name, []).append(value)
    query = {}
    for name, reader in readers.items():
        if (values := given.get(name)) is None:
            continue
        if name in lists:
            query[name] = [reader(name, item) for value in values for item in value.split(",")]
        else:
            query[name] = reader(name, ",".join(values))
    return query


def read_body(call: Call) -> dict[str, Any]:
    """Return the JSON object in the body, whatever its content type says; raise `InvalidJSON` or `InvalidValue`.

    No body at all counts as an empty object.
    """
    if not call.content.strip():
        return {}
    try:
        body = orjson.loads(call.content)
    except orjson.JSONDecodeError:
        raise InvalidJSON from None
    if not isinstance(body, dict):
        raise InvalidValue("value", "be of type object", body)
    return body


def number(name: str, value: str) -> int:
    """Read a whole number, written in any way JavaScript takes for one."""
    try:
        parsed = float(value) if value.strip() == value and "_" not in value else float("nan")
    except ValueError:
        parsed = float("nan")
    if parsed != parsed or parsed in (float("inf"), float("-inf")):
        raise InvalidValue(name, "be a number", value)
    if parsed != int(parsed):
        raise InvalidValue(name, "be an integer", value)
    return int(parsed)


def limit(name: str, value: str) -> int:
    """Read a page's size: at least 1, and no more than 10 000 are given (the largest that a client is known to ask for)."""
    size = number(name, value)
    if size < 1:
        raise InvalidValue(name, "be larger than or equal to 1", value)
    return min(size, 10_000)


def page(name: str, value: str) -> int:
    """Read a page's number, from 1; 0 is taken as 1."""
    number_of_page = number(name, value)
    if number_of_page < 0:
        raise InvalidValue(name, "be larger than or equal to 1", value)
    return max(number_of_page, 1)


def boolean(name: str, value: str) -> bool:
    """Read `true` or `false`."""
    if value not in ("true", "false"):
        raise InvalidValue(name, "be a boolean", value)
    return value == "true"


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`."""
    must = f"be [{allowed[0]}]" if len(allowed) == 1 else f"be one of [{', '.join(allowed)}]"

    def read(name: str, value: str) -> str:
        if value not in allowed:
            raise InvalidValue(name, must, value)
        return value

    return read


def object_id(name: str, value: object) -> str:
    """Read an ObjectId; upper and lower case are one."""
    if not isinstance(value, str) or not OBJECT_ID.fullmatch(value):
        raise InvalidValue(name, "be a valid ObjectId", value)
    return value.lower()


def activity(name: str, value: str) -> bool | None:
    """Read `true`, `false` or `all`, which is None."""
    return None if value == "all" else boolean(name, value)


def instant(name: str, value: str) -> int:
    """Read an ISO 8601 date or date-time (UTC unless it says otherwise) or epoch milliseconds."""
    return _parse_instant(name, value)[0]


def span(name: str, value: str) -> tuple[int, int]:
    """Read what a date equals, as first and last instant: a moment is itself, a date without a time its whole UTC day."""
    start, whole_day = _parse_instant(name, value)
    return start, start + 86_399_999 if whole_day else start


def _parse_instant(name: str, value: str) -> tuple[int, bool]:
    if re.fullmatch(r"-?\d{9,15}|-?\d{5,7}", value):
        milliseconds = int(value)
        if EARLIEST <= milliseconds <= LATEST:
            return milliseconds, False
        raise InvalidValue(name, "be a valid date", value)
    try:
        # A plus sign that was not percent-encoded arrives as a space.
        moment = isoparse(re.sub(r" (\d\d:?\d\d)$", r"+\1", value))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        _ = moment.astimezone(UTC) + timedelta(0)
    except (ValueError, OverflowError):
        raise InvalidValue(name, "be a valid date", value) from None
    return instant_of(moment), "T" not in value and isinstance(moment, datetime)


def required_string(body: Mapping[str, Any], field: str) -> str:
    """Return a string that must be in the body; raise `MissingField` or `InvalidValue`."""
    if field not in body:
        raise MissingField(field)
    value = body[field]
    if not isinstance(value, str):
        raise InvalidValue(field, "be a string", value)
    if not value:
        raise InvalidValue(field, "not be empty", value)
    return value


VIEWS = ("list", "kanban", "calendar", "gantt", "grid")
FLOWS = ("free", "state-machine")


def new_task_group(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the group and the other writable fields of a new task group; raise `MissingField` or `InvalidValue`.

    Fields that the server manages, and unknown ones, are left out.
    """
    if "group" not in body:
        raise MissingField("group")
    group = object_id("group", body["group"])
    return group, {name: check(name, body[name]) for name, check in TASK_GROUP_FIELDS.items() if name in body}


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(name, "be a boolean", value)
    return value


def _choice(*allowed: str) -> Callable[[str, object], str]:
    def check(name: str, value: object) -> str:
        if value not in allowed or not isinstance(value, str):
            raise InvalidValue(name, f"be one of [{', '.join(allowed)}]", value)
        return value

    return check


def _days(name: str, value: object) -> int:
    if not _is_whole(value) or not 0 <= value <= 1825:  # type: ignore[operator]  # _is_whole: an int
        raise InvalidValue(name, "be an integer from 0 to 1825", value)
    return value  # type: ignore[return-value]  # as above


def _strings(name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(name, "be an array of strings", value)
    return value


def _views(name: str, value: object) -> list[str]:
    views = _strings(name, value)
    for view in views:
        _choice(*VIEWS)(name, view)
    return views


def _levels(name: str, value: object) -> list[int]:
    """At most five levels, each at least one bit, fifty bits in all (task group model)."""
    if not isinstance(value, list) or not all(_is_whole(bits) and bits >= 1 for bits in value):
        raise InvalidValue(name, "be an array of positive integers", value)
    if len(value) > 5 or sum(value) > 50:
        raise InvalidValue(name, "have at most 5 levels and 50 bits", value)
    return value


def _id_or_null(name: str, value: object) -> str | None:
    return None if value is None else object_id(name, value)


def _property_permissions(name: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InvalidValue(name, "be an array of objects", value)
    return [
        {
            "property": object_id(f"{name}.property", item.get("property")),
            "editor": _strings(f"{name}.editor", item.get("editor", [])),
            "follower": _strings(f"{name}.follower", item.get("follower", [])),
        }
        for item in value
    ]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TASK_GROUP_FIELDS: dict[str, Callable[[str, Any], Any]] = {
    "isActive": _flag,
    "readonly": _flag,
    "taskEditorPermissions": _strings,
    "taskFollowerPermissions": _strings,
    "taskImportPermissions": _strings,
    "writePermissions": _strings,
    "readPermissions": _strings,
    "flowType": _choice(*FLOWS),
    "hideClosedAfterDays": _days,
    "defaultView": _choice(*VIEWS),
    "levelConfig": _levels,
    "availableViews": _views,
    "taskPropertyPermissions": _property_permissions,
    "initialStateMachine": _id_or_null,
    "defaultFilter": _id_or_null,
}
