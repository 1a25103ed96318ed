"""The SQLite backend: a sandbox is a database of its own, in memory or in a file.

Everything that only SQLite can do stands here. A database is made from an *image*, the bytes of a prepared one, because copying
1 000 tasks so takes about a millisecond and making them anew takes a hundred times as long.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from understudy.core.store.session import Session

DIALECT = sqlite.dialect()

# A committed write survives the death of the process (`kill -9`); a write in the last moments before the *machine*
# loses power may not, which synchronous=FULL would buy at the price of a disk flush per request.
FILE_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL")


class StoreInUse(Exception):
    """Another process has the database file open."""


class StoreUnreadable(Exception):
    """The file is not a database of ours."""


class SQLiteStore:
    """The rows of one sandbox."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        self._connection = connection

    @classmethod
    def in_memory(cls, image: bytes | None = None) -> Self:
        """Open a database in memory, as a copy of `image` or empty."""
        store = cls(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
        if image is not None:
            store._connection.deserialize(image)
        return store

    @classmethod
    def in_file(cls, path: Path, image: bytes) -> Self:
        """Open the database at `path`; where there is none, put a copy of `image` there first, whole or not at all.

        Raises `StoreInUse` and `StoreUnreadable`.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, image)
        store = cls(sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2))
        try:
            for pragma in FILE_PRAGMAS:
                store._connection.execute(f"PRAGMA {pragma}").fetchone()
            store._connection.execute("BEGIN IMMEDIATE").execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StoreInUse(f"{path} is in use by another process") from error
        except sqlite3.DatabaseError as error:
            raise StoreUnreadable(f"{path} is not a database of Understudy") from error
        return store

    def session(self) -> Session:
        """Return a session; it must be ended before the next one writes."""
        return Session(self._connection, DIALECT)

    def create(self, tables: Iterable[Table]) -> None:
        """Create tables and their indexes."""
        for table in tables:
            self._connection.execute(str(CreateTable(table).compile(dialect=DIALECT)))
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self._connection.execute(str(CreateIndex(index).compile(dialect=DIALECT)))

    def image(self) -> bytes:
        """Return the whole database as bytes."""
        return self._connection.serialize()

    def restore(self, image: bytes) -> None:
        """Put the content of `image` in the place of what is there."""
        source = sqlite3.connect(":memory:")
        source.deserialize(image)
        source.backup(self._connection)
        source.close()

    def close(self) -> None:
        """Close the database; a file is left complete."""
        self._connection.close()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds all of it or none of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
