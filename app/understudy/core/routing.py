"""Brings a request to the vendor or the control plane it is meant for, whichever of the three ways it came.

- a vendor's own port: that vendor at `/`;
- a vendor's host name in the `Host` header: that vendor at `/`;
- the main port: a vendor under `/<name>`, the control plane under `/__admin`.

And before that for the sandbox that it is meant for (`selection.py`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.core.contract import PAGES
from understudy.core.own_words import unknown_sandbox
from understudy.core.sandbox import UnknownSandbox
from understudy.core.sandboxes import Sandboxes
from understudy.core.selection import select


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
        self.parents = frozenset(host for host in by_host if host.endswith(".localhost"))
        self.background = background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve HTTP; anything else is not spoken here."""
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http":
            return None
        scope["root_path"] = ""
        name, host = select(scope, self.parents)
        vendor = self._vendor_at_root(scope, host)
        app = self.vendors[vendor] if vendor else self._by_path(scope)
        try:
            scope["understudy.sandbox"] = self.sandboxes[name]
        except UnknownSandbox:
            if app is not self.control:
                app = unknown_sandbox(name)
            scope["understudy.unknown_sandbox"] = name  # which the control plane tells only those whom it lets in
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

    def _vendor_at_root(self, scope: Scope, host: str) -> str | None:
        server = scope.get("server")
        return (server and self.by_port.get(server[1])) or self.by_host.get(host)

    def _by_path(self, scope: Scope) -> ASGIApp:
        root: str = scope["root_path"]
        first, _, rest = scope["path"][len(root) + 1 :].partition("/")
        if first == "__admin":
            return self.control
        if first not in self.vendors:
            return self._signpost
        scope["root_path"] = f"{root}/{first}"
        if rest in PAGES and scope["method"] in ("GET", "HEAD"):
            return self.contracts[first]
        return self.vendors[first]

    async def _signpost(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer on paths of the main port that belong to nobody."""
        base = f"{scope['scheme']}://{Headers(scope=scope).get('host', 'localhost')}{scope['root_path']}"
        directions = {"vendors": {name: f"{base}/{name}" for name in self.vendors}, "control": f"{base}/__admin/env"}
        at_root = scope["path"].removeprefix(scope["root_path"]) in ("", "/") and scope["method"] in ("GET", "HEAD")
        body = directions if at_root else {"error": "No vendor is at this path of Understudy.", **directions}
        await JSONResponse(body, status_code=200 if at_root else 404)(scope, receive, send)
