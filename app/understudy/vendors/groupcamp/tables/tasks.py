"""Tasks and what they hang on: lists, milestones, assignees, tags."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from understudy.vendors.groupcamp.tables.columns import big


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
        Index("groupcamp_task_of_all", "created", "id"),
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
    __table_args__ = (Index("groupcamp_affect_by_user", "user", "task"),)

    task: int = big(primary_key=True)
    position: int = Field(primary_key=True)
    user: int | None = big(default=None)
    progress: int
    estimate_d: int = big()
    estimate_s: int = big()
    spent_d: int = big(default=0)
    spent_s: int = big(default=0)


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
