"""The rule of a fault: which requests it is for, when it strikes, and what it does to them; with the checks of its values."""

import json
import re
from fnmatch import translate
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictStr,
    model_validator,
)

from understudy.core.clock import instant_of
from understudy.core.nearest import meant

STATUS_WORDS: Final = ("rateLimit", "unauthorized", "forbidden", "timeout")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
BODILESS: Final = (204, 205, 304)
HOUR_IN_MS: Final = 3_600_000
MOST_BYTES: Final = 1024 * 1024
MOST_HEADERS: Final = 100
LONGEST_GLOB: Final = 1000
LARGEST: Final = (1 << 53) - 1
"""The largest whole number that every JSON library keeps."""

HEADER_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
FRAMING: Final = frozenset({"content-length", "transfer-encoding"})

Paging = Literal["insert", "delete", "duplicate", "expire"]
Connection = Literal["reset", "empty", "truncate", "malformed"]


def _glob(text: str) -> str:
    if not 0 < len(text) <= LONGEST_GLOB:
        raise ValueError(f"a glob has 1 to {LONGEST_GLOB} characters")
    if re.sub(r"\[!?+\]?+[^\]]*+\]", "", text).count("["):
        raise ValueError("malformed glob: a `[` without its `]` (a bracket itself is `[[]`)")
    return text


def _path_glob(text: str) -> str:
    if not text.startswith(("/", "*", "?", "[")):
        raise ValueError("a path begins with `/`, or the glob with `*`; scheme and host are no part of it")
    return text


def _status(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value <= 599:
        return value
    if isinstance(value, str) and value in STATUS_WORDS:
        return value
    near = meant(value, STATUS_WORDS) if isinstance(value, str) else ""
    raise ValueError(f"a whole number from 200 to 599, or one of {', '.join(STATUS_WORDS)}{near}")


def _method(text: str) -> str:
    if text.upper() not in METHODS:
        raise ValueError(f"{text[:20]!r} is no method of HTTP{meant(text, METHODS)}; without `method` it is for all of them")
    return text


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("an instant is an ISO 8601 date-time with a zone, such as 2031-05-06T07:08:09Z")
    return value


def _body(value: Any) -> Any:
    if len(body_text(value)) > MOST_BYTES:
        raise ValueError(f"at most {MOST_BYTES} bytes")
    return value


def _headers(headers: dict[str, str]) -> dict[str, str]:
    if len(headers) > MOST_HEADERS:
        raise ValueError(f"at most {MOST_HEADERS} headers")
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if name.lower() in FRAMING:
            raise ValueError(f"{name} follows from the body; `connection` has the answers that break off")
        if not HEADER_VALUE.fullmatch(value) or len(value) > 8192:
            raise ValueError(f"the value of {name} holds what no header can")
    return headers


Glob = Annotated[StrictStr, AfterValidator(_glob)]
Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Milliseconds = Annotated[int, Field(strict=True, ge=0, le=HOUR_IN_MS)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written)]
Status = Annotated[int | str, PlainValidator(_status)]


def body_text(value: Any) -> bytes:
    """Return the bytes of a body: a text as it is, anything else as JSON; raise `ValueError` for what can't be written."""
    if isinstance(value, str):
        return value.encode()
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError as error:
        raise ValueError("nested too deep") from error


class Part(BaseModel):
    """A part of a rule: what it doesn't know is a mistake, and what is null was not said."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, ignored_types=(cached_property,))


class Match(Part):
    """The requests a rule is for: all that is given must hold, and with nothing given it is for every request.

    `path` and `token` are globs (`*` is any text, slashes too). The path is the vendor's own or the one received, without its
    query; the token is the credential that was sent, whether or not it is worth anything.
    """

    vendor: StrictStr | None = None
    operation: StrictStr | None = None
    method: Annotated[StrictStr, AfterValidator(_method)] | None = None
    path: Annotated[Glob, AfterValidator(_path_glob)] | None = None
    token: Glob | None = None

    @cached_property
    def path_pattern(self) -> re.Pattern[str] | None:
        """The glob of the path as a pattern."""
        return None if self.path is None else re.compile(translate(self.path))

    @cached_property
    def token_pattern(self) -> re.Pattern[str] | None:
        """The glob of the token as a pattern."""
        return None if self.token is None else re.compile(translate(self.token))


class When(Part):
    """When a rule strikes among the requests it is for.

    Not at the first `skip` of them, at most `times`, each time with `probability`, and only from `from` on and before `until` on
    the sandbox's clock; requests outside of those are not counted.
    """

    skip: Count | None = None
    times: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] | None = None
    probability: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)] | None = None
    since: Instant | None = Field(None, alias="from")
    until: Instant | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("`until` comes after `from`")
        return self

    def holds_at(self, instant: int) -> bool:
        """Whether an instant of the sandbox, in milliseconds, is within the window."""
        return self._from <= instant and (self._until is None or instant < self._until)

    @cached_property
    def _from(self) -> float:
        return float("-inf") if self.since is None else instant_of(self.since)

    @cached_property
    def _until(self) -> int | None:
        return None if self.until is None else instant_of(self.until)


class Effect(Part):
    """What a rule does to a request.

    `status` answers in the vendor's words in the place of the operation, which is then not carried out. `delayMs` and up to
    `delayJitterMs` more pass before the answer leaves, which takes as long as `bytesPerSecond` makes it; both are real time.
    `connection` breaks the answer off, `paging` changes the data between two pages, `body` and `headers` take the place of the
    answer's: a text as it is, anything else as JSON.
    """

    status: Status | None = None
    delay_ms: Milliseconds | None = Field(None, alias="delayMs")
    delay_jitter_ms: Milliseconds | None = Field(None, alias="delayJitterMs")
    bytes_per_second: Annotated[int, Field(strict=True, ge=1, le=LARGEST)] | None = Field(None, alias="bytesPerSecond")
    connection: Connection | None = None
    paging: Paging | None = None
    body: Annotated[Any, AfterValidator(_body)] = None
    headers: Annotated[dict[StrictStr, StrictStr], AfterValidator(_headers)] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("a fault does something: status, delayMs, bytesPerSecond, connection, paging, body or headers")
        if self.status is not None and self.paging is not None:
            raise ValueError("a `status` answers before any page is read; `paging` goes into a rule of its own")
        if self.status in BODILESS and self.body is not None:
            raise ValueError(f"an answer of status {self.status} has no body")
        if self.status in BODILESS and self.connection in ("truncate", "malformed"):
            raise ValueError(f"an answer of status {self.status} has no body that could be broken")
        if self.connection in ("reset", "empty", "malformed") and self.body is not None:
            raise ValueError(f"`body` can't stand beside `connection: {self.connection}`, which lets none through")
        return self


class FaultRule(Part):
    """A rule as its maker wrote it."""

    match: Match = Match()
    when: When = Field(default_factory=lambda: When.model_validate({}))
    then: Effect

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: object) -> object:
        if isinstance(value, dict):
            return {name: part for name, part in value.items() if part is not None}
        return value

    def document(self) -> dict[str, Any]:
        """Return the rule as JSON, without what it doesn't say."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
