"""Fills names in braces (`{task}`, `{now+3600000}`) into the texts of a case."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

PLACE: Final = re.compile(r"\{\{([\w.]+(?:[+-]\d+)?)\}\}|\{([A-Za-z_][\w.]*)([+-]\d+)?\}")
BUILT_IN: Final = frozenset({"now", "instant", "today", "unique", "base"})


class Unfilled(LookupError):
    """A name that has no value in this run."""


class Names(dict[str, Any]):
    """The values of names: those kept by steps, those given by the user, and the built-in ones."""

    def __init__(self, values: Mapping[str, Any], *, now: Callable[[], int]) -> None:
        """`now` tells the target's present instant in milliseconds."""
        super().__init__(values)
        self.now = now

    def value(self, name: str, offset: int | None) -> Any:
        """Return the value of a name, moved by an offset: of milliseconds (`now`, `instant`), days (`today`), or a number."""
        if name in ("now", "instant", "today") and name not in self:
            return _moment(name, self.now(), offset or 0)
        if name not in self:
            raise Unfilled(name)
        value = self[name]
        if offset is None:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfilled(f"{name}{offset:+d}")
        return value + offset


def _moment(name: str, now: int, offset: int) -> int | str:
    if name == "now":
        return now + offset
    if name == "today":
        return (datetime.fromtimestamp(now / 1000, UTC) + timedelta(days=offset)).strftime("%Y-%m-%d")
    instant = datetime.fromtimestamp((now + offset) / 1000, UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def fill(value: Any, names: Names, *, escape: bool = False) -> Any:
    """Return a value with all names filled in; a text that is nothing but one name becomes its value, of whatever type.

    With `escape`, what is filled in can't leave its place in a URL. Raises `Unfilled`.
    """
    if isinstance(value, str):
        return _filled_text(value, names, escape)
    if isinstance(value, Mapping):
        return {fill(key, names): fill(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, names) for item in value]
    return value


def _filled_text(text: str, names: Names, escape: bool) -> Any:
    if not escape and (whole := PLACE.fullmatch(text)) is not None and whole[1] is None:
        return names.value(whole[2], _offset(whole[3]))

    def filled(found: re.Match[str]) -> str:
        if found[1] is not None:
            return f"{{{found[1]}}}"
        value = names.value(found[2], _offset(found[3]))
        shown = value if isinstance(value, str) else "true" if value is True else "false" if value is False else str(value)
        return quote(shown, safe="") if escape else shown

    return PLACE.sub(filled, text)


def _offset(text: str | None) -> int | None:
    return None if text is None else int(text)


def names_in(value: Any) -> Iterator[str]:
    """Give every name that a value needs."""
    if isinstance(value, str):
        yield from (found[2] for found in PLACE.finditer(value) if found[1] is None)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from names_in(key)
            yield from names_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from names_in(item)
