"""What a vendor is to the rest of the house. How one request to it is answered stands in `vendor_app.py`."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import unquote

from fastapi.routing import APIRouter
from pydantic import BaseModel
from sqlalchemy import Table
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from understudy.config import Settings
from understudy.core.exchange import Exchange
from understudy.core.faults import Injection
from understudy.core.files import Upload
from understudy.core.sandbox import DEFAULT, Sandbox
from understudy.core.store import Change, Session
from understudy.core.world import Cast

# How a slash within a segment of a path stands there until the segments are told apart.
SLASH = "%2F"


class Refusal(Exception):
    """An answer other than the one wished for. Each room derives its own tree from this, in its `errors.py`.

    `rules` are those of the ledger that it follows: what the class names, and what `by` adds.
    """

    status: ClassVar[int]
    rules: tuple[str, ...] = ()

    def by(self, *rules: str) -> Self:
        """Name more rules that it follows; return it."""
        self.rules = (*self.rules, *rules)
        return self

    def response(self, call: Any) -> Response:
        """Return the refusal in the vendor's dialect."""
        raise NotImplementedError


class Call(Request):
    """One request, with everything an operation may use.

    `content` is the whole body, or empty when the operation takes a file, which is then `upload`; `db` is the open transaction.
    Each room has a subclass that adds who is calling.
    """

    sandbox: Sandbox
    db: Session
    settings: Settings
    content: bytes
    upload: Upload | None
    admitted = False
    operation: str | None = None
    """The operationId of what the vendor offers at this path and method; None where it offers nothing, or nobody looked."""
    allowed: tuple[str, ...] = ()
    """The methods that the path has, where the request's is none of them."""
    injection: Injection | None = None
    """What faults do to this request."""
    changes: Sequence[Change] = ()
    """What the request wrote."""
    refusal: str | None = None
    """The name, in our code, of what the request was refused with; the log tells it."""
    rules: tuple[str, ...] = ()
    """The rules of the ledger that the answer follows."""

    @property
    def content_length(self) -> int | None:
        """How many bytes of body the client announced; None when it did not say."""
        announced = self.header(b"content-length") or ""
        return int(announced) if announced.isdecimal() else None

    def header(self, name: bytes) -> str | None:
        """Return the first header of this lower-case name; a repeated one counts once, as Node's HTTP server has it."""
        for key, value in self.scope["headers"]:
            if key == name:
                text: str = value.decode("latin-1")
                return text
        return None

    def segments_path(self) -> str:
        """Return the path below the vendor's address, decoded but for `%2F`: a slash within a segment separates nothing."""
        path: str = self.scope["path"]
        raw: bytes = self.scope.get("raw_path") or b""
        if b"%2f" in raw.lower():
            path = "/".join(unquote(segment).replace("/", SLASH) for segment in raw.decode("latin-1").split("/"))
        return path.removeprefix(self.scope.get("root_path", ""))

    def link(self, path: str) -> str:
        """Return the URL of a path below the vendor's address, as the client reaches it and in the same sandbox.

        Where a header or a credential selected the sandbox, which whoever follows a link may not send, the link's path does.
        """
        root: str = self.scope.get("root_path", "")
        if self.sandbox.name != DEFAULT and not self.scope["understudy.by_address"]:
            root = f"/s/{self.sandbox.name}{root}"
        url = self.base_url
        return f"{url.scheme}://{url.netloc}{root}/{path}"

    def now(self) -> int:
        """Return the sandbox's instant in milliseconds."""
        return self.sandbox.clock.now()

    def paging_fault(self) -> str | None:
        """Return what faults do to the listing of which a later page is about to be read; None nearly always.

        Asked once, when nothing else can refuse the request: `insert` a record that sorts into what the client has read, `delete`
        one of those, show the last of them as a `duplicate`, or let the mark of the page `expire`. What it does to rows stays.
        """
        return None if self.injection is None else self.injection.draw_page()

    def new_id(self) -> str:
        """Return a new 24-digit hexadecimal id."""
        return self.sandbox.object_id(self.db)


