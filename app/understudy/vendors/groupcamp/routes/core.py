"""Module `core/v1`: groups, users and companies, read and written."""

from starlette.responses import Response

from understudy.core.provenance import following, follows
from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.routes.route import module_router, result
from understudy.vendors.groupcamp.rules import groups, members, orgas, projects, users
from understudy.vendors.groupcamp.uuids import Kind

router = module_router()

GROUPS_QUERY: read.Readers = {
    "gtype": read.Several(following(read.one_of("project", "intranet", "extranet"), "groupcamp.groups.gtype")),
    "name": following(read.text, "groupcamp.groups.name"),
    "search": following(read.text, "groupcamp.groups.search", "groupcamp.groups.search-in-any-case"),
    "user": following(read.an_id(Kind.USER), "groupcamp.groups.user"),
    "category_name": following(read.text, "groupcamp.groups.category-name"),
    "tag_name": read.Several(following(read.any_text, "groupcamp.groups.tag-name")),
    "project_type": following(read.one_of("internal", "customer"), "groupcamp.groups.project-type"),
    "state": read.Several(following(read.one_of("all", "ok", "archi", "del", "trash"), "groupcamp.groups.state")),
}
USERS_QUERY = {
    "state": following(read.one_of("ok", "del", "trash"), "groupcamp.users.state", "groupcamp.users.values"),
    "user_type": following(read.one_of("employee", "guest"), "groupcamp.users.user-type", "groupcamp.users.values"),
    "is_leader": following(
        read.kinds_of_group, "groupcamp.users.is-leader", "groupcamp.users.kinds-of-group", "groupcamp.users.both-leaders"
    ),
}
DONE = {"value": "ok"}
ACTION = ("groupcamp.envelope.done", "groupcamp.envelope.done-in-result")


@router.get("/core/v1/groups", operation_id="getGroups")
@follows(*wire.FORM, "groupcamp.groups.list", "groupcamp.types.simple-group", "groupcamp.envelope.unpaged")
def get_groups(call: SignedCall) -> Response:
    """List groups."""
    return result(groups.list_groups(call, read.read_query(call, GROUPS_QUERY)))


@router.post("/core/v1/group/project", operation_id="createProject")
@follows(*wire.FORM, "groupcamp.projects.create", "groupcamp.projects.fields", "groupcamp.projects.id-as-text")
def create_project(call: SignedCall) -> Response:
    """Create a project."""
    return result(projects.create_project(call, read.read_new_project(call)))


@router.get("/core/v1/group/{Group}", operation_id="getGroup")
@follows(
    *wire.FORM,
    *wire.DATES,
    *wire.TAG,
    "groupcamp.types.simple-user",
    "groupcamp.types.short-name-in-provisioning",
    "groupcamp.group.fields",
    "groupcamp.group.access",
    "groupcamp.group.users",
    "groupcamp.group.tags",
)
def get_group(call: SignedCall) -> Response:
    """Show one group in full."""
    return result(groups.one_group(call, read.path_id(call, "Group", Kind.GROUP)))


@router.post("/core/v1/group/project/{Group}", operation_id="updateProject")
@follows(*wire.FORM, "groupcamp.projects.change", "groupcamp.projects.fields")
def update_project(call: SignedCall) -> Response:
    """Change a project."""
    group = read.path_id(call, "Group", Kind.GROUP)
    return result(projects.update_project(call, group, read.read_project(call)))


@router.put("/core/v1/group/{Group}/user/{User}", operation_id="addGroupUser")
@follows("groupcamp.membership.add", *ACTION)
def add_group_user(call: SignedCall) -> Response:
    """Make a user a member of a group."""
    members.add_member(call, read.path_id(call, "Group", Kind.GROUP), read.path_user(call))
    return result(DONE)


@router.delete("/core/v1/group/{Group}/user/{User}", operation_id="removeGroupUser")
@follows("groupcamp.membership.remove", *ACTION)
def remove_group_user(call: SignedCall) -> Response:
    """Take a user out of a group."""
    members.remove_member(call, read.path_id(call, "Group", Kind.GROUP), read.path_user(call))
    return result(DONE)


@router.get("/core/v1/users", operation_id="getUsers")
@follows(
    *wire.FORM,
    "groupcamp.users.list",
    "groupcamp.types.simple-user",
    "groupcamp.types.short-name-in-provisioning",
    "groupcamp.envelope.unpaged",
)
def get_users(call: SignedCall) -> Response:
    """List users."""
    return result(users.list_users(call, read.read_query(call, USERS_QUERY)))


@router.get("/core/v1/user/{User}/teams", operation_id="getUserTeams")
@follows(*wire.FORM, "groupcamp.teams.list", "groupcamp.envelope.unpaged-teams")
def get_user_teams(call: SignedCall) -> Response:
    """List the teams of a user."""
    return result(users.teams_of_user(call, read.path_user(call)))


@router.get("/core/v1/orgas/invited", operation_id="getInvitedOrgas")
@follows(*wire.FORM, "groupcamp.orgas.invited", "groupcamp.orgas.simple-fields", "groupcamp.envelope.unpaged")
def get_invited_orgas(call: SignedCall) -> Response:
    """List the invited companies."""
    return result(orgas.invited_orgas(call))


@router.get("/core/v1/orga/{Orga}", operation_id="getOrga")
@follows(*wire.FORM, "groupcamp.orgas.read", "groupcamp.orgas.fields", "groupcamp.orgas.website")
def get_orga(call: SignedCall) -> Response:
    """Show one company."""
    return result(orgas.shown_orga(orgas.fetch_orga(call, read.path_id(call, "Orga", Kind.ORGA))))


@router.post("/core/v1/orga/invited", operation_id="createInvitedOrga")
@follows(*wire.FORM, "groupcamp.orgas.create", "groupcamp.orgas.fields", "groupcamp.orgas.website")
def create_invited_orga(call: SignedCall) -> Response:
    """Invite a company."""
    return result(orgas.shown_orga(orgas.create_orga(call, read.read_orga(call))))


@router.post("/core/v1/orga/invited/{Orga}", operation_id="updateInvitedOrga")
@follows(*wire.FORM, "groupcamp.orgas.change", "groupcamp.orgas.fields", "groupcamp.orgas.website")
def update_invited_orga(call: SignedCall) -> Response:
    """Change an invited company."""
    orga = read.path_id(call, "Orga", Kind.ORGA)
    return result(orgas.shown_orga(orgas.update_orga(call, orga, read.read_orga(call))))
