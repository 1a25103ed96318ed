"""The bodies about comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.values import boolean, ignore_all_but, reference, references, require, string

FIELDS = frozenset(("content", "fileIds", "mentions", "replyToId"))


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as sent: it has a text or files."""

    content: str
    files: list[str]
    mentions: list[dict[str, str]]
    reply_to: str | None


def read_comment(body: Mapping[str, Any]) -> Comment:
    """Return the body of Create Task Comment; an empty text and an empty list count as not given."""
    ignore_all_but(FIELDS, body)
    comment = Comment(
        content=string("content", body.get("content", "")),
        files=references("fileIds", body.get("fileIds", [])),
        mentions=_mentions(body.get("mentions", [])),
        reply_to=reference("replyToId", body["replyToId"]) if "replyToId" in body else None,
    )
    if not comment.content and not comment.files:
        raise BadRequest("content or fileIds is required").by("cubicl.comment.content-or-files", "cubicl.comment.nothing-is-400")
    if "content" not in body:
        follow("cubicl.comment.content-default")
    if not comment.files:
        follow("cubicl.comment.files-default")
    return comment


def read_visibility(body: Mapping[str, Any]) -> bool:
    """Return the body of Change Task Comment Visibility."""
    ignore_all_but({"value"}, body)
    return boolean("value", require(body, "value", "cubicl.visibility.required"))


def _mentions(value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadRequest("mentions must be a list of objects with id and name").by("cubicl.comment.mention-format")
    return [
        {
            "id": reference("mentions.id", require(item, "id", "cubicl.comment.mention-format", within="mentions.")),
            "name": string("mentions.name", require(item, "name", "cubicl.comment.mention-format", within="mentions.")),
        }
        for item in value
    ]
