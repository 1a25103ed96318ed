"""Where log lines go: to standard error, for people or as one JSON object a line.

Decision: lines are gathered and written a moment later by the event loop, in large pieces. Why: with a line for each request
a write for each line would be a good part of what the server does. Errors are written at once, and so is everything at the end.
A reader of standard error that does not read must not stop the server, as it would once the pipe is full: lines wait then, and
when too many wait the oldest are lost, which the log tells.
Refused: a thread that writes (the interpreter's lock makes it dearer than the writing), and non-blocking mode on standard error,
which whoever shares the terminal would get as well.
"""

import asyncio
import json
import logging
import os
import select
import sys
import time
import traceback
from collections import deque
from io import UnsupportedOperation
from threading import RLock
from types import TracebackType
from typing import Any, Final, Protocol, TextIO

import orjson

SECONDS_GATHERED: Final = 0.1
LINES_WAITING: Final = 20_000
PIECE: Final = 4096  # what a pipe that is writable at all takes without waiting (PIPE_BUF)
SECONDS_AT_THE_END: Final = 1.0


Bug = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None


Line = tuple[float, int, str, object, Bug]
"""When, how bad (a level of `logging`), by whom, what, and the exception that goes with it."""


class Form(Protocol):
    """How a line is written."""

    def __call__(self, created: float, level: int, logger: str, message: object, bug: Bug = None) -> str:
        """Return the line: `created` is a time in seconds, `message` what `str` makes a text of."""


class Lines(logging.Handler):
    """Writes lines to a stream, soon; errors at once."""

    def __init__(self, stream: TextIO, form: Form) -> None:
        super().__init__()
        self.form = form
        self._stream = stream
        self._descriptor = _descriptor(stream)
        self._waiting: deque[Line] = deque()
        self._rest = b""
        self._lost = 0
        self._scheduled = False
        self._writing = RLock()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        message = record.getMessage() if record.args else record.msg
        self._take((record.created, record.levelno, record.name, message, record.exc_info))
        if record.levelno >= logging.ERROR:
            self.flush()

    def gather(self, created: float, level: int, logger: str, message: object) -> None:
        """Take a line that has no record, which costs less."""
        self._take((created, level, logger, message, None))

    def _take(self, line: Line) -> None:
        """Keep a line; it is put into words when it is written."""
        if len(self._waiting) >= LINES_WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(line)
        if not self._scheduled and not self._soon():
            self.flush()

    def flush(self) -> None:
        """Write what waits, as far as the stream takes it."""
        self._write(seconds=0)

    def close(self) -> None:
        """Write the rest; a stream that nobody reads gets a second."""
        self._write(seconds=SECONDS_AT_THE_END)
        super().close()

    def _soon(self) -> bool:
        """Have the loop write what waits; False where no loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        loop.call_later(SECONDS_GATHERED, self._on_time)
        self._scheduled = True
        return True

    def _on_time(self) -> None:
        self._scheduled = False
        self.flush()
        if self._rest or self._waiting:
            self._soon()

    def _write(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._writing:
            while self._rest or self._waiting:
                if not self._rest:
                    self._rest = self._gathered()
                taken = self._write_piece(self._rest[:PIECE], max(until - time.monotonic(), 0))
                if not taken:
                    return
                self._rest = self._rest[taken:]

    def _gathered(self) -> bytes:
        lines = []
        if self._lost:
            lines.append(b"%d log lines are lost: nobody read them in time\n" % self._lost)
            self._lost = 0
        while self._waiting and len(lines) < 64:
            lines.append(f"{self.form(*self._waiting.popleft())}\n".encode(errors="backslashreplace"))
        return b"".join(lines)

    def _write_piece(self, piece: bytes, seconds: float) -> int:
        """Return how much of a piece was written: nothing when the stream takes nothing within `seconds`."""
        try:
            if self._descriptor is None:
                self._stream.write(piece.decode(errors="replace"))
                self._stream.flush()
                return len(piece)
            if not _writable(self._descriptor, seconds):
                return 0
            return os.write(self._descriptor, piece)
        except (OSError, ValueError):  # nobody is there any more to read it
            return len(piece)


def set_up_logging(log_format: str, level: str = "info") -> None:
    """Write log lines of `level` and above to standard error, as `console` lines or `json`; libraries only warn."""
    handler = Lines(sys.stderr, JSONForm() if log_format == "json" else ConsoleForm())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("understudy").setLevel(level.upper())
    # Its warnings are about what clients send, and advise to install a WebSocket library.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    # It warns of odd headers of a part, which are the client's affair.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class ConsoleForm:
    """`2026-03-02 12:00:00,123 INFO message`, in local time; a traceback follows, indented.

    What clients send can't look like a line of its own, nor steer the terminal: no control character is written.
    """

    def __init__(self) -> None:
        self._second = -1
        self._shown = ""

    def __call__(self, created: float, level: int, logger: str, message: object, bug: Bug = None) -> str:
        """Return the line."""
        second = int(created)
        if second != self._second:
            self._second, self._shown = second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        milliseconds = int((created - second) * 1000)
        line = f"{self._shown},{milliseconds:03d} {logging.getLevelName(level)} {_one_line(str(message))}"
        return line if bug is None else "\n    ".join([line, *map(_one_line, _traceback(bug).splitlines())])


class JSONForm:
    """One JSON object: `time` (ISO 8601), `level`, `logger`, `message` and, where there are such, `exception` and fields.

    A message that has fields (`fields()`) gives them beside `message`, so that nobody has to take it apart.
    """

    def __init__(self) -> None:
        self._second = -1
        self._shown = self._zone = ""

    def __call__(self, created: float, level: int, logger: str, message: object, bug: Bug = None) -> str:
        """Return the line."""
        second = int(created)
        if second != self._second:
            local = time.localtime(second)
            self._shown, self._zone = time.strftime("%Y-%m-%dT%H:%M:%S", local), time.strftime("%z", local)
            self._second = second
        line: dict[str, Any] = {
            "time": f"{self._shown}.{int((created - second) * 1000):03d}{self._zone}",
            "level": logging.getLevelName(level).lower(),
            "logger": logger,
            "message": str(message),
        }
        if fields := getattr(message, "fields", None):
            line |= fields()
        if bug is not None:
            line["exception"] = _traceback(bug)
        try:
            return orjson.dumps(line).decode()
        except TypeError:  # half a surrogate pair
            return json.dumps(line, default=str)


def _traceback(bug: Bug) -> str:
    return "" if bug is None or bug[0] is None else "".join(traceback.format_exception(*bug)).rstrip()


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _descriptor(stream: TextIO) -> int | None:
    """Return the descriptor that can be asked whether it takes more, or None."""
    try:
        return stream.fileno() if hasattr(select, "poll") else None
    except (AttributeError, UnsupportedOperation, ValueError):
        return None


def _writable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(seconds * 1000))
