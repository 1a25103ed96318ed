"""Module `core/v1`: groups, users and companies, read and written."""

from starlette.responses import Response

from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.routes.route import module_router, result
from understudy.vendors.groupcamp.rules import groups, members, orgas, projects, users
from understudy.vendors.groupcamp.uuids import Kind

router = module_router()

GROUPS_QUERY: read.Readers = {
    "gtype": read.Several(read.one_of("project", "intranet", "extranet")),
    "name": read.text,
    "search": read.text,
    "user": read.an_id(Kind.USER),
    "category_name": read.text,
    "tag_name": read.Several(read.any_text),
    "project_type": read.one_of("internal", "customer"),
    "state": read.Several(read.one_of("all", "ok", "archi", "del", "trash")),
}
USERS_QUERY = {
    "state": read.one_of("ok", "del", "trash"),
    "user_type": read.one_of("employee", "guest"),
    "is_leader": read.kinds_of_group,
}
DONE = {"value": "ok"}


@router.get("/core/v1/groups", operation_id="getGroups")
def get_groups(call: SignedCall) -> Response:
    """List groups."""
    return result(groups.list_groups(call, read.read_query(call, GROUPS_QUERY)))


@router.post("/core/v1/group/project", operation_id="createProject")
def create_project(call: SignedCall) -> Response:
    """Create a project."""
    return result(projects.create_project(call, read.read_new_project(call)))


@router.get("/core/v1/group/{Group}", operation_id="getGroup")
def get_group(call: SignedCall) -> Response:
    """Show one group in full."""
    return result(groups.one_group(call, read.path_id(call, "Group", Kind.GROUP)))


@router.post("/core/v1/group/project/{Group}", operation_id="updateProject")
def update_project(call: SignedCall) -> Response:
    """Change a project."""
    group = read.path_id(call, "Group", Kind.GROUP)
    return result(projects.update_project(call, group, read.read_project(call)))


@router.put("/core/v1/group/{Group}/user/{User}", operation_id="addGroupUser")
def add_group_user(call: SignedCall) -> Response:
    """Make a user a member of a group."""
    members.add_member(call, read.path_id(call, "Group", Kind.GROUP), read.path_user(call))
    return result(DONE)


@router.delete("/core/v1/group/{Group}/user/{User}", operation_id="removeGroupUser")
def remove_group_user(call: SignedCall) -> Response:
    """Take a user out of a group."""
    members.remove_member(call, read.path_id(call, "Group", Kind.GROUP), read.path_user(call))
    return result(DONE)


@router.get("/core/v1/users", operation_id="getUsers")
def get_users(call: SignedCall) -> Response:
    """List users."""
    return result(users.list_users(call, read.read_query(call, USERS_QUERY)))


@router.get("/core/v1/user/{User}/teams", operation_id="getUserTeams")
def get_user_teams(call: SignedCall) -> Response:
    """List the teams of a user."""
    return result(users.teams_of_user(call, read.path_user(call)))


@router.get("/core/v1/orgas/invited", operation_id="getInvitedOrgas")
def get_invited_orgas(call: SignedCall) -> Response:
    """List the invited companies."""
    return result(orgas.invited_orgas(call))


@router.get("/core/v1/orga/{Orga}", operation_id="getOrga")
def get_orga(call: SignedCall) -> Response:
    """Show one company."""
    return result(orgas.shown_orga(orgas.fetch_orga(call, read.path_id(call, "Orga", Kind.ORGA))))


@router.post("/core/v1/orga/invited", operation_id="createInvitedOrga")
def create_invited_orga(call: SignedCall) -> Response:
    """Invite a company."""
    return result(orgas.shown_orga(orgas.create_orga(call, read.read_orga(call))))


@router.post("/core/v1/orga/invited/{Orga}", operation_id="updateInvitedOrga")
def update_invited_orga(call: SignedCall) -> Response:
    """Change an invited company."""
    orga = read.path_id(call, "Orga", Kind.ORGA)
    return result(orgas.shown_orga(orgas.update_orga(call, orga, read.read_orga(call))))
