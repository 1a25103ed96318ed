"""Lists as statements that are built once for each shape of a query: conditions, order, skip and limit; and search patterns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, select

from understudy.core.store import Prepared, table_of
from understudy.vendors.cubicl.tables import Task

NO_LIMIT: Final = (1 << 63) - 1

# SQLite refuses LIKE patterns beyond 50 000 bytes; a character takes at most four, an escaped one two.
LONGEST_PATTERN: Final = 10_000
ESCAPE: Final = "\\"

_tasks = table_of(Task).c


@dataclass(frozen=True, eq=False)
class Listing:
    """The conditions that a list of tasks can be under, by name."""

    clauses: Mapping[str, ColumnElement[bool]]


@dataclass
class Conditions:
    """The conditions of one list: names of a listing's clauses, and the values of their parameters."""

    names: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, **values: Any) -> None:
        """Ask for one more thing."""
        self.names.append(name)
        self.values.update(values)


@lru_cache(maxsize=1024)
def page_statement(listing: Listing, column: str, names: tuple[str, ...]) -> Prepared:
    """Return the query for one column of the tasks that fulfil all conditions.

    Highest priority first, lowest score first, then by id, so that pages don't overlap (all but the score is inferred).
    """
    query = (
        select(_tasks[column])
        .where(*(listing.clauses[name] for name in names))
        .order_by(_tasks.rank, _tasks.priority_score, _tasks.id)
    )
    return Prepared(query.limit(bindparam("page_limit")).offset(bindparam("page_offset")))


@lru_cache(maxsize=1024)
def names_statement(listing: Listing, names: tuple[str, ...]) -> Prepared:
    """Return the query for the id and the folded name of the tasks that fulfil all conditions."""
    return Prepared(select(_tasks.id, _tasks.name_folded).where(*(listing.clauses[name] for name in names)))


def pattern(text: str) -> str:
    """Return the LIKE pattern, escaped with `ESCAPE`, for whatever contains a text."""
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return f"%{text}%"
