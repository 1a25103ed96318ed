"""The saved filters of a task group."""

import orjson
from starlette.responses import Response

from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import authenticate, require_writer
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.routes.answers import bare, bare_list
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import task_filters as rules
from understudy.vendors.cotalker.rules.task_groups import fetch_task_group, task_group_document
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.task_filters import filter_changes, new_filter

router_v1 = Version1Router()


@router_v1.get("/tasks/{taskGroupId}/filter", operation_id="getTaskFilters")
@follows("cotalker.saved-filters.paths", "cotalker.saved-filters.bare")
def get_task_filters(call: CotalkerCall) -> Response:
    """List the saved filters of a task group."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.filters(call, task_group_id))


@router_v1.post("/tasks/{taskGroupId}/filter", operation_id="createTaskFilter")
@follows(
    "cotalker.saved-filters.paths",
    "cotalker.saved-filters.bare",
    "cotalker.saved-filters.defaults",
    "cotalker.envelope.created-status",
)
def create_task_filter(call: CotalkerCall) -> Response:
    """Create a saved filter."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    wishes = new_filter(read_body(call))
    return bare(rules.create_filter(call, caller, task_group_document(call, caller, task_group_id), wishes))


@router_v1.get("/tasks/{taskGroupId}/filter/{filterId}", operation_id="getTaskFilter")
@follows("cotalker.saved-filters.paths", "cotalker.saved-filters.bare")
def get_task_filter(call: CotalkerCall) -> Response:
    """Give one saved filter."""
    caller = authenticate(call)
    (task_group_id, filter_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "filterId")
    fetch_task_group(call, caller, task_group_id)
    return bare(orjson.dumps(rules.fetch_filter(call, task_group_id, filter_id)).decode())


@router_v1.patch("/tasks/{taskGroupId}/filter/{filterId}", operation_id="updateTaskFilter")
@follows("cotalker.saved-filters.paths", "cotalker.saved-filters.bare")
def update_task_filter(call: CotalkerCall) -> Response:
    """Change a saved filter."""
    caller = authenticate(call)
    require_writer(call, caller)
    (task_group_id, filter_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "filterId")
    wishes = filter_changes(read_body(call))
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.change_filter(call, task_group_id, filter_id, wishes))
