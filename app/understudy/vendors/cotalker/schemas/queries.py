"""Reads query strings."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl

from dateutil.parser import isoparse

from understudy.core.clock import DAY, EARLIEST, LATEST, instant_of
from understudy.core.provenance import follow
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import InvalidValue
from understudy.vendors.cotalker.paging import Keywords, Span
from understudy.vendors.cotalker.schemas.values import Reader, object_id, one_of, ruled
from understudy.vendors.cotalker.words import words_of

INDEXED = re.compile(r"([^\[]+)\[[0-9]*\]")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
YEAR_OR_DATE = re.compile(r"[0-9]{4}|[0-9]{8}")
ISO_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?|[0-9]{4}|-?W[0-9]{2}(-?[0-9])?|-?[0-9]{3})?")
MILLISECONDS = re.compile(r"-?[0-9]{1,15}")
AS_ANSWERED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
OPERATORS = ("_gte", "_lte", "_gt", "_lt")

LARGE_LIMIT = 1000  # the partner SDK asks for so many
LARGEST_LIMIT = 10_000  # the vendor states no maximum; no client is known to ask for more
MOST_KEYWORDS = 100
LARGEST_PAGE = (1 << 53) - 1  # JavaScript counts no further, and any page there is past the end


class Repeated(str):
    """The values of a parameter that came more than once, with commas between them."""


def read_query(call: CotalkerCall, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the parameters that have a reader, read, in the order of the readers; raise `InvalidValue`."""
    return _read(_given(call, readers), readers)


def read_id_and_query(
    call: CotalkerCall, readers: Mapping[str, Reader], *, name: str = "taskGroupId"
) -> tuple[str, dict[str, Any]]:
    """Return an id from the path, which is checked first, and the query; raise `InvalidValue`."""
    (wanted,), query = read_ids_and_query(call, readers, name)
    return wanted, query


def read_ids_and_query(call: CotalkerCall, readers: Mapping[str, Reader], *names: str) -> tuple[list[str], dict[str, Any]]:
    """Return the ids of these names from the path, which are checked first, and the query; raise `InvalidValue`."""
    given = _given(call, readers)
    return [object_id(name, call.path_params[name]) for name in names], _read(given, readers)


