"""Snapshots of sandboxes: taken, kept, taken up again, and moved as files (`snapshot_file.py`).

They belong to a sandbox, outlive its resets and end with it: in the data directory where there is one, else in a temporary one.
What takes long runs in a thread, on copies; what touches the sandbox is done in one step on the thread that owns it. So a
snapshot is of one moment, and taking one up is done wholly or not at all.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from secrets import token_hex
from sqlite3 import DataError, IntegrityError
from typing import IO, TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Table, TypeDecorator, insert

from understudy import __version__
from understudy.core.clock import EARLIEST, LATEST, iso, system_now
from understudy.core.files import FileStore
from understudy.core.names import SNAPSHOT, SNAPSHOT_RULE
from understudy.core.sandbox import Sandbox, SandboxState, UnknownSandbox
from understudy.core.snapshot_file import BadSnapshot, Manifest, SnapshotFile, TableEntry, write
from understudy.core.store import SQLiteStore
from understudy.core.store.sqlite import DIALECT
from understudy.core.tables import all_tables
from understudy.core.webhooks import forget_pending

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

SUFFIX: Final = ".zip"
THIS_RUN: Final = f".{token_hex(4)}-"  # begins the names of drafts, so that the next run knows those that are left over

# What a column may hold. SQLite is as lenient between whole and other numbers, and between text and bytes.
KINDS: Final[Mapping[type, set[type]]] = {
    bool: {int},
    int: {int, float},
    float: {int, float},
    bytes: {bytes, str},
    str: {str, bytes},
}


class BadName(ValueError):
    """A name that can't be that of a snapshot; the message is one line."""


class UnknownSnapshot(LookupError):
    """The sandbox has no snapshot of this name; the message is the name."""


@dataclass(frozen=True)
class Kept:
    """A snapshot that is kept: its `size` in bytes, and its manifest, or why that can't be read."""

    name: str
    size: int
    manifest: Manifest | None
    problem: str | None = None


@dataclass
class Built:
    """What a snapshot is made into: its database, its manifest, and what was left out or filled in (`notes`, one line each)."""

    store: SQLiteStore
    manifest: Manifest
    notes: list[str] = field(default_factory=list)


class Snapshots:
    """Where the snapshots of one sandbox are kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def all(self) -> list[Kept]:
        """Return what is known of each, by name."""
        found = []
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            with suppress(UnknownSnapshot):  # removed just now
                found.append(self.describe(path.stem))
        return found

    def path(self, name: str) -> Path:
        """Return where a snapshot is; raise `UnknownSnapshot`."""
        path = self._directory / f"{name}{SUFFIX}"
        if not SNAPSHOT.fullmatch(name) or not path.is_file():
            raise UnknownSnapshot(name)
        return path

    def describe(self, name: str) -> Kept:
        """Return what is known of a snapshot; raise `UnknownSnapshot`."""
        path = self.path(name)
        try:
            size = path.stat().st_size
            with SnapshotFile(path) as snapshot:
                return Kept(name, size, snapshot.manifest)
        except FileNotFoundError:
            raise UnknownSnapshot(name) from None
        except BadSnapshot as error:
            return Kept(name, size, None, str(error))

    def remove(self, name: str) -> None:
        """Remove a snapshot; raise `UnknownSnapshot`."""
        self.path(name).unlink()

    def discard(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._directory, ignore_errors=True)

    @contextmanager
    def draft(self, name: str) -> Iterator["Draft"]:
        """Give a file to write what is to become the snapshot `name`; nothing is left of it unless it was kept.

        Raises `BadName`.
        """
        require_name(name)
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in self._directory.glob(".*"):
            if not path.name.startswith(THIS_RUN):
                shutil.rmtree(path, ignore_errors=True)
        place = Path(tempfile.mkdtemp(dir=self._directory, prefix=THIS_RUN))
        try:
            with (place / "draft").open("wb") as file:
                yield Draft(file, place / "draft", self._directory / f"{name}{SUFFIX}", FileStore(place / "files"))
        finally:
            self._remove(place)

    @contextmanager
    def working_files(self) -> Iterator[FileStore]:
        """Give a store for files, where the sandbox's may have their bytes too, until the end of the block."""
        place = Path(tempfile.mkdtemp(dir=self._directory, prefix=THIS_RUN))
        try:
            yield FileStore(place)
        finally:
            self._remove(place)

    def _remove(self, place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):  # there are snapshots in it
            self._directory.rmdir()


