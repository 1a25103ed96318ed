"""The bodies and queries about files in projects and at clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.parameters import identifier, identifiers, parameters
from understudy.vendors.cubicl.schemas.values import Reader, filled, optional_reference, read_fields, references, require


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are: at the top, or in the directory `parent`, of a project (`group`) or a client; one of those is None."""

    group: str | None
    customer: str | None
    parent: str | None


def read_place(call: Call) -> Place:
    """Return the query of a list."""
    given = parameters(call, ("group", "customer", "parent"))
    return _place(identifier(given, "group"), identifier(given, "customer"), identifier(given, "parent"))


def read_new_files(body: Mapping[str, Any]) -> tuple[Place, list[str]]:
    """Return where some files are to be, and their ids."""
    fields = read_fields(body, PLACE | {"files": references})
    place = _place(fields.get("group"), fields.get("customer"), fields.get("parent"))
    if not require(fields, "files", "cubicl.nodes.required"):
        raise BadRequest("files must not be empty").by("cubicl.nodes.required")
    return place, fields["files"]


def read_new_directory(body: Mapping[str, Any]) -> tuple[Place, str]:
    """Return where a directory is to be, and its name."""
    fields = read_fields(body, PLACE | {"name": filled})
    place = _place(fields.get("group"), fields.get("customer"), fields.get("parent"))
    return place, require(fields, "name", "cubicl.nodes.required")


def read_node_ids(call: Call) -> list[str]:
    """Return the ids of what is to be deleted."""
    return identifiers(parameters(call, ("ids",)), "ids")


def _place(group: str | None, customer: str | None, parent: str | None) -> Place:
    if group is None and customer is None:
        raise BadRequest("group or customer is required").by("cubicl.nodes.one-place")
    if group is not None and customer is not None:
        raise BadRequest("group and customer cannot be used together").by("cubicl.nodes.one-place")
    return Place(group, customer, parent)


PLACE: dict[str, Reader] = {"group": optional_reference, "customer": optional_reference, "parent": optional_reference}
