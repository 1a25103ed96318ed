"""Version 1 answers under two prefixes.

Real clients write `/api/v1/tasks/…` and `/api/tasks/…` side by side for one resource, and read the same from both.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi import APIRouter

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follows, rules_at


class Version1Router(APIRouter):
    """A router whose paths stand below `/api/v1` and below `/api` alike.

    The operationId of the second one is that of the first followed by `Alias`.
    """

    def __init__(self) -> None:
        super().__init__(route_class=ExpressRoute)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route at both prefixes; `path` is what follows them, such as `/tasks/group`."""
        alias = {**options, "operation_id": f"{options['operation_id']}Alias"}
        super().add_api_route(f"/api/v1{path}", endpoint, **options)
        super().add_api_route(f"/api{path}", _without_version(endpoint), **alias)


def _without_version(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same operation, as it follows its rules at the path without a version."""

    @follows("cotalker.protocol.version-1-without-version", *rules_at(endpoint))
    @wraps(endpoint)
    def serve(*args: Any) -> Any:
        return endpoint(*args)

    return serve