@dataclass(frozen=True)
class Draft:
    """A snapshot on its way: `file` is open for writing, at `path`; `files` hold what is to go into it."""

    file: IO[bytes]
    path: Path
    target: Path
    files: FileStore

    def finish(self) -> None:
        """Have what was written on the disk, which may take its time."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def keep(self, sandbox: Sandbox) -> None:
        """Let the draft take its name, in the place of what had it; raise `UnknownSandbox` where the sandbox is gone by now."""
        if sandbox.deleted:
            raise UnknownSandbox(sandbox.name)
        self.path.replace(self.target)


def require_name(name: str) -> None:
    """Raise `BadName` for what can't be the name of a snapshot."""
    if not SNAPSHOT.fullmatch(name):
        raise BadName(f"{name[:100]!r} can't be the name of a snapshot: {SNAPSHOT_RULE}")


async def save(sandbox: Sandbox, snapshots: Snapshots, name: str, *, vendors: Sequence["Vendor"]) -> Kept:
    """Keep the sandbox as it is now under a name, in the place of what has it. Raises `BadName` and `UnknownSandbox`."""
    with snapshots.draft(name) as draft:
        image = sandbox.image()
        head = _head(sandbox)
        draft.files.copy(sandbox.files)
        with _gone_with(sandbox):
            await asyncio.to_thread(_write, draft, head, image, all_tables(vendors))
        draft.keep(sandbox)
        return snapshots.describe(name)


async def load(sandbox: Sandbox, snapshots: Snapshots, name: str, *, vendors: Sequence["Vendor"], largest_files: int) -> Built:
    """Make the sandbox what it was when the snapshot was taken.

    Its journal, faults and counted requests stay, and so do the world that a reset goes back to and its time to live; webhooks
    that were still to be sent are forgotten, for they were the earlier time's to send. Raises `UnknownSnapshot`, `BadSnapshot`
    and `UnknownSandbox`, and changes nothing then.
    """
    path = snapshots.path(name)
    with snapshots.working_files() as files:
        with _gone_with(sandbox, name):
            built = await asyncio.to_thread(build, path, vendors, files=files, largest_files=largest_files)
        try:
            image = _image_for(sandbox, built.store)
        finally:
            built.store.close()
        sandbox.restore(image, files=files)
    return built


async def check(draft: Draft, *, vendors: Sequence["Vendor"], largest_files: int) -> Built:
    """Build a draft once, so that taking it up later can't fail half way; raise `BadSnapshot`."""
    built = await asyncio.to_thread(_check, draft, vendors, largest_files)
    built.store.close()
    return built


def build(path: Path, vendors: Sequence["Vendor"], *, files: FileStore, largest_files: int) -> Built:
    """Read a snapshot into a new database and into `files`; raise `BadSnapshot`.

    What this version has and the snapshot's didn't gets its default; what the snapshot has and this version doesn't is left out.
    `largest_files` is how many bytes all uploaded files may have, unless the snapshot itself is as large.
    """
    with SnapshotFile(path) as snapshot:
        snapshot.check_entries(largest_files=largest_files)
        tables = all_tables(vendors)
        built = Built(SQLiteStore.in_memory(), snapshot.manifest)
        try:
            built.store.create(tables)
            built.notes.extend(_differences(snapshot.manifest, tables))
            _fill(built.store, snapshot, {table.name: table for table in tables})
            _check_state(built.store, vendors)
            snapshot.unpack_files(files)
        except BaseException:
            built.store.close()
            raise
        return built


def _head(sandbox: Sandbox) -> dict[str, Any]:
    clock = sandbox.clock
    return {
        "createdAt": iso(system_now()),
        "sandbox": sandbox.name,
        "seed": sandbox.seed,
        "clock": {"instant": iso(clock.now()), "offset": clock.offset, "frozenAt": clock.frozen_at},
    }


def _write(draft: Draft, head: dict[str, Any], image: bytes, tables: list[Table]) -> None:
    write(draft.file, head, image=image, tables=tables, files=draft.files)
    draft.finish()


def _check(draft: Draft, vendors: Sequence["Vendor"], largest_files: int) -> Built:
    draft.finish()
    return build(draft.path, vendors, files=draft.files, largest_files=largest_files)


@contextmanager
def _gone_with(sandbox: Sandbox, name: str = "") -> Iterator[None]:
    """Raise `UnknownSandbox` where files are gone because the sandbox is; `UnknownSnapshot` where only the snapshot `name` is."""
    try:
        yield
    except OSError as error:
        if sandbox.deleted:
            raise UnknownSandbox(sandbox.name) from error
        if name and isinstance(error, FileNotFoundError):
            raise UnknownSnapshot(name) from error
        raise


