"""Task groups, version 1."""

import orjson
from starlette.responses import Response

from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import asks_as_admin, authenticate, require_admin, require_writer
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import bare, listed, wrapped
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import task_groups as rules
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.queries import NO_QUERY, PAGING
from understudy.vendors.cotalker.schemas.task_groups import new_task_group, task_group_changes
from understudy.vendors.cotalker.schemas.values import one_of, ruled

router_v1 = Version1Router()

TASK_GROUP_QUERY = {
    **PAGING,
    "isActive": ruled(read.activity, "cotalker.task-groups-v1.filters"),
    "sortBy": one_of("createdAt", "modifiedAt", "collectionName", by="cotalker.task-groups-v1.filters"),
}
COUNT = {"count": "cotalker.task-groups-v1.count"}


@router_v1.get("/tasks/group", operation_id="getTaskGroupsV1")
@follows("cotalker.task-groups-v1.list", "cotalker.envelope.task-groups-of-version-1", "cotalker.task-groups.fields")
def get_task_groups_v1(call: CotalkerCall) -> Response:
    """List the task groups of the caller's company."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    query = read.read_query(call, TASK_GROUP_QUERY)
    groups = filtered(of_company(caller.company), query, rules.TASK_GROUPS)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.order.task-groups-by-default")
    return listed(call, rules.TASK_GROUPS, groups, page, query, key="taskgroups", counters=COUNT)


@router_v1.post("/tasks/group", operation_id="createTaskGroupV1")
@follows(
    "cotalker.task-groups-v1.create",
    "cotalker.envelope.written-task-group-of-version-1",
    "cotalker.envelope.created-status",
)
def create_task_group_v1(call: CotalkerCall) -> Response:
    """Create a task group for a group that has none."""
    caller = authenticate(call)
    require_writer(call, caller)
    group, wishes = new_task_group(read_body(call))
    return bare(rules.create_task_group(call, caller, group=group, wishes=wishes))


@router_v1.get("/tasks/group/visibility", operation_id="getVisibleTaskGroupsV1")
@follows(
    "cotalker.task-groups-v1.visibility",
    "cotalker.task-groups-v1.visibility-bare",
    "cotalker.task-groups-v1.visibility-rule",
)
def get_visible_task_groups_v1(call: CotalkerCall) -> Response:
    """List the ids of the task groups that the caller sees."""
    caller = authenticate(call)
    return bare(orjson.dumps(rules.seen_task_groups(call, caller)).decode())


@router_v1.get("/tasks/group/{taskGroupId}", operation_id="getTaskGroupByIdV1")
@follows("cotalker.task-groups-v1.by-id", "cotalker.envelope.task-group-of-version-1", "cotalker.task-groups.fields")
def get_task_group_by_id_v1(call: CotalkerCall) -> Response:
    """Give one task group, active or not."""
    caller = authenticate(call)
    asks_as_admin(call, caller, "tasks")
    task_group_id, _ = read.read_id_and_query(call, NO_QUERY)
    return wrapped(call, f'"data":{rules.give_task_group(call, caller, task_group_id)}')


@router_v1.patch("/tasks/group/{taskGroupId}", operation_id="updateTaskGroupV1")
@follows("cotalker.task-groups-v1.change", "cotalker.envelope.written-task-group-of-version-1")
def update_task_group_v1(call: CotalkerCall) -> Response:
    """Change a task group."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks", write=True)
    task_group_id, _ = read.read_id_and_query(call, {})
    return bare(rules.change_task_group(call, caller, task_group_id, task_group_changes(read_body(call))))
