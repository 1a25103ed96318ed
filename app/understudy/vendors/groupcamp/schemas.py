"""What GroupCamp accepts in paths and queries, and how it writes days and moments.

A parameter takes one value: several are refused, and so is an empty one. Unknown parameters are ignored unless a setting says
otherwise.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from understudy.core.clock import DAY
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.errors import BadParameter, UnusableId
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, number_of

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EPOCH_DAY = date(1970, 1, 1).toordinal()

Reader = Callable[[str, str], Any]


def path_id(call: Call, name: str, kind: Kind) -> int:
    """Return the number of the object that an id in the path names; raise `UnusableId`."""
    try:
        return number_of(kind, unquote(call.path_params[name]))
    except NotAUuid:
        raise UnusableId(name) from None


def read_query(call: Call, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the known parameters of the query, read; raise `BadParameter` for the first that is wrong.

    Repetition is looked at before form, in the order of `readers`; that order is inferred.
    """
    raw = call.scope["query_string"]
    if not raw:
        return {}
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    for name in readers:
        if len(given.get(name, ())) > 1:
            raise BadParameter(name, "multiple")
    if call.settings.groupcamp_strict_parameters:
        for name in given:
            if name not in readers:
                raise BadParameter(name, "invalid")
    return {name: reader(name, given[name][0]) for name, reader in readers.items() if name in given}


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of `allowed`, in exactly this spelling."""

    def read(name: str, value: str) -> str:
        if value not in allowed:
            raise BadParameter(name, "invalid")
        return value

    return read


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


def date_text(ordinal: int) -> str:
    """Write a Date."""
    return date.fromordinal(ordinal).isoformat()


def moment_text(instant: int) -> str:
    """Write a DateTime: UTC, whole seconds.

    No sample of one is known, and the Task page even calls it an object; this form is inferred.
    """
    return f"{datetime.fromtimestamp(instant // 1000, UTC).isoformat()[:19]}Z"


def day_of(instant: int) -> int:
    """Return the UTC day of an instant."""
    return datetime.fromtimestamp(instant // 1000, UTC).toordinal()
