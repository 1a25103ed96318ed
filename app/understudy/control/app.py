"""Puts the control plane together: who may use it, its routes, and its one form of error."""

from collections.abc import Sequence
from secrets import compare_digest

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.config import Settings
from understudy.control import routes, webhooks
from understudy.control import sandboxes as sandboxes_routes
from understudy.core.own_words import error, unknown_sandbox
from understudy.core.sandbox import UnknownSandbox
from understudy.core.sandboxes import BadName, NotPossible, Sandboxes
from understudy.core.vendor import Vendor

OPEN_TO_ALL = frozenset({"/__admin/health", "/__admin/ready"})


def control_plane(*, settings: Settings, sandboxes: Sandboxes, vendors: Sequence[Vendor]) -> FastAPI:
    """Return the application of `/__admin`."""
    app = FastAPI(title="Understudy control plane", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sandboxes = sandboxes
    app.state.vendors = {vendor.name: vendor for vendor in vendors}
    app.include_router(routes.router)
    app.include_router(sandboxes_routes.router)
    app.include_router(webhooks.router)
    app.add_middleware(Access, token=settings.admin_token, guarded=not settings.on_loopback)
    app.add_exception_handler(RequestValidationError, _bad_body)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(UnknownSandbox, _unknown_sandbox)
    app.add_exception_handler(NotPossible, _not_possible)
    return app


class Access:
    """Lets in whom the access rule lets in.

    On loopback everybody; beyond it the bearer of the admin token. A page of another origin in somebody's browser never: it would
    steer the server behind its user's back.
    """

    def __init__(self, app: ASGIApp, *, token: str | None, guarded: bool) -> None:
        self.app = app
        self.token = token
        self.guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        refusal = None if scope["type"] != "http" or get_route_path(scope) in OPEN_TO_ALL else self._refusal(Headers(scope=scope))
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> Response | None:
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return error(403, "forbidden", "A page of another origin may not use the control plane.")
        if not self.guarded:
            return None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer" and compare_digest(token.encode(), self.token.encode()):
            return None
        return error(401, "unauthorized", "The control plane needs `Authorization: Bearer <UNDERSTUDY_ADMIN_TOKEN>`.")


async def _bad_body(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, RequestValidationError)
    first = exception.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    return error(422, "invalid_body", f"{field}: {first['msg']}")


async def _http_error(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)
    if exception.status_code == 400:  # FastAPI's answer to a body that is no text at all
        return error(422, "invalid_body", "body: not JSON")
    codes = {404: "not_found", 405: "method_not_allowed", 422: "invalid_body"}
    return error(exception.status_code, codes.get(exception.status_code, "error"), str(exception.detail))


async def _unknown_sandbox(request: Request, exception: Exception) -> Response:
    return unknown_sandbox(str(exception))


async def _not_possible(request: Request, exception: Exception) -> Response:
    if isinstance(exception, BadName):
        return error(422, "invalid_body", f"name: {exception}")
    return error(409, "not_possible", str(exception))
