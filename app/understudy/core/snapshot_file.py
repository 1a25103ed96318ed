"""The file that a snapshot is: a ZIP that later versions still read.

- `manifest.json`: what it is (`Manifest`), and what else is in the file;
- `tables/<table>.jsonl`: a row a line, an array in the order of the manifest's columns;
- `files/<id>`: the files that clients have uploaded.

Values are JSON's; bytes are `{"base64": ...}`, numbers without an end `{"float": "inf"}`.

Decision: rows as text, by the names of their columns, not the database as it is. Why: tables change from version to version, and
whoever keeps a world in a repository wants to go on using it, and to read it. Refused: the database's image, which is smaller and
faster but tied to one layout; SQL text, which would have to be run to be understood.
"""

import math
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import IO, Any, Final, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Float, Table, select, text

from understudy import __version__
from understudy.core.clock import EARLIEST, LATEST
from understudy.core.files import PLAIN_ID, FileStore
from understudy.core.store import SQLiteStore
from understudy.core.store.sqlite import DIALECT

FORMAT: Final = "understudy-snapshot"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
LARGEST_MANIFEST: Final = 64 * 1024 * 1024
LARGEST_TABLES: Final = 1024**3
LARGEST_ROW: Final = 64 * 1024 * 1024
ROWS_AT_ONCE: Final = 1000
BLOCK: Final = 1024 * 1024
ENCRYPTED: Final = 1  # a bit of a ZIP entry's flags

Number = Field(ge=0, lt=1 << 63)


class BadSnapshot(ValueError):
    """A file that is no snapshot, or none that this version can read; the message is one line."""


class ClockThen(BaseModel):
    """The clock when the snapshot was taken: `instant` for people, `offset` to the system's time and `frozenAt` in ms."""

    instant: str
    offset: int = Field(ge=EARLIEST - LATEST, le=LATEST - EARLIEST)
    frozen_at: int | None = Field(alias="frozenAt", ge=EARLIEST, le=LATEST)


class TableEntry(BaseModel):
    """A table: how many `rows`, and how many `bytes` they take as text."""

    name: str = Field(pattern="^[a-z][a-z0-9_]{0,62}$")
    columns: list[str] = Field(min_length=1)
    rows: int = Number
    bytes: int = Number


class FileEntry(BaseModel):
    """An uploaded file, under the id that its row knows."""

    name: str = Field(pattern=f"^{PLAIN_ID.pattern}$")
    bytes: int = Number


