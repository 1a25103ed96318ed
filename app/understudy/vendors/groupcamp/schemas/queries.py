"""What GroupCamp accepts in queries.

A parameter takes one value unless its page says otherwise: several are refused, and so is an empty one. Unknown parameters are
ignored unless a setting says otherwise.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from understudy.core.clock import DAY
from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import BadParameter
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, number_of

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE_NUMBER = re.compile(r"-?[0-9]+")
EPOCH_DAY = date(1970, 1, 1).toordinal()

# Kinds of group in the filter language of `is_leader`, by the word that starts it.
FILTER_BASES = {
    "All": frozenset({"project", "intranet", "extranet"}),
    "Empty": frozenset[str](),
    "Multi": frozenset({"project", "extranet"}),
}
FILTER_ELEMENTS = frozenset({"project"})

Reader = Callable[[str, str], Any]


@dataclass(frozen=True)
class Several:
    """A reader for a parameter that may be repeated: every value is read, and all of them are used."""

    reader: Reader


Readers = Mapping[str, Reader | Several]


def read_query(call: Call, readers: Readers, *, required: Collection[str] = ()) -> dict[str, Any]:
    """Return the known parameters of the query, read; raise `BadParameter` for the first that is wrong.

    Repetition is looked at before absence and form, in the order of `readers`; that order is inferred.
    """
    raw = call.scope["query_string"]
    if not raw and not required:
        return {}
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    follow("groupcamp.protocol.query-encoding")
    for name, reader in readers.items():
        if name in given and len(given[name]) > 1 and not isinstance(reader, Several):
            raise _repeated(name, given[name])
    if unknown := [name for name in given if name not in readers]:
        if call.settings.groupcamp_strict_parameters:
            raise BadParameter(unknown[0], "invalid").by("groupcamp.parameters.unknown-refused")
        follow("groupcamp.parameters.unknown-ignored")
    for name in required:
        if name not in given:
            raise BadParameter(name, "missing").by("groupcamp.timelogs.days-needed")
    return {name: _read(reader, name, given[name]) for name, reader in readers.items() if name in given}


def _repeated(name: str, values: list[str]) -> BadParameter:
    """Return the refusal of a parameter that may come only once."""
    refusal = BadParameter(name, "multiple").by(
        "groupcamp.parameters.several-values", "groupcamp.parameters.several-values-error"
    )
    return refusal.by("groupcamp.parameters.same-value-twice") if len(set(values)) == 1 else refusal


def _read(reader: Reader | Several, name: str, values: list[str]) -> Any:
    if isinstance(reader, Several):
        if len(values) > 1:
            follow("groupcamp.parameters.repeatable")
        return [_read_one(reader.reader, name, value) for value in dict.fromkeys(values)]
    return _read_one(reader, name, values[0])


def _read_one(reader: Reader, name: str, value: str) -> Any:
    try:
        return reader(name, value)
    except BadParameter as refusal:
        raise refusal if value else BadParameter(name, "invalid").by("groupcamp.parameters.empty") from None


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`, in exactly this spelling."""

    def read(name: str, value: str) -> str:
        if value not in allowed:
            other_capitals = value.lower() in allowed
            raise BadParameter(name, "invalid").by(
                "groupcamp.parameters.capitals" if other_capitals else "groupcamp.parameters.bad-value"
            )
        return value

    return read


def any_text(name: str, value: str) -> str:
    """Read any text, an empty one too."""
    return value


def text(name: str, value: str) -> str:
    """Read a text that is not empty."""
    if not value:
        raise BadParameter(name, "invalid")
    return value


def an_id(kind: Kind) -> Reader:
    """Return a reader of the Uuid of an object of this kind, as its number."""

    def read(name: str, value: str) -> int:
        try:
            return number_of(kind, value)
        except NotAUuid:
            is_address = kind is Kind.USER and "@" in value
            rule = "groupcamp.parameters.no-addresses" if is_address else "groupcamp.parameters.unusable-id"
            raise BadParameter(name, "invalid").by(rule) from None

    return read


def switch(name: str, value: str) -> bool:
    """Read an Integer that switches something on unless it is 0."""
    if not WHOLE_NUMBER.fullmatch(value):
        raise BadParameter(name, "invalid").by("groupcamp.budget.no-whole-number")
    return value.strip("-0") != ""


def kinds_of_group(name: str, value: str) -> frozenset[str]:
    """Read a FilterGroupType: a base, then elements that are added, or taken away after a `!`."""
    base, *elements = value.split(",")
    if base not in FILTER_BASES or any(element.removeprefix("!") not in FILTER_ELEMENTS for element in elements):
        raise BadParameter(name, "invalid").by("groupcamp.users.unknown-kinds")
    if base == "Multi":
        follow("groupcamp.users.multi")
    if len(elements) > 1:
        follow("groupcamp.users.left-to-right")
    kinds = FILTER_BASES[base]
    for element in elements:
        kinds = kinds - {element[1:]} if element.startswith("!") else kinds | {element}
    return kinds


def day(name: str, value: str) -> int:
    """Read a Date, `YYYY-MM-DD` and nothing else, as an ordinal."""
    if not DATE.fullmatch(value):
        raise BadParameter(name, "invalid").by("groupcamp.parameters.bad-value")
    follow("groupcamp.parameters.day")
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        raise BadParameter(name, "invalid").by("groupcamp.parameters.impossible-day") from None


def first_instant(name: str, value: str) -> int:
    """Read a Date as its first instant, for a DateTime is compared by its day."""
    follow("groupcamp.filters.day-of-a-moment", "groupcamp.filters.utc")
    return (day(name, value) - EPOCH_DAY) * DAY


def last_instant(name: str, value: str) -> int:
    """Read a Date as its last instant."""
    return first_instant(name, value) + DAY - 1
