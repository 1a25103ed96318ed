"""Task groups, their workflows and their tasks."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


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


class StateMachine(SQLModel, table=True):
    """A state machine of a task group (COTSMStateMachine); its code stays taken when it is deactivated."""

    __tablename__ = "cotalker_state_machine"
    __table_args__ = (UniqueConstraint("company", "code"),)

    id: str = Field(primary_key=True)
    company: str
    task_group: str = Field(index=True)
    code: str
    is_active: bool
    document: str


class State(SQLModel, table=True):
    """A state of a machine (COTSMState)."""

    __tablename__ = "cotalker_state"

    id: str = Field(primary_key=True)
    company: str
    task_group: str = Field(index=True)
    state_machine: str
    property: str
    document: str


class Task(SQLModel, table=True):
    """A task (COTTask); `channel` and `parent` are those of its document."""

    __tablename__ = "cotalker_task"
    __table_args__ = (
        Index("cotalker_task_by_id", "task_group", "id"),
        Index("cotalker_task_by_name", "task_group", "name", "id"),
        Index("cotalker_task_by_channel", "channel"),
        Index("cotalker_task_by_parent", "task_group", "parent"),
        UniqueConstraint("task_group", "serial"),
    )

    id: str = Field(primary_key=True)
    company: str
    task_group: str
    serial: int
    name: str
    assignee: str | None
    asset: str | None
    parent: str | None
    channel: str | None
    state_machine: str | None
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


class StateChange(SQLModel, table=True):
    """An entry in the log of a task's states; the entries of a task are numbered from 1."""

    __tablename__ = "cotalker_state_change"

    task: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    document: str


class TaskFilter(SQLModel, table=True):
    """A saved filter of a task group."""

    __tablename__ = "cotalker_task_filter"

    id: str = Field(primary_key=True)
    task_group: str = Field(index=True)
    document: str


class SLA(SQLModel, table=True):
    """A service-level agreement of a task group (COTSMSLA)."""

    __tablename__ = "cotalker_sla"
    __table_args__ = (UniqueConstraint("company", "code"),)

    id: str = Field(primary_key=True)
    company: str
    task_group: str = Field(index=True)
    state_machine: str
    code: str
    is_active: bool
    document: str


class ChannelTask(SQLModel, table=True):
    """A task that was bound to a channel other than its own."""

    __tablename__ = "cotalker_channel_task"

    channel: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
