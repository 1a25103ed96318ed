"""What happens to a request of the control plane before its route, and to its answer after it.

- A body is read whole, up to `max_body_bytes`, and is JSON, whatever its Content-Type says: `curl -d` calls everything a form,
  and many clients say nothing. That a page of another site can send a form without its browser asking first opens no way in:
  `access.py` has refused such a page by then, by what the browser says of it and not by what the page says of its body.
- JSON is taken strictly. What parsers read differently (a key given twice, NaN, half a surrogate pair) is refused.
- HEAD is answered wherever GET is.
- What was asked for, unless it only reads, gets a line in the log; a bug gets a traceback there and is answered with 500.
"""

import json
import logging
from collections.abc import Iterable
from typing import Any, Final

import orjson
from starlette._utils import get_route_path
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from understudy.core.bodies import DRAIN_BYTES
from understudy.core.own_words import error
from understudy.core.request_log import printable

log = logging.getLogger("understudy.control")

DEEPEST: Final = 100
ONLY_READ: Final = frozenset({"/__admin/requests/count", "/__admin/requests/find", "/__admin/near-misses/request"})
STATES: Final = "/__admin/state/"


class BadJSON(ValueError):
    """A body is not JSON as it is taken here; the message says why."""


class Intake:
    """Reads and checks bodies."""

    def __init__(self, app: ASGIApp, *, at_most: int) -> None:
        """`at_most` is the largest body in bytes; an imported snapshot is bounded where it is read."""
        self.app = app
        self._at_most = at_most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body read, or refuse it."""
        names = {name for name, _ in scope["headers"]}
        is_stream = scope["method"] == "PUT" and get_route_path(scope).startswith(STATES)
        if is_stream or not names & {b"content-length", b"transfer-encoding"}:
            return await self.app(scope, receive, send)
        body = await self._body(receive)
        if body is None:
            return None
        refusal = self._refusal(body)
        if refusal is not None:
            return await refusal(scope, receive, send)
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
        scope["headers"] = [*headers, (b"content-type", b"application/json")]
        return await self.app(scope, _replayed(body, receive), send)

    def _refusal(self, body: bytes) -> Response | None:
        if len(body) > self._at_most:
            return error(413, "body_too_large", f"A body has at most {self._at_most} bytes (UNDERSTUDY_MAX_BODY_BYTES).")
        try:
            if body:
                check(body)
        except BadJSON as problem:
            return error(422, "invalid_body", f"body: {problem}")
        return None

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, or more than `at_most` bytes of one that is too large; None when the client left."""
        chunks, size = [], 0
        while size <= DRAIN_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            if size <= self._at_most:
                chunks.append(chunk)
            size += len(chunk)
            if not message.get("more_body", False):
                break
        return b"".join(chunks)


class Log:
    """Notes what was done, and answers for bugs; answers HEAD as GET."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note it."""
        method, status = scope["method"], 0
        scope = {**scope, "method": "GET", "understudy.head": True} if method == "HEAD" else scope

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            return  # in the middle of a snapshot; there is nobody to answer
        except Exception as bug:
            if status:
                raise  # uvicorn notes it, and hangs up on what can't be ended properly
            log.exception("a bug of Understudy: %s %s", method, scope["path"])
            answer = error(500, "bug", "A bug of Understudy; its log tells more.")
            answer.headers["X-Understudy-Bug"] = type(bug).__name__
            await answer(scope, receive, noted)
        if status:
            reads = method in ("GET", "HEAD", "OPTIONS") or get_route_path(scope) in ONLY_READ
            log.log(logging.DEBUG if reads else logging.INFO, ControlLine(scope, method, status))


class ControlLine:
    """What is told of one request to the control plane."""

    def __init__(self, scope: Scope, method: str, status: int) -> None:
        path: bytes = scope.get("raw_path") or scope["path"].encode(errors="backslashreplace")
        self._fields = {
            "sandbox": scope["understudy.sandbox"].name if "understudy.sandbox" in scope else "-",
            "method": printable(method),
            "path": printable(path.decode("latin-1").removeprefix(scope.get("root_path", ""))),
            "status": status,
        }

    def fields(self) -> dict[str, Any]:
        """Return what is told, by name."""
        return self._fields

    def __str__(self) -> str:
        return "{sandbox} control {method} {path} {status}".format(**self._fields)


def check(body: bytes) -> Any:
    """Return the JSON of a body; raise `BadJSON`."""
    try:
        body.decode()
        orjson.loads(body)  # refuses NaN, and half a surrogate pair
        parsed = json.loads(body, object_pairs_hook=_once_each)
        if _deeper_than(parsed, DEEPEST):
            raise BadJSON(f"nested more than {DEEPEST} levels deep")
    except UnicodeDecodeError:
        raise BadJSON("not UTF-8") from None
    except RecursionError:
        raise BadJSON(f"nested more than {DEEPEST} levels deep") from None
    except orjson.JSONDecodeError as problem:
        raise BadJSON(f"not JSON: {problem}") from None
    return parsed


def _once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadJSON(f"the key {key!r} is there twice")
        found[key] = value
    return found


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether objects and arrays lie in one another more than so many times."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body again, and then what else there is to come."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
