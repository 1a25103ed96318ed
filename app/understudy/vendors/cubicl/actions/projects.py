"""Actions on projects and what belongs to them."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import Field
from sqlalchemy import bindparam, select

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.cubicl.rules.projects import add_project, keep_document, project_document, set_access
from understudy.vendors.cubicl.schemas.projects import PermsForm, StateForms, Strict, plain
from understudy.vendors.cubicl.tables import Project, ProjectParent, Tag, User, Workflow

_projects, _parents, _tags = table_of(Project).c, table_of(ProjectParent).c, table_of(Tag).c
ROOT = Prepared(select(_projects.id).where(_projects.id.not_in(select(_parents.project))).order_by(_projects.id))
TAG = Prepared(select(_tags.id).where(_tags.project == bindparam("project"), _tags.name == bindparam("name")))


class CreateProject(Strict):
    """A project; without parents it stands right below the root project."""

    name: str = Field(min_length=1)
    parents: list[str] | None = None
    admins: list[str] = Field(default_factory=list)
    members: list[str] = Field(default_factory=list)
    taskStates: StateForms | None = None
    perms: PermsForm | None = None
    private: bool = False


class SetPermissions(Strict):
    """A project's id and its new permissions; null takes it back to the defaults."""

    group: str
    perms: PermsForm | None


class Named(Strict):
    """A project's id and the name of something that is to belong to it."""

    group: str
    name: str = Field(min_length=1)


def create_project(sandbox: Sandbox, session: Session, wish: CreateProject) -> Mapping[str, Any]:
    """Create a project; answers it."""
    parents = wish.parents or [root_project(session)]
    for parent in parents:
        project_named(session, parent)
    require_users(session, [*wish.admins, *wish.members, *_users_of(wish.perms)])
    project = Project(
        id=sandbox.object_id(session),
        name=wish.name,
        is_private=wish.private,
        task_states=_text(wish.taskStates),
        perms=_text(wish.perms),
    )
    add_project(session, project, parents=parents, admins=wish.admins, members=wish.members)
    return project_document(session, project)


def set_permissions(sandbox: Sandbox, session: Session, wish: SetPermissions) -> Mapping[str, Any]:
    """Replace a project's permissions; answers the project."""
    project = project_named(session, wish.group)
    require_users(session, _users_of(wish.perms))
    project.perms = _text(wish.perms)
    set_access(session, project)
    return keep_document(session, project)


def create_tag(sandbox: Sandbox, session: Session, wish: Named) -> Mapping[str, Any]:
    """Create a tag in a project's settings; answers it."""
    project = project_named(session, wish.group)
    if session.first(TAG, project=project.id, name=wish.name) is not None:
        raise ActionRefused(f"name: the project has a tag {wish.name!r} already")
    tag = Tag(id=sandbox.object_id(session), project=project.id, name=wish.name)
    session.add(tag)
    return {"_id": tag.id, "name": tag.name, "group": tag.project}


def create_workflow(sandbox: Sandbox, session: Session, wish: Named) -> Mapping[str, Any]:
    """Create a workflow, with a template of its own; answers it."""
    project = project_named(session, wish.group)
    made, template = sandbox.object_id(session), sandbox.object_id(session)
    workflow = Workflow(id=made, project=project.id, name=wish.name, template=template)
    session.add(workflow)
    return {"_id": workflow.id, "name": workflow.name, "group": workflow.project, "templateId": workflow.template}


def project_named(session: Session, project: str) -> Project:
    """Return a project; raise `UnknownRecord`."""
    found = session.get(Project, project)
    if found is None:
        raise UnknownRecord(f"there is no project {project!r}")
    return found


def require_users(session: Session, users: Iterable[str]) -> None:
    """Raise `UnknownRecord` unless all are members of the organisation."""
    for user in users:
        user_named(session, user)


def user_named(session: Session, user: str) -> User:
    """Return a member of the organisation; raise `UnknownRecord`."""
    found = session.get(User, user)
    if found is None or found.is_removed:
        raise UnknownRecord(f"there is no user {user!r}")
    return found


def root_project(session: Session) -> str:
    """Return the id of the project that all others are below."""
    root: str = session.scalar(ROOT)
    return root


def _users_of(perms: PermsForm | None) -> list[str]:
    return list(perms.users or {}) if perms else []


def _text(form: Any) -> str | None:
    return None if form is None else orjson.dumps(plain(form)).decode()
