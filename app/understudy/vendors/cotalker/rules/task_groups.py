"""Task groups: how they are listed and found, and what a new one looks like."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import FixedField, GroupTaken, NotFound
from understudy.vendors.cotalker.paging import Listing, date_clauses
from understudy.vendors.cotalker.rules.records import changed, json_text, later, record_of
from understudy.vendors.cotalker.rules.task_rights import sees_group
from understudy.vendors.cotalker.tables import Group, Task, TaskGroup

_groups, _tasks = table_of(TaskGroup).c, table_of(Task).c

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
    rules={
        "ids": "cotalker.filters.ids",
        "groupIds": "cotalker.filters.group-ids",
        "isActive": "cotalker.filters.task-groups-by-activity",
    },
)

ONE_TASK_GROUP = Prepared(
    select(_groups.id, _groups.document, _groups.is_active).where(
        _groups.id == bindparam("id"), _groups.company == bindparam("company")
    )
)
TASK_GROUP_OF_GROUP = Prepared(select(_groups.id).where(_groups.group == bindparam("group")))

ACTIVE_TASK_GROUPS = Prepared(
    select(_groups.id, _groups.document).where(_groups.company == bindparam("company"), _groups.is_active).order_by(_groups.id)
)
ANY_TASK = Prepared(select(_tasks.id).where(_tasks.task_group == bindparam("task_group")).limit(1))

WITHOUT_DEFAULT = {"initialStateMachine", "defaultFilter"}

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


def give_task_group(call: Call, caller: Caller, task_group: str) -> str:
    """Return the document of a task group, active or not; raise `NotFound` as `fetch_task_group` does."""
    row = fetch_task_group(call, caller, task_group)
    if not row["is_active"]:
        follow("cotalker.task-groups.inactive")
    document: str = row["document"]
    return document


def task_group_document(call: Call, caller: Caller, task_group: str) -> dict[str, Any]:
    """Return a task group, parsed; raise `NotFound` as `fetch_task_group` does."""
    document: dict[str, Any] = orjson.loads(fetch_task_group(call, caller, task_group)["document"])
    return document


def create_task_group(call: Call, caller: Caller, *, group: str, wishes: Mapping[str, Any]) -> str:
    """Create a task group and return its document.

    Raises `NotFound` for a group that the caller's company doesn't have and `GroupTaken` for one that has a task group already.
    """
    owner = call.db.get(Group, group)
    if owner is None or owner.company != caller.company:
        raise NotFound().by("cotalker.task-groups.unknown-group")
    if call.db.first(TASK_GROUP_OF_GROUP, group=group) is not None:
        raise GroupTaken
    created = call.now()
    follow(
        "cotalker.task-groups.fields",
        "cotalker.task-groups.order-of-keys",
        "cotalker.task-groups.collection-name",
        "cotalker.task-groups.stamps",
        "cotalker.task-groups.one-per-group",
        *(["cotalker.task-groups.defaults"] if DEFAULTS.keys() - wishes.keys() else []),
        *(["cotalker.task-groups.left-out"] if WITHOUT_DEFAULT - wishes.keys() else []),
    )
    return store_task_group(
        call.db,
        call.new_id(),
        group=owner,
        created=created,
        modified=created + SAVING_TAKES_MS,
        wishes=wishes,
    )


def change_task_group(call: Call, caller: Caller, task_group: str, wishes: Mapping[str, Any]) -> str:
    """Change a task group and return the whole of it; each field that is sent takes the place of the old one.

    Raises `NotFound`, and `FixedField` for another `levelConfig` once there are tasks.
    """
    record = record_of(call, caller, TaskGroup, task_group)
    before = orjson.loads(record.document)
    other_levels = wishes.get("levelConfig", before["levelConfig"]) != before["levelConfig"]
    if other_levels and call.db.first(ANY_TASK, task_group=task_group) is not None:
        raise FixedField("levelConfig").by("cotalker.task-groups.levels-fixed")
    follow("cotalker.task-groups.fields")
    if wishes.get("isActive") is False:
        follow("cotalker.task-groups.deactivated-workflow")
    now = later(call.now(), before["modifiedAt"])
    rules = ("cotalker.task-groups.modified", "cotalker.task-groups.version")
    document = changed(record.document, wishes, modified=now, rules=rules)
    record.is_active, record.modified_at, record.document = document["isActive"], now, json_text(document)
    call.db.save(record)
    return record.document


def seen_task_groups(call: Call, caller: Caller) -> list[str]:
    """Return the ids of the active task groups whose tasks a caller may see, if there are any that are the caller's."""
    rows = call.db.all(ACTIVE_TASK_GROUPS, company=caller.company)
    return [row["id"] for row in rows if sees_group(call, caller, orjson.loads(row["document"]))]


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
