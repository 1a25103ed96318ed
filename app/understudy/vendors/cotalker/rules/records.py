"""Finding one record of the caller's company, and changing its document."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import bindparam, select
from sqlmodel import SQLModel

from understudy.core.clock import instant_of, iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import NotFound

R = TypeVar("R", bound=SQLModel)

STAMPED_AHEAD_MS = 1000  # more than any of the samples' delays between a record's creation and its last stamp


def document_of(call: Call, caller: Caller, table: type[SQLModel], key: str, *, by: str = "id") -> str:
    """Return the document of a record by its id or another column; raise `NotFound` for what the caller's company lacks."""
    row = call.db.first(_document(table, by), key=key, company=caller.company)
    if row is None:
        raise NotFound().by(*(["cotalker.properties.unknown-code"] if by == "code" else []))
    text: str = row["document"]
    return text


def record_of(call: Call, caller: Caller, table: type[R], key: str) -> R:
    """Return a record that is to be changed; raise `NotFound` for one that the caller's company lacks."""
    document_of(call, caller, table, key)
    record = call.db.get(table, key)
    assert record is not None
    return record


def changed(
    text: str,
    wishes: Mapping[str, Any],
    *,
    gone: Collection[str] = (),
    modified: int | None = None,
    rules: tuple[str, str] = ("cotalker.records.stamp", "cotalker.records.version"),
) -> dict[str, Any]:
    """Return a document with each wish in the place of what was there, and without the fields that are to go.

    `modifiedAt` becomes `modified`. The version grows when an array was put in the place of another one. `rules` are those of the
    stamp and of the version.
    """
    document: dict[str, Any] = {name: value for name, value in orjson.loads(text).items() if name not in gone}
    document.update(wishes)
    if modified is not None:
        document["modifiedAt"] = iso(modified)
        follow(rules[0])
    if "__v" in document and any(isinstance(value, list) for value in wishes.values()):
        document["__v"] += 1
        follow(rules[1])
    return document


def later(now: int, before: str) -> int:
    """Return `now`, or the first millisecond after the stamp `before` where that is still to come.

    New records are stamped as in the vendor's samples, some milliseconds after their creation; a change that follows at once
    must not be stamped before them, or whoever asks for what was modified since would miss it. A stamp that lies further ahead
    is from before the clock was put back, and does not hold the clock up.
    """
    stamp = instant_of(datetime.fromisoformat(before))
    if not now < stamp < now + STAMPED_AHEAD_MS:
        return now
    follow("cotalker.task-fields.stamp-after-creation")
    return stamp + 1


def json_text(document: Any) -> str:
    """Return a document as it is stored."""
    return orjson.dumps(document).decode()


@lru_cache
def _document(table: type[SQLModel], column: str) -> Prepared:
    columns = table_of(table).c
    return Prepared(select(columns.document).where(columns[column] == bindparam("key"), columns.company == bindparam("company")))
