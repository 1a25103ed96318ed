"""Which tasks there are, and who sees which of a task group."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller, is_admin
from understudy.vendors.cotalker.errors import NotFound
from understudy.vendors.cotalker.finding import Findable
from understudy.vendors.cotalker.paging import Conditions, Listing, date_clauses
from understudy.vendors.cotalker.rules.task_records import STATUS_FIELDS
from understudy.vendors.cotalker.schemas.tasks import LIST_FIELDS, SEARCHABLE
from understudy.vendors.cotalker.tables import ChannelTask, Task, TaskProperty, TaskUser

_tasks = table_of(Task).c
_members, _properties, _bound = table_of(TaskUser).c, table_of(TaskProperty).c, table_of(ChannelTask).c

_is_member = select(_members.task).where(_members.task == _tasks.id, _members.user == bindparam("caller")).exists()
_has_permitted_status = (
    select(_properties.task)
    .where(
        _properties.task == _tasks.id,
        _properties.field.in_(STATUS_FIELDS),
        _properties.property.in_(bindparam("permitted", expanding=True)),
    )
    .exists()
)
_has_property = (
    select(_properties.task).where(_properties.task == _tasks.id, _properties.property == bindparam("property")).exists()
)
_has_status = (
    select(_properties.task)
    .where(_properties.task == _tasks.id, _properties.field == "status", _properties.property == bindparam("status"))
    .exists()
)
_is_bound = select(_bound.task).where(_bound.task == _tasks.id, _bound.channel == bindparam("channel")).exists()

TASKS = Listing(
    table=table_of(Task),
    clauses={
        "task_group": _tasks.task_group == bindparam("task_group"),
        "member": _is_member,
        "permitted": _has_permitted_status,
        "member_or_permitted": or_(_is_member, _has_permitted_status),
        "nothing": _tasks.id.is_(None),
        "isActive": _tasks.is_active == bindparam("isActive"),
        "assignee": _tasks.assignee == bindparam("assignee"),
        "holds_property": _has_property,
        "holds_property_or_asset": or_(_has_property, _tasks.asset == bindparam("property")),
        "active": _tasks.is_active,
        "status": _has_status,
        "smStateMachine": _tasks.state_machine == bindparam("smStateMachine"),
        "modifiedAfter": _tasks.modified_at > bindparam("modifiedAfter"),
        "channel": or_(_tasks.channel == bindparam("channel"), _is_bound),
        **date_clauses("createdAt", _tasks.created_at),
        **date_clauses("modifiedAt", _tasks.modified_at),
    },
    sorts={"_id": _tasks.id, "name": _tasks.name},
    rules={"isActive": "cotalker.filters.tasks-by-activity", "assignee": "cotalker.filters.assignee"},
)

TASK_BY_SERIAL = Prepared(
    select(_tasks.document).where(_tasks.task_group == bindparam("task_group"), _tasks.serial == bindparam("serial"))
)

FINDABLE_TASKS = Findable(
    table=table_of(Task),
    clauses=TASKS.clauses,
    columns={
        "_id": _tasks.id,
        "name": _tasks.name,
        "assignee": _tasks.assignee,
        "asset": _tasks.asset,
        "parent": _tasks.parent,
        "channel": _tasks.channel,
        "smStateMachine": _tasks.state_machine,
    },
    checks=SEARCHABLE,
    lists=LIST_FIELDS,
)


def visible_tasks(call: Call, caller: Caller, task_group: Row) -> Conditions:
    """Return the conditions for the tasks of a group that a caller without `Admin` sees.

    Those whose `userList` has the caller (who must also hold one of the group's `readPermissions`, if there are any); all of
    them for a holder of one of its editor or follower permissions; and those whose status is opened to a permission of the caller
    by `taskPropertyPermissions`.
    """
    tasks = all_tasks(task_group)
    rights = orjson.loads(task_group["document"])
    if not call.settings.cotalker_permission_checks:
        follow("cotalker.admin.checks-off")
        return tasks
    if caller.has_any(rights["taskEditorPermissions"] + rights["taskFollowerPermissions"]):
        follow("cotalker.visibility.what-is-seen", "cotalker.visibility.permissions-of-the-group")
        return tasks
    may_read = not rights["readPermissions"] or caller.has_any(rights["readPermissions"])
    permitted = [
        item["property"]
        for item in rights["taskPropertyPermissions"]
        if caller.has_any(item.get("editor", []) + item.get("follower", []))
    ]
    follow(
        "cotalker.visibility.what-is-seen",
        "cotalker.visibility.read-permissions" if rights["readPermissions"] else "cotalker.visibility.no-read-permissions",
        *(["cotalker.visibility.members"] if may_read else []),
        *(["cotalker.visibility.permissions-of-an-element"] if permitted else []),
    )
    if may_read and permitted:
        return tasks.also("member_or_permitted", caller=caller.id, permitted=permitted)
    if may_read:
        return tasks.also("member", caller=caller.id)
    return tasks.also("permitted", permitted=permitted) if permitted else tasks.also("nothing")


def all_tasks(task_group: Row) -> Conditions:
    """Return the conditions for every task of a group."""
    return Conditions(("task_group",), {"task_group": task_group["id"]})


def tasks_for(call: Call, caller: Caller, task_group: Row, *, admin: bool) -> Conditions:
    """Return the conditions for the tasks of a group that a caller sees, or, who asks as an administrator, for all of them."""
    if not admin:
        return visible_tasks(call, caller, task_group)
    follow("cotalker.visibility.administrators", "cotalker.visibility.all-of-the-group")
    return all_tasks(task_group)


def tasks_in_sight(call: Call, caller: Caller, task_group: Row) -> Conditions:
    """Return the conditions for what a caller sees.

    `Admin: true` widens it for whoever has a right to it, and is ignored from anybody else.
    """
    return tasks_for(call, caller, task_group, admin=is_admin(call, caller, "tasks"))


def task_by_serial(call: Call, task_group: Mapping[str, Any], serial: int) -> dict[str, Any]:
    """Return a task by its number within its group; raise `NotFound`."""
    row = call.db.first(TASK_BY_SERIAL, task_group=task_group["_id"], serial=serial)
    if row is None:
        raise NotFound
    document: dict[str, Any] = orjson.loads(row["document"])
    return document


def with_property(call: Call, tasks: Conditions, prop: str) -> Conditions:
    """Keep the tasks that hold a property as status, status1 to status5 or smState, and by a setting as asset."""
    follow("cotalker.filters.property")
    if call.settings.cotalker_property_matches_asset:
        follow("cotalker.filters.property-as-asset")
        return tasks.also("holds_property_or_asset", property=prop)
    follow("cotalker.filters.fields-of-property")
    return tasks.also("holds_property", property=prop)
