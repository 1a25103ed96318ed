"""What a vendor is to the rest of the house, and how one request to it is answered.

Decision: a vendor is a FastAPI app, for its routes stand in the form everybody knows; but a request runs through
`VendorApp.answer`, not through FastAPI's dependency solver and error handlers. Why: three vendors refuse in three dialects, none
of them FastAPI's; one transaction must span everything from the credentials to the last write and be committed before the
answer leaves; and the solver alone costs more than the rest of a request (measured: 3 900 requests a second with it, 5 200
without).
Refused: error handlers per app over FastAPI's validation, whose wording and order of checks are not the vendors'.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar, Protocol
from urllib.parse import unquote

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel
from sqlalchemy import Table
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from understudy.config import Settings
from understudy.core.contract import is_known_gap, is_word_of_known_gap
from understudy.core.cors import ANY_ORIGIN, preflight
from understudy.core.exchange import Exchange, exchange_of
from understudy.core.faults import Injection
from understudy.core.files import ExpectedFile, MalformedBody, Upload, expected_file, receive
from understudy.core.own_words import unknown_sandbox
from understudy.core.sandbox import DEFAULT, Sandbox, UnknownSandbox
from understudy.core.store import Change, Session
from understudy.core.world import Cast

log = logging.getLogger("understudy")

# How much of a body that is too large is read and thrown away, so that a client still sending it sees the answer.
DRAIN_BYTES = 64 * 1024 * 1024
BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
# How a slash within a segment of a path stands there until the segments are told apart.
SLASH = "%2F"


class Refusal(Exception):
    """An answer other than the one wished for. Each room derives its own tree from this, in its `errors.py`."""

    status: ClassVar[int]

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
    injection: Injection | None = None
    """What faults do to this request."""
    changes: Sequence[Change] = ()
    """What the request wrote."""
    refusal: str | None = None
    """The name, in our code, of what the request was refused with; the log tells it."""

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
    injected: Callable[[Any, int | str], Response] = lambda call, status: PlainTextResponse("", int(status))
    """Answers as the vendor would with a status, or with `rateLimit`, `unauthorized`, `forbidden` or `timeout`, for faults."""
    paging_faults: Collection[str] = ()
    """The paging faults that are possible here (`insert`, `delete`, `duplicate`, `expire`): see `Call.paging_fault`."""
    secret_paths: re.Pattern[str] | None = None
    """Finds, as its first group, what of a path is as good as a credential; it is masked wherever exchanges are shown."""
    finish: Callable[[Any, Response], None] = lambda call, response: None
    """Puts on every answer, whatever its status, the headers that all of the vendor's answers have."""