class Manifest(BaseModel):
    """What a snapshot says of itself; `created_at` is real time, ISO 8601, whatever the sandbox's clock showed."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    format: Literal["understudy-snapshot"] = FORMAT
    version: int = VERSION
    understudy: str
    created_at: str = Field(alias="createdAt")
    sandbox: str
    seed: int = Number
    clock: ClockThen
    tables: list[TableEntry]
    files: list[FileEntry]


def write(target: IO[bytes], head: dict[str, Any], *, image: bytes, tables: Iterable[Table], files: FileStore) -> None:
    """Write a snapshot of the database `image` and of `files`; `head` is the rest of the manifest."""
    store = SQLiteStore.in_memory(image)
    try:
        with ZipFile(target, "w") as archive:
            table_entries = [_write_table(archive, store, table) for table in tables]
            file_entries = [_write_file(archive, path) for path in files.paths()]
            manifest = {"format": FORMAT, "version": VERSION, "understudy": __version__, **head}
            content = orjson.dumps(manifest | {"tables": table_entries, "files": file_entries}, option=orjson.OPT_INDENT_2)
            archive.writestr(_entry(MANIFEST), content)
    finally:
        store.close()


def _write_table(archive: ZipFile, store: SQLiteStore, table: Table) -> dict[str, Any]:
    columns = list(table.columns)
    real = [index for index, column in enumerate(columns) if isinstance(column.type, Float)]
    # Rows come back in the order in which they were made, which is what a query without an order of its own shows.
    cursor = store.open().execute(str(select(*columns).order_by(text("rowid")).compile(dialect=DIALECT)))
    rows = size = 0
    with archive.open(_entry(f"tables/{table.name}.jsonl"), "w", force_zip64=True) as entry:
        while batch := cursor.fetchmany(ROWS_AT_ONCE):
            lines = b"".join(_line(tuple(row), real) for row in batch)
            entry.write(lines)
            rows += len(batch)
            size += len(lines)
    return {"name": table.name, "columns": [column.name for column in columns], "rows": rows, "bytes": size}


def _write_file(archive: ZipFile, path: Path) -> dict[str, Any]:
    size = 0
    with path.open("rb") as file, archive.open(_entry(f"files/{path.name}", ZIP_STORED), "w", force_zip64=True) as entry:
        while block := file.read(BLOCK):
            entry.write(block)
            size += len(block)
    return {"name": path.name, "bytes": size}


def _entry(name: str, compression: int = ZIP_DEFLATED) -> ZipInfo:
    entry = ZipInfo(name)  # dated 1980, so that the same world makes the same bytes
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    entry._compresslevel = 1  # type: ignore[attr-defined]  # what `writestr` takes as an argument and `open` does not
    return entry


def _line(row: tuple[Any, ...], real: Sequence[int]) -> bytes:
    if any(isinstance(row[index], float) and not math.isfinite(row[index]) for index in real):
        row = tuple({"float": repr(v)} if isinstance(v, float) and not math.isfinite(v) else v for v in row)
    return orjson.dumps(row, default=_as_base64) + b"\n"


def _as_base64(value: Any) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"a column holds a {type(value).__name__}")
    return {"base64": b64encode(value).decode()}


class SnapshotFile:
    """A snapshot, open for reading; its methods raise `BadSnapshot`. A context manager."""

    def __init__(self, path: Path) -> None:
        """Open the file and read its manifest."""
        self._size = path.stat().st_size
        with _in_one_line():
            self._archive = ZipFile(path)
        try:
            self._entries = self._checked_entries()
            self.manifest = self._read_manifest()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> "SnapshotFile":
        return self

    def __exit__(self, *exception: object) -> None:
        self._archive.close()

    def check_entries(self, *, largest_files: int) -> None:
        """Hold what is in the file against the manifest, by names and sizes; nothing has been unpacked then.

        `largest_files` is how many bytes all uploaded files may have, unless the snapshot itself is as large.
        """
        tables = {f"tables/{table.name}.jsonl": table.bytes for table in self.manifest.tables}
        files = {f"files/{file.name}": file.bytes for file in self.manifest.files}
        if len(tables) < len(self.manifest.tables) or len(files) < len(self.manifest.files):
            raise BadSnapshot("its manifest names something twice")
        expected = tables | files
        for name in expected.keys() | self._entries.keys() - {MANIFEST}:
            if name not in self._entries:
                raise BadSnapshot(f"{name} is missing")
            if name not in expected:
                raise BadSnapshot(f"{name!r} does not belong there")
            if self._entries[name].file_size != expected[name]:
                raise BadSnapshot(f"{name} has {self._entries[name].file_size} bytes; its manifest says {expected[name]}")
        if sum(tables.values()) > LARGEST_TABLES:
            raise BadSnapshot(f"its tables have more than {LARGEST_TABLES} bytes")
        if sum(files.values()) > max(largest_files, self._size):
            raise BadSnapshot(f"its files have more than {largest_files} bytes")

    def rows(self, table: TableEntry) -> Iterator[list[list[Any]]]:
        """Yield a table's rows in batches, each row with a value for each of its columns, and check their number."""
        name = f"tables/{table.name}.jsonl"
        count = 0
        with _in_one_line(name), self._archive.open(self._entries[name]) as entry:
            while batch := list(_next_rows(entry)):
                rows = [_row(line, len(table.columns), f"{name}, line {count + n}") for n, line in enumerate(batch, 1)]
                count += len(rows)
                yield rows
        if count != table.rows:
            raise BadSnapshot(f"{name} has {count} rows; its manifest says {table.rows}")

    def unpack_files(self, files: FileStore) -> None:
        """Put copies of the uploaded files into a store."""
        for file in self.manifest.files:
            name = f"files/{file.name}"
            path, target = files.new_part()
            with target, _in_one_line(name), self._archive.open(self._entries[name]) as entry:
                while block := entry.read(BLOCK):
                    target.write(block)
            path.rename(path.with_name(file.name))

    def _checked_entries(self) -> dict[str, ZipInfo]:
        entries: dict[str, ZipInfo] = {}
        for entry in self._archive.infolist():
            if entry.filename in ("tables/", "files/") and not entry.file_size:  # as ZIP programs add them
                continue
            if entry.filename in entries:
                raise BadSnapshot(f"{entry.filename!r} is there twice")
            if entry.flag_bits & ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise BadSnapshot(f"{entry.filename!r} is encrypted, or compressed in another way than deflated")
            entries[entry.filename] = entry
        return entries

    def _read_manifest(self) -> Manifest:
        entry = self._entries.get(MANIFEST)
        if entry is None:
            raise BadSnapshot(f"not a snapshot of Understudy: there is no {MANIFEST}")
        if entry.file_size > LARGEST_MANIFEST:
            raise BadSnapshot(f"{MANIFEST} has more than {LARGEST_MANIFEST} bytes")
        with _in_one_line(MANIFEST):
            content = self._archive.read(entry)
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise BadSnapshot(f"{MANIFEST} is not JSON: {error}") from error
        return _manifest(document)


