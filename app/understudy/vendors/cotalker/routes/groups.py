"""Groups: version 2, and the list of version 1."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, bare_list, listed, wrapped
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import groups as rules
from understudy.vendors.cotalker.rules.records import document_of
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.groups import changed_group, new_group
from understudy.vendors.cotalker.schemas.queries import NO_QUERY, PAGING, old_dates
from understudy.vendors.cotalker.schemas.values import one_of, ruled
from understudy.vendors.cotalker.tables import Group

router = APIRouter(route_class=ExpressRoute)
router_v1 = Version1Router()

GROUP_QUERY = {
    **PAGING,
    **old_dates(until_modified=False),
    "groupType": ruled(one_of("link", "task", "channel"), "cotalker.groups.filters", "cotalker.groups.kinds"),
    "hasCatergories": ruled(read.boolean, "cotalker.groups.filters", "cotalker.groups.links-and-categories"),
    "isActive": ruled(read.activity, "cotalker.lists.is-active"),
    "isLink": ruled(read.boolean, "cotalker.groups.filters", "cotalker.groups.links-and-categories"),
    "isTaskGroup": ruled(read.boolean, "cotalker.groups.filters", "cotalker.groups.kinds"),
    "search": ruled(read.keywords, "cotalker.lists.search"),
    "sortBy": one_of("modifiedAt", by="cotalker.lists.sort-by"),
}


@router.get("/api/v2/groups", operation_id="getGroups")
@follows("cotalker.groups.list", "cotalker.envelope.older-lists")
def get_groups(call: CotalkerCall) -> Response:
    """List the groups of the caller's company."""
    caller = authenticate(call)
    query = read.read_query(call, GROUP_QUERY)
    groups = filtered(of_company(caller.company), query, rules.GROUPS)
    if "groupType" in query:
        groups = groups.also(query["groupType"])
    if "isTaskGroup" in query:
        groups = groups.also("task" if query["isTaskGroup"] else "no_task")
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.GROUPS, groups, page, query, key="groups", counters=BOTH_COUNTERS)


@router.post("/api/v2/groups", operation_id="createGroup")
@follows(
    "cotalker.groups.defaults",
    "cotalker.groups.words",
    "cotalker.envelope.version-2-writes",
    "cotalker.envelope.created-status",
)
def create_group(call: CotalkerCall) -> Response:
    """Create a group."""
    caller = authenticate(call)
    require_admin(call, caller, "groups", write=True)
    read.read_query(call, NO_QUERY)
    wishes = new_group(read_body(call))
    return wrapped(call, f'"data":{rules.create_group(call, caller, wishes)}')


@router.get("/api/v2/groups/{groupId}", operation_id="getGroupById")
@follows("cotalker.groups.by-id", "cotalker.envelope.version-2-single")
def get_group_by_id(call: CotalkerCall) -> Response:
    """Give one group, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "groups")
    group, _ = read.read_id_and_query(call, NO_QUERY, name="groupId")
    return wrapped(call, f'"data":{document_of(call, caller, Group, group)}')


@router.patch("/api/v2/groups/{groupId}", operation_id="updateGroup")
@follows("cotalker.records.replaced", "cotalker.groups.words", "cotalker.envelope.version-2-writes")
def update_group(call: CotalkerCall) -> Response:
    """Change a group."""
    caller = authenticate(call)
    require_admin(call, caller, "groups", write=True)
    group, _ = read.read_id_and_query(call, NO_QUERY, name="groupId")
    wishes = changed_group(read_body(call))
    return wrapped(call, f'"data":{rules.change_group(call, caller, group, wishes)}')


@router_v1.get("/groups/all", operation_id="getAllGroups")
@follows("cotalker.groups.all", "cotalker.groups.all-order", "cotalker.envelope.version-1-people")
def get_all_groups(call: CotalkerCall) -> Response:
    """Give every group of the caller's company, active or not."""
    caller = authenticate(call)
    rows = call.db.all(rules.ALL_GROUPS, company=caller.company)
    return bare_list([row["document"] for row in rows])
