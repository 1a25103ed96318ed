"""The objects that GroupCamp answers, put together from rows: few statements for many, and each nested object made once.

Three ways of saying "nothing" (types pages): the pseudo-objects Nobody and Nothing, `{"type": "empty"}` for a date, and null.
"""

from understudy.vendors.groupcamp.wire.simple import (
    DATES,
    EMPTY,
    FORM,
    TAG,
    WANTED,
    Generation,
    Wire,
    dates,
    fetch,
    simple_group,
    simple_groups,
    simple_orga,
    simple_user,
    simple_users,
    tag,
    time_categories,
)
from understudy.vendors.groupcamp.wire.work import (
    LIST_FORM,
    LISTS,
    MILESTONE_FORM,
    TASK_FORM,
    milestone,
    task_list,
    tasks,
    timelogs,
)

__all__ = [
    "DATES",
    "EMPTY",
    "FORM",
    "LISTS",
    "LIST_FORM",
    "MILESTONE_FORM",
    "TAG",
    "TASK_FORM",
    "WANTED",
    "Generation",
    "Wire",
    "dates",
    "fetch",
    "milestone",
    "simple_group",
    "simple_groups",
    "simple_orga",
    "simple_user",
    "simple_users",
    "tag",
    "task_list",
    "tasks",
    "time_categories",
    "timelogs",
]
