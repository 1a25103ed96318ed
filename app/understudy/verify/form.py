"""What the files of evidence hold, once read: cases, their steps, the preparations that they share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY: Final = "nobody"
"""The role of somebody without credentials."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request, or something that only an Understudy can do: a set-up action, a move of the clock, a look behind the scenes.

    Exactly one of `request`, `setup`, `clock` and `admin` is set. Texts may hold names in braces, filled in when the step is run.
    """

    request: str | None = None
    setup: str | None = None
    clock: str | None = None
    admin: str | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    has_json: bool = False
    body: str | None = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | None = None
    role: str | Mapping[str, Any] | None = None
    signed: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    shared: bool = False
    """Whether it is a preparation of many cases, as it stands, which is not needed where the user tells what it finds."""
    harmless: bool = False
    """Whether it changes nothing at the vendor although its method could."""
    status: int | None = None
    """The status without which nothing can be told; by default one of success."""
    keep: Mapping[str, str] = field(default_factory=dict)
    expect: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The verb of the request."""
        return (self.request or self.admin or "").partition(" ")[0]

    @property
    def needs_understudy(self) -> bool:
        """Whether no vendor can do it."""
        return self.request is None

    @property
    def wanted_status(self) -> int | Sequence[int] | None:
        """The status that what is expected of the body relies on: the one said, or the one that a rule here expects."""
        return self.status if self.status is not None else next((c["status"] for _, c in self.checks() if "status" in c), None)

    def checks(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give what is expected, each with its rule."""
        return ((rule, check) for rule, checks in self.expect.items() for check in checks)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A preparation that a case asks for: a shared one by name, perhaps under another name and with other fields; or a step."""

    name: str = ""
    alias: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    step: Step | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """A preparation that cases share. `for_understudy` is what is done in its place where the target is an Understudy."""

    name: str
    before: Sequence[Wish]
    steps: Sequence[Step]
    before_understudy: Sequence[Wish]
    for_understudy: Sequence[Step]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One documented exchange, with what goes before and after it."""

    name: str
    file: str
    source: str
    given: Sequence[Wish]
    steps: Sequence[Step]
    role: str | Mapping[str, Any] | None
    headers: Mapping[str, Any]
    settings: Mapping[str, Any]
    rests: Sequence[str] = ()
    """Rules without which its own can't be told: where one of those differs, what differs here is not counted."""

    @property
    def rules(self) -> list[str]:
        """The rules it tells of, in order."""
        return list(dict.fromkeys(rule for step in self.steps for rule in step.expect))


@dataclass(frozen=True, kw_only=True)
class Undo:
    """How what a request made is removed. `request` is None where the vendor's API can't; `remark` says what is left then."""

    method: str
    path: Sequence[str]
    request: str | None
    json: Any = None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Login:
    """How credentials that can't be sent as they are become some that can."""

    kinds: Sequence[str]
    step: Step


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the cases of a vendor stand on: `_given.yaml`."""

    roles: Sequence[str]
    kinds: Sequence[str]
    """The kinds of value that a credential needs, such as `token`."""
    login: Login | None
    defaults: Mapping[str, Mapping[str, str]]
    """Kinds of value that a role has unless the user says otherwise."""
    check: Mapping[str, Step]
    """A request of each role that only a credential that is no good is refused with 401."""
    values: Mapping[str, Any]
    asked: Mapping[str, str]
    """What only the user can know, each with what it is: `--set group=…`."""
    given: Mapping[str, Given]
    undo: Sequence[Undo]
    harmless: Sequence[tuple[str, Sequence[str]]]
    general: Sequence[str]
    """Rules that shape many answers: where one differs, rules that differ in the very same way are not counted."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """All the evidence there is about a vendor."""

    vendor: str
    ground: Ground
    cases: Sequence[Case]