Operation = Callable[[Any], Response]
Observer = Callable[[Exchange], None]


@dataclass(frozen=True)
class Credential:
    """Credentials of the default world: `name` and `who` for people, `values` by kind (`token`, `key`, `secret`, …)."""

    name: str
    who: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Action:
    """Something a vendor's own interface can do and its API can't: `body` is its model, `run` does it and says what came of it.

    `run` raises `UnknownRecord` for an id that is not there and `ActionRefused` where the vendor's interface would not offer it.
    """

    summary: str
    body: type[BaseModel]
    run: Callable[[Sandbox, Session, Any], Mapping[str, Any]]


class UnknownRecord(LookupError):
    """An action names a record that is not there."""


class ActionRefused(ValueError):
    """An action's body fits, but what it asks for cannot be."""


class Plant(Protocol):
    """Puts a vendor's rows of a new world into a sandbox."""

    def __call__(self, session: Session, cast: Cast, recipe: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Vendor:
    """A room, seen from outside."""

    name: str
    title: str
    hosts: Sequence[str]
    call: type[Call]
    routers: Sequence[APIRouter]
    admit: Callable[[Any], Response | None]
    """Checks what the vendor checks before it looks at the path; may answer at once. Raises a `Refusal`."""
    not_found: type[Refusal]
    method_not_allowed: type[Refusal]
    body_too_large: type[Refusal]
    fault: type[Refusal]
    tables: Sequence[Table]
    plant: Plant
    credentials: Callable[[Session], list[Credential]]
    actions: Mapping[str, Action]
    next_due: Callable[[Session], int | None] = lambda session: None
    """When the next work that waits for time falls due, in milliseconds."""
    run_due: Callable[[Sandbox, Session], None] = lambda sandbox, session: None
    """Does the work that is due now."""
    not_emulated: Callable[[Any], Response] = lambda call: not_emulated(call)
    """Answers for an operation that the vendor has and this server does not."""
    answers_browsers: bool = False
    """Whether the room itself answers what browsers ask before they call another origin; otherwise `core.cors` does."""
    browser_rules: tuple[str, ...] = ()
    """The rules that an answer to a page of another origin follows, where `core.cors` gives it."""
    injected: Callable[[Any, int | str], Response] = lambda call, status: PlainTextResponse("", int(status))
    """Answers as the vendor would with a status, or with `rateLimit`, `unauthorized`, `forbidden` or `timeout`, for faults."""
    paging_faults: Collection[str] = ()
    """The paging faults that are possible here (`insert`, `delete`, `duplicate`, `expire`): see `Call.paging_fault`."""
    secret_paths: re.Pattern[str] | None = None
    """Finds, as its first group, what of a path is as good as a credential; it is masked wherever exchanges are shown."""
    sign: Callable[[str, str, bytes, Mapping[str, str]], Mapping[str, str]] = lambda method, path, body, credential: {
        "Authorization": f"Bearer {credential['token']}"
    }
    """The headers with which a client shows a credential: of method, path without query, body, and the credential's values."""
    finish: Callable[[Any, Response], None] = lambda call, response: None
    """Puts on every answer, whatever its status, the headers that all of the vendor's answers have."""


def not_emulated(call: Call) -> Response:
    """Answer for an operation that the vendor has and this server does not."""
    text = (
        f"Understudy does not emulate {call.method} {call.scope['path']}. The vendor documents it or a client calls it; what"
        " is emulated is listed in Understudy's README, what is not under `x-not-emulated` in the vendor's contract file.\n"
    )
    return PlainTextResponse(text, status_code=501)


def tables_of(vendors: Iterable[Vendor]) -> list[Table]:
    """Return every table of every vendor, in the order in which they can be created."""
    return [table for vendor in vendors for table in vendor.tables]
