"""What Cotalker does with task groups and tasks: who sees what, and what a new task group looks like."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, or_, select

from understudy.core.clock import iso
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import GroupTaken, NotFound
from understudy.vendors.cotalker.paging import Conditions, Listing, Page, count_statement, date_clauses, page_statement
from understudy.vendors.cotalker.tables import Group, Task, TaskGroup, TaskProperty, TaskUser

_groups = table_of(TaskGroup).c
_tasks = table_of(Task).c
_members, _properties = table_of(TaskUser).c, table_of(TaskProperty).c

STATUS_FIELDS = ("status", "status1", "status2", "status3", "status4", "status5")

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

TASK_GROUPS = Listing(
    table=table_of(TaskGroup),
    clauses={
        "company": _groups.company == bindparam("company"),
        "ids": _groups.id.in_(bindparam("ids", expanding=True)),
        "groupIds": _groups.group.in_(bindparam("groupIds", expanding=True)),
        "isActive": _groups.is_active == bindparam("isActive"),
        **date_clauses("createdAt", _groups.created_at),
        **date_clauses("modifiedAt", _groups.modified_at),
    },
    sorts={
        "_id": _groups.id,
        "createdAt": _groups.created_at,
        "modifiedAt": _groups.modified_at,
        "collectionName": _groups.collection_name,
    },
)

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
        **date_clauses("createdAt", _tasks.created_at),
        **date_clauses("modifiedAt", _tasks.modified_at),
    },
    sorts={"_id": _tasks.id, "name": _tasks.name},
)

ONE_TASK_GROUP = Prepared(
    select(_groups.id, _groups.document).where(_groups.id == bindparam("id"), _groups.company == bindparam("company"))
)
TASK_GROUP_OF_GROUP = Prepared(select(_groups.id).where(_groups.group == bindparam("group")))

# What a task group has when only `group` is sent, in the order of the sample on the Tasks (v2) page.
DEFAULTS: Mapping[str, Any] = {
    "isActive": True,
    "readonly": False,
    "taskEditorPermissions": [],
    "taskFollowerPermissions": [],
    "writePermissions": [],
    "readPermissions": [],
    "flowType": "free",
    "hideClosedAfterDays": 30,
    "defaultView": "list",
    "levelConfig": [20, 20, 10],
    "availableViews": ["list"],
}

# The sample's modifiedAt is this much later than its createdAt.
SAVING_TAKES_MS = 11


def fetch_task_group(call: Call, caller: Caller, task_group: str) -> Row:
    """Return `id` and `document` of a task group; raise `NotFound` for one that the caller's company doesn't have."""
    row = call.db.first(ONE_TASK_GROUP, id=task_group, company=caller.company)
    if row is None:
        raise NotFound
    return row


def visible_tasks(call: Call, caller: Caller, task_group: Row) -> Conditions:
    """Return the conditions for the tasks of a group that a caller without `Admin` sees.

    Those whose `userList` has the caller (who must also hold one of the group's `readPermissions`, if there are any); all of
    them for a holder of one of its editor or follower permissions; and those whose status is opened to a permission of the caller
    by `taskPropertyPermissions` (task group model; the part about `readPermissions` is inferred).
    """
    tasks = Conditions(("task_group",), {"task_group": task_group["id"]})
    rights = orjson.loads(task_group["document"])
    unchecked = not call.settings.cotalker_permission_checks
    if unchecked or caller.has_any(rights["taskEditorPermissions"] + rights["taskFollowerPermissions"]):
        return tasks
    may_read = not rights["readPermissions"] or caller.has_any(rights["readPermissions"])
    permitted = [
        item["property"]
        for item in rights["taskPropertyPermissions"]
        if caller.has_any(item.get("editor", []) + item.get("follower", []))
    ]
    if may_read and permitted:
        return tasks.also("member_or_permitted", caller=caller.id, permitted=permitted)
    if may_read:
        return tasks.also("member", caller=caller.id)
    return tasks.also("permitted", permitted=permitted) if permitted else tasks.also("nothing")


def all_tasks(task_group: Row) -> Conditions:
    """Return the conditions for every task of a group."""
    return Conditions(("task_group",), {"task_group": task_group["id"]})


def with_property(call: Call, tasks: Conditions, prop: str) -> Conditions:
    """Keep the tasks that hold a property as status, status1 to status5 or smState.

    Those are the fields that the vendor's Swagger names for the older relations route; `asset` is not one, but a setting adds it.
    """
    name = "holds_property_or_asset" if call.settings.cotalker_property_matches_asset else "holds_property"
    return tasks.also(name, property=prop)


def documents(call: Call, listing: Listing, conditions: Conditions, page: Page) -> list[str]:
    """Return the documents of one page; past the end that is an empty list."""
    statement = page_statement(listing, conditions.names, page.sort, page.descending)
    rows = call.db.all(statement, **conditions.values, page_limit=page.limit, page_offset=page.offset)
    return [row["document"] for row in rows]


def count(call: Call, listing: Listing, conditions: Conditions) -> int:
    """Return how many rows match on all pages."""
    matches: int = call.db.scalar(count_statement(listing, conditions.names), **conditions.values)
    return matches


def create_task_group(call: Call, caller: Caller, *, group: str, wishes: Mapping[str, Any]) -> str:
    """Create a task group and return its document.

    Raises `NotFound` for a group that the caller's company doesn't have and `GroupTaken` for one that has a task group already.
    """
    owner = call.db.get(Group, group)
    if owner is None or owner.company != caller.company:
        raise NotFound
    if call.db.first(TASK_GROUP_OF_GROUP, group=group) is not None:
        raise GroupTaken
    created = call.now()
    return store_task_group(
        call.db,
        call.new_id(),
        group=owner,
        created=created,
        modified=created + SAVING_TAKES_MS,
        wishes=wishes,
    )


def store_task_group(
    session: Session, task_group: str, *, group: Group, created: int, modified: int, wishes: Mapping[str, Any], version: int = 0
) -> str:
    """Store the task group of a group and return its document: `wishes` and, for the rest, `DEFAULTS`."""
    document: dict[str, Any] = {
        **DEFAULTS,
        "_id": task_group,
        "group": group.id,
        "company": group.company,
        "createdAt": iso(created),
        "taskPropertyPermissions": [],
        "collectionName": group.name_code,
        **wishes,  # those that have no default come here, the others keep the place that they have above
        "modifiedAt": iso(modified),
        "__v": version,
    }
    text = orjson.dumps(document).decode()
    session.add(
        TaskGroup(
            id=task_group,
            company=group.company,
            group=group.id,
            collection_name=group.name_code,
            is_active=document["isActive"],
            created_at=created,
            modified_at=modified,
            document=text,
        )
    )
    return text
