"""The operations of the control plane.

They are coroutines that never wait, so that they run on the loop's thread, which owns the sandboxes.
"""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from understudy import __version__
from understudy.config import Settings
from understudy.control.schemas import ClockChange
from understudy.control.selected import AllSandboxes, AllSettings, SelectedSandbox, Vendors
from understudy.core.clock import ClockOutOfRange, instant_of, iso
from understudy.core.environment import Environment, describe
from understudy.core.sandbox import Sandbox
from understudy.core.vendor import ActionRefused, UnknownRecord, Vendor

router = APIRouter(prefix="/__admin")
STARTED = time.monotonic()


@router.get("/health")
async def health(vendors: Vendors) -> dict[str, Any]:
    """Tell that the server lives."""
    uptime = round(time.monotonic() - STARTED, 3)
    return {"status": "healthy", "version": __version__, "uptimeInSeconds": uptime, "vendors": list(vendors)}


@router.get("/ready")
async def ready(sandbox: SelectedSandbox) -> dict[str, str]:
    """Tell that the default world stands: a server that answers has made it."""
    return {"status": "ready", "sandbox": sandbox.name}


@router.get("/vendors")
async def list_vendors(request: Request, vendors: Vendors, settings: AllSettings) -> dict[str, Any]:
    """List the vendors and every way to reach each."""
    return {"vendors": [_describe(vendor, request, settings) for vendor in vendors.values()]}


@router.get("/env")
async def env(request: Request, sandbox: SelectedSandbox, vendors: Vendors, settings: AllSettings) -> Environment:
    """Give the base URLs and credentials of the selected sandbox."""
    return describe(sandbox, vendors.values(), lambda vendor: _base_urls(vendor, request, settings)[0])


@router.post("/reset")
async def reset(sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, str]:
    """Take the selected sandbox back to the start: world, clock and numbers."""
    sandboxes.reset(sandbox.name)
    return {"sandbox": sandbox.name}


@router.get("/clock")
async def get_clock(sandbox: SelectedSandbox) -> dict[str, Any]:
    """Tell the sandbox's time."""
    return _clock(sandbox)


@router.put("/clock")
async def put_clock(sandbox: SelectedSandbox, change: ClockChange) -> dict[str, Any]:
    """Freeze, set, advance or reset the sandbox's clock, and run what has fallen due."""
    try:
        match change.action:
            case "freeze":
                sandbox.freeze_clock(None if change.instant is None else instant_of(change.instant))
            case "set" if change.instant is not None:
                sandbox.move_clock(instant_of(change.instant))
            case "advance" if change.by is not None:
                sandbox.move_clock(sandbox.clock.now() + round(change.by.total_seconds() * 1000))
            case _:
                sandbox.reset_clock()
    except ClockOutOfRange as error:
        raise HTTPException(422, f"instant: {error}") from error
    return _clock(sandbox)


@router.get("/actions")
async def list_actions(vendors: Vendors) -> dict[str, Any]:
    """List what a vendor's own interface can do and its API can't."""
    return {
        "actions": [
            {"vendor": vendor.name, "action": name, "summary": action.summary, "body": action.body.model_json_schema()}
            for vendor in vendors.values()
            for name, action in vendor.actions.items()
        ]
    }


@router.post("/actions/{vendor}/{action}")
async def run_action(
    vendor: str, action: str, sandbox: SelectedSandbox, vendors: Vendors, body: Annotated[Any, Body()] = None
) -> Response:
    """Do one of those things; the answer is what was changed or made."""
    if vendor not in vendors or action not in vendors[vendor].actions:
        raise HTTPException(404, f"There is no action {action!r} of {vendor!r}; GET /__admin/actions lists them.")
    found = vendors[vendor].actions[action]
    try:
        wish = found.body.model_validate({} if body is None else body)
        orjson.dumps(body)
    except orjson.JSONEncodeError as error:  # half a surrogate pair, or nested without end: no row could hold it
        raise HTTPException(422, f"body: {error}") from error
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    sandbox.run_due()
    try:
        with sandbox.session() as session:
            return JSONResponse(dict(found.run(sandbox, session, wish)))
    except UnknownRecord as error:
        raise HTTPException(404, str(error)) from error
    except ActionRefused as error:
        raise HTTPException(422, str(error)) from error


def _clock(sandbox: Sandbox) -> dict[str, Any]:
    return {"instant": iso(sandbox.clock.now()), "frozen": sandbox.clock.frozen_at is not None}


def _base_urls(vendor: Vendor, request: Request, settings: Settings) -> list[str]:
    """Every address of a vendor at the host under which the request came."""
    url = request.base_url
    urls = [f"{url.scheme}://{url.netloc}/{vendor.name}"]
    if port := settings.vendor_ports.get(vendor.name):
        urls.append(f"{url.scheme}://{url.replace(port=port).netloc}")
    return urls


def _describe(vendor: Vendor, request: Request, settings: Settings) -> dict[str, Any]:
    urls = _base_urls(vendor, request, settings)
    return {
        "name": vendor.name,
        "title": vendor.title,
        "baseUrls": urls,
        "prefix": f"/{vendor.name}",
        "hosts": list(vendor.hosts),
        "openapi": f"{urls[0]}/openapi.json",
        "docs": f"{urls[0]}/docs",
        "operations": sum(len(router.routes) for router in vendor.routers),  # second paths of an operation included
    }
