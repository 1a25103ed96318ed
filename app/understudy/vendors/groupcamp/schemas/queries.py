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
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import BadParameter
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, number_of

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE_NUMBER = re.compile(r"-?[0-9]+")
EPOCH_DAY = date(1970, 1, 1).toordinal()

# Kinds of group in the filter language of `is_leader`, by the word that starts it. That an account may have several projects and
# extranets, but one intranet, is inferred.
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
    for name, reader in readers.items():
        if name in given and len(given[name]) > 1 and not isinstance(reader, Several):
            raise BadParameter(name, "multiple")
    if call.settings.groupcamp_strict_parameters:
        for name in given:
            if name not in readers:
                raise BadParameter(name, "invalid")
    for name in required:
        if name not in given:
            raise BadParameter(name, "missing")
    return {name: _read(reader, name, given[name]) for name, reader in readers.items() if name in given}


def _read(reader: Reader | Several, name: str, values: list[str]) -> Any:
    if isinstance(reader, Several):
        return [reader.reader(name, value) for value in dict.fromkeys(values)]
    return reader(name, values[0])


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`, in exactly this spelling."""

    def read(name: str, value: str) -> str:
        if value not in allowed:
            raise BadParameter(name, "invalid")
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
            raise BadParameter(name, "invalid") from None

    return read


def switch(name: str, value: str) -> bool:
    """Read an Integer that switches something on unless it is 0 (inferred)."""
    if not WHOLE_NUMBER.fullmatch(value):
        raise BadParameter(name, "invalid")
    return value.strip("-0") != ""


def kinds_of_group(name: str, value: str) -> frozenset[str]:
    """Read a FilterGroupType: a base, then elements that are added, or taken away after a `!`."""
    base, *elements = value.split(",")
    if base not in FILTER_BASES:
        raise BadParameter(name, "invalid")
    kinds = FILTER_BASES[base]
    for element in elements:
        if element.removeprefix("!") not in FILTER_ELEMENTS:
            raise BadParameter(name, "invalid")
        kinds = kinds - {element[1:]} if element.startswith("!") else kinds | {element}
    return kinds


def day(name: str, value: str) -> int:
    """Read a Date, `YYYY-MM-DD` and nothing else, as an ordinal."""
    try:
        if DATE.fullmatch(value):
            return date.fromisoformat(value).toordinal()
    except ValueError:
        pass
    raise BadParameter(name, "invalid")


def first_instant(name: str, value: str) -> int:
    """Read a Date as its first instant: a DateTime is compared by its day, in the zone it is printed in (inferred)."""
    return (day(name, value) - EPOCH_DAY) * DAY


def last_instant(name: str, value: str) -> int:
    """Read a Date as its last instant."""
    return first_instant(name, value) + DAY - 1
