"""Who may use the control plane.

Decision: on loopback everybody who runs on this machine may, with no token; beyond it the bearer of the admin token. The danger
on loopback is a page in somebody's browser, which may send requests to this machine. Three things that no page can forge tell it:
`Origin`, which browsers send with every request that is not a plain GET; `Sec-Fetch-Site`, with every one; and `Host`, which
is the page's own name when that name was made to lead here (DNS rebinding).
Refused: a token on loopback too, which every test suite would have to hand around.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from secrets import compare_digest
from typing import Final

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.config import Settings
from understudy.core.own_words import error, unknown_sandbox

OPEN_TO_ALL: Final = frozenset({"/__admin/health", "/__admin/ready"})
HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(:\d*)?")


class Access:
    """Lets in whom the access rule lets in; all others get 401 or 403."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._token = settings.admin_token
        self._guarded = not settings.on_loopback
        self._names = frozenset(name.lower() for name in (settings.host, *settings.tls_hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        refusal = None if get_route_path(scope) in OPEN_TO_ALL else self._refusal(scope["method"], Headers(scope=scope))
        if refusal is None and (name := scope.get("understudy.unknown_sandbox")) is not None:
            refusal = unknown_sandbox(name)
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if from_another_site(method, headers):
            return error(403, "forbidden", "A page of another origin may not use the control plane.")
        if self._guarded:
            given = headers.get("authorization", "")
            return None if self._knows(given) else self._unauthorized(given)
        if host and not is_local(host, self._names):
            return error(403, "forbidden", f"{host!r} is no name of this machine; UNDERSTUDY_TLS_HOSTS can make it one.")
        return None

    def _knows(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return bool(self._token) and scheme.lower() == "bearer" and compare_digest(token.encode(), (self._token or "").encode())

    def _unauthorized(self, given: str) -> Response:
        what = "The admin token that was sent is wrong; the" if given.lower().startswith("bearer ") else "The"
        detail = f"{what} control plane needs `Authorization: Bearer <UNDERSTUDY_ADMIN_TOKEN>`."
        refusal = error(401, "unauthorized", detail)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal


def from_another_site(method: str, headers: Headers) -> bool:
    """Whether a page of another origin sends a request. A link that somebody follows is none: its page sees no answer."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers.get("host"):
        return True
    follows_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    # To browsers a page on another port of this machine is of the same site, though not of the same origin.
    return headers.get("sec-fetch-site") in ("cross-site", "same-site") and not follows_link


def is_local(host: str, names: Iterable[str] = ()) -> bool:
    """Whether a `Host` header names this machine: `localhost`, below `.localhost`, an address of loopback, or one of `names`."""
    found = HOST.fullmatch(host.lower())
    if found is None:
        return False
    name = found[1].strip("[]").removesuffix(".")
    if name in names or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
