"""What a client needs to know to use a sandbox: where each vendor is, and with which credentials."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from understudy.core.sandbox import Sandbox
from understudy.core.vendor import Vendor

Environment = Mapping[str, Any]
"""`{"sandbox", "vendors": [{"name", "title", "baseUrl", "credentials": [{"name", "who", <kind>: <value>, ...}]}]}`."""


def describe(sandbox: Sandbox, vendors: Iterable[Vendor], base_url: Callable[[Vendor], str]) -> Environment:
    """Return the environment of a sandbox, with the base URLs that `base_url` gives."""
    credentials = sandbox.credentials()
    described = [
        {
            "name": vendor.name,
            "title": vendor.title,
            "baseUrl": base_url(vendor),
            "credentials": [{"name": c.name, "who": c.who, **c.values} for c in credentials[vendor.name]],
        }
        for vendor in vendors
    ]
    return {"sandbox": sandbox.name, "vendors": described}
