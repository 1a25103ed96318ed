"""The SQLite backend: a sandbox is a database of its own, in memory or in a file.

Everything that only SQLite can do stands here. A database is made from an *image*, the bytes of a prepared one, because copying
1 000 tasks so takes about a millisecond and making them anew takes a hundred times as long.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Self
from zlib import crc32

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from understudy.core.store.session import Session

DIALECT = sqlite.dialect()

# A committed write survives the death of the process (`kill -9`); a write in the last moments before the *machine*
# loses power may not, which synchronous=FULL would buy at the price of a disk flush per request.
FILE_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL")


# Where SQLite's file format keeps user_version.
LAYOUT_IN_HEADER = slice(60, 64)


class StoreUnusable(Exception):
    """A database file is in use by another process, of another version, or no database of ours; the message is one line."""


class SQLiteStore:
    """The rows of one sandbox."""

    def __init__(self, connection: sqlite3.Connection, *, in_file: bool = False) -> None:
        connection.row_factory = sqlite3.Row
        self._connection = connection
        self._in_file = in_file

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

        Raises `StoreUnusable`.
        """
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, image)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
            store = cls(connection, in_file=True)
            if store.layout() != int.from_bytes(image[LAYOUT_IN_HEADER], "big"):
                raise StoreUnusable(f"{path} was made by another version of Understudy, whose tables are others")
            for pragma in FILE_PRAGMAS:
                store._connection.execute(f"PRAGMA {pragma}").fetchone()
            store._connection.execute("BEGIN IMMEDIATE")
            store._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StoreUnusable(f"{path} is in use by another process, or can't be written ({error})") from error
        except sqlite3.DatabaseError as error:
            raise StoreUnusable(f"{path} is not a database of Understudy") from error
        except OSError as error:
            raise StoreUnusable(f"{path}: {error.strerror}") from error
        return store

    def session(self) -> Session:
        """Return a session; it must be ended before the next one writes."""
        return Session(self._connection, DIALECT)

    def create(self, tables: Iterable[Table]) -> None:
        """Create tables and their indexes, and sign the database with a number that stands for their layout."""
        statements: list[str] = []
        for table in tables:
            statements.append(str(CreateTable(table).compile(dialect=DIALECT)))
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            statements += [str(CreateIndex(index).compile(dialect=DIALECT)) for index in indexes]
        for statement in statements:
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version={crc32(''.join(statements).encode()) & 0x7FFFFFFF}")

    def layout(self) -> int:
        """Return the number that stands for the layout of the tables."""
        number: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return number

    def image(self) -> bytes:
        """Return the whole database as bytes."""
        return self._connection.serialize()

    def restore(self, image: bytes) -> None:
        """Put the content of `image` in the place of what is there."""
        if not self._in_file:
            self._connection.deserialize(image)
            return
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
