"""GroupCamp's operations: one function each, named as its operationId in openapi/groupcamp.yaml."""

import re
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from understudy.vendors.groupcamp import rules
from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.cors import preflight_group_tasks
from understudy.vendors.groupcamp.errors import answer_text
from understudy.vendors.groupcamp.paging import cursor, next_page
from understudy.vendors.groupcamp.uuids import Kind


class TolerantRoute(APIRoute):
    """A route that takes a slash at the end of its path, too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"/?\Z")


router = APIRouter(route_class=TolerantRoute)

TASK_QUERY = {
    "state": read.one_of("open", "completed"),
    "due_begin": read.day,
    "due_end": read.day,
    "cpl_begin": read.first_instant,
    "cpl_end": read.last_instant,
    "crea_begin": read.first_instant,
    "crea_end": read.last_instant,
    "mod_begin": read.first_instant,
    "mod_end": read.last_instant,
    "cursor": cursor,
}


@router.get("/task/v1/group/{Group}/tasks", operation_id="getGroupTasks")
def get_group_tasks(call: SignedCall) -> Response:
    """List the tasks whose list belongs to a group, one page at a time."""
    group = read.path_id(call, "Group", Kind.GROUP)
    query = read.read_query(call, TASK_QUERY)
    rules.fetch_group(call, group)
    documents, last = rules.group_tasks(call, group, query)
    following = b"" if last is None else b',"next_page":' + orjson.dumps(next_page(call, last))
    return answer_text(b'{"result":[' + b",".join(documents) + b"]" + following + b"}")


# `admit` gives this answer on every path; it is registered where the contract writes it down.
router.add_api_route(
    "/task/v1/group/{Group}/tasks", preflight_group_tasks, methods=["OPTIONS"], operation_id="preflightGroupTasks"
)
