"""Users: version 2, and what clients use of versions 1 and 3."""

from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import authenticate, require_admin
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.paging import Page, filtered, of_company
from understudy.vendors.cotalker.routes.answers import BOTH_COUNTERS, bare, found, listed, wrapped
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import users as rules
from understudy.vendors.cotalker.rules.records import document_of
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body, read_patch
from understudy.vendors.cotalker.schemas.queries import NO_QUERY, PAGING, old_dates
from understudy.vendors.cotalker.schemas.users import changed_user, new_user, patched_user, without_passwords
from understudy.vendors.cotalker.schemas.values import object_id, one_of, ruled
from understudy.vendors.cotalker.tables import User

router = APIRouter(route_class=ExpressRoute)
router_v1 = Version1Router()

USER_QUERY = {
    **PAGING,
    **old_dates(until_modified=False),
    "accessRole": object_id,
    "bot": object_id,
    "email": read.emails,
    "id": read.object_ids,
    "isActive": ruled(read.activity, "cotalker.lists.is-active"),
    "job": object_id,
    "property": object_id,
    "relatedUser": ruled(object_id, "cotalker.users.related-user"),
    "search": ruled(read.keywords, "cotalker.lists.search"),
    "sortBy": one_of("modifiedAt", by="cotalker.lists.sort-by"),
}
RELATION_QUERY = {**PAGING, "isActive": ruled(read.activity, "cotalker.lists.is-active")}


@router.get("/api/v2/users", operation_id="getUsers")
@follows("cotalker.users.list", "cotalker.envelope.older-lists")
def get_users(call: CotalkerCall) -> Response:
    """List the users of the caller's company."""
    caller = authenticate(call)
    query = read.read_query(call, USER_QUERY)
    users = filtered(of_company(caller.company), query, rules.USERS)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.USERS, users, page, query, key="users", counters=BOTH_COUNTERS)


@router.post("/api/v2/users", operation_id="createUser")
@follows(
    "cotalker.users.defaults",
    "cotalker.users.words",
    "cotalker.users.no-mail",
    "cotalker.access-roles.permissions-of-user",
    "cotalker.envelope.version-2-writes",
    "cotalker.envelope.created-status",
)
def create_user(call: CotalkerCall) -> Response:
    """Create a user; nobody is sent a mail."""
    caller = authenticate(call)
    require_admin(call, caller, "users", write=True)
    read.read_query(call, {**NO_QUERY, "notifyEmail": ruled(read.boolean, "cotalker.users.notify")})
    body = _body(call)
    email, wishes = new_user(body)
    document = rules.create_user(call, caller, email=email, password=wishes.password, wishes=wishes.fields)
    return wrapped(call, f'"data":{document}')


@router.get("/api/v2/users/me", operation_id="getMe")
@follows("cotalker.users.me", "cotalker.users.me-extras", "cotalker.envelope.version-2-single")
def get_me(call: CotalkerCall) -> Response:
    """Give the caller, with the company as an object."""
    caller = authenticate(call)
    read.read_query(call, NO_QUERY)
    return wrapped(call, f'"data":{rules.myself_in_full(call, caller)}')


@router.get("/api/v2/users/{userId}", operation_id="getUserById")
@follows("cotalker.users.by-id", "cotalker.envelope.version-2-single")
def get_user_by_id(call: CotalkerCall) -> Response:
    """Give one user, active or not."""
    caller = authenticate(call)
    user, _ = read.read_id_and_query(call, NO_QUERY, name="userId")
    return wrapped(call, f'"data":{document_of(call, caller, User, user)}')


@router.patch("/api/v2/users/{userId}", operation_id="updateUser")
@follows(
    "cotalker.records.replaced",
    "cotalker.users.words",
    "cotalker.access-roles.permissions-of-user",
    "cotalker.envelope.version-2-writes",
)
def update_user(call: CotalkerCall) -> Response:
    """Change a user."""
    caller = authenticate(call)
    require_admin(call, caller, "users", write=True)
    user, _ = read.read_id_and_query(call, NO_QUERY, name="userId")
    wishes = changed_user(_body(call))
    document = rules.change_user(call, caller, user, wishes.fields, password=wishes.password)
    return wrapped(call, f'"data":{document}')


@router.patch("/api/v2/users/jsonpatch/{userId}", operation_id="patchUser")
@follows(
    "cotalker.json-patch.route",
    "cotalker.users.words",
    "cotalker.access-roles.permissions-of-user",
    "cotalker.envelope.version-2-writes",
)
def patch_user(call: CotalkerCall) -> Response:
    """Change a user by JSON Patch."""
    caller = authenticate(call)
    require_admin(call, caller, "users", write=True)
    user, _ = read.read_id_and_query(call, NO_QUERY, name="userId")
    patch = read_patch(call)
    _hide_passwords(call, patch)
    wishes, gone = patched_user(document_of(call, caller, User, user), patch)
    document = rules.change_user(call, caller, user, wishes.fields, password=wishes.password, gone=gone)
    return wrapped(call, f'"data":{document}')


@router.get("/api/v2/users/relations/{type}/{id}", operation_id="getUsersByRelation")
@follows("cotalker.users.relations", "cotalker.users.relation-side", "cotalker.envelope.older-lists")
def get_users_by_relation(call: CotalkerCall) -> Response:
    """List the users who have a record among their bosses, peers, subordinates, any of these, properties or access roles."""
    caller = authenticate(call)
    relation = one_of(*rules.RELATIONS, by="cotalker.users.relation-type")("type", call.path_params["type"])
    record, query = read.read_id_and_query(call, RELATION_QUERY, name="id")
    users = filtered(rules.related_users(call, caller, relation, record), query, rules.USERS)
    page = Page.of(query, default_sort="modifiedAt", by="cotalker.lists.order")
    return listed(call, rules.USERS, users, page, query, key="users", counters=BOTH_COUNTERS)


@router_v1.get("/users/me", operation_id="getMeV1")
@follows("cotalker.users.me-bare", "cotalker.envelope.version-1-people")
def get_me_v1(call: CotalkerCall) -> Response:
    """Give the caller, bare."""
    return bare(rules.myself(call, authenticate(call)))


@router_v1.post("/users/find", operation_id="findUsers")
@follows("cotalker.users.find", "cotalker.envelope.version-1-people")
def find_users(call: CotalkerCall) -> Response:
    """List the users who match a query, with all of their fields."""
    caller = authenticate(call)
    if not read.read_query(call, {"allFields": read.boolean}).get("allFields"):
        follow("cotalker.users.find-all-fields")
    return found(call, rules.FINDABLE_USERS, of_company(caller.company), read_body(call))


@router.get("/api/v3/auth", operation_id="getMeV3")
@follows("cotalker.users.me-bare")
def get_me_v3(call: CotalkerCall) -> Response:
    """Give the user of the token, bare."""
    return bare(rules.myself(call, authenticate(call)))


def _body(call: CotalkerCall) -> dict[str, object]:
    """Return the body; what `debug` shows of it has no password."""
    body = read_body(call)
    _hide_passwords(call, body)
    return body


def _hide_passwords(call: CotalkerCall, body: object) -> None:
    shown = without_passwords(body)
    if shown != body:
        follow("cotalker.users.no-password")
    call.understood = {"body": shown}
