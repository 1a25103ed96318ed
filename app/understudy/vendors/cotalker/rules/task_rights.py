"""What a caller may do with a task.

Members are the users of its `userList`; a member needs one of the group's `readPermissions` to read and of its `writePermissions`
to write, if there are any. Others get in through the lists of the task group.
"""

from collections.abc import Mapping
from typing import Any

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller, is_admin, require_writer
from understudy.vendors.cotalker.errors import Forbidden
from understudy.vendors.cotalker.rules.task_records import STATUS_FIELDS

Document = Mapping[str, Any]


def require_sight(call: Call, caller: Caller, task_group: Document, task: Document) -> None:
    """Refuse a task that the caller doesn't see; raise `Forbidden`.

    `Admin: true` widens what is seen for whoever has a right to it, and is ignored from anybody else: clients send it always.
    """
    if _is_unchecked(call):
        return
    if is_admin(call, caller, "tasks"):
        follow("cotalker.visibility.administrators")
    elif caller.has_any(task_group["taskEditorPermissions"] + task_group["taskFollowerPermissions"]):
        follow("cotalker.visibility.permissions-of-the-group")
    elif caller.id in task["userList"] and _may_read(caller, task_group):
        follow("cotalker.visibility.members")
    elif _is_opened(caller, task_group, task, "editor", "follower"):
        follow("cotalker.visibility.permissions-of-an-element")
    else:
        raise Forbidden().by("cotalker.visibility.unseen-task")


def require_hand(call: Call, caller: Caller, task_group: Document, task: Document) -> None:
    """Refuse a change by somebody who is neither editor nor assignee; raise `Forbidden`. Followers read only."""
    require_writer(call, caller)
    if _is_unchecked(call):
        return
    if is_admin(call, caller, "tasks", write=True):
        follow("cotalker.rights.administrators")
    elif caller.has_any(task_group["taskEditorPermissions"]):
        follow("cotalker.rights.permissions-of-the-group")
    elif _is_editor(caller, task) and _may_read(caller, task_group) and _may_write(caller, task_group):
        follow("cotalker.rights.editors" if caller.id in task["editors"] else "cotalker.rights.assignee")
    elif _is_opened(caller, task_group, task, "editor"):
        follow("cotalker.rights.permissions-of-an-element")
    else:
        raise Forbidden().by("cotalker.rights.status", _why_not(caller, task_group, task))


def require_creator(call: Call, caller: Caller, task_group: Document) -> None:
    """Refuse a new task by somebody without one of the group's `writePermissions`; raise `Forbidden`."""
    require_writer(call, caller)
    if _is_unchecked(call):
        return
    if is_admin(call, caller, "tasks", write=True):
        follow("cotalker.rights.administrators")
    elif not task_group["writePermissions"]:
        follow("cotalker.rights.no-write-permissions")
    elif caller.has_any(task_group["writePermissions"]):
        follow("cotalker.rights.create-permissions")
    else:
        raise Forbidden().by("cotalker.rights.status", "cotalker.rights.create-permissions")


def sees_group(call: Call, caller: Caller, task_group: Document) -> bool:
    """Whether a caller may see tasks of a group, if there are any that are the caller's."""
    if _is_unchecked(call) or _may_read(caller, task_group):
        return True
    lists = [task_group["taskEditorPermissions"], task_group["taskFollowerPermissions"]]
    lists += [item.get(part, []) for item in task_group["taskPropertyPermissions"] for part in ("editor", "follower")]
    return any(caller.has_any(permissions) for permissions in lists)


def _is_unchecked(call: Call) -> bool:
    if call.settings.cotalker_permission_checks:
        return False
    follow("cotalker.admin.checks-off")
    return True


def _is_editor(caller: Caller, task: Document) -> bool:
    return caller.id in task["editors"] or caller.id == task["assignee"]


def _may_read(caller: Caller, task_group: Document) -> bool:
    if not task_group["readPermissions"]:
        follow("cotalker.visibility.no-read-permissions")
        return True
    follow("cotalker.visibility.read-permissions")
    return caller.has_any(task_group["readPermissions"])


def _may_write(caller: Caller, task_group: Document) -> bool:
    if not task_group["writePermissions"]:
        follow("cotalker.rights.no-write-permissions")
        return True
    follow("cotalker.rights.write-permissions")
    return caller.has_any(task_group["writePermissions"])


def _why_not(caller: Caller, task_group: Document, task: Document) -> str:
    """Return the rule that keeps somebody from changing a task."""
    if not _is_editor(caller, task):
        return "cotalker.rights.maker" if caller.id == task["createdBy"] else "cotalker.rights.others-read-only"
    return "cotalker.rights.write-permissions" if _may_read(caller, task_group) else "cotalker.rights.reading-to-write"


def _is_opened(caller: Caller, task_group: Document, task: Document, *parts: str) -> bool:
    """Whether the element that a task holds opens it to the caller."""
    held = {task.get(field) for field in STATUS_FIELDS}
    return any(
        item["property"] in held and caller.has_any([code for part in parts for code in item.get(part, [])])
        for item in task_group["taskPropertyPermissions"]
    )
