"""The SQLite backend: a sandbox is a database of its own, in memory or in a file.

Everything that only SQLite can do stands here. A database is made from an *image*, the bytes of a prepared one, because copying
1 000 tasks so takes about a millisecond and making them anew takes a hundred times as long.
"""

import math
import os
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Self
from zlib import crc32

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from understudy.core.store import pages
from understudy.core.store.session import Session

DIALECT = sqlite.dialect()

# A committed write survives the death of the process (`kill -9`); a write in the last moments before the *machine*
# loses power may not, which synchronous=FULL would buy at the price of a disk flush per request.
FILE_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL")

# Where SQLite's file format keeps user_version.
LAYOUT_IN_HEADER = slice(60, 64)

# Where it says that there is a write-ahead log beside the file, which a database in memory can't have.
WAL_IN_HEADER = slice(18, 20)
NO_WAL = b"\x01\x01"


class StoreUnusable(Exception):
    """A database file is in use by another process, of another version, or no database of ours; the message is one line."""


class SQLiteStore:
    """The rows of one sandbox.

    A store that is not in use can be *parked*: its database is closed, and opened again for the next session. One in memory is
    then kept as the pages in which it differs from the image it was made from, in a file if there are any.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, in_file: bool = False) -> None:
        self._connect = connect
        self._in_file = in_file
        self._connection: sqlite3.Connection | None = None
        self._base: Callable[[], bytes] = bytes
        self._parked_at: Path | None = None

    @classmethod
    def in_memory(cls, image: bytes = b"") -> Self:
        """Return a database in memory, a copy of `image` or empty."""
        store = cls(_open_memory)
        if image:
            store.open().deserialize(image)
        return store

    @classmethod
    def parkable(cls, base: Callable[[], bytes], parked_at: Path) -> Self:
        """Return a copy of the image that `base` gives, in memory; it can be parked in a file, and is parked already."""
        store = cls(_open_memory)
        store._base, store._parked_at = base, parked_at
        return store

    @classmethod
    def in_file(cls, path: Path, image: bytes, *, durable: bool = True) -> Self:
        """Open the database at `path`; where there is none, put a copy of `image` there first, whole or not at all.

        One that is not durable is made ten times as fast, and survives the process but perhaps not the machine's loss of power.
        Raises `StoreUnusable`.
        """
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, image, durable=durable)
        except OSError as error:
            raise StoreUnusable(f"{path}: {error.strerror}") from error
        store = cls(partial(_open_file, path, layout_of(image)), in_file=True)
        store.open()
        return store

    @property
    def parked(self) -> bool:
        """Whether the database is closed until the next session."""
        return self._connection is None

    def session(self) -> Session:
        """Return a session; it must be ended before the next one writes."""
        return Session(self.open(), DIALECT)

    def open(self) -> sqlite3.Connection:
        """Return the database, which is no longer parked then; raise `StoreUnusable`."""
        if self._connection is None:
            connection = self._connect()
            connection.row_factory = sqlite3.Row
            if self._parked_at is not None:
                connection.deserialize(self._parked_image(self._parked_at))
            self._connection = connection
        return self._connection

    def park(self) -> None:
        """Close the database, which loses nothing; not while a session is open."""
        if self._connection is None:
            return
        if not self._in_file:
            if self._parked_at is None:
                raise RuntimeError("this store has nowhere to be parked")
            changes = pages.changes(self._base(), self._connection.serialize())
            if changes:
                self._parked_at.write_bytes(changes)
            else:
                self._parked_at.unlink(missing_ok=True)
        self._connection.close()
        self._connection = None

    def create(self, tables: Iterable[Table]) -> None:
        """Create tables and their indexes, and sign the database with a number that stands for their layout."""
        connection = self.open()
        statements = layout_statements(tables)
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={layout_number(statements)}")

    def image(self) -> bytes:
        """Return the whole database as bytes."""
        image = self.open().serialize()
        return image if not self._in_file else image[: WAL_IN_HEADER.start] + NO_WAL + image[WAL_IN_HEADER.stop :]

    def size(self) -> int:
        """Return how many bytes the database has."""
        pages_and_size = (self.open().execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return math.prod(pages_and_size)

    def restore(self, image: bytes) -> None:
        """Become a copy of `image`, in a single step."""
        connection = self.open()
        if not self._in_file:
            connection.deserialize(image)
            return
        source = sqlite3.connect(":memory:")
        source.deserialize(image)
        source.backup(connection)
        source.close()

    def close(self) -> None:
        """Close the database; a file is left complete."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._forget_parked()

    def _parked_image(self, path: Path) -> bytes:
        return pages.changed(self._base(), path.read_bytes()) if path.exists() else self._base()

    def _forget_parked(self) -> None:
        if self._parked_at is not None:
            self._parked_at.unlink(missing_ok=True)


def _open_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


def _open_file(path: Path, layout: int) -> sqlite3.Connection:
    """Open the database at `path` for this process alone; raise `StoreUnusable`."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
        if connection.execute("PRAGMA user_version").fetchone()[0] != layout:
            raise StoreUnusable(f"{path} was made by another version of Understudy, whose tables are others")
        for pragma in FILE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise StoreUnusable(f"{path} is in use by another process, or can't be written ({error})") from error
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"{path} is not a database of Understudy") from error
    return connection


def layout_statements(tables: Iterable[Table]) -> list[str]:
    """Return the statements that create tables and their indexes."""
    statements: list[str] = []
    for table in tables:
        statements.append(str(CreateTable(table).compile(dialect=DIALECT)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=DIALECT)) for index in indexes]
    return statements


def layout_number(statements: Iterable[str]) -> int:
    """Return the number that stands for a layout of tables."""
    return crc32("".join(statements).encode()) & 0x7FFFFFFF


def layout_of(image: bytes) -> int:
    """Return the number that an image was signed with."""
    return int.from_bytes(image[LAYOUT_IN_HEADER], "big")


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that a reader finds all of it or none of it; a durable one even after the machine lost power."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
