"""Cubicl's rows: what is filtered, sorted or joined on in columns, the rest of a record in its `document`.

A `document` is the JSON text of the record exactly as the API answers it. Instants are milliseconds; those that a client sends
may be any number, so they are kept as floats beside the document, which has them as they came.

Decision: two things are kept ready although they follow from others. `Access` holds what every user may do in every project: a
level depends on all projects above and on the project's own rules, each read would have to work it out anew, and it changes only
when a project or a user is made or permissions are set. `ProjectAncestor` holds the tree with all its distances: a project
may have several parents, and portable SQL has no short way up. Both are written in `rules/projects.py` and nowhere else.
"""

from sqlalchemy import BigInteger, Index, select
from sqlmodel import Field, SQLModel

from understudy.core.store import Prepared, table_of


class User(SQLModel, table=True):
    """A member of the organisation, or a former one; `client_level` is what clients may be used for, 0 (None) to 4 (Delete)."""

    __tablename__ = "cubicl_user"

    id: str = Field(primary_key=True)
    firstname: str
    lastname: str
    email: str = Field(unique=True)
    profile: str
    job_title: str | None
    is_account_manager: bool
    client_level: int = 0
    is_removed: bool = False


class Token(SQLModel, table=True):
    """A bearer token of a user; `label` names those of the default world."""

    __tablename__ = "cubicl_token"

    token: str = Field(primary_key=True)
    user: str
    label: str | None = None


class Project(SQLModel, table=True):
    """A project (`group`); `task_states` and `perms` are JSON, or None where the defaults hold.

    `document` also tells of its parents, children and people: `rules/projects.py` writes it anew whenever those change.
    """

    __tablename__ = "cubicl_project"

    id: str = Field(primary_key=True)
    name: str
    is_private: bool
    task_states: str | None
    perms: str | None
    document: str = ""


class ProjectParent(SQLModel, table=True):
    """A project directly below another; `position` is the parent's place among the parents."""

    __tablename__ = "cubicl_project_parent"

    project: str = Field(primary_key=True)
    parent: str = Field(primary_key=True, index=True)
    position: int


class ProjectAncestor(SQLModel, table=True):
    """A project at any distance below another; every project is also below itself."""

    __tablename__ = "cubicl_project_ancestor"

    project: str = Field(primary_key=True)
    ancestor: str = Field(primary_key=True, index=True)


class ProjectUser(SQLModel, table=True):
    """An admin or member of a project: `role` is `admin` or `member`, `position` the place in the list."""

    __tablename__ = "cubicl_project_user"

    project: str = Field(primary_key=True)
    user: str = Field(primary_key=True, index=True)
    role: str = Field(primary_key=True)
    position: int


class Access(SQLModel, table=True):
    """What a user may do in a project: a level for each feature, 0 (None) to 4 (Delete); an admin may do everything."""

    __tablename__ = "cubicl_access"

    user: str = Field(primary_key=True)
    project: str = Field(primary_key=True)
    is_admin: bool
    tasks: int
    gantt: int
    files: int


class Tag(SQLModel, table=True):
    """A tag of a project's settings."""

    __tablename__ = "cubicl_tag"

    id: str = Field(primary_key=True)
    project: str
    name: str = Field(index=True)


class Workflow(SQLModel, table=True):
    """A workflow that tasks can belong to, made from a template."""

    __tablename__ = "cubicl_workflow"

    id: str = Field(primary_key=True)
    project: str
    name: str
    template: str


class Client(SQLModel, table=True):
    """A client (`customer`).

    `name_folded` begins with a space and has one between any two words, so that a word begins after each; `addresses_folded` has
    the mail addresses of the client and its contacts, a line each.
    """

    __tablename__ = "cubicl_client"

    id: str = Field(primary_key=True)
    name: str
    name_folded: str = Field(index=True)
    addresses_folded: str
    document: str


