"""Holds a value against what is expected of it: plain values, and matchers that begin with `$`.

Plain values: an object is compared member by member and may have more members; a list item by item, all of them; anything else
must be equal, and of the same type.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

import jwt

from understudy.verify.paths import Missing, find

Kind = Literal["differs", "missing", "nothing"]
NEAR: Final = 5_000
"""How far `$now` may be from the instant of the request, in milliseconds."""


@dataclass(frozen=True)
class Finding:
    """Where a value is not what was expected. `missing` is a member that is not there, `nothing` too little to tell by."""

    kind: Kind
    where: str
    expected: Any
    found: Any


Findings = Iterator[Finding]


def compare(expected: Any, found: Any, where: str = "", *, now: int = 0) -> list[Finding]:
    """Return all that is not as expected; `now` is the instant of the request in milliseconds."""
    return list(_Comparison(now).compare(expected, found, where))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_iso(value: Any) -> bool:
    try:
        return isinstance(value, str) and "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _text(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


WORDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "$any": lambda value: True,
    "$string": lambda value: isinstance(value, str),
    "$text": lambda value: isinstance(value, str) and value != "",
    "$number": _is_number,
    "$integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "$boolean": lambda value: isinstance(value, bool),
    "$object": lambda value: isinstance(value, dict),
    "$list": lambda value: isinstance(value, list),
    "$id": _text("[0-9a-f]{24}"),
    "$uuid": _text("1[A-Za-z0-9+/]{8,}"),
    "$ms": lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 10**11,
    "$iso": _is_iso,
    "$iso-ms": _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "$iso-s": _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "$date": _text(r"\d{4}-\d\d-\d\d"),
    "$url": _text(r"https?://\S+"),
}


class _Comparison:
    def __init__(self, now: int) -> None:
        self.now = now

    def compare(self, expected: Any, found: Any, where: str) -> Findings:
        if expected == "$absent":
            if not isinstance(found, Missing):
                yield Finding("differs", where, "nothing", found)
        elif isinstance(found, Missing):
            yield Finding("missing", where, expected, found)
        elif isinstance(expected, Mapping):
            yield from self.object(expected, found, where)
        elif isinstance(expected, list):
            yield from self.list(expected, found, where)
        elif isinstance(expected, str) and expected.startswith("$") and not expected.startswith("$$"):
            if not self.word(expected, found):
                yield Finding("differs", where, expected, found)
        elif not _equal(expected[1:] if isinstance(expected, str) and expected.startswith("$$") else expected, found):
            yield Finding("differs", where, expected, found)

    def word(self, word: str, found: Any) -> bool:
        if word == "$now":
            instant = _milliseconds(found)
            return instant is not None and abs(instant - self.now) <= NEAR
        if word.startswith("$/"):
            return isinstance(found, str) and re.search(word[2:-1], found) is not None
        return WORDS[word](found)

    def object(self, expected: Mapping[str, Any], found: Any, where: str) -> Findings:
        matchers = {name: value for name, value in expected.items() if name.startswith("$")}
        for name, argument in matchers.items():
            yield from MATCHERS[name](self, argument, found, where)
        if len(matchers) == len(expected) and matchers:
            return
        if not isinstance(found, dict):
            yield Finding("differs", where, "an object", found)
            return
        for name, value in expected.items():
            if name not in matchers:
                yield from self.compare(value, found.get(name, Missing(name)), f"{where}.{name}".lstrip("."))

    def list(self, expected: Sequence[Any], found: Any, where: str) -> Findings:
        if not isinstance(found, list) or len(found) != len(expected):
            yield Finding("differs", where, expected, found)
            return
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from self.compare(one, other, f"{where}.{index}".lstrip("."))

    def fits(self, expected: Any, found: Any) -> bool:
        return not any(self.compare(expected, found, ""))


def _equal(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def _exactly(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_exactly(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_exactly, one, other))
    return _equal(one, other)


def _milliseconds(value: Any) -> int | None:
    if _is_number(value):
        return int(value)
    return int(datetime.fromisoformat(value).timestamp() * 1000) if _is_iso(value) else None


def _one_of(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not any(matching.fits(one, found) for one in argument):
        yield Finding("differs", where, {"$one-of": argument}, found)


def _not(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if matching.fits(argument, found):
        yield Finding("differs", where, {"$not": argument}, found)


def _equals(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not _exactly(argument, found):
        yield Finding("differs", where, argument, found)


def _keys(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not isinstance(found, dict):
        yield Finding("differs", where, {"$keys": argument}, found)
        return
    optional = {name[:-1] for name in argument if name.endswith("?")}
    lacking = sorted({name for name in argument if not name.endswith("?")} - found.keys())
    strange = sorted(found.keys() - set(argument) - optional)
    yield from (Finding("differs", f"{where}.{name}".lstrip("."), "a member", Missing(name)) for name in lacking)
    if strange:
        yield Finding("differs", where, "no other members", strange)


def _has(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    lacking = [name for name in argument if not isinstance(found, dict) or name not in found]
    yield from (Finding("differs", f"{where}.{name}".lstrip("."), "a member", Missing(name)) for name in lacking)


def _lacks(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if _holds(matching, argument, found):
        yield Finding("differs", where, {"$lacks": argument}, found)


def _contains(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not _holds(matching, argument, found):
        yield Finding("differs", where, {"$contains": argument}, found)


def _contains_all(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    for one in argument:
        yield from _contains(matching, one, found, where)


def _holds(matching: _Comparison, argument: Any, found: Any) -> bool:
    if isinstance(found, str):
        return isinstance(argument, str) and argument in found
    return isinstance(found, list) and any(matching.fits(argument, item) for item in found)


def _set(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    left = list(found) if isinstance(found, list) else []
    for one in argument:
        place = next((index for index, item in enumerate(left) if matching.fits(one, item)), None)
        if place is None:
            yield Finding("differs", where, {"$set": argument}, found)
            return
        del left[place]
    if left or not isinstance(found, list):
        yield Finding("differs", where, {"$set": argument}, found)


def _each(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not isinstance(found, list):
        yield Finding("differs", where, "a list", found)
    elif not found:
        yield Finding("nothing", where, {"$each": argument}, found)
    else:
        for index, item in enumerate(found):
            yield from matching.compare(argument, item, f"{where}.{index}".lstrip("."))


def _length(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not isinstance(found, list | str | dict):
        yield Finding("differs", where, {"$length": argument}, found)
    elif not matching.fits(argument, len(found)):
        yield Finding("differs", where, {"$length": argument}, len(found))


def _min(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not _ordered(argument, found) or found < argument:
        yield Finding("differs", where, {"$min": argument}, found)


def _max(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not _ordered(argument, found) or found > argument:
        yield Finding("differs", where, {"$max": argument}, found)


def _ordered(one: Any, other: Any) -> bool:
    return (_is_number(one) and _is_number(other)) or (isinstance(one, str) and isinstance(other, str))


def _sorted(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    """Compare neighbours by each path in turn; one with a minus before it runs downwards; `.` is the item itself."""
    if not isinstance(found, list):
        yield Finding("differs", where, "a list", found)
        return
    paths = [argument] if isinstance(argument, str) else argument
    rows = [[find(item, path.removeprefix("-")) for path in paths] for item in found]
    if len({repr(row) for row in rows}) < 2:
        yield Finding("nothing", where, {"$sorted": argument}, found)
        return
    for index, (row, following) in enumerate(pairwise(rows)):
        if not _in_order(row, following, [path.startswith("-") for path in paths]):
            yield Finding("differs", f"{where}.{index + 1}".lstrip("."), {"$sorted": argument}, [row, following])
            return


def _in_order(row: list[Any], following: list[Any], descending: list[bool]) -> bool:
    for one, other, down in zip(row, following, descending, strict=True):
        if one != other:
            return _ordered(one, other) and bool((one > other) == down)
    return True


def _near(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    """Compare instants, milliseconds or ISO 8601; `[instant, tolerance]` with the tolerance in milliseconds."""
    instant, tolerance = argument if isinstance(argument, list) else (argument, NEAR)
    one, other = _milliseconds(instant), _milliseconds(found)
    if one is None or other is None or abs(one - other) > tolerance:
        yield Finding("differs", where, {"$near": argument}, found)


def _unique(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    if not isinstance(found, list) or len({repr(item) for item in found}) != len(found):
        yield Finding("differs", where, "no item twice", found)


def _key_order(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    """Compare the order of those members that are there."""
    order = [name for name in found if name in argument] if isinstance(found, dict) else []
    if order != [name for name in argument if name in order] or len(order) < 2:
        yield Finding("differs", where, {"$key-order": argument}, order)


def _jwt(matching: _Comparison, argument: Any, found: Any, where: str) -> Findings:
    """Compare the claims of a JSON web token, whose signature is not looked at."""
    try:
        claims = jwt.decode(found, options={"verify_signature": False})
    except jwt.PyJWTError:
        yield Finding("differs", where, "a JSON web token", "something else")
        return
    yield from matching.compare(argument, claims, where)


MATCHERS: Final[Mapping[str, Callable[[_Comparison, Any, Any, str], Findings]]] = {
    "$one-of": _one_of,
    "$not": _not,
    "$equals": _equals,
    "$keys": _keys,
    "$has": _has,
    "$contains": _contains,
    "$contains-all": _contains_all,
    "$lacks": _lacks,
    "$set": _set,
    "$each": _each,
    "$length": _length,
    "$min": _min,
    "$max": _max,
    "$sorted": _sorted,
    "$near": _near,
    "$key-order": _key_order,
    "$jwt": _jwt,
    "$unique": _unique,
}


def misspelt(expected: Any) -> Iterator[str]:
    """Give every matcher that there is not, and every pattern that is none."""
    if isinstance(expected, str) and expected.startswith("$") and not expected.startswith("$$"):
        if expected.startswith("$/"):
            try:
                re.compile(expected[2:-1])
            except re.error as error:
                yield f"{expected}: {error}"
            if not expected.endswith("/") or len(expected) < 4:
                yield f"{expected}: a pattern is written $/…/"
        elif expected not in WORDS and expected not in ("$now", "$absent"):
            yield expected
    elif isinstance(expected, Mapping):
        for name, value in expected.items():
            if str(name).startswith("$") and name not in MATCHERS:
                yield str(name)
            yield from misspelt(value)
    elif isinstance(expected, list):
        for one in expected:
            yield from misspelt(one)
