"""How one request to a vendor is answered.

Decision: a vendor is a FastAPI app, for its routes stand in the form everybody knows; but a request runs through
`VendorApp.answer`, not through FastAPI's dependency solver and error handlers. Why: three vendors refuse in three dialects, none
of them FastAPI's; one transaction must span everything from the credentials to the last write and be committed before the
answer leaves; and the solver alone costs more than the rest of a request (measured: 3 900 requests a second with it, 5 200
without).
Refused: error handlers per app over FastAPI's validation, whose wording and order of checks are not the vendors'.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from understudy.config import Settings
from understudy.core import provenance
from understudy.core.bodies import DRAIN_BYTES
from understudy.core.contract import is_known_gap, is_word_of_known_gap
from understudy.core.cors import ANY_ORIGIN, preflight
from understudy.core.exchange import exchange_of
from understudy.core.files import ExpectedFile, MalformedBody, Upload, expected_file, receive
from understudy.core.ledger import header_of
from understudy.core.own_words import unknown_sandbox
from understudy.core.sandbox import UnknownSandbox
from understudy.core.unverified import Unverified
from understudy.core.vendor import SLASH, Call, Observer, Operation, Refusal, Vendor

log = logging.getLogger("understudy")

RULES_HEADER = b"x-understudy-rules"
BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})

REMEMBERED_PATHS = 4096
LONGEST_REMEMBERED = 512
OTHER_METHOD, NOTHING = object(), object()


class Found(NamedTuple):
    """What a request's method and path lead to; `rules` are those that the operation follows whenever it answers."""

    operation: Operation
    operation_id: str | None
    parameters: Mapping[str, str]
    rules: tuple[str, ...]


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
        self._found: dict[tuple[str, str], Found] = {}
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
        sent = dict(scope["headers"])
        asks_for_browser = self._answers_browsers and b"origin" in sent
        tells_rules = self.settings.rules_header or RULES_HEADER in sent
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
        if call.sandbox.deleted:  # while the request was coming in, and nobody looked
            return await unknown_sandbox(call.sandbox.name)(scope, receive, send)
        self.vendor.finish(call, response)
        if asks_for_browser:
            response.headers.update(ANY_ORIGIN)
            provenance.follow(*self.vendor.browser_rules)
            call.rules += self.vendor.browser_rules
        if call.injection is not None:
            response = call.injection.applied(response)
        try:
            if tells_rules:
                response.raw_headers.append((RULES_HEADER, header_of(call.rules)))
            self._note(call, response, perf_counter() - started)
        except Exception:  # the client gets its answer all the same
            log.exception("a bug of Understudy: a request is missing from the journal: %s %s", call.method, call.url.path)
        if call.injection is None:
            return await response(scope, receive, send)
        return await call.injection.send(response, scope, receive, send)

    def _note(self, call: Call, response: Response, seconds: float) -> None:
        """Put the exchange into the journal, under the id that the answer tells, and show it to the observers."""
        number = call.sandbox.journal.next_id()
        response.raw_headers.append((b"x-understudy-request", number.encode()))
        if not self.settings.provenance:
            call.rules = ()
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
            if self._missed_operation(call):
                call.refusal = type(refusal).__name__
                return self.vendor.not_emulated(call)
            try:
                return self._refused(call, refusal)
            except Unverified as unverified:
                return _unverified(call, unverified)
        except Unverified as unverified:
            return _unverified(call, unverified)

    def _refused(self, call: Call, refusal: Refusal) -> Response:
        """Spell a refusal, which follows its own rules and none of those that the request followed before."""
        call.refusal = type(refusal).__name__
        call.rules = ()
        provenance.begin()
        provenance.follow(*refusal.rules)
        return self._concluded(call, refusal.response(call))

    def _concluded(self, call: Call, response: Response) -> Response:
        """Note what the answer followed; raise `Unverified` where it may not leave."""
        call.rules += provenance.followed()
        call.sandbox.policy.check(call)
        return response

    def _missed_operation(self, call: Call) -> bool:
        """Whether an operation refused what was meant for one that is not emulated, taking a word of the path for an id."""
        return bool(call.path_params) and is_word_of_known_gap(self.vendor.name, _asked(call), call.segments_path())

    def answer(self, call: Call) -> Response:
        """Run the request in one transaction, which is committed when this returns."""
        call.sandbox.run_due()
        provenance.begin()
        with call.sandbox.session() as call.db:
            call.changes = call.db.changes
            early = None if call.admitted else self.vendor.admit(call)
            if early is not None:
                return self._concluded(call, early)
            try:
                response = self._operation(call)(call)
            except Refusal as refusal:
                if call.injection is None or call.injection.paging is None:
                    raise
                return self._refused(call, refusal)  # what the fault did to the rows stays
            return self._concluded(call, response)

    def _operation(self, call: Call) -> Operation:
        """Return the function that serves the call's path and method; put the path's parameters into the call."""
        path = call.segments_path()
        found = self._found.get((call.method, path)) or self._look_up(call.method, path)
        if isinstance(found, Found):
            call.scope["path_params"] = found.parameters
            call.operation = found.operation_id
            provenance.follow(*found.rules)
            return found.operation
        if is_known_gap(self.vendor.name, _asked(call), path):
            return self.vendor.not_emulated
        if found is OTHER_METHOD:
            call.allowed = self._methods(path)
            raise self.vendor.method_not_allowed()
        raise self.vendor.not_found()

    def _look_up(self, method: str, path: str) -> "Found | object":
        """Return what is at a path, `OTHER_METHOD` or `NOTHING`; what was found is remembered, for clients ask again."""
        known_path = False
        for route in self._routes.get(_depth(path), ()):
            if (match := route.path_regex.match(path)) is None:
                continue
            if method in (route.methods or ()):
                parameters = {name: value.replace(SLASH, "/") for name, value in match.groupdict().items()}
                if len(self._found) >= REMEMBERED_PATHS:
                    self._found.clear()
                found = Found(route.endpoint, route.operation_id, parameters, provenance.rules_at(route.endpoint))
                if len(path) <= LONGEST_REMEMBERED:
                    self._found[method, path] = found
                return found
            known_path = True
        return OTHER_METHOD if known_path else NOTHING

    def _methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path has."""
        routes = (route for route in self._routes.get(_depth(path), ()) if route.path_regex.match(path))
        return tuple(sorted({method for route in routes for method in route.methods or ()}))

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
        provenance.begin()
        with call.sandbox.session() as call.db:
            self.vendor.admit(call)
            call.admitted = True
            expected.before(call)
        call.rules = provenance.followed()
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


def _unverified(call: Call, unverified: Unverified) -> Response:
    call.refusal = type(unverified).__name__
    return unverified.response()


def _asked(call: Call) -> str:
    """The method that an operation is looked up by: HEAD asks for the headers of a GET."""
    return "GET" if call.method == "HEAD" else call.method


def _depth(path: str) -> int:
    return path.removesuffix("/").count("/")
