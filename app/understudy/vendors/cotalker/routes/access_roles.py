"""Access roles, version 2: administrators only."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, listed, wrapped
from understudy.vendors.cotalker.rules import access_roles as rules
from understudy.vendors.cotalker.rules.records import document_of
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.access_roles import changed_access_role, new_access_role
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.queries import NO_QUERY
from understudy.vendors.cotalker.schemas.values import ruled
from understudy.vendors.cotalker.tables import AccessRole

router = APIRouter(route_class=ExpressRoute)

ACCESS_ROLE_QUERY = {
    **NO_QUERY,
    "count": read.boolean,
    "limit": read.limit,
    "page": read.page,
    "ids": read.object_ids,
    "isActive": ruled(read.activity, "cotalker.access-roles.filters", "cotalker.lists.is-active"),
    "search": ruled(read.keywords, "cotalker.access-roles.filters", "cotalker.access-roles.search-words"),
}


@router.get("/api/v2/accessroles", operation_id="getAccessRoles")
@follows("cotalker.access-roles.list", "cotalker.envelope.older-lists")
def get_access_roles(call: CotalkerCall) -> Response:
    """List the access roles of the caller's company."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol")
    query = read.read_query(call, ACCESS_ROLE_QUERY)
    roles = filtered(of_company(caller.company), query, rules.ACCESS_ROLES)
    page = Page.of(query, default_sort="_id", by="cotalker.access-roles.order")
    return listed(call, rules.ACCESS_ROLES, roles, page, query, key="accessRoles", counters=BOTH_COUNTERS)


@router.post("/api/v2/accessroles", operation_id="createAccessRole")
@follows(
    "cotalker.access-roles.fields",
    "cotalker.access-roles.permissions-verbatim",
    "cotalker.envelope.version-2-writes",
    "cotalker.envelope.created-status",
)
def create_access_role(call: CotalkerCall) -> Response:
    """Create an access role."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol", write=True)
    read.read_query(call, NO_QUERY)
    wishes = new_access_role(read_body(call))
    return wrapped(call, f'"data":{rules.create_access_role(call, caller, wishes)}')


@router.get("/api/v2/accessroles/{accessRoleId}", operation_id="getAccessRoleById")
@follows("cotalker.access-roles.by-id", "cotalker.envelope.version-2-single")
def get_access_role_by_id(call: CotalkerCall) -> Response:
    """Give one access role, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol")
    role, _ = read.read_id_and_query(call, NO_QUERY, name="accessRoleId")
    return wrapped(call, f'"data":{document_of(call, caller, AccessRole, role)}')


@router.patch("/api/v2/accessroles/{accessRoleId}", operation_id="updateAccessRole")
@follows("cotalker.records.replaced", "cotalker.access-roles.permissions-of-user", "cotalker.envelope.version-2-writes")
def update_access_role(call: CotalkerCall) -> Response:
    """Change an access role, and with it what its users may do."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol", write=True)
    role, _ = read.read_id_and_query(call, NO_QUERY, name="accessRoleId")
    wishes = changed_access_role(read_body(call))
    return wrapped(call, f'"data":{rules.change_access_role(call, caller, role, wishes)}')