def _image_for(sandbox: Sandbox, store: SQLiteStore) -> bytes:
    """Return the new database as it is to be in this sandbox, which keeps its origin and its time to live."""
    session = store.session()
    state = session.get(SandboxState, 1)
    assert state is not None
    state.origin, state.ttl_seconds = sandbox.origin.digest, sandbox.ttl_seconds
    session.save(state)
    session.commit()
    return store.image()


def _differences(manifest: Manifest, tables: Sequence[Table]) -> Iterator[str]:
    """Say what this version has otherwise; a snapshot of this very version has every table."""
    theirs = {entry.name: entry for entry in manifest.tables}
    known = {table.name for table in tables}
    for name in theirs.keys() - known:
        yield f"the table {name} is not known to this version of Understudy and was left out"
    for table in tables:
        if table.name not in theirs:
            if manifest.understudy == __version__ or table.name == SandboxState.__tablename__:
                raise BadSnapshot(f"the table {table.name} is missing")
            yield f"the table {table.name} was not known to Understudy {manifest.understudy} and is empty"
            continue
        for column in theirs[table.name].columns:
            if column not in table.columns:
                yield f"the column {table.name}.{column} is not known to this version of Understudy and was left out"


def _fill(store: SQLiteStore, snapshot: SnapshotFile, tables: Mapping[str, Table]) -> None:
    connection = store.open()
    connection.execute("BEGIN")
    for entry in snapshot.manifest.tables:
        table = tables.get(entry.name)
        columns = None if table is None else _Columns(table, entry)
        for rows in snapshot.rows(entry):  # those of an unknown table too, for they may be damaged
            if columns is None:
                continue
            try:
                connection.executemany(columns.insert, columns.values(rows))
            except (IntegrityError, DataError, OverflowError) as error:
                raise BadSnapshot(f"the table {entry.name}: {error}") from error
    connection.execute("COMMIT")


class _Columns:
    """Where the columns of a table are in the rows of a snapshot."""

    def __init__(self, table: Table, entry: TableEntry) -> None:
        """Raise `BadSnapshot` where a column that must have a value is not there."""
        self._places = {name: place for place, name in enumerate(entry.columns)}
        if len(self._places) < len(entry.columns):
            raise BadSnapshot(f"the table {entry.name} has a column twice")
        self._columns = list(table.columns)
        self._defaults = {c.name: _default(c) for c in self._columns if c.name not in self._places}
        self.insert = str(insert(table).compile(dialect=DIALECT))

    def values(self, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        """Return the rows as this version has them; raise `BadSnapshot`."""
        theirs = list(zip(*rows, strict=True))
        return zip(*(self._column(column, theirs) for column in self._columns), strict=True)

    def _column(self, column: Column[Any], theirs: Sequence[Sequence[Any]]) -> Iterable[Any]:
        if column.name in self._defaults:
            return repeat(self._defaults[column.name], len(theirs[0]))
        values = theirs[self._places[column.name]]
        kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        allowed = KINDS[kind.python_type] | ({type(None)} if column.nullable else set())
        if wrong := set(map(type, values)) - allowed:
            found = "null" if wrong == {type(None)} else min(kind.__name__ for kind in wrong)
            raise BadSnapshot(f"the column {column.table.name}.{column.name} holds {found}, which does not fit")
        return values


def _default(column: Column[Any]) -> Any:
    if column.default is not None and column.default.is_scalar:
        return column.default.arg  # type: ignore[attr-defined]  # a scalar default has one
    if column.nullable:
        return None
    raise BadSnapshot(f"the column {column.table.name}.{column.name} is missing, and has no default")


def _check_state(store: SQLiteStore, vendors: Sequence["Vendor"]) -> None:
    """Raise `BadSnapshot` where a sandbox could not go on; forget what an earlier time had to send."""
    session = store.session()
    state = session.get(SandboxState, 1)
    if state is None or not 0 <= state.seed < 1 << 63:
        raise BadSnapshot(f"the table {SandboxState.__tablename__} has no row 1, or one with no seed")
    frozen = 0 if state.clock_frozen_at is None else state.clock_frozen_at
    if not (EARLIEST <= frozen <= LATEST and EARLIEST <= system_now() + state.clock_offset <= 2 * LATEST):
        raise BadSnapshot("its clock stands before year 1 or after year 9999")
    forget_pending(session)
    session.commit()
    Sandbox.as_stored("snapshot", store=store, vendors=vendors)
