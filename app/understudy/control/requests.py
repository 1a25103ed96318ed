"""What was asked of a sandbox: listed, counted, found and removed as WireMock does it, so that its client libraries work here.

Bodies and answers are WireMock's (compared with version 3.13 and its Python and Java clients); errors have the control plane's
one form. Unmatched are requests for which the vendor offers no operation. Dates are those of the sandbox's clock.
Work on a long journal is done in slices, with other requests served in between: what was noted meanwhile is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from heapq import nsmallest
from time import perf_counter
from typing import Annotated, Any, Final, TypeVar

import orjson
from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request
from starlette.responses import StreamingResponse

from understudy.control.logged_request import exchange_of_logged
from understudy.control.selected import SelectedSandbox, Vendors, named_vendors, require_operation
from understudy.control.serve_events import Rendering
from understudy.core.asked import Asked
from understudy.core.exchange import Exchange
from understudy.core.java_regex import Patience, TooSlow
from understudy.core.journal import Journal
from understudy.core.matchers import BadPattern, instant_in
from understudy.core.near_misses import AT_MOST, likeness, near_misses
from understudy.core.patterns import RequestPattern

router = APIRouter(prefix="/__admin", tags=["Journal"])

T = TypeVar("T")
SLICE_SECONDS: Final = 0.005
CHUNK: Final = 64 * 1024


def asked_pattern(vendors: Vendors, pattern: Annotated[Any, Body()] = None) -> Any:
    """Return the pattern of the body; one of a vendor or an operation that doesn't exist is refused, for 0 would hide a slip."""
    named = pattern if isinstance(pattern, dict) else {}
    vendor, operation = named.get("vendor"), named.get("operation")
    concerned = named_vendors(vendor if isinstance(vendor, str) else None, vendors, field="vendor")
    if isinstance(operation, str):
        require_operation(operation, concerned, field="operation")
    return pattern


Pattern = Annotated[Any, Depends(asked_pattern)]


@router.get("/requests")
async def list_requests(
    request: Request,
    sandbox: SelectedSandbox,
    since: str | None = None,
    limit: Annotated[int | None, Query(ge=0)] = None,
    unmatched: bool = False,
    matchingStub: str | None = None,
) -> StreamingResponse:
    """List serve events, newest first.

    `since` keeps those after an ISO 8601 instant, `limit` the newest of them, `unmatched` those that no operation is there for,
    `matchingStub` those of one operation, by the id of its stub mapping. `meta.total` does not regard `since` and `limit`.
    """
    after = None if since is None else _instant(since)
    rendering = _rendering(request)
    shown: list[Exchange] = []
    total = 0
    async for exchange in _slices(reversed(sandbox.journal)):
        if (unmatched and exchange.matched) or (matchingStub is not None and _stub(rendering, exchange) != matchingStub):
            continue
        total += 1
        if (after is None or exchange.at > after) and (limit is None or len(shown) < limit):
            shown.append(exchange)
    end = b'],"meta":{"total":%d},"requestJournalDisabled":%s}' % (total, _disabled(sandbox.journal))
    return _streamed(b'{"requests":[', shown, rendering.event, end)


@router.delete("/requests")
@router.post("/requests/reset")
async def delete_requests(sandbox: SelectedSandbox) -> dict[str, Any]:
    """Forget every request."""
    sandbox.journal.forget()
    return {}


@router.post("/requests/count")
async def count_requests(sandbox: SelectedSandbox, pattern: Pattern) -> dict[str, Any]:
    """Count the requests that a pattern fits."""
    found = await _found(sandbox.journal, pattern)
    return {"count": len(found), "requestJournalDisabled": sandbox.journal.keep == 0}


@router.post("/requests/find")
async def find_requests(request: Request, sandbox: SelectedSandbox, pattern: Pattern) -> StreamingResponse:
    """List the requests that a pattern fits, oldest first."""
    found = await _found(sandbox.journal, pattern)
    return _requests(_rendering(request), found, sandbox.journal)


@router.post("/requests/remove")
async def remove_requests(request: Request, sandbox: SelectedSandbox, pattern: Pattern) -> StreamingResponse:
    """Forget the requests that a pattern fits; the answer is what was forgotten, as serve events."""
    found = [exchange for exchange in await _found(sandbox.journal, pattern) if sandbox.journal.remove(exchange.id)]
    return _streamed(b'{"serveEvents":[', found, _rendering(request).event, b"]}")


@router.get("/requests/unmatched")
async def unmatched_requests(request: Request, sandbox: SelectedSandbox) -> StreamingResponse:
    """List the requests for which the vendor offers no operation, oldest first."""
    return _requests(_rendering(request), await _unmatched(sandbox.journal), sandbox.journal)


@router.get("/requests/unmatched/near-misses")
async def unmatched_near_misses(request: Request, sandbox: SelectedSandbox) -> StreamingResponse:
    """List the operations that each of those comes nearest to, and what differs."""
    rendering = _rendering(request)

    def rendered(exchange: Exchange) -> bytes:
        asked = Asked(exchange)
        shown = rendering.request(asked)
        misses = near_misses(asked, [exchange.vendor])
        return b",".join(orjson.dumps(rendering.near_miss(shown, miss)) for miss in misses)

    return _streamed(b'{"nearMisses":[', await _unmatched(sandbox.journal), rendered, b"]}")


