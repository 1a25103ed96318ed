"""Cotalker's lists: filters, order, pages and counts, as statements that are built once for each shape of a query."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared
from understudy.core.vendor import Call

DEFAULT_LIMIT = 10
MAX_OFFSET = (1 << 63) - 1


class Span(NamedTuple):
    """The instants that a date filter stands for, in milliseconds, both ends included."""

    first: int
    last: int


class Keywords(NamedTuple):
    """What `search` asks for: the text as it was sent, and the words that a record must have."""

    text: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one list: `names` are keys of the list's clauses, `values` their parameters."""

    names: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def also(self, name: str, **values: Any) -> "Conditions":
        """Return these conditions and one more."""
        return Conditions((*self.names, name), {**self.values, **values})


def of_company(company: str) -> Conditions:
    """Return the condition that every list begins with."""
    return Conditions(("company",), {"company": company})


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list, in which order: `number` counts from 1; `start` is the first row where no number says it.

    `ordered_by` are the rules that the order follows, where there are two rows or more.
    """

    limit: int
    number: int
    sort: str
    descending: bool
    start: int | None = None
    ordered_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: Mapping[str, Any], *, default_sort: str, by: str | None = None) -> "Page":
        """Return what a query asks for; `by` is the rule of the order that is the list's own."""
        follow(
            "cotalker.paging.limit" if "limit" in query else "cotalker.paging.ten-by-default",
            "cotalker.paging.from-one" if "page" in query else "cotalker.paging.first-page",
        )
        return cls(
            limit=query.get("limit", DEFAULT_LIMIT),
            number=query.get("page", 1),
            sort=query.get("sortBy", default_sort),
            descending=query.get("orderBy") == "desc",
            ordered_by=_order_rules(query, by),
        )

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return min((self.number - 1) * self.limit, MAX_OFFSET) if self.start is None else self.start

    def part(self, offset: int, limit: int) -> "Page":
        """Return some other rows of the same list."""
        return replace(self, limit=limit, start=offset)


def _order_rules(query: Mapping[str, Any], by: str | None) -> tuple[str, ...]:
    rules = (by,) if by and "sortBy" not in query else ()
    if "orderBy" not in query:
        return (*rules, "cotalker.order.rising-by-default")
    return rules if "sortBy" in query else (*rules, "cotalker.order.direction-alone")


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
    rules: Mapping[str, str] = field(default_factory=dict)
    """The rules by which parameters filter, where a reader does not name them."""


def date_clauses(parameter: str, column: ColumnElement[int]) -> dict[str, ColumnElement[bool]]:
    """Return the five filters on a date: equality, which may mean a whole day, and before and after, which mean its beginning."""
    return {
        parameter: (column >= bindparam(f"{parameter}_first")) & (column <= bindparam(f"{parameter}_last")),
        f"{parameter}_gte": column >= bindparam(f"{parameter}_gte_first"),
        f"{parameter}_lte": column <= bindparam(f"{parameter}_lte_first"),
        f"{parameter}_gt": column > bindparam(f"{parameter}_gt_first"),
        f"{parameter}_lt": column < bindparam(f"{parameter}_lt_first"),
    }


def filtered(conditions: Conditions, query: Mapping[str, Any], listing: Listing) -> Conditions:
    """Add the filters among the parameters of a query; `all` asks for no filter."""
    before = len(conditions.names)
    for name, value in query.items():
        if name not in listing.clauses:
            continue
        if name in listing.rules:
            follow(listing.rules[name])
        if value == "all":
            continue
        if isinstance(value, Span):
            conditions = conditions.also(name, **{f"{name}_first": value.first, f"{name}_last": value.last})
        elif isinstance(value, Keywords):
            conditions = conditions.also(name, search_words=value.words, search_number=len(value.words))
        else:
            conditions = conditions.also(name, **{name: value})
    if len(conditions.names) > before + 1:
        follow("cotalker.filters.together")
    return conditions


def documents(call: Call, listing: Listing, conditions: Conditions, page: Page) -> list[str]:
    """Return the documents of one page."""
    statement = page_statement(listing, conditions.names, page.sort, page.descending)
    rows = call.db.all(statement, **conditions.values, page_limit=page.limit, page_offset=page.offset)
    if len(rows) > 1:
        follow(*page.ordered_by)
    elif not rows and page.offset:
        follow("cotalker.paging.past-the-end")
    return [row["document"] for row in rows]


def count(call: Call, listing: Listing, conditions: Conditions) -> int:
    """Return how many rows match on all pages."""
    matches: int = call.db.scalar(count_statement(listing, conditions.names), **conditions.values)
    return matches
