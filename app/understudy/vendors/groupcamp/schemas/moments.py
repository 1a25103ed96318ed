"""How GroupCamp writes days and moments."""

from datetime import UTC, date, datetime
from typing import Final

FORM: Final = ("groupcamp.types.date", "groupcamp.types.date-time")
"""What every answer that shows days and moments follows."""


def date_text(ordinal: int) -> str:
    """Write a Date."""
    return date.fromordinal(ordinal).isoformat()


def moment_text(instant: int) -> str:
    """Write a DateTime: UTC, whole seconds. No sample of one is known, and the Task page even calls it an object."""
    return f"{datetime.fromtimestamp(instant // 1000, UTC).isoformat()[:19]}Z"


def day_of(instant: int) -> int:
    """Return the UTC day of an instant."""
    return datetime.fromtimestamp(instant // 1000, UTC).toordinal()
