"""What Cubicl accepts in paths, queries and bodies; everything else is a `BadRequest` (400) with a plain text.

Unknown body fields and unknown query parameters are ignored. The words of the texts are inferred, as is nearly every bound.
"""

from understudy.vendors.cubicl.schemas.clients import UNSET, ClientFields, read_client_changes, read_new_client
from understudy.vendors.cubicl.schemas.comments import Comment, read_comment, read_visibility
from understudy.vendors.cubicl.schemas.files import Place, read_new_directory, read_new_files, read_node_ids, read_place
from understudy.vendors.cubicl.schemas.queries import (
    TASK_FIELDS,
    ClientQuery,
    ProjectQuery,
    TaskQuery,
    read_client_query,
    read_project_query,
    read_task_query,
    read_user_ids,
)
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
from understudy.vendors.cubicl.schemas.webhooks import (
    CLIENT_CREATED,
    CLIENT_DELETED,
    CLIENT_EVENTS,
    TASK_ARCHIVED,
    TASK_CREATED,
    TASK_DELETED,
    TASK_EVENTS,
    TASK_POST_CREATED,
    TASK_RESTORED,
    TASK_STATE_CHANGED,
    TASK_UPDATED,
    WebhookFields,
    read_new_webhook,
    read_webhook_changes,
)

__all__ = [
    "CLIENT_CREATED",
    "CLIENT_DELETED",
    "CLIENT_EVENTS",
    "TASK_ARCHIVED",
    "TASK_CREATED",
    "TASK_DELETED",
    "TASK_EVENTS",
    "TASK_FIELDS",
    "TASK_POST_CREATED",
    "TASK_RESTORED",
    "TASK_STATE_CHANGED",
    "TASK_UPDATED",
    "UNSET",
    "Changes",
    "ClientFields",
    "ClientQuery",
    "Comment",
    "NewTask",
    "Place",
    "ProjectQuery",
    "Recurrence",
    "Steps",
    "TaskQuery",
    "WebhookFields",
    "path_id",
    "read_body",
    "read_changes",
    "read_client_changes",
    "read_client_query",
    "read_comment",
    "read_new_client",
    "read_new_directory",
    "read_new_files",
    "read_new_task",
    "read_new_webhook",
    "read_node_ids",
    "read_place",
    "read_project_query",
    "read_state",
    "read_subtask",
    "read_task_query",
    "read_user_ids",
    "read_visibility",
    "read_webhook_changes",
    "require_deadline",
    "require_fitting",
]
