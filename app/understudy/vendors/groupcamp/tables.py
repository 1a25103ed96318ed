"""GroupCamp's rows, normalised: the wire nests a list, a group and several users in every task, the rows only refer to them.

An `id` is the number inside the object's Uuid, account and item in one (`uuids.py`). Instants are milliseconds on a whole second,
since a DateTime shows no more; days are Python's ordinals; time spent stands in both units, `d` and `s`.
"""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, select
from sqlmodel import Field, SQLModel

from understudy.core.store import Prepared, table_of

# 64 bits; in SQLite every integer has them, and only one declared so can be the table's own key.
BIG = BigInteger().with_variant(Integer(), "sqlite")


def big(**options: Any) -> Any:
    """Return a field of 64 bits: ids, instants, lengths of time."""
    return Field(sa_type=BIG, **options)


class Account(SQLModel, table=True):
    """A customer of GroupCamp; `workday` is the length in seconds of a day of its default profile."""

    __tablename__ = "groupcamp_account"

    number: int = Field(primary_key=True)
    name: str
    """The first label of the account's own host name."""
    api_enabled: bool
    workday: int
    time_unit: str
    """Unit in which time is entered, `s` or `d`."""


class ApiKey(SQLModel, table=True):
    """A key with its secret, good for one application; `label` names those of the default world."""

    __tablename__ = "groupcamp_api_key"

    key: str = Field(primary_key=True)
    secret: str
    application: str
    account: int
    label: str | None = None


class User(SQLModel, table=True):
    """A person; `workday` is the length of their day in seconds."""

    __tablename__ = "groupcamp_user"

    id: int = big(primary_key=True)
    account: int
    email: str = Field(index=True)
    name: str
    shortname: str
    utype: str
    state: str
    workday: int


class Group(SQLModel, table=True):
    """A project, an intranet or an extranet."""

    __tablename__ = "groupcamp_group"

    id: int = big(primary_key=True)
    account: int
    name: str
    gtype: str
    state: str
    has_tasks: bool
    """Whether its Tasks application is on."""


class Milestone(SQLModel, table=True):
    """A milestone of a group; `user` is in charge, if anybody is."""

    __tablename__ = "groupcamp_milestone"

    id: int = big(primary_key=True)
    group: int = big()
    name: str
    description: str
    is_private: bool
    is_open: bool
    day: int
    user: int | None = big(default=None)


class TaskList(SQLModel, table=True):
    """A list of a group's tasks; `is_closed` is kept in step with them (`documents.follow_list`)."""

    __tablename__ = "groupcamp_task_list"

    id: int = big(primary_key=True)
    group: int = big()
    milestone: int | None = big(default=None, index=True)
    name: str
    description: str
    is_private: bool
    is_closed: bool = False


class Task(SQLModel, table=True):
    """A task, open as long as `completed` is None.

    `due_day` is the due date whatever its source; that of a milestone is kept in step with it.
    `spent_d` and `spent_s` are the sums of the task's time records.
    """

    __tablename__ = "groupcamp_task"
    __table_args__ = (
        Index("groupcamp_task_in_order", "group", "created", "id"),
        Index("groupcamp_task_by_list", "list", "completed"),
    )

    id: int = big(primary_key=True)
    group: int = big()
    list: int = big()
    name: str
    description: str
    created: int = big()
    creator: int = big()
    modified: int = big()
    completed: int | None = big(default=None)
    completed_by: int | None = big(default=None)
    begin_day: int | None = None
    due_day: int | None = None
    due_with_milestone: bool
    spent_d: int = big(default=0)
    spent_s: int = big(default=0)


class TaskDocument(SQLModel, table=True):
    """A task as the API answers it, in its older and its newer generation; apart, so that filters read short rows only."""

    __tablename__ = "groupcamp_task_document"

    task: int = big(primary_key=True)
    seed: bytes
    v3: bytes


class Affect(SQLModel, table=True):
    """What a task is to one assignee, or to Nobody (`user` None); `spent_*` is the part of the task's time that is theirs."""

    __tablename__ = "groupcamp_affect"

    task: int = big(primary_key=True)
    position: int = Field(primary_key=True)
    user: int | None = big(default=None)
    progress: int
    estimate_d: int = big()
    estimate_s: int = big()
    spent_d: int = big(default=0)
    spent_s: int = big(default=0)


class Timelog(SQLModel, table=True):
    """A record of time spent by a user, or by Nobody; it outlives the task it was made on."""

    __tablename__ = "groupcamp_timelog"

    id: int = big(primary_key=True)
    group: int = big()
    task: int | None = big(default=None, index=True)
    user: int | None = big(default=None)
    name: str
    day: int
    d: int = big()
    s: int = big()
    created: int = big()
    modified: int = big()
    modification_user: int = big()


class Tag(SQLModel, table=True):
    """A tag of the account; only one that is `for_task` may be put on a task."""

    __tablename__ = "groupcamp_tag"

    id: int = big(primary_key=True)
    account: int
    name: str
    color: int
    for_group: bool
    for_task: bool
    for_file: bool


class TaskTag(SQLModel, table=True):
    """A tag on a task."""

    __tablename__ = "groupcamp_task_tag"

    task: int = big(primary_key=True)
    tag: int = big(primary_key=True)


class ForbiddenObject(SQLModel, table=True):
    """An object of any kind, by its Uuid, that is there but cannot be retrieved."""

    __tablename__ = "groupcamp_forbidden"

    id: str = Field(primary_key=True)


TABLES = [
    table_of(model)
    for model in (
        Account,
        ApiKey,
        User,
        Group,
        Milestone,
        TaskList,
        Task,
        TaskDocument,
        Affect,
        Timelog,
        Tag,
        TaskTag,
        ForbiddenObject,
    )
]

LABELLED_KEYS = Prepared(
    select(table_of(ApiKey)).where(table_of(ApiKey).c.label.is_not(None)).order_by(table_of(ApiKey).c.label.desc())
)