def _manifest(document: Any) -> Manifest:
    """Read what the first versions and every later one have in common before anything else."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadSnapshot(f"not a snapshot of Understudy: {MANIFEST} has another format")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadSnapshot(f"{MANIFEST}: version: not a positive number")
    if version > VERSION:
        maker = str(document.get("understudy", "a later version"))[:40]
        raise BadSnapshot(
            f"made by a later version of Understudy ({maker!r}): its format is {version}, the latest known here is {VERSION}"
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSnapshot(f"{MANIFEST}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _next_rows(entry: IO[bytes]) -> Iterator[bytes]:
    for _ in range(ROWS_AT_ONCE):
        line = entry.readline(LARGEST_ROW + 1)
        if not line:
            return
        if len(line) > LARGEST_ROW:
            raise BadSnapshot(f"a row has more than {LARGEST_ROW} bytes")
        yield line


def _row(line: bytes, length: int, where: str) -> list[Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadSnapshot(f"{where}: not JSON: {error}") from error
    if not isinstance(row, list) or len(row) != length:
        raise BadSnapshot(f"{where}: not an array of {length} values")
    return [_value(value, where) if isinstance(value, dict | list) else value for value in row]


def _value(value: Any, where: str) -> Any:
    match value:
        case {"base64": str(encoded)} if len(value) == 1:
            try:
                return b64decode(encoded, validate=True)
            except (NotBase64, ValueError) as error:
                raise BadSnapshot(f"{where}: not base64: {error}") from error
        case {"float": "inf" | "-inf" as number} if len(value) == 1:
            return float(number)
    raise BadSnapshot(f"{where}: neither text nor number, bytes or null")


@contextmanager
def _in_one_line(name: str = "") -> Iterator[None]:
    """Raise `BadSnapshot` for whatever the reader of ZIPs finds wrong; an offset that leads nowhere makes it seek there."""
    try:
        yield
    except BadSnapshot:
        raise
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno != EINVAL:
            raise
        where = f"{name} is damaged" if name else "not a ZIP file, or cut short"
        raise BadSnapshot(f"{where}: {' '.join(str(error).split()) or type(error).__name__}") from error
