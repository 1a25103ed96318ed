"""Carries out what faults do to an answer on its way: it waits, trickles, breaks off, or is no HTTP at all.

What is done to the connection itself needs the server's transport, which ASGI doesn't give; uvicorn's `send` is a method of the
object that has it (`transport_of`). An application that is called in-process has none: there a connection that breaks is a
`ConnectionResetError`, and what would have been broken bytes is the body.
"""

import asyncio
import os
import socket
import struct
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

if TYPE_CHECKING:
    from understudy.core.faults import Injection

NO_CHUNK: Final = b"\xde\xad\xbe\xef this is no chunk of HTTP \x00\r\n\r\n"
RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
PIECES_PER_SECOND: Final = 10


class _Over(Exception):
    """Nothing more is to be sent."""


def transport_of(send: Send) -> asyncio.Transport | None:
    """Return the transport of the connection that `send` answers on; None where there is no connection of ours."""
    transport: asyncio.Transport | None = getattr(getattr(send, "__self__", None), "transport", None)
    return transport


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a RST, encrypted or not."""
    opened = transport.get_extra_info("socket")
    # A second descriptor of the same socket: not every event loop lets its own be changed.
    with socket.socket(fileno=os.dup(opened.fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()


class Disruption:
    """One answer, sent as faults would have it; a client that leaves ends it."""

    def __init__(self, injection: "Injection", scope: Scope, receive: Receive, send: Send) -> None:
        self._injection = injection
        self._scope = scope
        self._receive = receive
        self._send = send
        self._transport = transport_of(send)
        self._has_body = scope["method"] != "HEAD"
        self._left = 0

    async def send(self, response: Response) -> None:
        """Send the answer."""
        self._departure = asyncio.create_task(self._leave())
        try:
            await self._wait(self._injection.delay_ms / 1000)
            if self._injection.connection in ("reset", "empty"):
                self._hang_up()
            else:
                await response(self._scope, self._receive, self._pass_on)
        except _Over:
            if self._transport is not None and self._transport.is_closing():
                await self._departure
        finally:
            self._departure.cancel()

    async def _leave(self) -> None:
        """Wait until the client is gone; what is left of its request is thrown away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            gone, _ = await asyncio.wait({self._departure}, timeout=seconds)
            if gone:
                raise _Over

    def _hang_up(self) -> None:
        if self._transport is None:
            raise ConnectionResetError(f"a fault of Understudy: {', '.join(self._injection.ids)}")
        if self._injection.connection == "reset":
            reset(self._transport)
        else:
            self._transport.close()
        raise _Over

    async def _pass_on(self, message: Message) -> None:
        """Stand where the answer expects the server's `send`."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._injection.connection == "malformed":
            await self._end_in_garbage()
        else:
            await self._send_body(message)

    async def _begin(self, message: Message) -> None:
        if self._injection.connection == "malformed":
            message["headers"] = [*_without_length(message["headers"]), (b"transfer-encoding", b"chunked")]
        elif self._injection.connection == "truncate":
            self._cut(message)
        await self._send(message)

    def _cut(self, message: Message) -> None:
        """Find out where half of the body ends; one that is empty is announced as a byte long, or nothing would be missing."""
        length = next((int(value) for name, value in message["headers"] if name == b"content-length"), 0)
        if length == 0 and message["status"] not in (204, 304):
            message["headers"] = [*_without_length(message["headers"]), (b"content-length", b"1")]
        self._left = length // 2

    async def _send_body(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        truncated = self._injection.connection == "truncate"
        if truncated:
            body, more = body[: self._left], more or self._transport is not None
            self._left -= len(body)
        await self._trickle(body, more=more)
        if truncated and (self._left <= 0 or not message.get("more_body", False)):
            if self._transport is not None:
                self._transport.close()
            raise _Over

    async def _trickle(self, body: bytes, *, more: bool) -> None:
        rate = self._injection.bytes_per_second
        if rate is None or not body or not self._has_body:
            return await self._send({"type": "http.response.body", "body": body, "more_body": more})
        size = max(1, rate // PIECES_PER_SECOND)
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            await self._wait(len(piece) / rate)
            last = start + size >= len(body)
            await self._send({"type": "http.response.body", "body": piece, "more_body": more or not last})

    async def _end_in_garbage(self) -> None:
        if self._transport is None:
            await self._send({"type": "http.response.body", "body": NO_CHUNK, "more_body": False})
        else:
            self._transport.write(NO_CHUNK)
            self._transport.close()
        raise _Over


def _without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name != b"content-length"]
