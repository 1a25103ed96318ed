"""The bodies about clients."""

from collections.abc import Mapping
from typing import Any, TypedDict

from understudy.core.provenance import follow, following
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.values import Reader, filled, or_null, read_fields, references, require, string


class Contact(TypedDict):
    """Somebody at a client."""

    name: str
    position: str
    phone: str
    email: str


class ClientFields(TypedDict, total=False):
    """The fields of a client that were sent, as the client will hold them; `name` is always among them."""

    name: str
    fullname: str
    email: str
    phone: str
    contacts: list[Contact]
    customFields: dict[str, str | None] | None
    portalCustomerManagerIds: list[str]


def read_new_client(body: Mapping[str, Any]) -> ClientFields:
    """Return the body of a new client."""
    return _read(body, NEW_CLIENT)


def read_client_changes(body: Mapping[str, Any]) -> ClientFields:
    """Return the body of a change; the name is required here too, and null unsets the rest."""
    return _read(body, CHANGES)


def _read(body: Mapping[str, Any], readers: Mapping[str, Reader]) -> ClientFields:
    require(body, "name", "cubicl.clients.name-needed", "cubicl.clients.name-required")
    return read_fields(body, readers)  # type: ignore[return-value]  # every field has been read by its reader


def _contacts(name: str, value: Any) -> list[Contact]:
    """Read contacts; what is not told of one is empty."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadRequest(f"{name} must be a list of objects").by("cubicl.clients.contact-format")
    if any(not CONTACT.keys() <= item.keys() for item in value):
        follow("cubicl.clients.contact-defaults")
    return [NOBODY | read_fields(item, CONTACT, within=f"{name}.") for item in value]  # type: ignore[misc]  # as above


def _custom_fields(name: str, value: Any) -> dict[str, str | None]:
    """Read values under the ids of fields; fields can't be looked up, so any id will do."""
    if not isinstance(value, dict) or not all(item is None or isinstance(item, str) for item in value.values()):
        raise BadRequest(f"{name} must be an object with strings or null").by("cubicl.clients.custom-field-values")
    return value


CONTACT: dict[str, Reader] = dict.fromkeys(("name", "position", "phone", "email"), string)
NOBODY: Contact = {"name": "", "position": "", "phone": "", "email": ""}

NEW_CLIENT: dict[str, Reader] = {
    "name": filled,
    "fullname": string,
    "email": string,
    "phone": string,
    "contacts": following(_contacts, "cubicl.clients.contacts"),
    "customFields": or_null(_custom_fields),
    "portalCustomerManagerIds": references,
}
UNSET: dict[str, Any] = {
    "fullname": "",
    "email": "",
    "phone": "",
    "contacts": [],
    "customFields": None,
    "portalCustomerManagerIds": [],
}
"""What a client holds where nothing was sent."""

CHANGES: dict[str, Reader] = {
    "name": filled,
    **{name: or_null(NEW_CLIENT[name], "cubicl.clients.unset", null=null) for name, null in UNSET.items()},
}
