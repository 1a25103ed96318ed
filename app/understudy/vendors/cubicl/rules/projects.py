"""Projects: their place in the tree, what everybody may do in them, and their task states."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, Literal, NotRequired, TypedDict

import orjson
from sqlalchemy import BindParameter, bindparam, delete, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import UnknownState
from understudy.vendors.cubicl.schemas import ProjectQuery
from understudy.vendors.cubicl.tables import Access, Project, ProjectAncestor, ProjectParent, ProjectUser, Token, User, Webhook


class Level(IntEnum):
    """A level for one feature of a project; each includes those before it."""

    NONE = 0
    VIEW = 1
    CREATE = 2
    EDIT = 3
    DELETE = 4


class Levels(TypedDict, total=False):
    """Levels by feature; one that is missing is as if nothing were customised."""

    tasks: int
    gantt: int
    files: int
    calendar: int


class Perms(TypedDict):
    """The customised permissions of a project."""

    members: Levels
    everybody: Levels
    users: NotRequired[Mapping[str, Levels]]


class State(TypedDict):
    """A task state of a project."""

    name: str
    type: Literal["waiting", "active", "completed", "suspended", "cancelled"]
    color: str
    textColor: str
    isDefault: NotRequired[bool]


# What holds where permissions are not customised.
MEMBER_DEFAULT: Final = Level.CREATE
EVERYBODY_DEFAULT: Final = Level.VIEW

DEFAULT_STATES: Final[Sequence[State]] = (
    {"name": "cb_waiting", "type": "waiting", "color": "#f39c12", "textColor": "#fff", "isDefault": True},
    {"name": "cb_active", "type": "active", "color": "#2ecc71", "textColor": "#fff"},
    {"name": "cb_completed", "type": "completed", "color": "#d8d8d8", "textColor": "#333"},
    {"name": "cb_suspended", "type": "suspended", "color": "#7d5fff", "textColor": "#fff"},
)

_ancestors, _users, _access = table_of(ProjectAncestor).c, table_of(ProjectUser).c, table_of(Access).c
_parents, _projects = table_of(ProjectParent).c, table_of(Project).c

ANCESTORS = Prepared(select(_ancestors.ancestor).where(_ancestors.project == bindparam("project")))
PARENTS = Prepared(select(_parents.parent).where(_parents.project == bindparam("project")).order_by(_parents.position))
CHILDREN = Prepared(select(_parents.project).where(_parents.parent == bindparam("project")).order_by(_parents.project))
PEOPLE = Prepared(
    select(_users.user, _users.role, _users.position)
    .where(_users.project == bindparam("project"))
    .order_by(_users.role, _users.position)
)
ADMINS_ABOVE = Prepared(
    select(_users.user).where(
        _users.role == "admin",
        _users.project == _ancestors.ancestor,
        _ancestors.project == bindparam("project"),
    )
)
EVERYBODY = Prepared(select(table_of(User).c.id).where(table_of(User).c.is_removed.is_(False)))
PROJECTS = Prepared(select(table_of(Project)))
PARENT_PROJECTS = Prepared(
    select(table_of(Project)).where(_projects.id == _parents.parent, _parents.project == bindparam("project"))
)
PROJECTS_OF_USER = Prepared(
    select(table_of(Project)).where(_projects.id.in_(select(_users.project).where(_users.user == bindparam("user"))))
)
FORGET_TOKENS, FORGET_WEBHOOKS, FORGET_MEMBERSHIPS, FORGET_ACCESS_OF_USER = (
    Prepared(delete(table_of(model)).where(table_of(model).c.user == bindparam("user")))
    for model in (Token, Webhook, ProjectUser, Access)
)
FORGET_ACCESS = Prepared(delete(table_of(Access)).where(_access.project == bindparam("project")))
STATES = Prepared(select(_projects.task_states).where(_projects.id == bindparam("project")))

_caller: BindParameter[str] = bindparam("caller")
_visible = (
    select(_projects.document)
    .where(
        or_(
            _projects.is_private.is_(False),
            _projects.id.in_(select(_users.project).where(_users.user == _caller)),
            _projects.id.in_(select(_access.project).where(_access.user == _caller, _access.is_admin)),
        )
    )
    .order_by(_projects.id)
)
_parent: BindParameter[str] = bindparam("parent")
VISIBLE = Prepared(_visible)
VISIBLE_ONE = Prepared(_visible.where(_projects.id == bindparam("project")))
VISIBLE_CHILDREN = Prepared(_visible.where(_projects.id.in_(select(_parents.project).where(_parents.parent == _parent))))
VISIBLE_BELOW = Prepared(
    _visible.where(_projects.id.in_(select(_ancestors.project).where(_ancestors.ancestor == _parent)), _projects.id != _parent)
)


def add_project(db: Session, project: Project, *, parents: Sequence[str], admins: Sequence[str], members: Sequence[str]) -> None:
    """Put a project into the tree, below projects that are there, and work out what everybody may do in it."""
    db.add(project)
    above = {project.id}
    for position, parent in enumerate(dict.fromkeys(parents)):
        db.add(ProjectParent(project=project.id, parent=parent, position=position))
        above.update(row["ancestor"] for row in db.all(ANCESTORS, project=parent))
    for ancestor in sorted(above):
        db.add(ProjectAncestor(project=project.id, ancestor=ancestor))
    for role, people in (("admin", admins), ("member", members)):
        for position, user in enumerate(dict.fromkeys(people)):
            db.add(ProjectUser(project=project.id, user=user, role=role, position=position))
    set_access(db, project)
    keep_document(db, project)
    for parent_project in db.records(Project, PARENT_PROJECTS, project=project.id):
        keep_document(db, parent_project)


def add_user(db: Session, user: User, *, root: str) -> None:
    """Take somebody into the organisation and its root project, which holds everybody (Projects page)."""
    db.add(user)
    position = 1 + max((row["position"] for row in db.all(PEOPLE, project=root)), default=-1)
    db.add(ProjectUser(project=root, user=user.id, role="member", position=position))
    for project in db.records(Project, PROJECTS):
        set_access(db, project)
        if project.id == root:
            keep_document(db, project)


def remove_user(db: Session, user: User) -> None:
    """Take somebody out of the organisation and all its projects; what the user has done stays."""
    user.is_removed, user.is_account_manager = True, False
    db.save(user)
    projects = db.records(Project, PROJECTS_OF_USER, user=user.id)
    for statement in (FORGET_TOKENS, FORGET_WEBHOOKS, FORGET_MEMBERSHIPS, FORGET_ACCESS_OF_USER):
        db.run(statement, user=user.id)
    for project in projects:
        keep_document(db, project)
    for project in db.records(Project, PROJECTS):
        set_access(db, project)


def set_access(db: Session, project: Project) -> None:
    """Work out anew what everybody may do in a project.

    The first that applies decides (user guide): admin here or above, own levels, member, anybody else. A private project
    is there for its admins and members only.
    """
    db.run(FORGET_ACCESS, project=project.id)
    members = {row["user"] for row in db.all(PEOPLE, project=project.id) if row["role"] == "member"}
    admins = {row["user"] for row in db.all(ADMINS_ABOVE, project=project.id)}
    perms: Perms | None = orjson.loads(project.perms) if project.perms else None
    for user in [row["id"] for row in db.all(EVERYBODY)]:
        is_member = user in members
        levels = _levels(perms, user, is_member=is_member)
        if project.is_private and not is_member:
            levels = {"tasks": Level.NONE, "gantt": Level.NONE, "files": Level.NONE}
        default = MEMBER_DEFAULT if is_member else EVERYBODY_DEFAULT
        access = Access(
            user=user,
            project=project.id,
            is_admin=user in admins,
            tasks=levels.get("tasks", default),
            gantt=levels.get("gantt", default),
            files=levels.get("files", default),
        )
        db.add(access)


def keep_document(db: Session, project: Project) -> dict[str, Any]:
    """Write a project back with its document made anew, and return the document."""
    document = project_document(db, project)
    project.document = orjson.dumps(document).decode()
    db.save(project)
    return document


def list_projects(call: CubiclCall, query: ProjectQuery) -> str:
    """Return the JSON array of the projects that are asked for and that the caller may see, by id.

    A private project is there for its members only, and for admins above, who may do everything. Below one that is unknown, or
    not for the caller, there is nothing.
    """
    follow("cubicl.projects.private")
    if query.parent is None:
        follow("cubicl.projects.list")
        rows = call.db.all(VISIBLE, caller=call.caller)
    elif call.db.first(VISIBLE_ONE, caller=call.caller, project=query.parent) is None:
        follow("cubicl.projects.unknown-parent")
        rows = []
    else:
        follow("cubicl.projects.recursive" if query.recursive else "cubicl.projects.parent")
        statement = VISIBLE_BELOW if query.recursive else VISIBLE_CHILDREN
        rows = call.db.all(statement, caller=call.caller, parent=query.parent)
    if len(rows) > 1:
        follow("cubicl.projects.order")
    return f"[{','.join(row['document'] for row in rows)}]"


def project_document(db: Session, project: Project) -> dict[str, Any]:
    """Return a project as the API would answer it (Projects page)."""
    people = db.all(PEOPLE, project=project.id)
    document: dict[str, Any] = {
        "_id": project.id,
        "name": project.name,
        "parents": [row["parent"] for row in db.all(PARENTS, project=project.id)] or None,
        "admins": [row["user"] for row in people if row["role"] == "admin"],
        "members": [row["user"] for row in people if row["role"] == "member"],
        "groups": [row["project"] for row in db.all(CHILDREN, project=project.id)],
    }
    if project.task_states:
        document["taskStates"] = orjson.loads(project.task_states)
    if project.perms:
        document["perms"] = orjson.loads(project.perms)
    return document


def states_of(db: Session, project: str) -> Sequence[State]:
    """Return the states of a project: its own, or the four that Cubicl has for all."""
    own = db.scalar(STATES, project=project)
    follow("cubicl.state.own-states" if own else "cubicl.state.default-states")
    states: Sequence[State] = orjson.loads(own) if own else DEFAULT_STATES
    return states


def state_named(states: Sequence[State], name: str) -> State:
    """Return the state of exactly this name; raise `UnknownState`."""
    for state in states:
        if state["name"] == name:
            return state
    refusal = UnknownState()
    if any(state["name"] == name for state in DEFAULT_STATES):
        raise refusal.by("cubicl.state.default-names-among-own")
    if any(state["name"].casefold() == name.casefold() for state in states):
        raise refusal.by("cubicl.state.exact-name")
    raise refusal


def first_state(states: Sequence[State]) -> State:
    """Return the state of a new task: the one flagged as default, else the first."""
    flagged = next((state for state in states if state.get("isDefault")), None)
    if flagged is None:
        follow("cubicl.create.state-default-fallback")
        return states[0]
    follow("cubicl.create.state-default")
    return flagged


def _levels(perms: Perms | None, user: str, *, is_member: bool) -> Levels:
    if perms is None:
        return {}
    own = perms.get("users", {}).get(user)
    if own is not None:
        return own
    return perms["members"] if is_member else perms["everybody"]
