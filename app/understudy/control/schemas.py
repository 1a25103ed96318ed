"""Bodies of the control plane."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator


class ClockChange(BaseModel):
    """What to do with a sandbox's clock: `freeze` it (at `instant` or where it is), `set` it, `advance` it `by`, or `reset` it.

    `instant` is an ISO 8601 date-time with a zone, `by` an ISO 8601 duration such as `PT25H` or `P3D`.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["freeze", "advance", "set", "reset"]
    instant: AwareDatetime | None = None
    by: timedelta | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "set" and self.instant is None:
            raise ValueError("`set` needs `instant`")
        if self.action == "advance" and self.by is None:
            raise ValueError("`advance` needs `by`")
        return self
