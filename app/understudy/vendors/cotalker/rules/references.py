"""The lists of ids within records: what stands in them must be there, and lists are filtered by it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlmodel import SQLModel

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import NotFound
from understudy.vendors.cotalker.tables import Reference

ASKED_AT_ONCE = 10_000  # SQLite takes no more than 32,766 parameters

_references = table_of(Reference).c
FORGET = Prepared(delete(table_of(Reference)).where(_references.record == bindparam("which")))


def keep_references(session: Session, record: str, fields: Mapping[str, Iterable[str]]) -> None:
    """Let a record be found by the items of its lists, and by no others."""
    session.run(FORGET, which=record)
    for field, targets in fields.items():
        for target in dict.fromkeys(targets):
            session.add(Reference(target=target, field=field, record=record))


def refers(record: ColumnElement[Any], *fields: str, to: str) -> ColumnElement[bool]:
    """Return the condition that one of a record's lists has the parameter `to`."""
    return record.in_(select(_references.record).where(_references.field.in_(fields), _references.target == bindparam(to)))


def refers_to_any(record: ColumnElement[Any], field: str, *, to: str) -> ColumnElement[bool]:
    """Return the condition that a record's list has one of the parameters `to`."""
    targets = _references.target.in_(bindparam(to, expanding=True))
    return record.in_(select(_references.record).where(_references.field == field, targets))


def is_referred_to(record: ColumnElement[Any], field: str, *, by: str) -> ColumnElement[bool]:
    """Return the condition that the list of one of the records `by` has this one."""
    sources = _references.record.in_(bindparam(by, expanding=True))
    return record.in_(select(_references.target).where(_references.field == field, sources))


def require_all(
    session: Session, caller: Caller, table: type[SQLModel], ids: Iterable[str], *, by: str = "cotalker.references.unknown"
) -> None:
    """Raise `NotFound` when the caller's company lacks one of the records; `by` is the rule that says so."""
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = wanted[start : start + ASKED_AT_ONCE]
        if session.scalar(_how_many(table), ids=some, company=caller.company) != len(some):
            raise NotFound().by(by)


@lru_cache
def _how_many(table: type[SQLModel]) -> Prepared:
    columns = table_of(table).c
    there = columns.id.in_(bindparam("ids", expanding=True)), columns.company == bindparam("company")
    return Prepared(select(func.count()).select_from(table_of(table)).where(*there))
