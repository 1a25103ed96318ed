"""Saved filters of a task group.

Only their paths, and that they group and order a list of tasks, are known of the vendor's; the fields are ours.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import NotFound
from understudy.vendors.cotalker.finding import matcher
from understudy.vendors.cotalker.rules.records import changed, json_text
from understudy.vendors.cotalker.rules.tasks import FINDABLE_TASKS
from understudy.vendors.cotalker.tables import TaskFilter

_filters = table_of(TaskFilter).c

TASK_FILTERS = Prepared(select(_filters.document).where(_filters.task_group == bindparam("task_group")).order_by(_filters.id))
ONE_FILTER = Prepared(
    select(_filters.document).where(_filters.id == bindparam("id"), _filters.task_group == bindparam("task_group"))
)


def filters(call: Call, task_group: str) -> list[str]:
    """Return the saved filters of a task group, as JSON texts."""
    return [row["document"] for row in call.db.all(TASK_FILTERS, task_group=task_group)]


def fetch_filter(call: Call, task_group: str, task_filter: str) -> dict[str, Any]:
    """Return a saved filter of a task group; raise `NotFound`."""
    row = call.db.first(ONE_FILTER, id=task_filter, task_group=task_group)
    if row is None:
        raise NotFound().by("cotalker.workflows.other-group")
    document: dict[str, Any] = orjson.loads(row["document"])
    return document


def create_filter(call: Call, caller: Caller, task_group: Mapping[str, Any], wishes: Mapping[str, Any]) -> str:
    """Create a filter and return its document; raise `InvalidValue` for a query that can't be understood."""
    _check_query(wishes)
    return store_filter(call.db, call.new_id(), task_group=task_group, user=caller.id, created=call.now(), wishes=wishes)


def store_filter(
    session: Session, task_filter: str, *, task_group: Mapping[str, Any], user: str, created: int, wishes: Mapping[str, Any]
) -> str:
    """Store a new filter and return its document."""
    document = {
        "isActive": True,
        "query": {},
        "groupBy": [],
        "sortBy": "_id",
        "orderBy": "asc",
        "_id": task_filter,
        **wishes,
        "company": task_group["company"],
        "taskGroup": task_group["_id"],
        "createdBy": user,
        "createdAt": iso(created),
        "modifiedAt": iso(created),
        "__v": 0,
    }
    session.add(TaskFilter(id=task_filter, task_group=task_group["_id"], document=json_text(document)))
    return json_text(document)


def change_filter(call: Call, task_group: str, task_filter: str, wishes: Mapping[str, Any]) -> str:
    """Change a saved filter and return the whole of it; raise `NotFound`, and `InvalidValue` as for a new one."""
    _check_query(wishes)
    document = changed(json_text(fetch_filter(call, task_group, task_filter)), wishes, modified=call.now())
    call.db.save(TaskFilter(id=task_filter, task_group=task_group, document=json_text(document)))
    return json_text(document)


def _check_query(wishes: Mapping[str, Any]) -> None:
    if "query" in wishes:
        matcher(FINDABLE_TASKS, wishes["query"])
