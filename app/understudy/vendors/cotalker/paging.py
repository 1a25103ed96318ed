"""Cotalker's lists: filters, order, pages and counts, as statements that are built once for each shape of a query."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, func, select

from understudy.core.store import Prepared

DEFAULT_LIMIT = 10
MAX_OFFSET = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one list: `names` are keys of the list's clauses, `values` their parameters."""

    names: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def add(self, name: str, **values: Any) -> "Conditions":
        """Return these conditions and one more."""
        return Conditions((*self.names, name), {**self.values, **values})


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list, in which order: `number` counts from 1."""

    limit: int
    number: int
    sort: str
    descending: bool

    @classmethod
    def of(cls, query: Mapping[str, Any], *, default_sort: str) -> "Page":
        """Return what a query asks for; `orderBy` alone turns the default order round."""
        return cls(
            limit=query.get("limit", DEFAULT_LIMIT),
            number=query.get("page", 1),
            sort=query.get("sortBy", default_sort),
            descending=query.get("orderBy") == "desc",
        )

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return min((self.number - 1) * self.limit, MAX_OFFSET)


@lru_cache(maxsize=1024)
def page_statement(listing: "Listing", names: tuple[str, ...], sort: str, descending: bool) -> Prepared:
    """Return the query for the documents of one page; `id` breaks ties."""
    columns = (listing.sorts[sort],) if sort == "_id" else (listing.sorts[sort], listing.sorts["_id"])
    order = [column.desc() if descending else column.asc() for column in columns]
    query = select(listing.table.c.document).where(*(listing.clauses[name] for name in names)).order_by(*order)
    return Prepared(query.limit(bindparam("page_limit")).offset(bindparam("page_offset")))


@lru_cache(maxsize=1024)
def count_statement(listing: "Listing", names: tuple[str, ...]) -> Prepared:
    """Return the query for the number of matches on all pages."""
    return Prepared(select(func.count()).select_from(listing.table).where(*(listing.clauses[name] for name in names)))


@dataclass(frozen=True, eq=False)
class Listing:
    """What a list of one table can be filtered and sorted by."""

    table: Table
    clauses: Mapping[str, ColumnElement[bool]]
    sorts: Mapping[str, ColumnElement[Any]]


def date_clauses(parameter: str, column: ColumnElement[int]) -> dict[str, ColumnElement[bool]]:
    """Return the five filters on a date; the bare name is equality with an instant or a whole day."""
    first: BindParameter[int] = bindparam(f"{parameter}_first")
    last: BindParameter[int] = bindparam(f"{parameter}_last")
    return {
        parameter: (column >= first) & (column <= last),
        f"{parameter}_gte": column >= bindparam(f"{parameter}_gte"),
        f"{parameter}_lte": column <= bindparam(f"{parameter}_lte"),
        f"{parameter}_gt": column > bindparam(f"{parameter}_gt"),
        f"{parameter}_lt": column < bindparam(f"{parameter}_lt"),
    }


def filtered(conditions: Conditions, query: Mapping[str, Any], listing: Listing) -> Conditions:
    """Add the filters among the parameters of a query; a value of None asks for no filter."""
    for name, value in query.items():
        if value is None or name not in listing.clauses:
            continue
        if isinstance(value, tuple):
            conditions = conditions.add(name, **{f"{name}_first": value[0], f"{name}_last": value[1]})
        else:
            conditions = conditions.add(name, **{name: value})
    return conditions
