"""Cotalker's rows: what is filtered, sorted or joined on in columns, the rest of a record in its `document`.

A `document` is the JSON text of the record exactly as the API answers it. Instants are milliseconds.
"""

from sqlalchemy import Index, UniqueConstraint, select
from sqlmodel import Field, SQLModel

from understudy.core.store import Prepared, table_of


class Company(SQLModel, table=True):
    """A tenant; everything else belongs to one."""

    __tablename__ = "cotalker_company"

    id: str = Field(primary_key=True)
    document: str


class AccessRole(SQLModel, table=True):
    """A named set of permissions."""

    __tablename__ = "cotalker_access_role"

    id: str = Field(primary_key=True)
    company: str
    document: str


class User(SQLModel, table=True):
    """A person or bot; `permissions` is the JSON list of the union over the access roles."""

    __tablename__ = "cotalker_user"

    id: str = Field(primary_key=True)
    company: str
    email: str = Field(unique=True)
    password: str
    is_active: bool
    is_read_only: bool
    permissions: str
    document: str


class ApiToken(SQLModel, table=True):
    """A permanent token; `label` names those of the default world."""

    __tablename__ = "cotalker_api_token"

    token: str = Field(primary_key=True)
    user: str
    label: str | None = None


class Group(SQLModel, table=True):
    """A workflow group (COTGroup)."""

    __tablename__ = "cotalker_group"
    __table_args__ = (UniqueConstraint("company", "name_code"),)

    id: str = Field(primary_key=True)
    company: str
    name_code: str
    document: str


class TaskGroup(SQLModel, table=True):
    """A task group (COTTaskGroup)."""

    __tablename__ = "cotalker_task_group"

    id: str = Field(primary_key=True)
    company: str = Field(index=True)
    group: str = Field(unique=True)
    collection_name: str
    is_active: bool
    created_at: int
    modified_at: int
    document: str


class Property(SQLModel, table=True):
    """An element of a collection (COTProperty), such as a state's name or an asset."""

    __tablename__ = "cotalker_property"

    id: str = Field(primary_key=True)
    company: str
    document: str


class StateMachine(SQLModel, table=True):
    """A state machine of a task group (COTSMStateMachine)."""

    __tablename__ = "cotalker_state_machine"

    id: str = Field(primary_key=True)
    task_group: str = Field(index=True)
    document: str


class State(SQLModel, table=True):
    """A state of a machine (COTSMState)."""

    __tablename__ = "cotalker_state"

    id: str = Field(primary_key=True)
    task_group: str = Field(index=True)
    state_machine: str
    property: str
    document: str


class Task(SQLModel, table=True):
    """A task (COTTask)."""

    __tablename__ = "cotalker_task"
    __table_args__ = (
        Index("cotalker_task_by_id", "task_group", "id"),
        Index("cotalker_task_by_name", "task_group", "name", "id"),
        UniqueConstraint("task_group", "serial"),
    )

    id: str = Field(primary_key=True)
    company: str
    task_group: str
    serial: int
    name: str
    assignee: str | None
    asset: str | None
    is_active: bool
    created_at: int
    modified_at: int
    document: str


class TaskUser(SQLModel, table=True):
    """A member of a task's `userList`."""

    __tablename__ = "cotalker_task_user"

    user: str = Field(primary_key=True)
    task: str = Field(primary_key=True)


class TaskProperty(SQLModel, table=True):
    """A property (or state) that a task holds in `field`: status, status1 to status5 or smState."""

    __tablename__ = "cotalker_task_property"

    property: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    field: str = Field(primary_key=True)


TABLES = [
    table_of(model)
    for model in (
        Company, AccessRole, User, ApiToken, Group, TaskGroup, Property, StateMachine, State, Task, TaskUser, TaskProperty,
    )
]  # fmt: skip

LABELLED_TOKENS = Prepared(
    select(table_of(ApiToken)).where(table_of(ApiToken).c.label.is_not(None)).order_by(table_of(ApiToken).c.label)
)
