"""Cotalker's operations: one function each, named as its operationId in openapi/cotalker.yaml."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.vendors.cotalker import rules
from understudy.vendors.cotalker import schemas as read
from understudy.vendors.cotalker.auth import authenticate, is_admin_call, log_in, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall, debug_member
from understudy.vendors.cotalker.errors import JSON
from understudy.vendors.cotalker.paging import Conditions, Listing, Page, filtered
from understudy.vendors.cotalker.rules import TASK_GROUPS, TASKS

router = APIRouter(route_class=ExpressRoute)

NO_QUERY = {"debug": read.boolean}
PAGING = {
    **NO_QUERY,
    "count": read.boolean,
    "limit": read.limit,
    "page": read.page,
    "orderBy": read.one_of("asc", "desc"),
}
DATES = {
    f"{field}{operator}": read.date for field in ("createdAt", "modifiedAt") for operator in ("", "_gte", "_lte", "_gt", "_lt")
}
TASK_GROUP_QUERY = {
    **PAGING,
    **DATES,
    "groupIds": read.object_ids,
    "ids": read.object_ids,
    "isActive": read.task_group_activity,
    "sortBy": read.one_of("createdAt", "modifiedAt", "collectionName"),
}
TASK_QUERY = {**PAGING, **DATES, "isActive": read.task_activity, "sortBy": read.one_of("name")}
RELATION_QUERY = {
    **PAGING,
    "assignee": read.object_id,
    "property": read.object_id,
    "isActive": read.task_activity,
    "sortBy": read.one_of("name"),
}


@router.post("/auth/local", operation_id="login")
@router.post("/api/v3/auth/local", operation_id="loginV3")
def login(call: CotalkerCall) -> Response:
    """Give a token for an address and a password."""
    body = read.read_body(call)
    email, password = read.required_string(body, "email"), read.required_string(body, "password")
    return _json(orjson.dumps({"token": log_in(call, email=email, password=password)}).decode())


@router.get("/api/v2/task-groups", operation_id="getTaskGroups")
def get_task_groups(call: CotalkerCall) -> Response:
    """List the task groups of the caller's company, whether or not the caller sees their tasks."""
    caller = authenticate(call)
    query = read.read_query(call, TASK_GROUP_QUERY)
    page = Page.of(query, default_sort="modifiedAt")
    groups = filtered(Conditions(("company",), {"company": caller.company}), query, TASK_GROUPS)
    key = call.settings.cotalker_task_group_list_key
    return _list(call, TASK_GROUPS, groups, page, query, key=key, counters=("count", "counter"))


@router.post("/api/v2/task-groups", operation_id="createTaskGroup")
def create_task_group(call: CotalkerCall) -> Response:
    """Create a task group for a group that has none."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks", write=True)
    read.read_query(call, NO_QUERY)
    group, wishes = read.new_task_group(read.read_body(call))
    document = rules.create_task_group(call, caller, group=group, wishes=wishes)
    # The page prints the document bare; every other create of v2 wraps it, and so may the real wire.
    match call.settings.cotalker_create_envelope:
        case "data":
            return _wrapped(call, f'"data":{document}')
        case "union":
            return _wrapped(call, f'{document[1:-1]},"data":{document}')
        case _:
            return _json(document)


@router.get("/api/v2/task-groups/{taskGroupId}", operation_id="getTaskGroupById")
def get_task_group_by_id(call: CotalkerCall) -> Response:
    """Give one task group, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    task_group_id, _ = read.read_id_and_query(call, NO_QUERY)
    task_group = rules.fetch_task_group(call, caller, task_group_id)
    return _wrapped(call, f'"data":{task_group["document"]}')


@router.get("/api/v2/task-groups/{taskGroupId}/tasks", operation_id="getTasks")
@router.get("/api/v2/tasks/{taskGroupId}/task", operation_id="getTasksAlias")
def get_tasks(call: CotalkerCall) -> Response:
    """List the tasks of a group that the caller sees, or with `Admin` all of them.

    The second path is the one that the page's own sample calls.
    """
    caller = authenticate(call)
    if admin := is_admin_call(call):
        require_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, TASK_QUERY)
    task_group = rules.fetch_task_group(call, caller, task_group_id)
    tasks = rules.all_tasks(task_group) if admin else rules.visible_tasks(call, caller, task_group)
    return _list(call, TASKS, filtered(tasks, query, TASKS), Page.of(query, default_sort="_id"), query)


@router.get("/api/v2/task-groups/{taskGroupId}/tasks/relations", operation_id="getTasksByRelations")
def get_tasks_by_relations(call: CotalkerCall) -> Response:
    """List the tasks of a group that a user is assigned to, that hold a property, or both."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, RELATION_QUERY)
    tasks = rules.all_tasks(rules.fetch_task_group(call, caller, task_group_id))
    if "property" in query:
        tasks = rules.with_property(call, tasks, query["property"])
    return _list(call, TASKS, filtered(tasks, query, TASKS), Page.of(query, default_sort="_id"), query)


def _list(
    call: CotalkerCall,
    listing: Listing,
    conditions: Conditions,
    page: Page,
    query: dict[str, Any],
    *,
    key: str = "values",
    counters: tuple[str, ...] = ("count",),
) -> Response:
    """Answer with one page and, with `count=true`, the number of matches on all pages.

    The Tasks (v2) page names that number `counter` for task groups and `count` for tasks; every client reads `count`.
    """
    values = ",".join(rules.documents(call, listing, conditions, page))
    counts = ""
    if query.get("count"):
        matches = rules.count(call, listing, conditions)
        counts = "".join(f',"{counter}":{matches}' for counter in counters)
    return _wrapped(call, f'"data":{{"{key}":[{values}]{counts}}}')


def _wrapped(call: CotalkerCall, members: str) -> Response:
    """Answer with a JSON object of `members`, and `debug` when it is asked for."""
    return _json(f"{{{members}{debug_member(call)}}}")


def _json(body: str) -> Response:
    return Response(body.encode(), media_type=JSON)
