"""The fields of a user."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null
from understudy.vendors.cotalker.schemas.json_patch import patch_fields
from understudy.vendors.cotalker.schemas.shapes import array, fields_of, filled_text, mapping, object_ids, shape, text
from understudy.vendors.cotalker.schemas.values import Check, object_id

ADDRESS = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")

NAMES = ("displayName", "names", "lastName", "secondLastName")


ALWAYS = (
    "name", "email", "accessRoles", "properties", "companies", "isActive", "isReadOnly", "termsConditions", "extensions",
)  # fmt: skip


class UserWishes(NamedTuple):
    """What a body says about a user: the password is kept apart, for it is never shown again."""

    fields: dict[str, Any]
    password: str | None


def address(name: str, value: object) -> str:
    """Read an e-mail address."""
    if NOT_IN_AN_ADDRESS.search(filled_text(name, value)):
        raise InvalidValue(name, "be a valid email", value).by("cotalker.users.address-characters")
    if not ADDRESS.fullmatch(text(name, value)):
        raise InvalidValue(name, "be a valid email", value).by("cotalker.users.address-form")
    return text(name, value)


_hierarchy = shape({"boss": object_ids, "peers": object_ids, "subordinate": object_ids})
_membership = shape({"_id": object_id, "companyId": object_id, "hierarchy": _hierarchy}, required=("companyId",))

# In the order in which the vendor's page lists what a new user needs.
USER_FIELDS: Mapping[str, Check] = {
    "accessRoles": object_ids,
    "email": address,
    "name": shape(dict.fromkeys(NAMES, text), required=NAMES, by="cotalker.users.required"),
    "password": filled_text,
    "properties": object_ids,
    "companies": array(_membership, most=100),
    "isActive": flag,
    "isReadOnly": flag,
    "termsConditions": flag,
    "avatar": shape({"small": text, "square": text, "original": text}),
    "job": id_or_null,
    "jobTitle": text,
    "phone": text,
    "settings": shape({"hideSummary": flag, "hideContacts": flag}),
    "extensions": mapping,
}


def new_user(body: Mapping[str, Any]) -> tuple[str, UserWishes]:
    """Return the address and the other fields of a new user; raise `MissingField` or `InvalidValue`."""
    required = ("accessRoles", "email", "name")
    fields = fields_of(body, USER_FIELDS, "cotalker.users.fields", required=required, by="cotalker.users.required")
    wishes = _apart(fields)
    return wishes.fields.pop("email"), wishes


def changed_user(body: Mapping[str, Any]) -> UserWishes:
    """Return the fields of a user that are to change, `email` among them if it was sent; raise `InvalidValue`."""
    return _apart(fields_of(body, USER_FIELDS, "cotalker.users.fields"))


def patched_user(document: str, patch: Sequence[Any]) -> tuple[UserWishes, set[str]]:
    """Return what a JSON Patch changes of a user, and which fields it removes; raise `MissingField` or `InvalidValue`."""
    fresh, gone = patch_fields(document, patch, USER_FIELDS, always=ALWAYS)
    return changed_user(fresh), gone


def without_passwords(body: Any) -> Any:
    """Return a body as it may be shown: nothing that is called a password is in it, nor what a JSON Patch has for one."""
    if isinstance(body, dict):
        hidden = ("password", "value") if body.get("path") == "/password" else ("password",)
        return {name: without_passwords(value) for name, value in body.items() if name not in hidden}
    return [without_passwords(item) for item in body] if isinstance(body, list) else body


def _apart(fields: dict[str, Any]) -> UserWishes:
    password = fields.pop("password", None)
    if password is not None:
        follow("cotalker.users.password")
    return UserWishes(fields, password)
