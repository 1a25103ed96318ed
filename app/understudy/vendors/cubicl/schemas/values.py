"""Readers of single values: each returns what a field holds or raises `BadRequest`."""

import re
from collections.abc import Callable, Mapping, Set
from typing import Any

import orjson

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest

OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")

Reader = Callable[[str, Any], Any]


def path_id(call: Call, name: str) -> str:
    """Return an id of the path; letters of either case are one."""
    value: str = call.path_params[name]
    if not OBJECT_ID.fullmatch(value):
        raise BadRequest(f"{name} must be 24 hexadecimal digits").by("cubicl.format.path-id")
    return value.lower()


def read_body(call: Call) -> dict[str, Any]:
    """Return the JSON object in the body, whatever its content type says; no body at all is none."""
    try:
        body = orjson.loads(call.content)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object").by("cubicl.format.json-object")
    if not (call.header(b"content-type") or "").startswith("application/json"):
        follow("cubicl.protocol.any-content-type")
    return body


def read_fields(
    body: Mapping[str, Any], readers: Mapping[str, Reader], *, within: str = "", beside: Set[str] = frozenset()
) -> dict[str, Any]:
    """Return the fields of an object that have a reader, read; texts name them after `within`, such as `steps.`.

    Fields that are read elsewhere are `beside`; all others are ignored.
    """
    ignore_all_but(readers.keys() | beside, body)
    return {name: read(f"{within}{name}", body[name]) for name, read in readers.items() if name in body}


def ignore_all_but(known: Set[str], body: Mapping[str, Any]) -> None:
    """Let whatever else there is in an object be."""
    if not body.keys() <= known:
        follow("cubicl.protocol.unknown-fields")


def require(body: Mapping[str, Any], name: str, *rules: str, within: str = "") -> Any:
    """Return a field that must be there by `rules`."""
    if name not in body:
        raise BadRequest(f"{within}{name} is required").by(*rules)
    return body[name]


def or_null(read: Reader, *rules: str, null: Any = None) -> Reader:
    """Return a reader that takes JSON's null too, as `null`, by `rules`."""

    def read_or_null(name: str, value: Any) -> Any:
        if value is None:
            follow(*rules)
            return null
        return read(name, value)

    return read_or_null


def unset_by(*rules: str, read: Reader) -> Reader:
    """Return a reader that does the same, and follows `rules` for whatever is falsy."""

    def read_falsy(name: str, value: Any) -> Any:
        if not value:
            follow(*rules)
        return read(name, value)

    return read_falsy


def string(name: str, value: Any) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a string").by("cubicl.format.types")
    return value


def filled(name: str, value: Any) -> str:
    """Read a string that is not empty; null counts as empty, for it would unset a field that can't be unset."""
    if value is None or value == "":
        raise BadRequest(f"{name} must not be empty").by("cubicl.format.not-empty")
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
    """Read a list of ids; one that comes twice counts once."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"{name} must be a list of strings").by("cubicl.format.types")
    ids = list(dict.fromkeys(item.lower() for item in value))
    if len(ids) < len(value):
        follow("cubicl.format.repeated-ids")
    return ids


def boolean(name: str, value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false").by("cubicl.format.types")
    return value


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; JSON's true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(name: str, value: Any) -> int | float:
    """Read a number."""
    if not is_number(value):
        raise BadRequest(f"{name} must be a number").by("cubicl.format.types")
    return value  # type: ignore[no-any-return]  # is_number


def optional_number(name: str, value: Any) -> int | float | None:
    """Read a number or nothing, which is 0 or null: the Tasks page lets any falsy value unset a field."""
    if value is not None and not is_number(value):
        raise BadRequest(f"{name} must be a number or null").by("cubicl.format.types")
    if value == 0:
        follow("cubicl.format.zero-is-none")
    return value or None


def positive_whole(name: str, value: Any) -> int | float:
    """Read a whole number from 1 up; one that JSON can't write as an integer stays a float."""
    if not is_number(value) or value < 1 or value != int(value):
        raise BadRequest(f"{name} must be a whole number, 1 or more").by("cubicl.recurrence.bounds")
    return int(value) if value < 1 << 63 else float(value)


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`."""
    listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}"

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise BadRequest(f"{name} must be {listed}").by("cubicl.format.choices")
        return value

    return read
