"""Brings a request to the vendor or the control plane it is meant for, whichever of the three ways it came.

- a vendor's own port: that vendor at `/`;
- a vendor's host name in the `Host` header: that vendor at `/`;
- the main port: a vendor under `/<name>`, the control plane under `/__admin`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.core.contract import PAGES
from understudy.core.sandbox import DEFAULT, Sandboxes


class Entrance:
    """The first application of the chain."""

    def __init__(
        self,
        *,
        sandboxes: Sandboxes,
        vendors: Mapping[str, ASGIApp],
        contracts: Mapping[str, ASGIApp],
        control: ASGIApp,
        by_port: Mapping[int, str],
        by_host: Mapping[str, str],
        background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
    ) -> None:
        """Each mapping leads to a vendor by its name; `contracts` shows a vendor's contract file.

        What `background` makes runs from start to end of the server.
        """
        self.sandboxes = sandboxes
        self.vendors = vendors
        self.contracts = contracts
        self.control = control
        self.by_port = by_port
        self.by_host = by_host
        self.background = background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve HTTP; anything else is not spoken here."""
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http":
            return None
        scope["understudy.sandbox"] = self.sandboxes[DEFAULT]
        name = self._vendor_at_root(scope)
        app = self.vendors[name] if name else self._by_path(scope)
        return await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Say when the server may serve, and close the stores when it ends."""
        await receive()
        tasks = [asyncio.create_task(make()) for make in self.background]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.sandboxes.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _vendor_at_root(self, scope: Scope) -> str | None:
        server = scope.get("server")
        if server and (name := self.by_port.get(server[1])):
            return name
        for key, value in scope["headers"]:
            if key == b"host":
                host: bytes = value.lower()
                return self.by_host.get(host.rsplit(b":", 1)[0].decode("latin-1") if b":" in host else host.decode("latin-1"))
        return None

    def _by_path(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        first, _, rest = path[1:].partition("/")
        if first == "__admin":
            return self.control
        if first not in self.vendors:
            return self._signpost
        scope["root_path"] = f"/{first}"
        if rest in PAGES and scope["method"] in ("GET", "HEAD"):
            return self.contracts[first]
        return self.vendors[first]

    async def _signpost(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer on paths of the main port that belong to nobody."""
        base = f"{scope['scheme']}://{Headers(scope=scope).get('host', 'localhost')}"
        directions = {"vendors": {name: f"{base}/{name}" for name in self.vendors}, "control": f"{base}/__admin/env"}
        at_root = scope["path"] == "/" and scope["method"] in ("GET", "HEAD")
        body = directions if at_root else {"error": "No vendor is at this path of Understudy.", **directions}
        await JSONResponse(body, status_code=200 if at_root else 404)(scope, receive, send)
