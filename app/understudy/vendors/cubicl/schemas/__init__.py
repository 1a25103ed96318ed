"""What Cubicl accepts in paths, queries and bodies; everything else is a `BadRequest` (400) with a plain text.

Unknown body fields and unknown query parameters are ignored. The words of the texts are inferred, as is nearly every bound.
"""

from understudy.vendors.cubicl.schemas.comments import Comment, read_comment, read_visibility
from understudy.vendors.cubicl.schemas.queries import TASK_FIELDS, TaskQuery, read_task_query
from understudy.vendors.cubicl.schemas.recurrence import Recurrence
from understudy.vendors.cubicl.schemas.steps import Steps, require_fitting
from understudy.vendors.cubicl.schemas.tasks import (
    Changes,
    NewTask,
    read_changes,
    read_new_task,
    read_state,
    read_subtask,
    require_deadline,
)
from understudy.vendors.cubicl.schemas.values import path_id, read_body

__all__ = [
    "TASK_FIELDS",
    "Changes",
    "Comment",
    "NewTask",
    "Recurrence",
    "Steps",
    "TaskQuery",
    "path_id",
    "read_body",
    "read_changes",
    "read_comment",
    "read_new_task",
    "read_state",
    "read_subtask",
    "read_task_query",
    "read_visibility",
    "require_deadline",
    "require_fitting",
]
