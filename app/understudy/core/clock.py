"""The clock of a sandbox: everything that stamps or waits reads it, so that a test can stop and move time.

Instants are whole milliseconds since 1970-01-01T00:00:00Z.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

DAY = 86_400_000

# The instants that every vendor's date format and Python's datetime can express: years 1 to 9999.
EARLIEST = -62135596800000
LATEST = 253402300799999


class ClockOutOfRange(ValueError):
    """The clock was sent before year 1 or after year 9999."""


class Clock:
    """A clock that follows the system's until it is frozen, set or advanced."""

    def __init__(self, *, offset: int = 0, frozen_at: int | None = None) -> None:
        self.offset = offset
        self.frozen_at = frozen_at

    def now(self) -> int:
        """Return the present instant in milliseconds; at the end of year 9999 time stands still."""
        if self.frozen_at is not None:
            return self.frozen_at
        return min(system_now() + self.offset, LATEST)

    def freeze(self, instant: int | None = None) -> None:
        """Stop at `instant`, or where the clock stands."""
        self.frozen_at = _within_range(self.now() if instant is None else instant)

    def set(self, instant: int) -> None:
        """Go to `instant`, and on from there unless frozen."""
        _within_range(instant)
        if self.frozen_at is not None:
            self.frozen_at = instant
        else:
            self.offset = instant - system_now()

    def reset(self) -> None:
        """Follow the system's clock again."""
        self.offset = 0
        self.frozen_at = None

    @contextmanager
    def standing_at(self, instant: int) -> Iterator[None]:
        """Show `instant` for the length of a block, whatever the clock does otherwise."""
        before = self.frozen_at
        self.frozen_at = instant
        try:
            yield
        finally:
            self.frozen_at = before


def system_now() -> int:
    """Return the system's time in milliseconds."""
    return time.time_ns() // 1_000_000


def iso(instant: int) -> str:
    """Write an instant as `YYYY-MM-DDTHH:MM:SS.mmmZ`; one after the year 9999 as the last one in it."""
    seconds, milliseconds = divmod(min(instant, LATEST), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z".rjust(24, "0")


def instant_of(moment: datetime) -> int:
    """Return the instant of `moment`; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def moment_of(instant: int) -> datetime:
    """Return `instant` as a UTC datetime."""
    seconds, milliseconds = divmod(instant, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def _within_range(instant: int) -> int:
    if not EARLIEST <= instant <= LATEST:
        raise ClockOutOfRange("the clock runs from year 1 to year 9999")
    return instant
