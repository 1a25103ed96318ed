"""Sandboxes: made, copied, listed, begun anew and deleted."""

import time
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from understudy.control.addresses import environment
from understudy.control.provenance import policy_document, policy_of
from understudy.control.schemas import NewSandbox, NewSeed
from understudy.control.selected import AllSandboxes, AllSettings, SelectedSandbox, Vendors
from understudy.core.clock import iso
from understudy.core.sandbox import Sandbox
from understudy.core.sandboxes import Sandboxes
from understudy.core.unverified import Policy
from understudy.core.world import BadRecipe

router = APIRouter(prefix="/__admin", tags=["Sandboxes"])


@router.post("/sandboxes", status_code=201)
async def create_sandbox(
    request: Request, sandboxes: AllSandboxes, vendors: Vendors, settings: AllSettings, new: NewSandbox | None = None
) -> dict[str, Any]:
    """Make a sandbox, and tell its addresses and credentials; without a name it gets one."""
    new = new or NewSandbox.model_validate({})
    policy_of(new, Policy(), vendors)  # a bad one is refused before anything is made
    if new.source is not None:
        sandbox = sandboxes.clone(sandboxes[new.source], new.name, ttl_seconds=new.ttl_seconds)
    else:
        sandboxes.require_new(new.name)
        origin = await _made(sandboxes, seed=new.seed, recipe=new.world)
        sandbox = sandboxes.create(new.name, origin=origin, ttl_seconds=new.ttl_seconds)
    sandbox.policy = policy_of(new, sandbox.policy, vendors)
    env = environment(request, sandbox, vendors.values(), settings)
    return {"name": sandbox.name, "env": env, **policy_document(sandbox.policy)}


@router.get("/sandboxes")
async def list_sandboxes(sandboxes: AllSandboxes) -> dict[str, Any]:
    """List the sandboxes."""
    return {"sandboxes": [_shown(sandbox) for sandbox in sandboxes], "meta": {"total": len(sandboxes)}}


@router.get("/sandboxes/{name}")
async def get_sandbox(
    name: str, request: Request, sandboxes: AllSandboxes, vendors: Vendors, settings: AllSettings
) -> dict[str, Any]:
    """Show a sandbox, its addresses and its credentials."""
    sandbox = sandboxes[name]
    return {**_shown(sandbox), "env": environment(request, sandbox, vendors.values(), settings)}


@router.delete("/sandboxes/{name}")
async def delete_sandbox(name: str, sandboxes: AllSandboxes) -> dict[str, str]:
    """Delete a sandbox and everything in it; a request that is still coming in there finds none."""
    sandboxes.delete(name)
    return {"name": name}


@router.post("/reset")
async def reset(sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, str]:
    """Take the selected sandbox back to the start: world, clock, numbers, faults, journal and counted requests."""
    sandboxes.reset(sandbox.name)
    return {"sandbox": sandbox.name}


@router.post("/seed")
async def seed(sandbox: SelectedSandbox, sandboxes: AllSandboxes, new: NewSeed) -> dict[str, Any]:
    """Begin the selected sandbox anew with another world, which later resets go back to."""
    sandboxes.reset(sandbox.name, origin=await _made(sandboxes, seed=new.seed, recipe=new.world))
    return {"sandbox": sandbox.name, "seed": sandbox.seed}


async def _made(sandboxes: Sandboxes, *, seed: int | None, recipe: dict[str, Any] | None) -> Any:
    try:
        return await sandboxes.origins.make(seed=seed, recipe=recipe)
    except BadRecipe as error:
        raise HTTPException(422, str(error)) from error


def _shown(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "name": sandbox.name,
        "seed": sandbox.seed,
        "ttlSeconds": sandbox.ttl_seconds,
        "idleSeconds": round(time.monotonic() - sandbox.used_at, 3),
        "instant": iso(sandbox.clock.now()),
        "requests": len(sandbox.journal),
        "requestsForgotten": sandbox.journal.forgotten,
        "parked": sandbox.store.parked,
        **policy_document(sandbox.policy),
    }
