"""How GroupCamp's paths are matched and its answers written."""

import re
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from understudy.vendors.groupcamp.errors import answer


class TolerantRoute(APIRoute):
    """A route that takes a slash at the end of its path, too, as the vendor's report client sends one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"/?\Z")


def module_router() -> APIRouter:
    """Return a router for one module of the API."""
    return APIRouter(route_class=TolerantRoute)


def result(value: Any) -> Response:
    """Answer a result that is not paged."""
    return answer({"result": value})
