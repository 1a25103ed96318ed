"""Cotalker's rows: what is filtered, sorted or joined on in columns, the rest of a record in its `document`.

A `document` is the JSON text of the record exactly as the API answers it. Instants are milliseconds.
"""

from understudy.core.store import table_of
from understudy.vendors.cotalker.tables.people import (
    LABELLED_TOKENS,
    AccessRole,
    ApiToken,
    Company,
    Group,
    Property,
    PropertyType,
    Reference,
    User,
    Word,
)
from understudy.vendors.cotalker.tables.tasks import (
    SLA,
    ChannelTask,
    State,
    StateChange,
    StateMachine,
    Task,
    TaskFilter,
    TaskGroup,
    TaskProperty,
    TaskUser,
)

PEOPLE = (Company, AccessRole, User, ApiToken, Group, PropertyType, Property, Word, Reference)
WORK = (TaskGroup, StateMachine, State, Task, TaskUser, TaskProperty, StateChange, TaskFilter, SLA, ChannelTask)

TABLES = [table_of(model) for model in (*PEOPLE, *WORK)]

__all__ = [
    "LABELLED_TOKENS",
    "SLA",
    "TABLES",
    "AccessRole",
    "ApiToken",
    "ChannelTask",
    "Company",
    "Group",
    "Property",
    "PropertyType",
    "Reference",
    "State",
    "StateChange",
    "StateMachine",
    "Task",
    "TaskFilter",
    "TaskGroup",
    "TaskProperty",
    "TaskUser",
    "User",
    "Word",
]