def _given(call: CotalkerCall, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the known parameters as texts, and note them for `debug`; several values of one are joined with commas.

    So lists of ids may come repeated, indexed or with commas, and a single value that comes twice fits nowhere.
    """
    values: dict[str, list[str]] = {}
    if raw := call.scope["query_string"]:
        for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
            if (indexed := INDEXED.fullmatch(name)) and readers.get(indexed[1]) in LISTS:
                name = indexed[1]
                follow("cotalker.query.indexed-key")
            values.setdefault(name, []).append(value)
    given = {name: _joined(values[name], readers[name]) for name in readers if name in values}
    if len(given) < len(values):
        follow("cotalker.query.unknown-parameters")
    if "isActive" in readers and "isActive" not in given:
        follow("cotalker.filters.any-activity")
    call.understood = {"query": given}
    return given


def _joined(values: list[str], reader: Reader) -> str:
    if len(values) == 1:
        if reader in LISTS and "," in values[0]:
            follow("cotalker.query.commas")
        return values[0]
    follow("cotalker.query.repeated-key")
    return Repeated(",".join(values))


def _read(given: dict[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Read the texts one by one, in place: what `debug` shows of a refused query is read up to the value that was refused."""
    for name, text in given.items():
        try:
            given[name] = readers[name](name, text)
        except InvalidValue as misfit:
            if not text:
                misfit.by("cotalker.query.empty-values")
            if isinstance(text, Repeated) and readers[name] not in LISTS:
                misfit.by("cotalker.query.repeated-single")
            raise
    return given


def limit(name: str, text: str) -> int:
    """Read a page's size, at least 1; more than `LARGEST_LIMIT` are never given."""
    wanted = _whole_number(name, text, at_least=1)
    if wanted > LARGEST_LIMIT:
        follow("cotalker.paging.largest")
    elif wanted >= LARGE_LIMIT:
        follow("cotalker.paging.large-pages")
    return min(wanted, LARGEST_LIMIT)


def page(name: str, text: str) -> int:
    """Read a page's number, from 1; 0 is taken as 1."""
    wanted = _whole_number(name, text, at_least=0)
    if wanted == 0:
        follow("cotalker.paging.page-zero")
    return min(max(wanted, 1), LARGEST_PAGE)


def boolean(name: str, text: str) -> bool:
    """Read `true` or `false`."""
    if text not in ("true", "false"):
        raise InvalidValue(name, "be a boolean", text).by("cotalker.errors.boolean")
    follow("cotalker.query.booleans")
    return text == "true"


def task_activity(name: str, text: str) -> bool | str:
    """Read a boolean, or `all`."""
    if text == "all":
        follow("cotalker.filters.all-tasks")
        return text
    return boolean(name, text)


def activity(name: str, text: str) -> bool | str:
    """Read `all`, `true` or `false`: the same as for tasks, but the pages list the words, so the refusal does too."""
    if text not in ("all", "true", "false"):
        raise InvalidValue(name, "be one of [all, true, false]", text).by("cotalker.errors.several-allowed")
    return text if text == "all" else boolean(name, text)


def object_ids(name: str, text: str) -> list[str]:
    """Read ObjectIds with commas between them, at most `LARGEST_LIMIT`."""
    ids = list(dict.fromkeys(object_id(name, item) for item in text.split(",")))
    if len(ids) > LARGEST_LIMIT:
        raise _too_many(name, text)
    return ids


def texts(name: str, text: str) -> list[str]:
    """Read texts with commas between them, at most `LARGEST_LIMIT`, none of them empty."""
    found = list(dict.fromkeys(text.split(",")))
    if len(found) > LARGEST_LIMIT:
        raise _too_many(name, text)
    return [filled(name, item) for item in found]


def _too_many(name: str, text: str) -> InvalidValue:
    refusal = InvalidValue(name, f"contain less than or equal to {LARGEST_LIMIT} items", text[:100])
    return refusal.by("cotalker.query.most-values")


def emails(name: str, text: str) -> list[str]:
    """Read e-mail addresses with commas between them; upper and lower case are one."""
    if text != text.lower():
        follow("cotalker.users.email-in-any-case")
    return texts(name, text.lower())


def filled(name: str, text: str) -> str:
    """Read one text that is not empty."""
    if isinstance(text, Repeated):
        raise InvalidValue(name, "be a string", text)
    if not text:
        raise InvalidValue(name, "not be empty", text)
    return text


def keywords(name: str, text: str) -> Keywords:
    """Read the words to search for, all of which a record must have."""
    words = words_of(filled(name, text))
    if len(words) > 1:
        follow("cotalker.lists.search-all-words")
    return Keywords(text, words)


def parts(name: str, text: str) -> list[str]:
    """Read keywords with commas between them, in lower case; those that are nothing but blanks don't count.

    There are at most `MOST_KEYWORDS`, for each is looked for in every field.
    """
    found = {keyword: None for part in filled(name, str(text)).split(",") if (keyword := part.strip().lower())}
    if len(found) > MOST_KEYWORDS:
        excess = InvalidValue(name, f"contain less than or equal to {MOST_KEYWORDS} items", text[:100])
        raise excess.by("cotalker.my-tasks.search-at-most")
    return list(found)


def serial(name: str, text: str) -> int:
    """Read the number of a task."""
    return min(_whole_number(name, text, at_least=1), LARGEST_PAGE)


def milliseconds(name: str, text: str) -> int:
    """Read an instant that only ever comes in epoch milliseconds."""
    return min(_whole_number(name, text, at_least=0), LATEST)


def date(name: str, text: str) -> Span:
    """Read what a date filter stands for, in the forms of `span`."""
    found = span(name, text)
    form = "cotalker.dates.iso" if AS_ANSWERED.fullmatch(text) else "cotalker.dates.other-forms"
    if name.endswith(OPERATORS):
        follow(form, *(["cotalker.dates.midnight"] if found.first < found.last else []))
    else:
        follow(form, "cotalker.dates.whole-day" if found.first < found.last else "cotalker.dates.equality")
    return found


def span(name: str, text: str) -> Span:
    """Read an ISO 8601 date or date-time (UTC unless it says otherwise) or epoch milliseconds.

    A moment is itself; a date without a time is its whole day in UTC.
    """
    try:
        if MILLISECONDS.fullmatch(text) and not YEAR_OR_DATE.fullmatch(text):
            instant, length = int(text), 1
        else:
            instant, length = _iso_instant(text)
    except (ValueError, OverflowError):
        raise InvalidValue(name, "be a valid date", text).by("cotalker.errors.date") from None
    if not EARLIEST <= instant <= LATEST:
        raise InvalidValue(name, "be a valid date", text).by("cotalker.errors.date")
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
        raise InvalidValue(name, "be a number", text).by("cotalker.errors.number")
    if not number.is_integer():
        raise InvalidValue(name, "be an integer", text).by("cotalker.paging.fractions")
    if number < at_least:
        raise InvalidValue(name, f"be greater than or equal to {at_least}", text).by("cotalker.paging.out-of-range")
    if not text.isdecimal():
        follow("cotalker.paging.spellings")
    return int(number)


LISTS = (object_ids, texts, emails)
"""The readers of parameters that take several values."""

NO_QUERY = {"debug": boolean}
PAGING = {
    **NO_QUERY,
    "count": boolean,
    "limit": limit,
    "page": page,
    "orderBy": one_of("asc", "desc", by="cotalker.order.direction"),
}
DATES = {
    f"{field}{operator}": ruled(date, "cotalker.dates.names")
    for field in ("createdAt", "modifiedAt")
    for operator in ("", *OPERATORS)
}


def old_dates(*, until_modified: bool) -> dict[str, Reader]:
    """Return the date filters under the names that lists older than the tasks have, without `At`.

    `modified_lt` and `modified_lte` exist for elements and collections only.
    """
    operators = ("", "_gt", "_gte", "_lt", "_lte")
    names = [f"created{operator}" for operator in operators]
    names += [f"modified{operator}" for operator in (operators if until_modified else operators[:3])]
    return dict.fromkeys(names, ruled(date, "cotalker.dates.older-names"))
