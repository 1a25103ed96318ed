"""Writes tasks so that the rows by which they are found say what the document says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from understudy.core.clock import instant_of
from understudy.core.provenance import follow
from understudy.core.store import Session
from understudy.vendors.cotalker.tables import Task, TaskProperty, TaskUser

STATUS_FIELDS = ("status", "status1", "status2", "status3", "status4", "status5")
PEOPLE_FIELDS = ("editors", "followers", "visibility")

Document = dict[str, Any]


def add_task(session: Session, document: Document) -> None:
    """Store a new task; its `userList` is computed here."""
    document["userList"] = user_list(document)
    session.add(_row(document))
    for user in document["userList"]:
        session.add(TaskUser(task=document["_id"], user=user))
    for field, element in _elements(document):
        session.add(TaskProperty(task=document["_id"], property=element, field=field))


def save_task(session: Session, before: Document, after: Document) -> None:
    """Store a changed task; its `userList` is computed here."""
    after["userList"] = user_list(after)
    task = after["_id"]
    session.save(_row(after))
    old, new = set(before["userList"]), set(after["userList"])
    for user in old - new:
        session.remove(TaskUser(task=task, user=user))
    for user in new - old:
        session.add(TaskUser(task=task, user=user))
    held, holds = set(_elements(before)), set(_elements(after))
    for field, element in held - holds:
        session.remove(TaskProperty(task=task, property=element, field=field))
    for field, element in holds - held:
        session.add(TaskProperty(task=task, property=element, field=field))


def user_list(document: Mapping[str, Any]) -> list[str]:
    """Return the members of a task in the vendor's order; who made it is not one of them."""
    follow("cotalker.task-fields.user-list")
    members = [user for field in PEOPLE_FIELDS for user in document[field]]
    return list(dict.fromkeys([*members, document["assignee"]]))


def _elements(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields = (*STATUS_FIELDS, "smState")
    return [(field, document[field]) for field in fields if document.get(field) is not None]


def _row(document: Mapping[str, Any]) -> Task:
    return Task(
        id=document["_id"],
        company=document["company"],
        task_group=document["taskGroup"],
        serial=document["serial"],
        name=document["name"],
        assignee=document["assignee"],
        asset=document.get("asset"),
        parent=document.get("parent"),
        channel=document["channel"],
        state_machine=document.get("smStateMachine"),
        is_active=document["isActive"],
        created_at=_instant(document["createdAt"]),
        modified_at=_instant(document["modifiedAt"]),
        document=orjson.dumps(document).decode(),
    )


def _instant(stamp: str) -> int:
    return instant_of(datetime.fromisoformat(stamp))