@router.get("/requests/{number}")
async def get_request(number: str, request: Request, sandbox: SelectedSandbox) -> dict[str, Any]:
    """Show the serve event of this id, which the answer told in `X-Understudy-Request`."""
    exchange = sandbox.journal.get(number)
    if exchange is None:
        raise HTTPException(404, f"There is no request {number!r} in the journal.")
    return _rendering(request).event(exchange)


@router.delete("/requests/{number}")
async def delete_request(number: str, sandbox: SelectedSandbox) -> dict[str, Any]:
    """Forget a request; as in WireMock it is no error if there is none."""
    sandbox.journal.remove(number)
    return {}


@router.post("/near-misses/request")
async def near_misses_to_request(
    request: Request, sandbox: SelectedSandbox, vendors: Vendors, logged: Annotated[Any, Body()] = None
) -> dict[str, Any]:
    """Tell which operations a request, as the journal shows one, comes nearest to, and what differs.

    Without `vendor`, or an address that leads to one, the operations of all vendors are looked at.
    """
    try:
        exchange, shown = exchange_of_logged(logged, vendors)
    except BadPattern as error:
        raise HTTPException(422, str(error)) from error
    misses = near_misses(Asked(exchange), [exchange.vendor] if exchange.vendor else vendors)
    return {"nearMisses": [_rendering(request).near_miss(shown, miss) for miss in misses]}


@router.post("/near-misses/request-pattern")
async def near_misses_to_pattern(request: Request, sandbox: SelectedSandbox, pattern: Pattern) -> dict[str, Any]:
    """Tell which requests of the journal come nearest to a pattern, and which of its members don't hold."""
    read, patience = _pattern(pattern), Patience()
    unlike = _unlike(pattern)
    ranked: list[tuple[float, Asked, list[str]]] = []
    async for exchange in _slices(reversed(sandbox.journal)):
        asked = Asked(exchange)
        missed = _in_time(read.missed, asked, patience)
        parts = sum(unlike[name](asked.url if name == "url" else asked.path) if name in unlike else 1.0 for name in missed)
        ranked.append((round(parts / max(1, len(read.conditions)), 4), asked, missed))
        ranked = nsmallest(AT_MOST, ranked, key=lambda one: one[0])
    rendering = _rendering(request)
    return {
        "nearMisses": [
            {
                "request": {**rendering.request(asked), "differences": [f"`{name}` does not fit." for name in missed]},
                "requestPattern": pattern,
                "matchResult": {"distance": distance},
            }
            for distance, asked, missed in ranked
        ]
    }


def _unlike(pattern: dict[str, Any]) -> dict[str, Callable[[str], float]]:
    """How unlike a URL is to the one that a pattern names: of these members a part may hold."""
    return {name: likeness(pattern[name]) for name in ("url", "urlPath") if pattern.get(name) is not None}


async def _found(journal: Journal, body: Any) -> list[Exchange]:
    """Return the exchanges that a pattern fits, oldest first."""
    pattern, patience = _pattern(body), Patience()
    found = []
    async for exchange in _slices(journal):
        if _in_time(pattern.matches, Asked(exchange), patience):
            found.append(exchange)
    return found


def _pattern(body: Any) -> RequestPattern:
    try:
        return RequestPattern(body)
    except BadPattern as error:
        raise HTTPException(422, str(error)) from error


def _in_time(test: Callable[[Asked, Patience], T], asked: Asked, patience: Patience) -> T:
    try:
        return test(asked, patience)
    except TooSlow as error:
        raise HTTPException(422, f"body: {error}") from error


async def _slices(exchanges: Iterable[Exchange]) -> AsyncIterator[Exchange]:
    """Go through exchanges, and let others have the loop every few milliseconds."""
    end = perf_counter() + SLICE_SECONDS
    for exchange in exchanges:
        yield exchange
        if perf_counter() > end:
            await asyncio.sleep(0)
            end = perf_counter() + SLICE_SECONDS


async def _unmatched(journal: Journal) -> list[Exchange]:
    return [exchange async for exchange in _slices(journal) if not exchange.matched]


def _requests(rendering: Rendering, exchanges: list[Exchange], journal: Journal) -> StreamingResponse:
    end = b'],"requestJournalDisabled":%s}' % _disabled(journal)
    return _streamed(b'{"requests":[', exchanges, lambda exchange: rendering.request(Asked(exchange)), end)


def _streamed(start: bytes, exchanges: list[Exchange], render: Callable[[Exchange], Any], end: bytes) -> StreamingResponse:
    """Answer with a JSON document around what `render` makes of each exchange, written as it is read."""

    async def chunks() -> AsyncIterator[bytes]:
        parts, size = [start], 0
        separator = b""
        async for exchange in _slices(exchanges):
            rendered = render(exchange)
            written = rendered if isinstance(rendered, bytes) else orjson.dumps(rendered)
            parts += (separator, written)
            separator = b","
            size += len(written)
            if size > CHUNK:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join([*parts, end])

    return StreamingResponse(chunks(), media_type="application/json")


def _disabled(journal: Journal) -> bytes:
    return b"true" if journal.keep == 0 else b"false"


def _instant(text: str) -> int:
    instant = instant_in(text)
    if instant is None:
        raise HTTPException(422, "since: not an ISO 8601 date-time")
    return instant


def _stub(rendering: Rendering, exchange: Exchange) -> str | None:
    mapping = rendering.mapping_of(exchange)
    return None if mapping is None else mapping["id"]


def _rendering(request: Request) -> Rendering:
    state = request.app.state
    if not hasattr(state, "rendering"):
        state.rendering = Rendering(state.vendors)
    rendering: Rendering = state.rendering
    return rendering
