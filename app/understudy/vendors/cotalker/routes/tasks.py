"""The tasks of a task group, version 2."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import Caller, asks_as_admin, authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Conditions, Page, filtered
from understudy.vendors.cotalker.routes.answers import listed, wrapped
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import task_groups, task_writes
from understudy.vendors.cotalker.rules import tasks as rules
from understudy.vendors.cotalker.rules.task_rights import require_sight
from understudy.vendors.cotalker.rules.task_states import STATE_CHANGES
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.queries import DATES, NO_QUERY, PAGING
from understudy.vendors.cotalker.schemas.values import object_id, one_of

router = APIRouter(route_class=ExpressRoute)
router_v1 = Version1Router()

BY_NAME = one_of("name", by="cotalker.order.tasks")
TASK_QUERY = {**PAGING, **DATES, "isActive": read.task_activity, "sortBy": BY_NAME}
RELATION_QUERY = {
    **PAGING,
    "assignee": object_id,
    "property": object_id,
    "isActive": read.task_activity,
    "sortBy": BY_NAME,
}

COUNT_OF_CHANGES = {"count": "cotalker.state-changes.further-parameters"}
STATE_CHANGE_QUERY = {name: PAGING[name] for name in ("debug", "count", "limit", "page")}


@router.get("/api/v2/task-groups/{taskGroupId}/tasks", operation_id="getTasks")
@follows(
    "cotalker.envelope.values",
    "cotalker.tasks.of-the-group",
    "cotalker.tasks.not-hidden",
    "cotalker.visibility.whole-task",
    "cotalker.task-fields.fields",
)
def get_tasks(call: CotalkerCall) -> Response:
    """List the tasks of a group that the caller sees, or with `Admin` all of them."""
    caller = authenticate(call)
    admin = asks_as_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, TASK_QUERY)
    task_group = task_groups.fetch_task_group(call, caller, task_group_id)
    tasks = rules.tasks_for(call, caller, task_group, admin=admin)
    return _listed(call, tasks, query)


@router.get("/api/v2/tasks/{taskGroupId}/task", operation_id="getTasksAlias")
@follows(
    "cotalker.tasks.sample-path",
    "cotalker.tasks.sample-path-answer",
    "cotalker.envelope.values",
    "cotalker.tasks.of-the-group",
    "cotalker.tasks.not-hidden",
    "cotalker.visibility.whole-task",
    "cotalker.task-fields.fields",
)
def get_tasks_alias(call: CotalkerCall) -> Response:
    """Do as `get_tasks` does, at the path that the page's own sample calls."""
    return get_tasks(call)


@router.get("/api/v2/task-groups/{taskGroupId}/tasks/relations", operation_id="getTasksByRelations")
@follows(
    "cotalker.envelope.relations",
    "cotalker.tasks.of-the-group",
    "cotalker.tasks.not-hidden",
    "cotalker.task-fields.fields",
)
def get_tasks_by_relations(call: CotalkerCall) -> Response:
    """List the tasks of a group that a user is assigned to, that hold a property, or both."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, RELATION_QUERY)
    tasks = rules.all_tasks(task_groups.fetch_task_group(call, caller, task_group_id))
    if "property" in query:
        tasks = rules.with_property(call, tasks, query["property"])
        if "assignee" in query:
            follow("cotalker.filters.together")
    elif "assignee" not in query:
        follow("cotalker.filters.no-relation")
    return _listed(call, tasks, query)


@router_v1.get("/tasks/relations/{taskGroupId}", operation_id="getTasksByRelationsV1")
@follows(
    "cotalker.relations-v1.older-path",
    "cotalker.relations-v1.same-answer",
    "cotalker.envelope.relations",
    "cotalker.tasks.of-the-group",
    "cotalker.task-fields.fields",
)
def get_tasks_by_relations_v1(call: CotalkerCall) -> Response:
    """Do as `get_tasks_by_relations`, at an older path."""
    return get_tasks_by_relations(call)


def _listed(call: CotalkerCall, tasks: Conditions, query: dict[str, Any]) -> Response:
    page = Page.of(query, default_sort="_id", by="cotalker.order.tasks-by-default")
    return listed(call, rules.TASKS, filtered(tasks, query, rules.TASKS), page, query)


@router.get("/api/v2/task-groups/{taskGroupId}/tasks/{taskId}", operation_id="getTaskV2")
@follows(
    "cotalker.tasks-v2.by-id",
    "cotalker.envelope.task-of-version-2",
    "cotalker.visibility.whole-task",
    "cotalker.task-fields.fields",
)
def get_task_v2(call: CotalkerCall) -> Response:
    """Give one task."""
    caller = authenticate(call)
    (task_group_id, task_id), _ = read.read_ids_and_query(call, NO_QUERY, "taskGroupId", "taskId")
    task = _seen_task(call, caller, task_group_id, task_id)
    return wrapped(call, f'"data":{orjson.dumps(task).decode()}')


@router.get("/api/v2/task-groups/{taskGroupId}/tasks/{taskId}/sm-state-changes", operation_id="getTaskStateChanges")
@follows(
    "cotalker.state-changes.list",
    "cotalker.state-changes.fields",
    "cotalker.state-changes.further-fields",
    "cotalker.envelope.values",
)
def get_task_state_changes(call: CotalkerCall) -> Response:
    """List the states that a task has been in."""
    caller = authenticate(call)
    (task_group_id, task_id), query = read.read_ids_and_query(call, STATE_CHANGE_QUERY, "taskGroupId", "taskId")
    _seen_task(call, caller, task_group_id, task_id)
    if query.keys() - {"limit"}:
        follow("cotalker.state-changes.further-parameters")
    changes = Conditions(("task",), {"task": task_id})
    page = Page.of(query, default_sort="_id", by="cotalker.state-changes.order")
    return listed(call, STATE_CHANGES, changes, page, query, counters=COUNT_OF_CHANGES)


def _seen_task(call: CotalkerCall, caller: Caller, task_group_id: str, task_id: str) -> dict[str, Any]:
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    task = task_writes.fetch_task(call, task_group, task_id)
    require_sight(call, caller, task_group, task)
    return task
