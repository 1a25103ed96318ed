"""The fields of an access role."""

from collections.abc import Mapping
from typing import Any

from understudy.vendors.cotalker.schemas.bodies import flag, strings
from understudy.vendors.cotalker.schemas.shapes import fields_of, filled_text, text
from understudy.vendors.cotalker.schemas.values import Check

ACCESS_ROLE_FIELDS: Mapping[str, Check] = {
    "name": filled_text,
    "permissions": strings,
    "active": flag,  # of all models, this one alone does not call it isActive
    "description": text,
}


def new_access_role(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new access role; raise `MissingField` or `InvalidValue`."""
    required = ("name", "permissions")
    return fields_of(
        body, ACCESS_ROLE_FIELDS, "cotalker.access-roles.fields", required=required, by="cotalker.access-roles.required"
    )


def changed_access_role(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an access role that are to change; raise `InvalidValue`."""
    return fields_of(body, ACCESS_ROLE_FIELDS, "cotalker.access-roles.fields")
