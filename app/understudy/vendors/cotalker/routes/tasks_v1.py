"""The tasks of a task group, version 1."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import Caller, asks_as_admin, authenticate, require_writer
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import MissingField
from understudy.vendors.cotalker.finding import find
from understudy.vendors.cotalker.paging import filtered
from understudy.vendors.cotalker.routes.answers import bare, bare_list
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import task_filters, task_groups, task_views, task_writes
from understudy.vendors.cotalker.rules import tasks as rules
from understudy.vendors.cotalker.rules.disturbances import found_page
from understudy.vendors.cotalker.rules.task_rights import require_sight
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.searches import project
from understudy.vendors.cotalker.schemas.task_filters import grouped_search
from understudy.vendors.cotalker.schemas.tasks import bound_tasks, new_task, task_changes, task_commands, task_search
from understudy.vendors.cotalker.schemas.values import object_id, one_of, ruled

router_v1 = Version1Router()

MY_TASKS_QUERY = {
    "limit": read.limit,
    "page": read.page,
    "search": ruled(read.parts, "cotalker.my-tasks.search", "cotalker.my-tasks.search-any"),
    "assignee": ruled(object_id, "cotalker.my-tasks.filters"),
    "status": ruled(object_id, "cotalker.my-tasks.filters"),
    "smStateMachine": ruled(object_id, "cotalker.my-tasks.filters"),
    "filter": ruled(object_id, "cotalker.my-tasks.filter"),
    "limitBy": one_of("all", "group", "none", by="cotalker.my-tasks.limit-by"),
    "modifiedAt": ruled(read.milliseconds, "cotalker.my-tasks.modified-after"),
}


@router_v1.get("/tasks/{taskGroupId}/task", operation_id="getMyTasks")
@follows("cotalker.my-tasks.scope", "cotalker.visibility.whole-task")
def get_my_tasks(call: CotalkerCall) -> Response:
    """List the active tasks that the caller sees, or with `Admin` all active ones; through a saved filter, in its groups."""
    caller = authenticate(call)
    admin = asks_as_admin(call, caller, "tasks")
    task_group_id, query = read.read_id_and_query(call, MY_TASKS_QUERY)
    task_group = task_groups.fetch_task_group(call, caller, task_group_id)
    tasks = rules.tasks_for(call, caller, task_group, admin=admin)
    wanted: dict[str, Any] = {name: query[name] for name in ("assignee", "status", "smStateMachine") if name in query}
    tasks = filtered(tasks.also("active"), wanted, rules.TASKS)
    if "modifiedAt" in query:
        tasks = tasks.also("modifiedAfter", modifiedAfter=query["modifiedAt"])
    if "filter" not in query:
        follow("cotalker.envelope.tasks-of-version-1")
        return bare_list(task_views.listed_tasks(call, tasks, query))
    view = task_filters.fetch_filter(call, task_group_id, query["filter"])
    follow("cotalker.envelope.task-views")
    if "page" in query or "limit" not in query:
        follow("cotalker.my-tasks.view-without-pages")
    return _dumped(task_views.viewed_tasks(call, tasks, query, view))


@router_v1.post("/tasks/{taskGroupId}/task/all", operation_id="searchAllTasks")
@follows("cotalker.search.all-tasks", "cotalker.search.mongo-query", "cotalker.envelope.found-tasks")
def search_all_tasks(call: CotalkerCall) -> Response:
    """List the tasks of a group that match a query, whether or not they have to do with the caller."""
    return _found(call)


@router_v1.post("/tasks/{taskGroupId}/task", operation_id="searchTasks")
@follows("cotalker.search.short-path", "cotalker.search.mongo-query", "cotalker.envelope.found-tasks")
def search_tasks(call: CotalkerCall) -> Response:
    """Do as `search_all_tasks`, at the path that the newer SDK calls."""
    return _found(call)


def _found(call: CotalkerCall) -> Response:
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    query, paging = task_search(read_body(call))
    tasks = rules.all_tasks(task_groups.fetch_task_group(call, caller, task_group_id))
    first, limit = paging.get("skip", 0), paging.get("limit") or None
    found = found_page(call, rules.FINDABLE_TASKS, tasks, query, skip=first, limit=limit)
    if len(found) > 1:
        follow("cotalker.search.order")
    if "fields" in paging:
        found = [project(text, paging["fields"]) for text in found]
    return bare_list(found)


@router_v1.post("/tasks/{taskGroupId}/task/group", operation_id="searchTasksInGroups")
@follows(
    "cotalker.search.in-groups",
    "cotalker.search.in-groups-form",
    "cotalker.search.mongo-query",
    "cotalker.envelope.grouped-search",
)
def search_tasks_in_groups(call: CotalkerCall) -> Response:
    """List the tasks of a group that match a query, put into groups."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    query, field = grouped_search(read_body(call))
    tasks = rules.all_tasks(task_groups.fetch_task_group(call, caller, task_group_id))
    found = (orjson.loads(text) for text in find(call, rules.FINDABLE_TASKS, tasks, query))
    return _dumped({"data": {"tasks": task_views.grouped(call, found, [field])}})


