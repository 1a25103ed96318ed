"""Webhooks: which events of which projects a user has subscribed to."""

from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.webhooks import withdraw
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import NotFound, ProjectMissing, UnknownWebhookType
from understudy.vendors.cubicl.rules.events import VENDOR
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.standing import require_clients, standing_in
from understudy.vendors.cubicl.schemas import CLIENT_EVENTS, TASK_EVENTS, WebhookFields
from understudy.vendors.cubicl.tables import Webhook

_webhooks = table_of(Webhook).c
OWN = Prepared(select(_webhooks.document).where(_webhooks.user == bindparam("user")).order_by(_webhooks.number))


def list_webhooks(call: CubiclCall) -> str:
    """Return the JSON array of the caller's webhooks, oldest first."""
    rows = call.db.all(OWN, user=call.caller)
    if len(rows) > 1:
        follow("cubicl.webhooks.list-order")
    return f"[{','.join(row['document'] for row in rows)}]"


def create_webhook(call: CubiclCall, wishes: WebhookFields) -> dict[str, Any]:
    """Subscribe the caller to an event and return the webhook.

    Raises `UnknownWebhookType`, `ProjectMissing`, `Impossible` for an unknown project, and `NoPermission` for a project whose
    tasks the caller may not see, or without permission to see clients.
    """
    project = _project(call, wishes.type or "", wishes.group)
    webhook = Webhook(
        id=call.new_id(),
        user=call.caller,
        type=wishes.type or "",
        project=project,
        url=wishes.url or "",
        created_at=call.now(),
        number=call.db.number("cubicl_webhook"),
        document="",
    )
    document = _document(webhook)
    call.db.add(webhook)
    return document


def update_webhook(call: CubiclCall, webhook: str, changes: WebhookFields) -> dict[str, Any]:
    """Change one of the caller's webhooks and return it.

    Raises `NotFound`, and for what the webhook would then be whatever creating it would raise.
    """
    row = _own(call, webhook)
    row.type = changes.type if changes.type is not None else row.type
    row.url = changes.url if changes.url is not None else row.url
    row.project = _project(call, row.type, changes.group if changes.has_group else row.project)
    document = _document(row)
    call.db.save(row)
    return document


def delete_webhook(call: CubiclCall, webhook: str) -> None:
    """Unsubscribe, and send nothing more of what was still to be tried; raise `NotFound`."""
    row = _own(call, webhook)
    call.db.remove(row)
    withdraw(call.db, VENDOR, row.id)


def _own(call: CubiclCall, webhook: str) -> Webhook:
    """Return one of the caller's webhooks; that of another user is as good as unknown."""
    row = call.db.get(Webhook, webhook)
    if row is None or row.user != call.caller:
        raise NotFound().by("cubicl.webhooks.unknown")
    return row


def _project(call: CubiclCall, event: str, project: str | None) -> str | None:
    """Return the project that a webhook of this type belongs to; one for clients belongs to none."""
    if event in CLIENT_EVENTS:
        require_clients(call, Level.VIEW)
        follow("cubicl.webhooks.clients-without-project" if project is None else "cubicl.webhooks.clients-ignore-project")
        return None
    if event not in TASK_EVENTS:
        raise UnknownWebhookType
    if project is None:
        raise ProjectMissing
    standing = standing_in(call.db, call.caller, project, unknown="cubicl.webhooks.unknown-project")
    if not standing.has_level(Level.VIEW, "cubicl.webhooks.level"):
        raise standing.refusal("cubicl.webhooks.level")
    return project


def _document(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as the API answers it, having written it into its row."""
    group = {} if webhook.project is None else {"group": webhook.project}
    document = {"_id": webhook.id, **group, "type": webhook.type, "url": webhook.url, "createdAt": webhook.created_at}
    webhook.document = orjson.dumps(document).decode()
    return document
