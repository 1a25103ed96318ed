"""What Cubicl does: one module for each thing that can be done to a task, upon a few about what tasks are made of.

`sheets` (a task in hand), `projects` (tree, levels, states) and `standing` (who may do what) carry the others.
"""

from understudy.vendors.cubicl.rules.activities import activity_documents
from understudy.vendors.cubicl.rules.comments import change_visibility, create_comment
from understudy.vendors.cubicl.rules.creating import create_task
from understudy.vendors.cubicl.rules.deleting import delete_task
from understudy.vendors.cubicl.rules.hierarchy import add_subtask
from understudy.vendors.cubicl.rules.lists import list_tasks
from understudy.vendors.cubicl.rules.recurring import next_due, run_due
from understudy.vendors.cubicl.rules.standing import readable_document
from understudy.vendors.cubicl.rules.states import change_state
from understudy.vendors.cubicl.rules.updating import update_task

__all__ = [
    "activity_documents",
    "add_subtask",
    "change_state",
    "change_visibility",
    "create_comment",
    "create_task",
    "delete_task",
    "list_tasks",
    "next_due",
    "readable_document",
    "run_due",
    "update_task",
]
