"""What the control plane offers, as the code has it."""

from typing import Any, cast

from fastapi.routing import iter_route_contexts

from understudy.config import Settings
from understudy.control import control_plane
from understudy.control.description import summaries
from understudy.vendors import VENDORS


def control_app() -> Any:
    """Return the control plane of a server without sandboxes: enough to ask for its routes."""
    nothing = cast(Any, None)
    return control_plane(settings=Settings(), sandboxes=nothing, vendors=VENDORS, metrics=nothing)


def control_routes() -> list[tuple[str, str]]:
    """Return method and path of every route, such as `("GET", "/__admin/clock")`, in the order of the code."""
    return [(method, path) for method, path, _, _ in summaries(control_app())]


def undescribed_routes() -> list[str]:
    """Return the paths of routes that the description leaves out."""
    return [
        route.path or "" for route in iter_route_contexts(control_app().routes) if not getattr(route, "include_in_schema", False)
    ]
