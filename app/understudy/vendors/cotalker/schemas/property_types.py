"""The fields of a property type."""

from collections.abc import Mapping
from typing import Any

from understudy.vendors.cotalker.schemas.bodies import flag, strings
from understudy.vendors.cotalker.schemas.shapes import array, code, fields_of, filled_text, number, shape, text
from understudy.vendors.cotalker.schemas.values import Check, one_of

BASIC_TYPES = ("string", "number", "date", "boolean", "link", "file", "COTProperty", "COTUser")

_validators = shape({"required": flag, "min": number, "max": number, "arrayMin": number, "arrayMax": number, "validator": text})
_node = shape(
    {
        "key": filled_text,
        "display": text,
        "description": text,
        "basicType": one_of(*BASIC_TYPES),
        "subType": text,
        "isArray": flag,
        "isActive": flag,
        "weight": number,
        "validators": _validators,
        "visualization": shape({"displayAs": text}),
    },
    required=("key", "display", "basicType"),
)

PROPERTY_TYPE_FIELDS: Mapping[str, Check] = {
    "display": filled_text,
    "code": code,
    "isActive": flag,
    "viewPermissions": strings,
    "schemaNodes": array(_node, most=1000),
}


def new_property_type(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new collection; raise `MissingField` or `InvalidValue`."""
    required = ("display", "code")
    return fields_of(
        body, PROPERTY_TYPE_FIELDS, "cotalker.property-types.fields", required=required, by="cotalker.property-types.required"
    )


def changed_property_type(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a collection that are to change; raise `InvalidValue`."""
    return fields_of(body, PROPERTY_TYPE_FIELDS, "cotalker.property-types.fields")
