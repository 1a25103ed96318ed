"""New tasks."""

from understudy.core.provenance import follow
from understudy.core.store import Session
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import Impossible
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.rules.events import task_event
from understudy.vendors.cubicl.rules.hierarchy import note_projects
from understudy.vendors.cubicl.rules.projects import State, first_state, state_named, states_of
from understudy.vendors.cubicl.rules.recurring import copy_on_completion, recur
from understudy.vendors.cubicl.rules.references import (
    customer_named,
    in_workflow,
    require_assignees,
    require_assignees_of,
    require_files,
    require_tags,
    require_users,
    require_workflow,
)
from understudy.vendors.cubicl.rules.sheets import NOT_COMPLETED, Document, Sheet, find_sheet, keep_sheet, new_sheet
from understudy.vendors.cubicl.rules.standing import standing_in, standing_of
from understudy.vendors.cubicl.rules.steps import number_steps
from understudy.vendors.cubicl.schemas import TASK_CREATED, NewTask

PRIORITY = 3


def create_task(call: CubiclCall, wishes: NewTask) -> Document:
    """Create a task of the caller and return its document.

    Raises `Impossible` for an unknown project, parent or other record, `NoPermission`, and `UnknownState`.
    """
    standing = standing_in(call.db, call.caller, wishes["group"], unknown="cubicl.create.invalid-project")
    if not standing.may_create:
        raise standing.refusal("cubicl.create.level")
    parent = _parent(call, wishes.get("parent"))
    document = _document(call, wishes)
    sheet = new_sheet(call.db, document)
    if parent is not None:
        follow("cubicl.create.parent", "cubicl.task.two-views-of-a-link")
        parent.document["subtasks"] = [*parent.document["subtasks"], sheet.row.id]
        keep_sheet(call.db, parent)
        note_projects(parent, sheet)
    if wishes.get("recurrence") is not None:
        recur(call, sheet, wishes["recurrence"])
        keep_sheet(call.db, sheet)
    task_event(call, TASK_CREATED, sheet)
    if sheet.document["completedAt"] != NOT_COMPLETED:
        copy_on_completion(call, sheet)
    return sheet.document


def _parent(call: CubiclCall, parent: str | None) -> Sheet | None:
    """Return the parent; raise `Impossible` if it is unknown, archived or not for the caller."""
    if parent is None:
        return None
    sheet = find_sheet(call.db, parent)
    if sheet is None:
        raise Impossible().by("cubicl.create.invalid-parent")
    if sheet.row.is_archived:
        raise Impossible().by("cubicl.create.invalid-parent", "cubicl.create.archived-parent")
    if not standing_of(call.db, call.caller, sheet).may_see:
        raise Impossible().by("cubicl.create.invalid-parent", "cubicl.create.unseen-parent")
    return sheet


def _document(call: CubiclCall, wishes: NewTask) -> Document:
    state = _state(call.db, wishes)
    _require_records(call.db, wishes)
    now = call.now()
    assignees = wishes.get("assignees", [])
    document = {
        "_id": call.new_id(),
        "name": wishes["name"],
        "desc": wishes.get("desc", ""),
        "state": state["name"],
        "start": wishes.get("start"),
        "deadline": wishes.get("deadline"),
        "assignees": assignees,
        "assignedBy": call.caller,
        "followers": _followers(wishes, call.caller),
        "priority": wishes.get("priority", PRIORITY),
        "priorityScore": call.db.number("cubicl_priority_score"),
        "group": wishes["group"],
        "completedAt": now if state["type"] == "completed" else NOT_COMPLETED,
        "stepType": wishes.get("stepType", "none"),
        "customer": customer_named(call.db, wishes.get("customer")),
        "createdAt": now,
        "files": [{"_id": file} for file in wishes.get("files", [])],
        "tags": wishes.get("tags", []),
        "subtasks": [],
        "parent": wishes.get("parent"),
        "private": wishes.get("private", False),
    }
    return document | _optional(call, wishes)


def _state(db: Session, wishes: NewTask) -> State:
    states = states_of(db, wishes["group"])
    if "state" not in wishes:
        return first_state(states)
    state = state_named(states, wishes["state"])
    follow("cubicl.create.state")
    if state["type"] == "completed":
        follow("cubicl.create.completed")
    return state


def _followers(wishes: NewTask, owner: str) -> list[str]:
    followers = wishes.get("followers")
    if followers is not None:
        if not followers:
            follow("cubicl.create.no-followers")
        return followers
    everybody = [owner, *wishes.get("assignees", [])]
    once = list(dict.fromkeys(everybody))
    follow("cubicl.create.followers-default")
    if len(once) < len(everybody):
        follow("cubicl.create.followers-once")
    return once


def _optional(context: Context, wishes: NewTask) -> Document:
    """The properties that a task has only if they say something."""
    steps = wishes.get("steps")
    workflow = require_workflow(context.db, wishes.get("workflowId"))
    given = {
        "steps": number_steps(context, steps) if steps is not None else None,
        "workflow": in_workflow(context, workflow) if workflow else None,
        "estimatedTime": wishes.get("estimatedTime") or None,
        "customFields": wishes.get("customFields") or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _require_records(db: Session, wishes: NewTask) -> None:
    require_assignees(db, wishes.get("assignees", []))
    require_users(db, wishes.get("followers", []))
    require_assignees_of(db, wishes.get("steps"))
    require_tags(db, wishes.get("tags", []), wishes["group"])
    require_files(db, wishes.get("files", []))
    for field, rule in (("tags", "cubicl.create.tags-by-id"), ("files", "cubicl.create.files")):
        if wishes.get(field):
            follow(rule)
    require_workflow(db, wishes.get("workflowId"))
