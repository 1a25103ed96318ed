"""Finds a value in JSON by a path such as `tasks.0.name`, `data.values.*._id` or `[_id=abc].name`."""

import re
from typing import Any, Final

_SEGMENT: Final = re.compile(r"\[([^=\]]+)=([^\]]*)\]|([^.\[\]]+)")


class Missing:
    """What is not there, and the name of the member that would have to be."""

    def __init__(self, member: str) -> None:
        self.member = member

    def __repr__(self) -> str:
        return f"no {self.member!r}"


def find(document: Any, path: str) -> Any:
    """Return the value at a path, or what is `Missing`; `.` is the whole document.

    A number is a place in a list (`-1` the last), `*` all items of a list or values of an object (those without what follows are
    left out), `[name=value]` the first item whose member has the value.
    """
    if path in ("", "."):
        return document
    return _walk(document, [match.groups() for match in _SEGMENT.finditer(path)])


def _walk(value: Any, segments: list[tuple[str | None, ...]]) -> Any:
    for index, (member, wanted, name) in enumerate(segments):
        if name == "*":
            items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else None
            if items is None:
                return Missing("*")
            found = (_walk(item, segments[index + 1 :]) for item in items)
            return [item for item in found if not isinstance(item, Missing)]
        value = _selected(value, member, wanted or "") if name is None else _member(value, name)
        if isinstance(value, Missing):
            return value
    return value


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, list) and re.fullmatch(r"-?\d+", name) and -len(value) <= int(name) < len(value):
        return value[int(name)]
    return Missing(name)


def _selected(value: Any, member: str | None, wanted: str) -> Any:
    items = value if isinstance(value, list) else []
    for item in items:
        if isinstance(item, dict) and member in item and _as_text(item[member]) == wanted:
            return item
    return Missing(f"[{member}={wanted}]")


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "true" if value else "false"
    return str(value)
