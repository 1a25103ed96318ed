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
from understudy.control.addresses import described, environment
from understudy.control.schemas import ClockChange
from understudy.control.selected import AllSettings, SelectedSandbox, Vendors
from understudy.core import provenance
from understudy.core.clock import ClockOutOfRange, instant_of, iso
from understudy.core.environment import Environment
from understudy.core.sandbox import Sandbox
from understudy.core.vendor import ActionRefused, UnknownRecord

router = APIRouter(prefix="/__admin")
STARTED = time.monotonic()


@router.get("/health", tags=["Server"])
async def health(vendors: Vendors) -> dict[str, Any]:
    """Tell that the server lives."""
    uptime = round(time.monotonic() - STARTED, 3)
    return {"status": "healthy", "version": __version__, "uptimeInSeconds": uptime, "vendors": list(vendors)}


@router.get("/ready", tags=["Server"])
async def ready(sandbox: SelectedSandbox) -> dict[str, str]:
    """Tell that the default world stands: a server that answers has made it."""
    return {"status": "ready", "sandbox": sandbox.name}


@router.get("/vendors", tags=["Server"])
async def list_vendors(request: Request, sandbox: SelectedSandbox, vendors: Vendors, settings: AllSettings) -> dict[str, Any]:
    """List the vendors and every way to reach each."""
    return {"vendors": [described(vendor, sandbox, request, settings) for vendor in vendors.values()]}


@router.get("/env", tags=["Sandboxes"])
async def env(request: Request, sandbox: SelectedSandbox, vendors: Vendors, settings: AllSettings) -> Environment:
    """Give the base URLs and credentials of the selected sandbox."""
    return environment(request, sandbox, vendors.values(), settings)


@router.get("/clock", tags=["Clock"])
async def get_clock(sandbox: SelectedSandbox) -> dict[str, Any]:
    """Tell the sandbox's time."""
    return _clock(sandbox)


@router.put("/clock", tags=["Clock"])
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


@router.get("/actions", tags=["Actions"])
async def list_actions(vendors: Vendors) -> dict[str, Any]:
    """List what a vendor's own interface can do and its API can't."""
    return {
        "actions": [
            {"vendor": vendor.name, "action": name, "summary": action.summary, "body": action.body.model_json_schema()}
            for vendor in vendors.values()
            for name, action in vendor.actions.items()
        ]
    }


@router.post("/actions/{vendor}/{action}", tags=["Actions"])
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
    provenance.begin()  # an action is no answer of the vendor's, but runs the same code
    try:
        with sandbox.session() as session:
            return JSONResponse(dict(found.run(sandbox, session, wish)))
    except UnknownRecord as error:
        raise HTTPException(404, str(error)) from error
    except ActionRefused as error:
        raise HTTPException(422, str(error)) from error


def _clock(sandbox: Sandbox) -> dict[str, Any]:
    return {"instant": iso(sandbox.clock.now()), "frozen": sandbox.clock.frozen_at is not None}
