"""The clock of a sandbox, steered from a test."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from understudy.client.connection import Connection

Instant = datetime | str
"""A `datetime` with a zone, or an ISO 8601 date-time such as `2026-06-01T08:00:00Z`."""


UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class Clock:
    """The clock of one sandbox. Each change runs what has fallen due, and returns the instant it led to, in UTC."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def now(self) -> datetime:
        """Return the sandbox's present instant."""
        return _instant(self._connection.get("/clock"))

    @property
    def frozen(self) -> bool:
        """Whether it stands."""
        return bool(self._connection.get("/clock")["frozen"])

    def freeze(self, instant: Instant | None = None) -> datetime:
        """Stop it at `instant`, or where it is."""
        return self._put(action="freeze", **({} if instant is None else {"instant": iso(instant)}))

    def set(self, instant: Instant) -> datetime:
        """Go to `instant`, and on from there unless it is frozen."""
        return self._put(action="set", instant=iso(instant))

    def advance(self, by: timedelta | None = None, **parts: float) -> datetime:
        """Move on, by a `timedelta` or by what makes one: `advance(hours=25)`; raise `TypeError` for anything else."""
        return self._put(action="advance", by=duration(_length(by, parts)))

    def reset(self) -> datetime:
        """Follow the system's clock again."""
        return self._put(action="reset")

    def _put(self, **body: str) -> datetime:
        return _instant(self._connection.put("/clock", body))


def _length(by: timedelta | None, parts: Mapping[str, float]) -> timedelta:
    units = f"a timedelta, or {', '.join(f'{unit}=' for unit in UNITS)}"
    if by is None and not parts:
        raise TypeError(f"advance by how much? By {units}")
    if strange := [name for name in parts if name not in UNITS]:
        raise TypeError(f"advance() does not know {strange[0]!r}; it takes {units}")
    if by is None:
        return timedelta(**parts)
    if parts or not isinstance(by, timedelta):
        raise TypeError(f"advance() takes {units}, and not {by!r}{' beside ' + ', '.join(parts) if parts else ''}")
    return by


def iso(instant: Instant) -> str:
    """Return an instant as the control plane reads it."""
    return instant if isinstance(instant, str) else instant.isoformat()


def duration(by: timedelta) -> str:
    """Return an ISO 8601 duration, such as `P1DT3600.000000S`."""
    length = abs(by)
    return f"{'-' if by < timedelta() else ''}P{length.days}DT{length.seconds}.{length.microseconds:06}S"


def _instant(body: Any) -> datetime:
    return datetime.fromisoformat(body["instant"])
