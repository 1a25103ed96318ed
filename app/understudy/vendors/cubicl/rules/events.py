"""Which webhooks a change fires, and what is posted to them.

A webhook fires for the project that the task is in after the change, and only if its owner may see the task, or clients.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.core.webhooks import Webhook as Target
from understudy.core.webhooks import send
from understudy.vendors.cubicl.rules.context import Live
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.sheets import Document, Sheet
from understudy.vendors.cubicl.rules.standing import may_use_clients, standing_of
from understudy.vendors.cubicl.rules.users import portal_users_of, users_of
from understudy.vendors.cubicl.schemas import (
    TASK_ARCHIVED,
    TASK_CREATED,
    TASK_DELETED,
    TASK_POST_CREATED,
    TASK_RESTORED,
    TASK_STATE_CHANGED,
    TASK_UPDATED,
)
from understudy.vendors.cubicl.tables import Webhook

VENDOR = "cubicl"

PAYLOADS = {
    TASK_CREATED: ("cubicl.events.task-created",),
    TASK_UPDATED: ("cubicl.events.task-updated",),
    TASK_DELETED: ("cubicl.events.task-deleted",),
    TASK_ARCHIVED: ("cubicl.events.task-archived",),
    TASK_RESTORED: ("cubicl.events.task-archived",),
    TASK_POST_CREATED: ("cubicl.events.post-created",),
    TASK_STATE_CHANGED: ("cubicl.events.state-changed", "cubicl.events.state-change-alone"),
}
"""By which rules each event of tasks is told."""

_webhooks = table_of(Webhook).c
_of_event = (
    select(_webhooks.id, _webhooks.user, _webhooks.url).where(_webhooks.type == bindparam("event")).order_by(_webhooks.number)
)
OF_PROJECT = Prepared(_of_event.where(_webhooks.project == bindparam("project")))
OF_CLIENTS = Prepared(_of_event)


def task_event(context: Live, event: str, sheet: Sheet) -> None:
    """Tell of a task that was created, deleted, archived or restored: the task itself."""
    _tell(context, event, sheet, lambda: in_full(context.db, sheet.document))


def task_updated(context: Live, sheet: Sheet, before: Document) -> None:
    """Tell of an update: the task before and after."""
    _tell(
        context,
        TASK_UPDATED,
        sheet,
        lambda: {"oldTask": in_full(context.db, before), "updatedTask": in_full(context.db, sheet.document)},
    )


def task_post_created(context: Live, sheet: Sheet, comment: Mapping[str, Any]) -> None:
    """Tell of a comment: the task and the comment."""
    _tell(context, TASK_POST_CREATED, sheet, lambda: {"task": in_full(context.db, sheet.document), "activity": comment})


def task_state_changed(context: Live, sheet: Sheet, change: Mapping[str, Any]) -> None:
    """Tell of a change of state: the task and the change as a TaskStateActivity."""
    _tell(context, TASK_STATE_CHANGED, sheet, lambda: {"task": in_full(context.db, sheet.document), "activity": change})


def client_event(context: Live, event: str, client: Mapping[str, Any]) -> None:
    """Tell of a client that was created or deleted: the client itself."""
    webhooks = context.db.all(OF_CLIENTS, event=event)
    if webhooks:
        follow("cubicl.events.client", "cubicl.events.who-may-see", "cubicl.events.delivery")
    for webhook in webhooks:
        if may_use_clients(context.db, webhook["user"], Level.VIEW):
            _send(context, event, webhook, client)


def in_full(db: Session, task: Document) -> Document:
    """Return a task's document with users in the place of their ids, as payloads have it."""
    ids = dict.fromkeys([*task["assignees"], task["assignedBy"], *task["followers"]])
    users = users_of(db, list(ids))
    described = task | {
        "assignees": [users[user] for user in task["assignees"]],
        "assignedBy": users[task["assignedBy"]],
        "followers": [users[user] for user in task["followers"]],
    }
    if "portalFollowers" in task:
        portal_users = portal_users_of(db, task["portalFollowers"])
        described["portalFollowers"] = [portal_users[user] for user in task["portalFollowers"]]
    return described


def _tell(context: Live, event: str, sheet: Sheet, payload: Callable[[], Mapping[str, Any]]) -> None:
    webhooks = context.db.all(OF_PROJECT, event=event, project=sheet.row.project)
    if webhooks:
        follow("cubicl.events.of-one-project", "cubicl.events.who-may-see")
    seeing = [webhook for webhook in webhooks if standing_of(context.db, webhook["user"], sheet).may_see]
    if seeing:
        follow(*PAYLOADS[event], "cubicl.events.users-in-full", "cubicl.events.delivery")
        told = payload()
        for webhook in seeing:
            _send(context, event, webhook, told)


def _send(context: Live, event: str, webhook: Row, payload: Mapping[str, Any]) -> None:
    send(context.sandbox, context.db, Target(vendor=VENDOR, id=webhook["id"], event=event, url=webhook["url"]), payload)