@router_v1.post("/tasks/{taskGroupId}/task/create", operation_id="createTask")
@follows("cotalker.envelope.created-task", "cotalker.envelope.created-status")
def create_task(call: CotalkerCall) -> Response:
    """Create a task."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {"requiredSurvey": ruled(read.boolean, "cotalker.create.required-survey")})
    wishes = new_task(read_body(call))
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    return _dumped({"task": task_writes.create_task(call, caller, task_group, wishes)})


@router_v1.post("/tasks/{taskGroupId}/task/multi", operation_id="runTaskCommands")
@follows("cotalker.multi.commands", "cotalker.envelope.commands")
def run_task_commands(call: CotalkerCall) -> Response:
    """Create and change several tasks, all of them or none."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    commands = task_commands(read_body(call))
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    return _dumped(task_writes.run_commands(call, caller, task_group, commands))


@router_v1.get("/tasks/{taskGroupId}/task/serial/{serial}", operation_id="getTaskBySerial")
@follows("cotalker.tasks-v1.by-serial", "cotalker.envelope.task", "cotalker.visibility.whole-task")
def get_task_by_serial(call: CotalkerCall) -> Response:
    """Give one task by its number within the task group."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    serial = ruled(read.serial, "cotalker.tasks-v1.serial-number")("serial", call.path_params["serial"])
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    return _seen(call, caller, task_group, rules.task_by_serial(call, task_group, serial))


@router_v1.get("/tasks/{taskGroupId}/task/{taskId}", operation_id="getTask")
@follows("cotalker.envelope.task", "cotalker.visibility.whole-task")
def get_task(call: CotalkerCall) -> Response:
    """Give one task."""
    caller = authenticate(call)
    (task_group_id, task_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "taskId")
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    return _seen(call, caller, task_group, task_writes.fetch_task(call, task_group, task_id))


@router_v1.patch("/tasks/{taskGroupId}/task/{taskId}", operation_id="updateTask")
@follows("cotalker.patch.replaces")
def update_task(call: CotalkerCall) -> Response:
    """Change a task."""
    caller = authenticate(call)
    require_writer(call, caller)
    (task_group_id, task_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "taskId")
    wishes = task_changes(read_body(call))
    task = task_writes.change_task(call, caller, task_groups.task_group_document(call, caller, task_group_id), task_id, wishes)
    if call.settings.cotalker_task_patch_envelope == "bare":
        follow("cotalker.envelope.changed-task-by-setting")
        return _dumped(task)
    follow("cotalker.envelope.changed-task")
    return _dumped({"task": task})


@router_v1.get("/tasks/{taskGroupId}/project", operation_id="getProjectTasks")
@follows("cotalker.project.path", "cotalker.project.answer")
def get_project_tasks(call: CotalkerCall) -> Response:
    """List the tasks of a group with a `projectCode`."""
    caller = authenticate(call)
    task_group_id, query = read.read_id_and_query(call, {"projectCode": object_id})
    if "projectCode" not in query:
        raise MissingField("projectCode").by("cotalker.project.code-needed")
    tasks = rules.tasks_in_sight(call, caller, task_groups.fetch_task_group(call, caller, task_group_id))
    return bare_list(find(call, rules.FINDABLE_TASKS, tasks, query))


@router_v1.post("/tasks/{taskGroupId}/bounds", operation_id="bindTasks")
@follows("cotalker.bounds.paths", "cotalker.bounds.body", "cotalker.bounds.answer", "cotalker.bounds.rights")
def bind_tasks(call: CotalkerCall) -> Response:
    """Bind tasks to a channel other than their own."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    channel, tasks = bound_tasks(read_body(call))
    task_group = task_groups.task_group_document(call, caller, task_group_id)
    task_writes.bind_tasks(call, caller, task_group, channel=channel, tasks=tasks)
    return _bound(call, caller, task_group_id, channel)


@router_v1.get("/tasks/{taskGroupId}/bounds/{channelId}", operation_id="getBoundTasks")
@follows("cotalker.bounds.paths", "cotalker.bounds.answer")
def get_bound_tasks(call: CotalkerCall) -> Response:
    """List the tasks of a group that a channel belongs to or that were bound to it."""
    caller = authenticate(call)
    (task_group_id, channel_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "channelId")
    return _bound(call, caller, task_group_id, channel_id)


def _bound(call: CotalkerCall, caller: Caller, task_group_id: str, channel: str) -> Response:
    task_group = task_groups.fetch_task_group(call, caller, task_group_id)
    tasks = rules.tasks_in_sight(call, caller, task_group).also("channel", channel=channel)
    return bare_list(find(call, rules.FINDABLE_TASKS, tasks, {}))


def _seen(call: CotalkerCall, caller: Caller, task_group: Mapping[str, Any], task: dict[str, Any]) -> Response:
    require_sight(call, caller, task_group, task)
    return _dumped(task)


def _dumped(value: Any) -> Response:
    return bare(orjson.dumps(value).decode())
