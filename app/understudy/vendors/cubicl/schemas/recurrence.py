"""How a task recurs."""

from typing import Any, Literal, NotRequired, TypedDict

from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.values import (
    Reader,
    boolean,
    number,
    one_of,
    or_null,
    positive_whole,
    read_fields,
    require,
)


class Recurrence(TypedDict):
    """A recurrence as Cubicl's users write it: every `period` days, weeks or months; `days` starts with Monday."""

    type: Literal["daily", "weekly", "monthly"]
    period: float
    createWhen: Literal["after-deadline", "completed"]
    active: bool
    stopCondition: Literal["none", "date", "count"]
    end: NotRequired[float | None]
    maxCount: NotRequired[float | None]
    days: NotRequired[list[bool] | None]


def read_recurrence(name: str, value: Any) -> Recurrence:
    """Read a recurrence."""
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object").by("cubicl.format.types")
    for field in REQUIRED:
        require(value, field, "cubicl.recurrence.required", within=f"{name}.")
    recurrence = read_fields(value, FIELDS, within=f"{name}.")
    for condition, field in (("date", "end"), ("count", "maxCount")):
        if recurrence["stopCondition"] == condition and recurrence.get(field) is None:
            raise BadRequest(f"stopCondition {condition} needs {field}").by("cubicl.recurrence.stop-needs-bound")
    return recurrence  # type: ignore[return-value]  # every field has been read by its reader


def _days(name: str, value: Any) -> list[bool]:
    if not isinstance(value, list) or len(value) != 7 or not all(isinstance(day, bool) for day in value):
        raise BadRequest(f"{name} must be a list of seven times true or false").by("cubicl.recurrence.bounds")
    return value


REQUIRED = ("type", "period", "createWhen", "active", "stopCondition")
FIELDS: dict[str, Reader] = {
    "type": one_of("daily", "weekly", "monthly"),
    "period": positive_whole,
    "createWhen": one_of("after-deadline", "completed"),
    "active": boolean,
    "stopCondition": one_of("none", "date", "count"),
    "end": or_null(number),
    "maxCount": or_null(positive_whole),
    "days": or_null(_days),
}
