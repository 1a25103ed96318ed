"""Puts the control plane together: who may use it, its routes, and its one form of error."""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from understudy.config import Settings
from understudy.control import description, observe, provenance, routes, webhooks
from understudy.control import faults as faults_routes
from understudy.control import requests as requests_routes
from understudy.control import sandboxes as sandboxes_routes
from understudy.control import state as state_routes
from understudy.control.access import Access
from understudy.control.intake import Intake, Log
from understudy.core.contract import docs_assets
from understudy.core.metrics import Metrics
from understudy.core.own_words import error, unknown_sandbox
from understudy.core.sandbox import UnknownSandbox
from understudy.core.sandboxes import BadName, NotPossible, Sandboxes
from understudy.core.vendor import Vendor

CODES: Final = {
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "body_too_large",
    422: "invalid_body",
    507: "insufficient_storage",
}
LONGEST_PATH: Final = 200
IN_PLAIN_WORDS: Final = {
    "timezone_aware": "it needs a zone, as in 2026-06-01T08:00:00Z",
    "missing": "it is needed",
    "extra_forbidden": "there is no such field",
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "it should be an object"),
}


def control_plane(*, settings: Settings, sandboxes: Sandboxes, vendors: Sequence[Vendor], metrics: Metrics) -> FastAPI:
    """Return the application of `/__admin`."""
    app = FastAPI(title="Understudy control plane", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sandboxes = sandboxes
    app.state.vendors = {vendor.name: vendor for vendor in vendors}
    app.state.metrics = metrics
    app.include_router(routes.router)
    app.include_router(sandboxes_routes.router)
    app.include_router(state_routes.router)
    app.include_router(faults_routes.router)
    app.include_router(requests_routes.router)
    app.include_router(provenance.router)
    app.include_router(webhooks.router)
    app.include_router(observe.router)
    app.include_router(description.router)
    app.mount(f"{description.HERE}/docs", docs_assets())
    # The last one is the first that a request meets.
    app.add_middleware(Intake, at_most=settings.max_body_bytes)
    app.add_middleware(Access, settings=settings)
    app.add_middleware(Log)
    app.add_exception_handler(RequestValidationError, _bad_body)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(UnknownSandbox, _unknown_sandbox)
    app.add_exception_handler(NotPossible, _not_possible)
    return app


async def _bad_body(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, RequestValidationError)
    first = exception.errors()[0]
    inside = first["loc"][1:] if first["loc"][:1] == ("body",) else first["loc"]  # a field may be called so, too
    field = ".".join(str(part) for part in inside) or "body"
    return error(422, "invalid_body", f"{field}: {IN_PLAIN_WORDS.get(first['type']) or _plain(first['msg'])}")


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should", "it should")


async def _http_error(request: Request, exception: Exception) -> Response:
    assert isinstance(exception, HTTPException)
    if exception.status_code == 405:
        return _wrong_method(request)
    if exception.status_code == 404 and exception.detail == "Not Found":  # of no route
        return error(404, "not_found", f"There is nothing at {request.scope['path'][:LONGEST_PATH]}; see /__admin/docs.")
    answer = error(exception.status_code, CODES.get(exception.status_code, "error"), str(exception.detail))
    answer.headers.update(exception.headers or {})
    return answer


def _wrong_method(request: Request) -> Response:
    """Name every method that there is at a path; each has a route of its own."""
    allowed: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.original_route.matches(request.scope)[0] is not Match.NONE:
            allowed |= route.methods or set()
    if "GET" in allowed:
        allowed.add("HEAD")
    methods = ", ".join(sorted(allowed))
    answer = error(405, "method_not_allowed", f"{request.scope['path']} has {methods}.")
    answer.headers["Allow"] = methods
    return answer


async def _unknown_sandbox(request: Request, exception: Exception) -> Response:
    return unknown_sandbox(str(exception))


async def _not_possible(request: Request, exception: Exception) -> Response:
    if isinstance(exception, BadName):
        return error(422, "invalid_body", f"name: {exception}")
    return error(409, "not_possible", str(exception))
