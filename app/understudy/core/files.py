"""Files that clients send: the bytes lie in a directory beside the sandbox's database, under the ids that the rows know.

Decision: bytes on disk, written as they come in, however large.
Refused: a column, for an upload may have four gigabytes; Starlette's form parser, whose temporary files lie elsewhere and would
have to be copied.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from understudy.core.vendor import Call, Operation, Refusal

PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
UNFINISHED: Final = ".part"
LARGEST_HEADERS_OF_A_PART: Final = 16 * 1024
QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
EXTENDED_FILE_NAME: Final = re.compile(r";\s*filename\*=(?P<set>utf-8|iso-8859-1)'[^';]*'(?P<name>[^;\s]*)", re.IGNORECASE)


class FileStore:
    """The files of one sandbox.

    What a transaction keeps is there at once, and gone again when the transaction is rolled back.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Keep files in `directory`, or until the end of the process in a temporary one."""
        self._directory = directory
        self._temporary = directory is None
        self._uncommitted: list[Path] = []
        if directory is not None:
            for unfinished in directory.glob(f"*{UNFINISHED}"):
                unfinished.unlink(missing_ok=True)

    def new_part(self) -> tuple[Path, BinaryIO]:
        """Return a new file, open for writing, for what is about to come in."""
        number, path = tempfile.mkstemp(dir=self._place(), suffix=UNFINISHED)
        return Path(path), os.fdopen(number, "wb")

    def keep(self, upload: "Upload", name: str) -> None:
        """Keep an upload under a record's id."""
        kept = self._path(name)
        upload.path.rename(kept)
        self._uncommitted.append(kept)

    def path(self, name: str) -> Path | None:
        """Return where the bytes of a record are, or None."""
        path = self._path(name)
        return path if path.is_file() else None

    def commit(self) -> None:
        """Keep what the transaction kept."""
        self._uncommitted.clear()

    def rollback(self) -> None:
        """Forget what the transaction kept."""
        for path in self._uncommitted:
            path.unlink(missing_ok=True)
        self._uncommitted.clear()

    def clear(self) -> None:
        """Forget every file, but for those that are still coming in: they are kept, if at all, when this is over."""
        for path in self.paths():
            path.unlink(missing_ok=True)

    def copy(self, other: "FileStore") -> None:
        """Hold the same files as another store too; raise `OSError` where there is no room, and change nothing then."""
        self.take(self.bring(other))

    def bring(self, other: "FileStore") -> list[Path]:
        """Put the files of another store beside these as unfinished ones, for `take`; raise `OSError` where there is no room.

        They are written once and never changed, so both may share the bytes.
        """
        brought: list[Path] = []
        try:
            for path in other.paths():
                brought.append(self._path(path.name).with_suffix(UNFINISHED))
                try:
                    os.link(path, brought[-1])
                except OSError:  # another file system, or one without links
                    shutil.copyfile(path, brought[-1])
        except OSError:
            for part in brought:
                part.unlink(missing_ok=True)
            raise
        return brought

    def take(self, brought: list[Path]) -> None:
        """Make what was brought files of this store."""
        for part in brought:
            part.rename(part.with_suffix(""))

    def paths(self) -> list[Path]:
        """Return where the files are; the name of each is its record's id."""
        if self._directory is None or not self._directory.exists():
            return []
        return sorted(path for path in self._directory.iterdir() if path.suffix != UNFINISHED)

    def discard(self) -> None:
        """Remove every file, and the directory."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def close(self) -> None:
        """Remove a temporary directory."""
        if self._temporary and self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _path(self, name: str) -> Path:
        if not PLAIN_ID.fullmatch(name):
            raise ValueError(f"not the id of a file: {name!r}")
        return self._place() / name

    def _place(self) -> Path:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="understudy-files-"))
            atexit.register(self.close)
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory


@dataclass
class Upload:
    """A file that came in: its `name` as the client gave it, `size` in bytes, and `path`, where it is until somebody keeps it."""

    name: str
    content_type: str | None
    size: int
    path: Path

    def discard(self) -> None:
        """Remove the bytes, unless they were kept."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class ExpectedFile:
    """The file that an operation takes: the part it comes in, what is checked first, and how a broken body is refused."""

    part: str
    before: "Callable[[Any], None]"
    malformed: "Callable[[str], Refusal]"


