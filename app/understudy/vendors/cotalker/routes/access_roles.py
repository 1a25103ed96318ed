"""Access roles, version 2: administrators only."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
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
from understudy.vendors.cotalker.tables import AccessRole

router = APIRouter(route_class=ExpressRoute)

# The page has neither sortBy nor orderBy; the rows come in order of creation.
ACCESS_ROLE_QUERY = {
    **NO_QUERY,
    "count": read.boolean,
    "limit": read.limit,
    "page": read.page,
    "ids": read.object_ids,
    "isActive": read.activity,
    "search": read.keywords,
}


@router.get("/api/v2/accessroles", operation_id="getAccessRoles")
def get_access_roles(call: CotalkerCall) -> Response:
    """List the access roles of the caller's company."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol")
    query = read.read_query(call, ACCESS_ROLE_QUERY)
    roles = filtered(of_company(caller.company), query, rules.ACCESS_ROLES)
    page = Page.of(query, default_sort="_id")
    return listed(call, rules.ACCESS_ROLES, roles, page, query, key="accessRoles", counters=BOTH_COUNTERS)


@router.post("/api/v2/accessroles", operation_id="createAccessRole")
def create_access_role(call: CotalkerCall) -> Response:
    """Create an access role."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol", write=True)
    read.read_query(call, NO_QUERY)
    wishes = new_access_role(read_body(call))
    return wrapped(call, f'"data":{rules.create_access_role(call, caller, wishes)}')


@router.get("/api/v2/accessroles/{accessRoleId}", operation_id="getAccessRoleById")
def get_access_role_by_id(call: CotalkerCall) -> Response:
    """Give one access role, active or not."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol")
    role, _ = read.read_id_and_query(call, NO_QUERY, name="accessRoleId")
    return wrapped(call, f'"data":{document_of(call, caller, AccessRole, role)}')


@router.patch("/api/v2/accessroles/{accessRoleId}", operation_id="updateAccessRole")
def update_access_role(call: CotalkerCall) -> Response:
    """Change an access role, and with it what its users may do."""
    caller = authenticate(call)
    require_admin(call, caller, "accesscontrol", write=True)
    role, _ = read.read_id_and_query(call, NO_QUERY, name="accessRoleId")
    wishes = changed_access_role(read_body(call))
    return wrapped(call, f'"data":{rules.change_access_role(call, caller, role, wishes)}')
