"""Bodies of the control plane."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from understudy.core.unverified import Mode

Seed = Annotated[int, Field(strict=True, ge=0, lt=1 << 63)]
YEAR_IN_SECONDS: Final = 366 * 86_400
# The standard's own form; Pydantic also takes numbers, `25:00`, `1 day` and units that come twice or in another order.
DURATION: Final = re.compile(
    r"[+-]?P(?=\d|T\d)(\d+W|(\d+Y)?(\d+M)?(\d+([.,]\d+)?D)?(T(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)", re.A
)
TAKES: Final = {"freeze": {"instant"}, "set": {"instant"}, "advance": {"by"}, "reset": set[str]()}


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    raise ValueError("it should be a text")


def _duration(value: Any) -> Any:
    if value is None or DURATION.fullmatch(_text(value)):
        return value
    raise ValueError("it should be an ISO 8601 duration, such as PT25H")


class NewPolicy(BaseModel):
    """What becomes of an answer that relied on an inferred rule, and which rules (ids or patterns) pass all the same.

    What is left out stays as it is.
    """

    model_config = ConfigDict(extra="forbid")

    unverified: Mode | None = None
    accepted_rules: list[str] | None = Field(None, alias="acceptedRules")


class NewSandbox(NewPolicy):
    """A sandbox to make: fresh, of another `seed` or `world`, or as another one is now (`from`).

    `world` is a recipe as in a world file. After `ttlSeconds` without a request the sandbox is deleted. `unverified` and
    `acceptedRules` are what `PUT /__admin/unverified` takes; without them the server's settings hold.
    """

    name: str | None = None
    world: dict[str, Any] | None = None
    seed: Seed | None = None
    ttl_seconds: float | None = Field(None, alias="ttlSeconds", strict=True, gt=0, le=YEAR_IN_SECONDS, allow_inf_nan=False)
    source: str | None = Field(None, alias="from")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.source is not None and (self.world is not None or self.seed is not None):
            raise ValueError("a copy (`from`) has the world and the seed of what it is a copy of")
        return self


class NewSeed(BaseModel):
    """A world for a sandbox to begin anew with: `seed`, and `world`, a recipe as in a world file."""

    model_config = ConfigDict(extra="forbid")

    seed: Seed
    world: dict[str, Any] | None = None


class ClockChange(BaseModel):
    """What to do with a sandbox's clock: `freeze` it (at `instant` or where it is), `set` it, `advance` it `by`, or `reset` it.

    `instant` is an ISO 8601 date-time with a zone, `by` an ISO 8601 duration such as `PT25H` or `P3D`; with a minus before its
    `P` it leads back. What an action has no use for is refused.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["freeze", "advance", "set", "reset"]
    instant: Annotated[AwareDatetime | None, BeforeValidator(_text)] = None
    by: Annotated[timedelta | None, BeforeValidator(_duration)] = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "set" and self.instant is None:
            raise ValueError("`set` needs `instant`")
        if self.action == "advance" and self.by is None:
            raise ValueError("`advance` needs `by`")
        for name in ("instant", "by"):
            if getattr(self, name) is not None and name not in TAKES[self.action]:
                raise ValueError(f"`{self.action}` takes no `{name}`")
        return self


class SnapshotName(BaseModel):
    """The name of a snapshot to save or to load."""

    model_config = ConfigDict(extra="forbid")

    name: str
