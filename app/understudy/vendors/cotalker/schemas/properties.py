"""The fields of a property."""

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.core.provenance import following
from understudy.vendors.cotalker.schemas.bodies import flag
from understudy.vendors.cotalker.schemas.json_patch import patch_fields
from understudy.vendors.cotalker.schemas.shapes import code, fields_of, filled_text, mapping, object_ids, shape
from understudy.vendors.cotalker.schemas.values import Check, object_id

ALWAYS = ("name", "propertyType", "isActive", "subproperty")

PROPERTY_FIELDS: Mapping[str, Check] = {
    "name": shape({"code": code, "display": filled_text}, required=("code", "display"), by="cotalker.properties.required"),
    "propertyType": following(filled_text, "cotalker.properties.type-by-code"),
    "isActive": flag,
    "subproperty": object_ids,
    "schemaInstance": mapping,
    "owner": shape({"$ref": filled_text, "$id": object_id, "$db": filled_text}, required=("$ref", "$id")),
}


def new_property(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new element; raise `MissingField` or `InvalidValue`."""
    required = ("name", "propertyType")
    return fields_of(body, PROPERTY_FIELDS, "cotalker.properties.fields", required=required, by="cotalker.properties.required")


def changed_property(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an element that are to change; raise `MissingField` or `InvalidValue`."""
    return fields_of(body, PROPERTY_FIELDS, "cotalker.properties.fields")


def patched_property(document: str, patch: Sequence[Any]) -> tuple[dict[str, Any], set[str]]:
    """Return what a JSON Patch changes of an element, and which fields it removes; raise `MissingField` or `InvalidValue`."""
    fresh, gone = patch_fields(document, patch, PROPERTY_FIELDS, always=ALWAYS)
    return changed_property(fresh), gone
