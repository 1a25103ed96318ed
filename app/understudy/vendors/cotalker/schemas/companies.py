"""The fields of a company."""

from collections.abc import Mapping
from typing import Any

from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null, strings
from understudy.vendors.cotalker.schemas.shapes import fields_of, filled_text, mapping, number, object_ids, shape, text
from understudy.vendors.cotalker.schemas.values import Check, one_of

_terms = shape({"value": flag, "url": text})

# The vendor's model names the last three without saying what is in them; any object is taken.
COMPANY_FIELDS: Mapping[str, Check] = {
    "displayName": filled_text,
    "legalName": filled_text,
    "defaultCountry": text,
    "defaultLanguage": one_of("en", "es"),
    "emailDomains": strings,
    "admin": object_ids,
    "contactMode": one_of("default", "local", "all"),
    "permissions": shape({"receiveNotifications": flag, "readLocation": flag, "showTos": _terms}),
    "offline": shape({"isActive": flag, "maxSyncTimeMs": number}),
    "conversationGroup": id_or_null,
    "startGroup": id_or_null,
    "hideSummary": flag,
    "appContacts": flag,
    "legalIdentifier": text,
    "legalIdentifierCode": text,
    "help": mapping,
    "passwordRotation": mapping,
    "passwordRules": mapping,
}


def changed_company(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a company that are to change; raise `InvalidValue`."""
    return fields_of(body, COMPANY_FIELDS, "cotalker.companies.fields")
