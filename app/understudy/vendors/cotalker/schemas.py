"""What Cotalker accepts in queries and bodies, and the words it refuses the rest with.

Its validator is of the Joi family: the first value that doesn't fit ends the check. Parameters that an operation doesn't know are
ignored, for the partner SDK sends some; an empty value is refused, not ignored.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl

import orjson
from dateutil.parser import isoparse

from understudy.core.clock import DAY, EARLIEST, LATEST, instant_of
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import InvalidJSON, InvalidValue, MissingField
from understudy.vendors.cotalker.paging import Span

OBJECT_ID = re.compile(r"[a-fA-F0-9]{24}")
INDEXED = re.compile(r"([^\[]+)\[[0-9]*\]")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
YEAR_OR_DATE = re.compile(r"[0-9]{4}|[0-9]{8}")
ISO_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?|[0-9]{4}|-?W[0-9]{2}(-?[0-9])?|-?[0-9]{3})?")
MILLISECONDS = re.compile(r"-?[0-9]{1,15}")

LARGEST_LIMIT = 10_000  # the vendor states no maximum; no client is known to ask for more
LARGEST_PAGE = (1 << 53) - 1  # JavaScript counts no further, and any page there is past the end

VIEWS = ("list", "kanban", "calendar", "gantt", "grid")
FLOWS = ("free", "state-machine")

Reader = Callable[[str, str], Any]
Check = Callable[[str, Any], Any]


def read_query(call: CotalkerCall, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the parameters that have a reader, read, in the order of the readers; raise `InvalidValue`."""
    return _read(_given(call, readers), readers)


def read_id_and_query(call: CotalkerCall, readers: Mapping[str, Reader]) -> tuple[str, dict[str, Any]]:
    """Return the task group's id from the path, which is checked first, and the query; raise `InvalidValue`."""
    given = _given(call, readers)
    return object_id("taskGroupId", call.path_params["taskGroupId"]), _read(given, readers)


def read_body(call: CotalkerCall) -> dict[str, Any]:
    """Return the JSON object in the body, whatever its content type says; raise `InvalidJSON` or `InvalidValue`.

    No body at all counts as an empty object.
    """
    content = call.content.strip()
    if not content:
        return {}
    # Anything but an object or an array is not parsed at all: Express's parser is strict in this.
    if content[:1] not in (b"{", b"["):
        raise InvalidJSON
    try:
        body = orjson.loads(content)
        orjson.dumps(body)  # refuses what is nested too deep for us to show in an answer
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise InvalidJSON from None
    if not isinstance(body, dict):
        raise InvalidValue("value", "be of type object", body)
    call.understood = {"body": body}
    return body


