"""Readers of single values: each returns what a field holds or raises `BadRequest`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest

OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")

Reader = Callable[[str, Any], Any]


def path_id(call: Call, name: str) -> str:
    """Return an id of the path; letters of either case are one."""
    value: str = call.path_params[name]
    if not OBJECT_ID.fullmatch(value):
        raise BadRequest(f"{name} must be 24 hexadecimal digits")
    return value.lower()


def read_body(call: Call) -> dict[str, Any]:
    """Return the JSON object in the body, whatever its content type says; no body at all is none."""
    try:
        body = orjson.loads(call.content)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def read_fields(body: Mapping[str, Any], readers: Mapping[str, Reader], *, within: str = "") -> dict[str, Any]:
    """Return the fields of an object that have a reader, read; texts name them after `within`, such as `steps.`."""
    return {name: read(f"{within}{name}", body[name]) for name, read in readers.items() if name in body}


def require(body: Mapping[str, Any], name: str, *, within: str = "") -> Any:
    """Return a field that must be there."""
    if name not in body:
        raise BadRequest(f"{within}{name} is required")
    return body[name]


def or_null(read: Reader, *, null: Any = None) -> Reader:
    """Return a reader that takes JSON's null too, as `null`."""
    return lambda name, value: null if value is None else read(name, value)


def string(name: str, value: Any) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a string")
    return value


def filled(name: str, value: Any) -> str:
    """Read a string that is not empty; null counts as empty, for it would unset a field that can't be unset."""
    if value is None or value == "":
        raise BadRequest(f"{name} must not be empty")
    return string(name, value)


def reference(name: str, value: Any) -> str:
    """Read the id of some record. What names nothing is no matter of format, whatever it looks like."""
    return string(name, value).lower()


def filled_reference(name: str, value: Any) -> str:
    """Read an id that must be there."""
    return filled(name, value).lower()


def optional_reference(name: str, value: Any) -> str | None:
    """Read an id or nothing, which is an empty string or null."""
    return (reference(name, value) or None) if value is not None else None


def references(name: str, value: Any) -> list[str]:
    """Read a list of ids; one that comes twice counts once (inferred)."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{name} must be a list of strings")
    return list(dict.fromkeys(item.lower() for item in value))


def boolean(name: str, value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false")
    return value


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; JSON's true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(name: str, value: Any) -> int | float:
    """Read a number."""
    if not is_number(value):
        raise BadRequest(f"{name} must be a number")
    return value  # type: ignore[no-any-return]  # is_number


def optional_number(name: str, value: Any) -> int | float | None:
    """Read a number or nothing, which is 0 or null: the Tasks page lets any falsy value unset a field."""
    if value is not None and not is_number(value):
        raise BadRequest(f"{name} must be a number or null")
    return value or None


def positive_whole(name: str, value: Any) -> int | float:
    """Read a whole number from 1 up; one that JSON can't write as an integer stays a float."""
    if not is_number(value) or value < 1 or value != int(value):
        raise BadRequest(f"{name} must be a whole number, 1 or more")
    return int(value) if value < 1 << 63 else float(value)


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`."""
    listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}"

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise BadRequest(f"{name} must be {listed}")
        return value

    return read
