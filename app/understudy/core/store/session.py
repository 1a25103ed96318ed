"""One transaction of one request on one sandbox's rows."""

import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Boolean, Table, bindparam, delete, insert, select, update
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlmodel import Field, SQLModel

from understudy.core.store.prepared import Prepared

Row = Mapping[str, Any]
R = TypeVar("R", bound=SQLModel)


class Counter(SQLModel, table=True):
    """A counter of the sandbox: its next number."""

    __tablename__ = "core_counter"

    name: str = Field(primary_key=True)
    next_number: int


class Change(NamedTuple):
    """What a write did: `insert`, `update` or `delete` of `rows` rows of a table; `key` is that of the only one, where known."""

    change: str
    table: str
    key: tuple[Any, ...] | None
    rows: int


class RecordExists(ValueError):
    """A new record has an id, or another unique value, that is taken; the message names the table and column."""


class Session:
    """Runs statements; the first one that writes opens a transaction, which `commit` or `rollback` ends.

    `all`, `first` and `scalar` read. A record (a row of a table, as its SQLModel class) is read with `get`,
    written with `add` and `save` and removed with `remove`; `run` is for every other write.
    """

    __slots__ = ("_connection", "_dialect", "_writing", "changes", "wrote")

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._writing = False
        self.wrote = False
        self.changes: list[Change] = []
        """What was written so far, in order; numbers taken from sequences are left out."""

    def all(self, statement: Prepared | ClauseElement, **values: Any) -> list[Row]:
        """Return every row of a query."""
        return self._execute(statement, values).fetchall()

    def first(self, statement: Prepared | ClauseElement, **values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        row: Row | None = self._execute(statement, values).fetchone()
        return row

    def scalar(self, statement: Prepared | ClauseElement, **values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self._execute(statement, values).fetchone()
        return None if row is None else row[0]

    def run(self, statement: Prepared | ClauseElement, **values: Any) -> int:
        """Write, and return how many rows were touched."""
        self._begin()
        rows = self._execute(statement, values).rowcount
        if rows:
            written = statement.statement if isinstance(statement, Prepared) else statement
            self._note(written.__visit_name__, str(written.table.name), None, rows)  # type: ignore[attr-defined]  # DML has both
        return rows

    def get(self, table: type[R], key: Any) -> R | None:
        """Return the record with this primary key, or None."""
        row = self.first(_select_by_key(table), key=key)
        return None if row is None else _record(table, row)

    def records(self, table: type[R], statement: Prepared | ClauseElement, **values: Any) -> list[R]:
        """Return the rows of a query over whole rows of `table` as records."""
        return [_record(table, row) for row in self.all(statement, **values)]

    def add(self, record: SQLModel) -> None:
        """Insert a record; raise `RecordExists`."""
        try:
            self._write("insert", _insert(type(record)), record, _values(record))
        except sqlite3.IntegrityError as error:
            raise RecordExists(str(error)) from error

    def save(self, record: SQLModel) -> None:
        """Write a record back under its primary key."""
        values = {f"new_{name}": value for name, value in _values(record).items()}
        self._write("update", _update(type(record)), record, values)

    def remove(self, record: SQLModel) -> None:
        """Delete a record by its primary key."""
        self._write("delete", _delete(type(record)), record, {name: getattr(record, name) for name in _key_names(type(record))})

    def number(self, sequence: str) -> int:
        """Take the next number of a sequence; the first one is 1. A rolled back request gives its numbers back."""
        self._begin()
        row = self._execute(TAKE_NUMBER, {"which": sequence}).fetchone()
        if row is not None:
            return int(row[0]) - 1
        self._execute(_insert(Counter), {"name": sequence, "next_number": 2})
        return 1

    def commit(self) -> None:
        """End the transaction and keep what it wrote."""
        if self._writing:
            self._connection.execute("COMMIT")
            self._writing, self.wrote = False, True

    def rollback(self) -> None:
        """End the transaction and forget what it wrote."""
        if self._writing:
            self._connection.execute("ROLLBACK")
            self._writing = False
            self.changes.clear()

    def _begin(self) -> None:
        if not self._writing:
            self._connection.execute("BEGIN IMMEDIATE")
            self._writing = True

    def _write(self, change: str, statement: Prepared, record: SQLModel, values: Mapping[str, Any]) -> None:
        """Write one record."""
        self._begin()
        if self._execute(statement, values).rowcount:
            table = type(record)
            self._note(change, table.__tablename__, tuple(getattr(record, name) for name in _key_names(table)), 1)

    def _note(self, change: str, table: Any, key: tuple[Any, ...] | None, rows: int) -> None:
        self.changes.append(Change(change, table, key, rows))

    def _execute(self, statement: Prepared | ClauseElement, values: Mapping[str, Any]) -> sqlite3.Cursor:
        prepared = statement if isinstance(statement, Prepared) else Prepared(statement)
        text, parameters = prepared.bind(self._dialect, values)
        return self._connection.execute(text, parameters)


def table_of(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table behind a SQLModel class."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it at run time and does not declare it
    return table


_COUNTER = table_of(Counter).c
TAKE_NUMBER = Prepared(
    update(table_of(Counter))
    .where(_COUNTER.name == bindparam("which"))
    .values(next_number=_COUNTER.next_number + 1)
    .returning(_COUNTER.next_number)
)


@lru_cache
def _columns(model: type[SQLModel]) -> list[tuple[str, bool]]:
    """The names of a table's columns, each with whether it is a boolean (which SQLite keeps as 0 or 1)."""
    return [(column.name, isinstance(column.type, Boolean)) for column in table_of(model).columns]


def _record(model: type[R], row: Row) -> R:
    return model(**{n: bool(row[n]) if truth and row[n] is not None else row[n] for n, truth in _columns(model)})


def _values(record: SQLModel) -> dict[str, Any]:
    return {name: getattr(record, name) for name, _ in _columns(type(record))}


@lru_cache
def _key_names(model: type[SQLModel]) -> list[str]:
    return [column.name for column in table_of(model).primary_key]


@lru_cache
def _select_by_key(model: type[SQLModel]) -> Prepared:
    table = table_of(model)
    (key,) = table.primary_key
    return Prepared(select(table).where(key == bindparam("key")))


@lru_cache
def _insert(model: type[SQLModel]) -> Prepared:
    table = table_of(model)
    return Prepared(insert(table).values({column.name: bindparam(column.name) for column in table.columns}))


@lru_cache
def _update(model: type[SQLModel]) -> Prepared:
    table = table_of(model)
    keyed = [column == bindparam(f"new_{column.name}") for column in table.primary_key]
    values: dict[str, Any] = {c.name: bindparam(f"new_{c.name}") for c in table.columns if not c.primary_key}
    return Prepared(update(table).where(*keyed).values(values))


@lru_cache
def _delete(model: type[SQLModel]) -> Prepared:
    table = table_of(model)
    return Prepared(delete(table).where(*(column == bindparam(column.name) for column in table.primary_key)))