_EXPECTED: "dict[Operation, ExpectedFile]" = {}


def receives_file(
    part: str, *, before: "Callable[[Any], None]", malformed: "Callable[[str], Refusal]"
) -> "Callable[[Operation], Operation]":
    """Mark an operation whose body is `multipart/form-data` with a file in `part`.

    `before` runs once the credentials are good and before the first byte is read; it may raise a `Refusal`. The operation finds
    the file as `call.upload`, or None there when the part is missing. `malformed` makes the refusal of a body that is no
    multipart or is too large.
    """

    def mark(operation: "Operation") -> "Operation":
        _EXPECTED[operation] = ExpectedFile(part, before, malformed)
        return operation

    return mark


def expected_file(operation: "Operation") -> ExpectedFile | None:
    """Return what file an operation takes, if it takes one."""
    return _EXPECTED.get(operation)


class MalformedBody(ValueError):
    """The body of an upload is not what its headers announce; the message says what is wrong."""


async def receive(call: "Call", expected: ExpectedFile, *, at_most: int) -> Upload | None:
    """Write the file in a request's body to disk as it comes in, and return it, or None when the part is not there.

    Raises `MalformedBody` for a body that is no multipart, is cut short or holds a file of more than `at_most` bytes, and
    `ClientDisconnect`; nothing is left behind then.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(call.header(b"content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise MalformedBody("The body is not multipart/form-data with a boundary")
    body = _Body(call.sandbox.files, expected.part, at_most)
    try:
        parser = MultipartParser(options[b"boundary"], body.callbacks(), max_header_size=LARGEST_HEADERS_OF_A_PART)
        async for chunk in call.stream():
            parser.write(chunk)
        parser.finalize()
        return body.finish()
    except FormParserError as error:  # also of a boundary that is too long
        body.abandon()
        raise MalformedBody(str(error)) from error
    except BaseException:
        body.abandon()
        raise


class _Body:
    """Takes what the parser finds; the first part of the wanted name is written to disk, the rest is thrown away."""

    def __init__(self, files: FileStore, part: str, at_most: int) -> None:
        self._files = files
        self._part = part
        self._at_most = at_most
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._file: BinaryIO | None = None
        self._upload: Upload | None = None
        self._ended = False

    def callbacks(self) -> Any:
        """Return the parser's callbacks."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def finish(self) -> Upload | None:
        """Return the file; raise `MalformedBody` when the body stopped before its end."""
        if not self._ended:
            raise MalformedBody("The body ends before its last boundary")
        return self._upload

    def abandon(self) -> None:
        """Leave nothing behind."""
        try:
            self._part_end()
        finally:  # a full disk does not even let what is left in the buffer be written
            if self._upload is not None:
                self._upload.discard()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _headers_end(self) -> None:
        from python_multipart.multipart import parse_options_header

        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        _, options = parse_options_header(disposition)
        name = _extended_file_name(disposition)
        if name is None and b"filename" in options:
            name = _text(options[b"filename"])
        if self._upload is not None or name is None or options.get(b"name") != self._part.encode():
            return
        kind = self._headers.get(b"content-type")
        path, self._file = self._files.new_part()
        self._upload = Upload(name, kind.decode("latin-1") if kind else None, 0, path)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None or self._upload is None:
            return
        self._upload.size += end - start
        if self._upload.size > self._at_most:
            raise MalformedBody(f"The file has more than {self._at_most} bytes")
        self._file.write(memoryview(data)[start:end])

    def _part_end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _end(self) -> None:
        self._ended = True


def _extended_file_name(disposition: str) -> str | None:
    """Return what `filename*` says, or None.

    RFC 7578 forbids it in forms and the parser leaves it out, but .NET sends it beside a name in words of its own, older Python
    clients instead of the name, and Node's servers prefer it.
    """
    found = EXTENDED_FILE_NAME.search(QUOTED.sub('""', disposition))
    return None if found is None else unquote(found["name"], "latin-1" if found["set"].lower() == "iso-8859-1" else "utf-8")


def _text(name: bytes) -> str:
    """Return a file's name; what is not UTF-8 is Latin-1."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
