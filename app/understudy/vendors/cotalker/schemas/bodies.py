"""Reads bodies, and the kinds of value that stand in them."""

from collections.abc import Mapping
from typing import Any

import orjson

from understudy.core.provenance import follow
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import InvalidJSON, InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.values import object_id


def read_body(call: CotalkerCall) -> dict[str, Any]:
    """Return the JSON object in the body, whatever its content type says; raise `InvalidJSON` or `InvalidValue`.

    No body at all counts as an empty object.
    """
    body = _json(call)
    if not isinstance(body, dict):
        raise InvalidValue("value", "be of type object", body).by("cotalker.errors.no-object")
    call.understood = {"body": body}
    return body


def read_patch(call: CotalkerCall) -> list[Any]:
    """Return the JSON array in the body, as `read_body` does an object."""
    body = _json(call)
    if not isinstance(body, list):
        raise InvalidValue("value", "be of type array", body).by("cotalker.errors.no-object")
    call.understood = {"body": body}
    return body


def _json(call: CotalkerCall) -> Any:
    content = call.content.strip()
    if not content:
        follow("cotalker.protocol.empty-body")
        return {}
    _follow_content_type(call)
    # Anything but an object or an array is not parsed at all: Express's parser is strict in this.
    if content[:1] not in (b"{", b"["):
        raise InvalidJSON
    try:
        body = orjson.loads(content)
        orjson.dumps(within_an_answer(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise InvalidJSON from None
    return body


def _follow_content_type(call: CotalkerCall) -> None:
    """Note what lets a body be read that is not called JSON."""
    kind = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    if not kind:
        follow("cotalker.protocol.body-without-content-type")
    elif kind != "application/json":
        follow("cotalker.protocol.body-of-other-content-type")


def within_an_answer(document: Any) -> list[list[Any]]:
    """Return a document as deep as answers hold one: `debug` puts two levels around a body, `populate` around a user.

    What can't be written so deep is refused, for it could not be shown later.
    """
    return [[document]]


def required_string(body: Mapping[str, Any], field: str) -> str:
    """Return a string that must be in the body and not be empty; raise `MissingField` or `InvalidValue`."""
    if field not in body:
        raise MissingField(field).by("cotalker.login.incomplete")
    value = body[field]
    if not isinstance(value, str):
        raise InvalidValue(field, "be a string", value).by("cotalker.login.incomplete")
    if not value:
        raise InvalidValue(field, "not be empty", value).by("cotalker.login.incomplete")
    return value


def flag(name: str, value: object) -> bool:
    """Read a boolean."""
    if not isinstance(value, bool):
        raise InvalidValue(name, "be a boolean", value).by("cotalker.errors.boolean")
    return value


def strings(name: str, value: object) -> list[str]:
    """Read an array of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(name, "be an array of strings", value)
    return value


def id_or_null(name: str, value: object) -> str | None:
    """Read an ObjectId or null."""
    return None if value is None else object_id(name, value)
