"""The whole server on one page: what is made at start, and the way of a request, in order.

1. `Entrance` (core/routing.py) finds the sandbox and the application: by port, by host name or by path.
2. `VendorApp` (core/vendor_app.py) reads the body, opens the transaction, spells refusals as the vendor does, bugs as a 500.
3. `vendor.admit` checks what the vendor checks before it looks at the path (vendors/<name>/auth.py).
4. The route's function, named as its operation (vendors/<name>/routes.py), asks the rules and writes the answer.
"""

import logging

from understudy.config import Settings
from understudy.control import control_plane
from understudy.core.contract import contract_app
from understudy.core.delivery import Dispatcher
from understudy.core.events import request_events
from understudy.core.metrics import Metrics
from understudy.core.request_log import request_log
from understudy.core.routing import Entrance
from understudy.core.sandbox import DEFAULT
from understudy.core.sandboxes import Sandboxes
from understudy.core.vendor_app import VendorApp
from understudy.core.world import world_image
from understudy.vendors import VENDORS

log = logging.getLogger("understudy")


def create_app(settings: Settings) -> Entrance:
    """Return the ASGI application.

    Raises `BadRecipe` for a world that can't be made and `StoreUnusable` for a data directory that can't be used.
    """
    sandboxes = open_sandboxes(settings)
    metrics = Metrics(sandboxes)
    sandboxes.events.watch = metrics.watch
    observers = (metrics.observe, request_log(VENDORS), request_events(sandboxes.events, VENDORS))
    return Entrance(
        sandboxes=sandboxes,
        vendors={vendor.name: VendorApp(vendor, settings, observers) for vendor in VENDORS},
        contracts={vendor.name: contract_app(vendor.name, vendor.title) for vendor in VENDORS},
        control=control_plane(settings=settings, sandboxes=sandboxes, vendors=VENDORS, metrics=metrics),
        by_port={port: name for name, port in settings.vendor_ports.items() if port},
        by_host={host: vendor.name for vendor in VENDORS for host in vendor.hosts},
        background=[Dispatcher(sandboxes, settings).run, sandboxes.watch],
    )


def open_sandboxes(settings: Settings) -> Sandboxes:
    """Make the world, or take it from the cache, and open the sandboxes: `default`, and those that the data directory holds."""
    image = world_image(vendors=VENDORS, path=settings.world, seed=settings.seed, cache=settings.cache)
    sandboxes = Sandboxes(image, vendors=VENDORS, settings=settings)
    if (default := sandboxes[DEFAULT]).seed != settings.seed:
        log.warning(
            "%s holds a world of seed %s; it is served as it stands, but a reset makes one of seed %s",
            settings.data, default.seed, settings.seed,
        )  # fmt: skip
    return sandboxes
