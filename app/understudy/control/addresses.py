"""Where clients reach the vendors of a sandbox, under the host by which the control plane was asked."""

from collections.abc import Iterable
from typing import Any

from fastapi import Request

from understudy.config import Settings
from understudy.core.environment import Environment, describe
from understudy.core.sandbox import DEFAULT, Sandbox
from understudy.core.vendor import Vendor


def environment(request: Request, sandbox: Sandbox, vendors: Iterable[Vendor], settings: Settings) -> Environment:
    """Return base URLs and credentials of a sandbox; each URL selects the sandbox by its path."""
    return describe(sandbox, vendors, lambda vendor: base_urls(vendor, sandbox, request, settings)[0])


def base_urls(vendor: Vendor, sandbox: Sandbox, request: Request, settings: Settings) -> list[str]:
    """Return every address of a vendor: below its prefix, and on its own port if it has one."""
    url = request.base_url
    selector = "" if sandbox.name == DEFAULT else f"/s/{sandbox.name}"
    urls = [f"{url.scheme}://{url.netloc}{selector}/{vendor.name}"]
    if port := settings.vendor_ports.get(vendor.name):
        urls.append(f"{url.scheme}://{url.replace(port=port).netloc}{selector}")
    return urls


def described(vendor: Vendor, sandbox: Sandbox, request: Request, settings: Settings) -> dict[str, Any]:
    """Return what `GET /__admin/vendors` tells of a vendor."""
    urls = base_urls(vendor, sandbox, request, settings)
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
