"""The bodies about webhooks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from understudy.core.provenance import following
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.values import Reader, filled, optional_reference, read_fields, require

TASK_CREATED: Final = "task-created"
TASK_UPDATED: Final = "task-updated"
TASK_DELETED: Final = "task-deleted"
TASK_ARCHIVED: Final = "task-archived"
TASK_RESTORED: Final = "task-restored"
TASK_POST_CREATED: Final = "task-post-created"
TASK_STATE_CHANGED: Final = "task-state-changed"
CLIENT_CREATED: Final = "client-created"
CLIENT_DELETED: Final = "client-deleted"

TASK_EVENTS: Final = frozenset(
    (TASK_CREATED, TASK_UPDATED, TASK_DELETED, TASK_ARCHIVED, TASK_RESTORED, TASK_POST_CREATED, TASK_STATE_CHANGED)
)
CLIENT_EVENTS: Final = frozenset((CLIENT_CREATED, CLIENT_DELETED))

NOT_IN_A_URL: Final = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")


@dataclass(frozen=True, slots=True)
class WebhookFields:
    """A subscription as sent; None is not sent. `has_group` tells a `group` that is empty or null from one that wasn't sent."""

    type: str | None
    url: str | None
    group: str | None
    has_group: bool


def read_new_webhook(body: Mapping[str, Any]) -> WebhookFields:
    """Return the body of a new webhook."""
    for name in ("type", "url"):
        require(body, name, "cubicl.webhooks.needed", "cubicl.webhooks.required")
    return read_webhook_changes(body)


def read_webhook_changes(body: Mapping[str, Any]) -> WebhookFields:
    """Return the body of a change, in which everything is optional."""
    fields = read_fields(body, FIELDS)
    return WebhookFields(fields.get("type"), fields.get("url"), fields.get("group"), "group" in fields)


def _url(name: str, value: Any) -> str:
    """Read an address of the web, with a host."""
    text = filled(name, value)
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_valid = False
    if not is_valid or NOT_IN_A_URL.search(text):
        raise BadRequest(f"{name} must be a valid URL").by("cubicl.webhooks.valid-url", "cubicl.webhooks.bad-url")
    return text


FIELDS: dict[str, Reader] = {"group": optional_reference, "type": filled, "url": following(_url, "cubicl.webhooks.valid-url")}
