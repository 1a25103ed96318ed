"""Projects: their place in the tree, what everybody may do in them, and their task states."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, Literal, NotRequired, TypedDict

import orjson
from sqlalchemy import bindparam, delete, select

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.errors import UnknownState
from understudy.vendors.cubicl.tables import Access, Project, ProjectAncestor, ProjectParent, ProjectUser, User


class Level(IntEnum):
    """A level for one feature of a project; each includes those before it (user guide; the numbers are inferred)."""

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


# What holds where permissions are not customised (user guide; that "contribute" is Create is from an old edition of it).
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
    select(_users.user, _users.role).where(_users.project == bindparam("project")).order_by(_users.role, _users.position)
)
ADMINS_ABOVE = Prepared(
    select(_users.user).where(
        _users.role == "admin",
        _users.project == _ancestors.ancestor,
        _ancestors.project == bindparam("project"),
    )
)
EVERYBODY = Prepared(select(table_of(User).c.id))
PROJECTS = Prepared(select(table_of(Project)))
FORGET_ACCESS = Prepared(delete(table_of(Access)).where(_access.project == bindparam("project")))
STATES = Prepared(select(_projects.task_states).where(_projects.id == bindparam("project")))


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


def add_user(db: Session, user: User, *, root: str) -> None:
    """Take somebody into the organisation and its root project, which holds everybody (Projects page)."""
    db.add(user)
    position = len(db.all(PEOPLE, project=root))
    db.add(ProjectUser(project=root, user=user.id, role="member", position=position))
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
            levels = {"tasks": Level.NONE, "gantt": Level.NONE}
        default = MEMBER_DEFAULT if is_member else EVERYBODY_DEFAULT
        tasks, gantt = levels.get("tasks", default), levels.get("gantt", default)
        db.add(Access(user=user, project=project.id, is_admin=user in admins, tasks=tasks, gantt=gantt))


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
    states: Sequence[State] = orjson.loads(own) if own else DEFAULT_STATES
    return states


def state_named(states: Sequence[State], name: str) -> State:
    """Return the state of exactly this name; raise `UnknownState`."""
    for state in states:
        if state["name"] == name:
            return state
    raise UnknownState


def first_state(states: Sequence[State]) -> State:
    """Return the state of a new task: the one flagged as default, else the first (that fallback is inferred)."""
    return next((state for state in states if state.get("isDefault")), states[0])


def _levels(perms: Perms | None, user: str, *, is_member: bool) -> Levels:
    if perms is None:
        return {}
    own = perms.get("users", {}).get(user)
    if own is not None:
        return own
    return perms["members"] if is_member else perms["everybody"]
