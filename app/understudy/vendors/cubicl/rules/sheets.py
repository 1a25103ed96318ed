"""A task in hand: its row and its document, which are written back together so that they never differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.errors import NotFound
from understudy.vendors.cubicl.schemas import TASK_FIELDS
from understudy.vendors.cubicl.tables import Activity, Task, TaskLink

# The list leaves out "some details" (Tasks page); which ones is inferred.
LEFT_OUT_OF_LISTS: Final = frozenset({"desc", "steps", "files", "customFields"})

# The type of completedAt is a plain number, always there; what it is before completion is inferred.
NOT_COMPLETED: Final = 0

Document = dict[str, Any]
Links = frozenset[tuple[str, str]]

FORGET_LINKS = Prepared(delete(table_of(TaskLink)).where(table_of(TaskLink).c.task == bindparam("task")))
FORGET_ACTIVITIES = Prepared(delete(table_of(Activity)).where(table_of(Activity).c.task == bindparam("task")))


@dataclass
class Sheet:
    """A task's row, its document as the API answers it, and the links that are in the tables now."""

    row: Task
    document: Document
    links: Links


def find_sheet(db: Session, task: str) -> Sheet | None:
    """Return a task, or None where there is none."""
    row = db.get(Task, task)
    if row is None:
        return None
    document = orjson.loads(row.document)
    return Sheet(row, document, _links(document))


def open_sheet(db: Session, task: str) -> Sheet:
    """Return a task; raise `NotFound`."""
    sheet = find_sheet(db, task)
    if sheet is None:
        raise NotFound
    return sheet


def new_sheet(db: Session, document: Document) -> Sheet:
    """Add a task with this document."""
    document = _in_order(document)
    row = Task(id=document["_id"], owner=document["assignedBy"], **_columns(document))
    sheet = Sheet(row, document, frozenset())
    db.add(row)
    _keep_links(db, sheet)
    return sheet


def keep_sheet(db: Session, sheet: Sheet) -> None:
    """Write a task back."""
    sheet.document = _in_order(sheet.document)
    for name, value in _columns(sheet.document).items():
        setattr(sheet.row, name, value)
    db.save(sheet.row)
    _keep_links(db, sheet)


def discard_sheet(db: Session, sheet: Sheet) -> None:
    """Delete a task with its activities."""
    db.run(FORGET_LINKS, task=sheet.row.id)
    db.run(FORGET_ACTIVITIES, task=sheet.row.id)
    db.remove(sheet.row)


def fold(text: str) -> str:
    """Return what is compared when case doesn't count; a nul character, which databases stumble over, becomes its picture."""
    return text.casefold().replace("\0", "\u2400")


def summary(document: Mapping[str, Any]) -> Document:
    """Return a document in the form of the list."""
    return {name: value for name, value in document.items() if name not in LEFT_OUT_OF_LISTS}


def _in_order(document: Document) -> Document:
    """Return a document with its properties in the order of the Tasks page."""
    return {name: document[name] for name in TASK_FIELDS if name in document}


def _columns(document: Document) -> dict[str, Any]:
    """Return whatever of a document stands in columns too."""
    return {
        "project": document["group"],
        "parent": document["parent"],
        "customer": document["customer"] and document["customer"]["_id"],
        "name_folded": fold(document["name"]),
        "rank": -float(document["priority"]),
        "priority_score": document["priorityScore"],
        "start": _float(document["start"]),
        "deadline": _float(document["deadline"]),
        "is_archived": document.get("archivedAt") is not None,
        "is_private": document["private"],
        "document": orjson.dumps(document).decode(),
        "summary": orjson.dumps(summary(document)).decode(),
    }


def _float(date: float | None) -> float | None:
    return None if date is None else float(date)


def _links(document: Document) -> Links:
    kinds = {"assignee": "assignees", "follower": "followers", "tag": "tags"}
    return frozenset((kind, other) for kind, field in kinds.items() for other in document[field])


def _keep_links(db: Session, sheet: Sheet) -> None:
    wanted = _links(sheet.document)
    if wanted == sheet.links:
        return
    db.run(FORGET_LINKS, task=sheet.row.id)
    for kind, other in sorted(wanted):
        db.add(TaskLink(other=other, kind=kind, task=sheet.row.id))
    sheet.links = wanted
