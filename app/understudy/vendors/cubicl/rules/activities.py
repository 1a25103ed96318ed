"""What happened to a task, and the one list of it."""

from typing import Any, Final, Literal

import orjson
from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.rules.projects import State
from understudy.vendors.cubicl.tables import Activity

Kind = Literal["post", "update", "progress", "archive", "restore", "state-change", "delete"]

FIELDS: Final = (
    "_id", "user", "portalUser", "emailUser", "type", "data", "content", "files", "createdAt", "replyToId", "customerCanSee",
    "mentions", "customFields", "emailDetails", "mailStatus",
)  # fmt: skip
"""Every property of an activity, in the order of the Tasks page."""

_activities = table_of(Activity).c
ACTIVITIES = Prepared(
    select(_activities.document).where(_activities.task == bindparam("task")).order_by(_activities.created_at, _activities.number)
)


def write_activity(context: Context, task: str, kind: Kind, user: str, **fields: Any) -> dict[str, Any]:
    """Record that `user` did something, and return the activity; the client sees none of it at first."""
    given = {
        "_id": context.new_id(),
        "user": user,
        "type": kind,
        "createdAt": context.now(),
        "customerCanSee": False,
        "mentions": [],
        **fields,
    }
    activity: dict[str, Any] = {name: given[name] for name in FIELDS if name in given}
    context.db.add(
        Activity(
            id=activity["_id"],
            task=task,
            type=kind,
            user=user,
            created_at=activity["createdAt"],
            number=context.db.number("cubicl_activity"),
            document=orjson.dumps(activity).decode(),
        )
    )
    return activity


def write_state_change(context: Context, task: str, user: str, old: State, new: State) -> dict[str, Any]:
    """Record a change of state and return it as a TaskStateActivity, which has these five properties."""
    activity = write_activity(context, task, "state-change", user, data={"oldState": old, "newState": new})
    return {"_id": activity["_id"], "user": user, "task": task, "type": activity["type"], "data": activity["data"]}


def activity_documents(db: Session, task: str) -> list[str]:
    """Return the documents of all activities of a task, oldest first."""
    rows = db.all(ACTIVITIES, task=task)
    if len(rows) > 1:
        follow("cubicl.activity.order")
    return [row["document"] for row in rows]