class File(SQLModel, table=True):
    """An uploaded or attached file.

    `content` is what a file of the world holds; the bytes of uploads are kept beside the database, under the file's id. Pictures
    have a `thumbnail`, the secret part of its address.
    """

    __tablename__ = "cubicl_file"

    id: str = Field(primary_key=True)
    media_type: str
    size: int = Field(sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    thumbnail: str | None = Field(unique=True)
    content: bytes | None = None
    document: str


class Download(SQLModel, table=True):
    """A link to a file's content; `expires_at` is the first instant at which it is worth nothing."""

    __tablename__ = "cubicl_download"

    token: str = Field(primary_key=True)
    file: str
    expires_at: int = Field(sa_type=BigInteger)


class FileNode(SQLModel, table=True):
    """A file or directory among the files of a project or of a client."""

    __tablename__ = "cubicl_file_node"
    __table_args__ = (
        Index("cubicl_file_node_of_project", "project", "parent"),
        Index("cubicl_file_node_of_client", "client", "parent"),
    )

    id: str = Field(primary_key=True)
    project: str | None
    client: str | None
    parent: str | None = Field(index=True)
    is_directory: bool
    created_at: int = Field(sa_type=BigInteger)
    number: int
    document: str


class PortalUser(SQLModel, table=True):
    """Somebody of a client who uses the client portal."""

    __tablename__ = "cubicl_portal_user"

    id: str = Field(primary_key=True)
    client: str | None
    document: str


class EmailUser(SQLModel, table=True):
    """The sender of an incoming mail."""

    __tablename__ = "cubicl_email_user"

    id: str = Field(primary_key=True)
    name: str
    address: str = Field(unique=True)


class Webhook(SQLModel, table=True):
    """A user's subscription to an event: of the tasks of `project`, or of clients, whatever the project."""

    __tablename__ = "cubicl_webhook"
    __table_args__ = (Index("cubicl_webhook_of_event", "type", "project"),)

    id: str = Field(primary_key=True)
    user: str = Field(index=True)
    type: str
    project: str | None
    url: str
    created_at: int = Field(sa_type=BigInteger)
    number: int
    document: str


class Storage(SQLModel, table=True):
    """The one row about the file storage, in bytes; `total_capacity` None is that of the settings."""

    __tablename__ = "cubicl_storage"

    id: int = Field(primary_key=True)
    total_capacity: int | None = Field(sa_type=BigInteger)
    total_size: int = Field(sa_type=BigInteger)


class Task(SQLModel, table=True):
    """A task.

    `summary` is the document as the list answers it. `name_folded` is what `search` looks into. `rank` is minus the priority, so
    that one rising order (rank, priority_score, id) is that of the list. `recurrence` (JSON) is set on recurrent tasks;
    `template` (JSON) is what the next copy is made from, `copy_number` counts from 1, and `due_at` is when the next copy falls
    due, if time makes it.
    """

    __tablename__ = "cubicl_task"
    __table_args__ = (
        Index("cubicl_task_of_project", "project", "is_archived", "rank", "priority_score", "id"),
        Index("cubicl_task_of_all", "is_archived", "rank", "priority_score", "id"),
        Index("cubicl_task_in_order", "rank", "priority_score", "id"),
    )

    id: str = Field(primary_key=True)
    project: str
    owner: str = Field(index=True)
    parent: str | None = Field(index=True)
    customer: str | None = Field(index=True)
    name_folded: str
    rank: float
    priority_score: int
    start: float | None
    deadline: float | None
    is_archived: bool
    is_private: bool
    in_gantt: bool = False
    recurrence: str | None = None
    template: str | None = None
    copy_number: int = 1
    due_at: int | None = Field(None, index=True, sa_type=BigInteger)
    document: str
    summary: str


class TaskLink(SQLModel, table=True):
    """Something that a task has in a list: `kind` is `assignee`, `follower` or `tag`, `other` the id in the list."""

    __tablename__ = "cubicl_task_link"

    other: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    task: str = Field(primary_key=True, index=True)


class Activity(SQLModel, table=True):
    """Something that happened to a task, comments included."""

    __tablename__ = "cubicl_activity"
    __table_args__ = (Index("cubicl_activity_of_task", "task", "created_at", "number"),)

    id: str = Field(primary_key=True)
    task: str
    type: str
    user: str
    created_at: int = Field(sa_type=BigInteger)
    number: int
    document: str


TABLES = [
    table_of(model)
    for model in (
        User, Token, Project, ProjectParent, ProjectAncestor, ProjectUser, Access, Tag, Workflow, Client, File, Download,
        FileNode, PortalUser, EmailUser, Webhook, Storage, Task, TaskLink, Activity,
    )
]  # fmt: skip

LABELLED_TOKENS = Prepared(select(table_of(Token)).where(table_of(Token).c.label.is_not(None)).order_by(table_of(Token).c.user))