class VendorApp(FastAPI):
    """The application of one vendor.

    Its routes are FastAPI's; dependencies, response models, middleware and exception handlers are not used (see above).
    """

    def __init__(self, vendor: Vendor, settings: Settings, observers: Sequence[Observer] = ()) -> None:
        """Each observer is shown every exchange, before its answer leaves."""
        super().__init__(title=vendor.title, openapi_url=None, docs_url=None, redoc_url=None)
        self.vendor = vendor
        self.settings = settings
        self._observers = observers
        self._answers_browsers = settings.cors and not vendor.answers_browsers
        self.router.routes.extend(route for router in vendor.routers for route in router.routes)
        # A room may have a hundred routes; only those with as many segments as the path are tried, in their order.
        self._routes: dict[int, list[APIRoute]] = defaultdict(list)
        self._takes_files = False
        for route in self.router.routes:
            if isinstance(route, APIRoute):
                self._routes[_depth(route.path)].append(route)
                self._takes_files |= expected_file(route.endpoint) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the sandbox is in `scope["understudy.sandbox"]`."""
        started = perf_counter()
        call = self.vendor.call(scope, receive)
        call.sandbox = scope["understudy.sandbox"]
        call.settings = self.settings
        call.content, call.upload = b"", None
        asks_for_browser = self._answers_browsers and call.header(b"origin") is not None
        try:
            response = (preflight(call) if asks_for_browser else None) or await self._answer_or_refuse(call)
        except ClientDisconnect:
            return
        except UnknownSandbox as gone:  # deleted while the request was coming in
            return await unknown_sandbox(str(gone))(scope, receive, send)
        except Exception as bug:
            log.exception("a bug of Understudy, not of %s: %s %s", self.vendor.title, call.method, call.url.path)
            response = self._fault(call, bug)
        finally:
            if call.upload is not None:
                call.upload.discard()
        self.vendor.finish(call, response)
        if asks_for_browser:
            response.headers.update(ANY_ORIGIN)
        if call.injection is not None:
            response = call.injection.applied(response)
        self._note(call, response, perf_counter() - started)
        if call.injection is None:
            return await response(scope, receive, send)
        return await call.injection.send(response, scope, receive, send)

    def _note(self, call: Call, response: Response, seconds: float) -> None:
        """Put the exchange into the journal, under the id that the answer tells, and show it to the observers."""
        number = call.sandbox.journal.next_id()
        response.raw_headers.append((b"x-understudy-request", number.encode()))
        self._name_operation(call)
        exchange = exchange_of(call, response, vendor=self.vendor.name, number=number, seconds=seconds)
        call.sandbox.journal.add(exchange)
        for observe in self._observers:
            observe(exchange)

    def _fault(self, call: Call, bug: Exception) -> Response:
        call.refusal = type(bug).__name__
        try:
            response = self.vendor.fault().response(call)
        except Exception:  # the bug is in what writes refusals
            response = PlainTextResponse("A bug of Understudy; its log tells more.\n", status_code=500)
        response.headers["X-Understudy-Bug"] = type(bug).__name__
        return response

    async def _answer_or_refuse(self, call: Call) -> Response:
        try:
            if call.sandbox.faults:
                self._name_operation(call)
                call.injection = call.sandbox.faults.draw(call, self.vendor)
            if call.injection is not None and call.injection.status is not None:
                with suppress(Refusal):  # a body that is too large is none of the fault's affair
                    call.content = await self._body(call)
                return self.vendor.injected(call, call.injection.status)
            if (expected := self._expected_file(call)) is not None:
                call.upload = await self._file(call, expected)
            else:
                call.content = await self._body(call)
            return self.answer(call)
        except Refusal as refusal:
            call.refusal = type(refusal).__name__
            return self.vendor.not_emulated(call) if self._missed_operation(call) else refusal.response(call)

    def _missed_operation(self, call: Call) -> bool:
        """Whether an operation refused what was meant for one that is not emulated, taking a word of the path for an id."""
        return bool(call.path_params) and is_word_of_known_gap(self.vendor.name, _asked(call), call.segments_path())

    def answer(self, call: Call) -> Response:
        """Run the request in one transaction, which is committed when this returns."""
        call.sandbox.run_due()
        with call.sandbox.session() as call.db:
            call.changes = call.db.changes
            early = None if call.admitted else self.vendor.admit(call)
            if early is not None:
                return early
            try:
                return self._operation(call)(call)
            except Refusal as refusal:
                if call.injection is None or call.injection.paging is None:
                    raise
                call.refusal = type(refusal).__name__
                return refusal.response(call)  # what the fault did to the rows stays

    def _operation(self, call: Call) -> Operation:
        """Return the function that serves the call's path and method; put the path's parameters into the call."""
        path = call.segments_path()
        known_path = False
        for route in self._routes.get(_depth(path), ()):
            if (found := route.path_regex.match(path)) is None:
                continue
            if call.method in (route.methods or ()):
                call.scope["path_params"] = {name: value.replace(SLASH, "/") for name, value in found.groupdict().items()}
                call.operation = route.operation_id
                operation: Operation = route.endpoint
                return operation
            known_path = True
        if is_known_gap(self.vendor.name, _asked(call), path):
            return self.vendor.not_emulated
        raise self.vendor.method_not_allowed() if known_path else self.vendor.not_found()

    def _route(self, call: Call) -> APIRoute | None:
        """Return the route that the call's path and method lead to, whether or not the vendor lets the caller in."""
        path = call.segments_path()
        for route in self._routes.get(_depth(path), ()):
            if call.method in (route.methods or ()) and route.path_regex.match(path):
                return route
        return None

    def _name_operation(self, call: Call) -> None:
        """Say what the vendor offers there, for journal and faults, where a request did not come so far as to find out."""
        if call.operation is None and (route := self._route(call)) is not None:
            call.operation = route.operation_id

    def _expected_file(self, call: Call) -> ExpectedFile | None:
        if not self._takes_files or call.method in ("GET", "HEAD"):
            return None
        route = self._route(call)
        return None if route is None else expected_file(route.endpoint)

    async def _file(self, call: Call, expected: ExpectedFile) -> Upload | None:
        """Take the file of a request whose credentials and announced length are good."""
        call.sandbox.run_due()
        with call.sandbox.session() as call.db:
            self.vendor.admit(call)
            call.admitted = True
            expected.before(call)
        try:
            return await receive(call, expected, at_most=self.settings.max_upload_bytes)
        except MalformedBody as error:
            raise expected.malformed(str(error)) from None

    async def _body(self, call: Call) -> bytes:
        if not any(key in BODY_HEADERS for key, _ in call.scope["headers"]):
            return b""
        chunks: list[bytes] = []
        size = 0
        async for chunk in call.stream():
            size += len(chunk)
            if size <= self.settings.max_body_bytes:
                chunks.append(chunk)
            elif size > DRAIN_BYTES:
                break
        if size > self.settings.max_body_bytes:
            raise self.vendor.body_too_large()
        return b"".join(chunks)


def _asked(call: Call) -> str:
    """The method that an operation is looked up by: HEAD asks for the headers of a GET."""
    return "GET" if call.method == "HEAD" else call.method


def _depth(path: str) -> int:
    return path.removesuffix("/").count("/")


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
