"""Task groups, version 2."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Conditions, Page, filtered
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, bare, listed, wrapped
from understudy.vendors.cotalker.rules import task_groups as rules
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.queries import DATES, NO_QUERY, PAGING
from understudy.vendors.cotalker.schemas.task_groups import new_task_group
from understudy.vendors.cotalker.schemas.values import one_of

router = APIRouter(route_class=ExpressRoute)

TASK_GROUP_QUERY = {
    **PAGING,
    **DATES,
    "groupIds": read.object_ids,
    "ids": read.object_ids,
    "isActive": read.activity,
    "sortBy": one_of("createdAt", "modifiedAt", "collectionName", by="cotalker.order.task-groups"),
}


@router.get("/api/v2/task-groups", operation_id="getTaskGroups")
@follows("cotalker.task-groups.of-the-company", "cotalker.envelope.task-groups", "cotalker.task-groups.fields")
def get_task_groups(call: CotalkerCall) -> Response:
    """List the task groups of the caller's company, whether or not the caller sees their tasks."""
    caller = authenticate(call)
    query = read.read_query(call, TASK_GROUP_QUERY)
    if any(len(query.get(name, ())) > 1 for name in ("ids", "groupIds")):
        follow("cotalker.filters.several-ids")
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.order.task-groups-by-default")
    groups = filtered(Conditions(("company",), {"company": caller.company}), query, rules.TASK_GROUPS)
    key = call.settings.cotalker_task_group_list_key
    return listed(call, rules.TASK_GROUPS, groups, page, query, key=key, counters=BOTH_COUNTERS)


@router.post("/api/v2/task-groups", operation_id="createTaskGroup")
@follows("cotalker.envelope.created-status")
def create_task_group(call: CotalkerCall) -> Response:
    """Create a task group for a group that has none."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks", write=True)
    read.read_query(call, NO_QUERY)
    group, wishes = new_task_group(read_body(call))
    document = rules.create_task_group(call, caller, group=group, wishes=wishes)
    envelope = call.settings.cotalker_create_envelope
    if envelope == "bare":
        follow("cotalker.envelope.created-task-group")
        return bare(document)
    follow("cotalker.envelope.created-task-group-by-setting")
    return wrapped(call, f'"data":{document}' if envelope == "data" else f'{document[1:-1]},"data":{document}')


@router.get("/api/v2/task-groups/{taskGroupId}", operation_id="getTaskGroupById")
@follows("cotalker.task-groups.by-id", "cotalker.envelope.task-group", "cotalker.task-groups.fields")
def get_task_group_by_id(call: CotalkerCall) -> Response:
    """Give one task group, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "tasks")
    task_group_id, _ = read.read_id_and_query(call, NO_QUERY)
    return wrapped(call, f'"data":{rules.give_task_group(call, caller, task_group_id)}')
