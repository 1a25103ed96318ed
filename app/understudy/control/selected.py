"""What a request to the control plane works on."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request

from understudy.config import Settings
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


def is_operation(name: str, vendors: Iterable[Vendor]) -> bool:
    """Whether one of these vendors has an operation of this name."""
    routes = (route for vendor in vendors for router in vendor.routers for route in router.routes)
    return any(name == getattr(route, "operation_id", None) for route in routes)


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
