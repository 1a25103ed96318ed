"""What a caller may do with a task.

Members are the users of its `userList`; a member needs one of the group's `readPermissions` to read and of its `writePermissions`
to write, if there are any (the vendor's page speaks of associated users; the refusal is inferred). Others get in through
the lists of the task group (task group model).
"""

from collections.abc import Mapping
from typing import Any

from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller, is_admin, require_writer
from understudy.vendors.cotalker.errors import Forbidden
from understudy.vendors.cotalker.rules.task_records import STATUS_FIELDS

Document = Mapping[str, Any]


def require_sight(call: Call, caller: Caller, task_group: Document, task: Document) -> None:
    """Refuse a task that the caller doesn't see; raise `Forbidden`.

    `Admin: true` widens what is seen for whoever has a right to it, and is ignored from anybody else: clients send it always.
    """
    unchecked = not call.settings.cotalker_permission_checks or is_admin(call, caller, "tasks")
    if unchecked or caller.has_any(task_group["taskEditorPermissions"] + task_group["taskFollowerPermissions"]):
        return
    if caller.id in task["userList"] and _holds_one(caller, task_group["readPermissions"]):
        return
    if not _is_opened(caller, task_group, task, "editor", "follower"):
        raise Forbidden


def require_hand(call: Call, caller: Caller, task_group: Document, task: Document) -> None:
    """Refuse a change by somebody who is neither editor nor assignee; raise `Forbidden`. Followers read only.

    An editor who may not read may not write either, for the answer to a change is the task (inferred).
    """
    require_writer(call, caller)
    unchecked = not call.settings.cotalker_permission_checks or is_admin(call, caller, "tasks", write=True)
    if unchecked or caller.has_any(task_group["taskEditorPermissions"]):
        return
    is_editor = caller.id in task["editors"] or caller.id == task["assignee"]
    may_read, may_write = (_holds_one(caller, task_group[name]) for name in ("readPermissions", "writePermissions"))
    if is_editor and may_read and may_write:
        return
    if not _is_opened(caller, task_group, task, "editor"):
        raise Forbidden


def require_creator(call: Call, caller: Caller, task_group: Document) -> None:
    """Refuse a new task by somebody without one of the group's `writePermissions`; raise `Forbidden`."""
    require_writer(call, caller)
    unchecked = not call.settings.cotalker_permission_checks or is_admin(call, caller, "tasks", write=True)
    if not unchecked and not _holds_one(caller, task_group["writePermissions"]):
        raise Forbidden


def sees_group(call: Call, caller: Caller, task_group: Document) -> bool:
    """Whether a caller may see tasks of a group, if there are any that are the caller's."""
    if not call.settings.cotalker_permission_checks or _holds_one(caller, task_group["readPermissions"]):
        return True
    lists = [task_group["taskEditorPermissions"], task_group["taskFollowerPermissions"]]
    lists += [item.get(part, []) for item in task_group["taskPropertyPermissions"] for part in ("editor", "follower")]
    return any(caller.has_any(permissions) for permissions in lists)


def _holds_one(caller: Caller, permissions: list[str]) -> bool:
    return not permissions or caller.has_any(permissions)


def _is_opened(caller: Caller, task_group: Document, task: Document, *parts: str) -> bool:
    """Whether the element that a task holds opens it to the caller."""
    held = {task.get(field) for field in STATUS_FIELDS}
    return any(
        item["property"] in held and caller.has_any([code for part in parts for code in item.get(part, [])])
        for item in task_group["taskPropertyPermissions"]
    )