def _given(call: CotalkerCall, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the known parameters as texts, and note them for `debug`; several values of one are joined with commas.

    So lists of ids may come repeated, indexed or with commas, and a single value that comes twice fits nowhere.
    """
    values: dict[str, list[str]] = {}
    if raw := call.scope["query_string"]:
        for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
            if (indexed := INDEXED.fullmatch(name)) and readers.get(indexed[1]) is object_ids:
                name = indexed[1]
            values.setdefault(name, []).append(value)
    given = {name: ",".join(values[name]) for name in readers if name in values}
    call.understood = {"query": given}
    return given


def _read(given: dict[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Read the texts one by one, in place: what `debug` shows of a refused query is read up to the value that was refused."""
    for name, text in given.items():
        given[name] = readers[name](name, text)
    return given


def limit(name: str, text: str) -> int:
    """Read a page's size, at least 1; more than `LARGEST_LIMIT` are never given."""
    return min(_whole_number(name, text, at_least=1), LARGEST_LIMIT)


def page(name: str, text: str) -> int:
    """Read a page's number, from 1; 0 is taken as 1."""
    return min(max(_whole_number(name, text, at_least=0), 1), LARGEST_PAGE)


def boolean(name: str, text: str) -> bool:
    """Read `true` or `false`."""
    if text not in ("true", "false"):
        raise InvalidValue(name, "be a boolean", text)
    return text == "true"


def task_activity(name: str, text: str) -> bool | str:
    """Read a boolean, or `all`."""
    return text if text == "all" else boolean(name, text)


def task_group_activity(name: str, text: str) -> bool | str:
    """Read `all`, `true` or `false`: the same as for tasks, but the page lists the words, so the refusal does too."""
    if text not in ("all", "true", "false"):
        raise InvalidValue(name, "be one of [all, true, false]", text)
    return task_activity(name, text)


def one_of(*allowed: str) -> Check:
    """Return a reader of one of `allowed`."""
    must = f"be [{allowed[0]}]" if len(allowed) == 1 else f"be one of [{', '.join(allowed)}]"

    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InvalidValue(name, must, value)
        return value

    return read


def object_id(name: str, value: object) -> str:
    """Read an ObjectId; upper and lower case are one."""
    if not isinstance(value, str) or not OBJECT_ID.fullmatch(value):
        raise InvalidValue(name, "be a valid ObjectId", value)
    return value.lower()


def object_ids(name: str, text: str) -> list[str]:
    """Read ObjectIds with commas between them, at most `LARGEST_LIMIT` (no more rows than that are ever given; inferred)."""
    ids = list(dict.fromkeys(object_id(name, item) for item in text.split(",")))
    if len(ids) > LARGEST_LIMIT:
        raise InvalidValue(name, f"contain less than or equal to {LARGEST_LIMIT} items", text[:100])
    return ids


def date(name: str, text: str) -> Span:
    """Read an ISO 8601 date or date-time (UTC unless it says otherwise) or epoch milliseconds.

    A moment is itself; a date without a time is its whole day in UTC.
    """
    try:
        if MILLISECONDS.fullmatch(text) and not YEAR_OR_DATE.fullmatch(text):
            instant, length = int(text), 1
        else:
            instant, length = _iso_instant(text)
    except (ValueError, OverflowError):
        raise InvalidValue(name, "be a valid date", text) from None
    if not EARLIEST <= instant <= LATEST:
        raise InvalidValue(name, "be a valid date", text)
    return Span(instant, instant + length - 1)


def _iso_instant(text: str) -> tuple[int, int]:
    """Return an instant and how many milliseconds the text stands for; raise `ValueError` or `OverflowError`."""
    # Between date and time there may be a space; elsewhere one is a plus sign that was not percent-encoded.
    text = re.sub(r"^([0-9W-]{8,10}) (?=[0-9])", r"\1T", text).replace(" ", "+").upper()
    day, has_time, _ = text.partition("T")
    if not ISO_DAY.fullmatch(day):
        raise ValueError(text)  # isoparse would take anything for the letter between date and time
    moment = isoparse(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    moment = moment.astimezone(UTC)
    # JavaScript's dates end at milliseconds; what is finer is cut off.
    instant = instant_of(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
    return instant, 1 if has_time else DAY


def _whole_number(name: str, text: str, *, at_least: int) -> int:
    number = float(text) if NUMBER.fullmatch(text) else float("inf")
    if number in (float("inf"), float("-inf")):
        raise InvalidValue(name, "be a number", text)
    if not number.is_integer():
        raise InvalidValue(name, "be an integer", text)
    if number < at_least:
        raise InvalidValue(name, f"be greater than or equal to {at_least}", text)
    return int(number)


def required_string(body: Mapping[str, Any], field: str) -> str:
    """Return a string that must be in the body and not be empty; raise `MissingField` or `InvalidValue`."""
    if field not in body:
        raise MissingField(field)
    value = body[field]
    if not isinstance(value, str):
        raise InvalidValue(field, "be a string", value)
    if not value:
        raise InvalidValue(field, "not be empty", value)
    return value


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


def _days(name: str, value: Any) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidValue(name, "be a number", value)
    if value < 0:
        raise InvalidValue(name, "be greater than or equal to 0", value)
    if value > 1825:
        raise InvalidValue(name, "be less than or equal to 1825", value)
    return int(value) if value == int(value) else value


def _strings(name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(name, "be an array of strings", value)
    return value


def _views(name: str, value: object) -> list[str]:
    return [one_of(*VIEWS)(name, view) for view in _strings(name, value)]


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


def _id_or_null(name: str, value: object) -> str | None:
    return None if value is None else object_id(name, value)


def _property_permissions(name: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InvalidValue(name, "be an array of objects", value)
    return [_property_permission(f"{name}[{position}]", item) for position, item in enumerate(value)]


def _property_permission(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    if "property" not in item:
        raise MissingField(f"{name}.property")
    return {
        "property": object_id(f"{name}.property", item["property"]),
        "editor": _strings(f"{name}.editor", item.get("editor", [])),
        "follower": _strings(f"{name}.follower", item.get("follower", [])),
    }


TASK_GROUP_FIELDS: Mapping[str, Check] = {
    "isActive": _flag,
    "readonly": _flag,
    "taskEditorPermissions": _strings,
    "taskFollowerPermissions": _strings,
    "taskImportPermissions": _strings,
    "writePermissions": _strings,
    "readPermissions": _strings,
    "flowType": one_of(*FLOWS),
    "hideClosedAfterDays": _days,
    "defaultView": one_of(*VIEWS),
    "levelConfig": _levels,
    "availableViews": _views,
    "taskPropertyPermissions": _property_permissions,
    "initialStateMachine": _id_or_null,
    "defaultFilter": _id_or_null,
}
