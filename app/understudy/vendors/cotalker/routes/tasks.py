"""The tasks of a task group, version 2."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.vendors.cotalker.auth import authenticate, is_admin_call, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered
from understudy.vendors.cotalker.routes.answers import listed
from understudy.vendors.cotalker.rules import task_groups
from understudy.vendors.cotalker.rules import tasks as rules
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.queries import DATES, PAGING
from understudy.vendors.cotalker.schemas.values import object_id, one_of

router = APIRouter(route_class=ExpressRoute)

TASK_QUERY = {**PAGING, **DATES, "isActive": read.task_activity, "sortBy": one_of("name")}
RELATION_QUERY = {
    **PAGING,
    "assignee": object_id,
    "property": object_id,
    "isActive": read.task_activity,
    "sortBy": one_of("name"),
}


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
    task_group = task_groups.fetch_task_group(call, caller, task_group_id)
    tasks = rules.all_tasks(task_group) if admin else rules.visible_tasks(call, caller, task_group)
    return listed(call, rules.TASKS, filtered(tasks, query, rules.TASKS), Page.of(query, default_sort="_id"), query)


@router.get("/api/v2/task-groups/{taskGroupId}/tasks/relations", operation_id="getTasksByRelations")
def get_tasks_by_relations(call: CotalkerCall) -> Response:
    """List the tasks of a group that a user is assigned to, that hold a property, or both."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, RELATION_QUERY)
    tasks = rules.all_tasks(task_groups.fetch_task_group(call, caller, task_group_id))
    if "property" in query:
        tasks = rules.with_property(call, tasks, query["property"])
    return listed(call, rules.TASKS, filtered(tasks, query, rules.TASKS), Page.of(query, default_sort="_id"), query)
