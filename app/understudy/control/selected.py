"""What a request to the control plane works on."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from understudy.config import Settings
from understudy.core.nearest import LONGEST, meant
from understudy.core.sandbox import Sandbox
from understudy.core.sandboxes import Sandboxes
from understudy.core.vendor import Vendor


def selected_sandbox(request: Request) -> Sandbox:
    """Return the sandbox that the request selects."""
    sandbox: Sandbox = request.scope["understudy.sandbox"]
    return sandbox


def all_vendors(request: Request) -> dict[str, Vendor]:
    """Return the vendors by name."""
    vendors: dict[str, Vendor] = request.app.state.vendors
    return vendors


def named_vendors(name: str | None, vendors: dict[str, Vendor], *, field: str) -> list[Vendor]:
    """Return the vendor of this name, all of them without one; refuse a name that none has (422)."""
    if name is None:
        return list(vendors.values())
    if name not in vendors:
        raise HTTPException(422, f"{field}: there is no vendor {name[:LONGEST]!r}, but {', '.join(vendors)}")
    return [vendors[name]]


def require_operation(name: str, vendors: list[Vendor], *, field: str) -> None:
    """Refuse the name of an operation that none of these vendors has (422), with the nearest that there are."""
    routes = (route for vendor in vendors for router in vendor.routers for route in router.routes)
    known = {operation for route in routes if (operation := getattr(route, "operation_id", None)) is not None}
    if name not in known:
        who = vendors[0].title if len(vendors) == 1 else "any vendor"
        near = meant(name, sorted(known)) or "; the contract files list them"
        raise HTTPException(422, f"{field}: {name[:LONGEST]!r} is no operation of {who}{near}")


def all_settings(request: Request) -> Settings:
    """Return the server's settings."""
    settings: Settings = request.app.state.settings
    return settings


def all_sandboxes(request: Request) -> Sandboxes:
    """Return the sandboxes of this server."""
    sandboxes: Sandboxes = request.app.state.sandboxes
    return sandboxes


SelectedSandbox = Annotated[Sandbox, Depends(selected_sandbox)]
Vendors = Annotated[dict[str, Vendor], Depends(all_vendors)]
AllSettings = Annotated[Settings, Depends(all_settings)]
AllSandboxes = Annotated[Sandboxes, Depends(all_sandboxes)]
