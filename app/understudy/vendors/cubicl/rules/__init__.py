"""What Cubicl does: one module for each kind of record and each thing that can be done to a task.

`sheets` (a task in hand), `projects` (tree, levels, states) and `standing` (who may do what) carry the others.
"""

from understudy.vendors.cubicl.rules.activities import activity_documents
from understudy.vendors.cubicl.rules.clients import (
    client_document,
    create_client,
    delete_client,
    list_clients,
    update_client,
)
from understudy.vendors.cubicl.rules.comments import change_visibility, create_comment
from understudy.vendors.cubicl.rules.creating import create_task
from understudy.vendors.cubicl.rules.deleting import delete_task
from understudy.vendors.cubicl.rules.files import (
    addressed_text,
    broken_upload,
    download,
    download_link,
    require_room,
    thumbnail,
    upload_file,
)
from understudy.vendors.cubicl.rules.hierarchy import add_subtask
from understudy.vendors.cubicl.rules.lists import list_tasks
from understudy.vendors.cubicl.rules.nodes import add_directory, add_files, delete_nodes, list_nodes
from understudy.vendors.cubicl.rules.projects import list_projects
from understudy.vendors.cubicl.rules.recurring import next_due, run_due
from understudy.vendors.cubicl.rules.standing import readable_document
from understudy.vendors.cubicl.rules.states import change_state
from understudy.vendors.cubicl.rules.updating import update_task
from understudy.vendors.cubicl.rules.users import about_caller, list_members, list_users
from understudy.vendors.cubicl.rules.webhooks import create_webhook, delete_webhook, list_webhooks, update_webhook

__all__ = [
    "about_caller",
    "activity_documents",
    "add_directory",
    "add_files",
    "add_subtask",
    "addressed_text",
    "broken_upload",
    "change_state",
    "change_visibility",
    "client_document",
    "create_client",
    "create_comment",
    "create_task",
    "create_webhook",
    "delete_client",
    "delete_nodes",
    "delete_task",
    "delete_webhook",
    "download",
    "download_link",
    "list_clients",
    "list_members",
    "list_nodes",
    "list_projects",
    "list_tasks",
    "list_users",
    "list_webhooks",
    "next_due",
    "readable_document",
    "require_room",
    "run_due",
    "thumbnail",
    "update_client",
    "update_task",
    "update_webhook",
    "upload_file",
]
