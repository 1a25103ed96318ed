"""The faults of a sandbox: made, listed and removed."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException

from understudy.control.selected import AllSandboxes, SelectedSandbox, Vendors, named_vendors, require_operation
from understudy.core.fault_rules import FaultRule
from understudy.core.faults import Fault, TooManyFaults
from understudy.core.sandbox import Sandbox
from understudy.core.vendor import Vendor

router = APIRouter(prefix="/__admin/faults", tags=["Faults"])


@router.get("")
async def list_faults(sandbox: SelectedSandbox) -> dict[str, Any]:
    """List the faults, oldest first."""
    faults = [fault.document() for fault in sandbox.faults]
    return {"faults": faults, "meta": {"total": len(faults)}}


@router.post("", status_code=201)
async def create_fault(
    sandbox: SelectedSandbox, sandboxes: AllSandboxes, vendors: Vendors, rule: Annotated[FaultRule, Body()]
) -> dict[str, Any]:
    """Keep a rule; it is in force for the next request."""
    concerned = named_vendors(rule.match.vendor, vendors, field="match.vendor")
    if rule.match.operation is not None:
        require_operation(rule.match.operation, concerned, field="match.operation")
    _require_paging(rule, concerned)
    try:
        fault = sandbox.faults.add(rule)
    except TooManyFaults as error:
        raise HTTPException(409, str(error)) from error
    sandboxes.events.publish("fault", sandbox.name, {"change": "created", "faults": [fault.id]})
    return fault.document()


@router.delete("")
async def delete_faults(sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, int]:
    """Remove all of them, and tell how many there were; ids go on from where they are, until a reset."""
    removed = [fault.id for fault in sandbox.faults if sandbox.faults.remove(fault.id)]
    sandboxes.events.publish("fault", sandbox.name, {"change": "deleted", "faults": removed})
    return {"deleted": len(removed)}


@router.get("/{number}")
async def get_fault(number: str, sandbox: SelectedSandbox) -> dict[str, Any]:
    """Show a fault: its rule, and how often it was eligible and fired."""
    return _found(sandbox, number).document()


@router.delete("/{number}")
async def delete_fault(number: str, sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, Any]:
    """Remove a fault and show it as it was; requests under way stay as they are."""
    fault = _found(sandbox, number)
    sandbox.faults.remove(number)
    sandboxes.events.publish("fault", sandbox.name, {"change": "deleted", "faults": [number]})
    return fault.document()


def _found(sandbox: Sandbox, number: str) -> Fault:
    fault = sandbox.faults.get(number)
    if fault is None:
        raise HTTPException(404, f"There is no fault {number!r}; GET /__admin/faults lists them.")
    return fault


def _require_paging(rule: FaultRule, vendors: list[Vendor]) -> None:
    paging = rule.then.paging
    if paging is None or any(paging in vendor.paging_faults for vendor in vendors):
        return
    (vendor,) = vendors
    possible = ", ".join(vendor.paging_faults) or "none"
    raise HTTPException(422, f"then.paging: {paging!r} is not possible with {vendor.title}'s pages, but {possible}")
