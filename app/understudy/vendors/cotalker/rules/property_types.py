"""Property types: collections of elements, and what the elements of one have."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import FixedField, ValueTaken
from understudy.vendors.cotalker.paging import Listing, date_clauses
from understudy.vendors.cotalker.rules.records import changed, json_text, record_of
from understudy.vendors.cotalker.rules.references import keep_references, refers_to_any
from understudy.vendors.cotalker.rules.words import has_words, keep_words
from understudy.vendors.cotalker.tables import PropertyType
from understudy.vendors.cotalker.words import words_of

_types = table_of(PropertyType).c

PROPERTY_TYPES = Listing(
    table=table_of(PropertyType),
    clauses={
        "company": _types.company == bindparam("company"),
        "ids": _types.id.in_(bindparam("ids", expanding=True)),
        "codes": _types.code.in_(bindparam("codes", expanding=True)),
        "isActive": _types.is_active == bindparam("isActive"),
        "viewPermissions": refers_to_any(_types.id, "viewPermissions", to="viewPermissions"),
        "search": has_words(_types.id),
        **date_clauses("created", _types.created_at),
        **date_clauses("modified", _types.modified_at),
    },
    sorts={
        "_id": _types.id,
        "createdAt": _types.created_at,
        "modifiedAt": _types.modified_at,
        "display": _types.display,
    },
    rules=dict.fromkeys(("codes", "ids", "viewPermissions"), "cotalker.property-types.filters"),
)

TYPE_BY_CODE = Prepared(select(_types.id).where(_types.company == bindparam("company"), _types.code == bindparam("code")))


def create_property_type(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> str:
    """Create a collection and return its document; raise `ValueTaken` for a code that one of the company's has."""
    if call.db.first(TYPE_BY_CODE, company=caller.company, code=wishes["code"]) is not None:
        raise ValueTaken("code").by("cotalker.property-types.code-taken")
    return store_property_type(call.db, call.new_id(), company=caller.company, created=call.now(), wishes=wishes)


def store_property_type(session: Session, property_type: str, *, company: str, created: int, wishes: Mapping[str, Any]) -> str:
    """Store a new collection and return its document."""
    document: dict[str, Any] = {
        "isActive": True,
        "viewPermissions": [],
        "schemaNodes": [],
        "_id": property_type,
        "code": "",
        "display": "",
        **wishes,
        "company": company,
        "createdAt": iso(created),
        "modifiedAt": iso(created),
        "__v": 0,
    }
    record = PropertyType(
        id=property_type,
        company=company,
        code=document["code"],
        display="",
        is_active=True,
        created_at=created,
        modified_at=created,
        document="",
    )
    _fill(session, record, document)
    session.add(record)
    return record.document


def change_property_type(call: Call, caller: Caller, property_type: str, wishes: Mapping[str, Any]) -> str:
    """Change a collection and return its document; raise `NotFound`, and `FixedField` for another code."""
    record = record_of(call, caller, PropertyType, property_type)
    if wishes.get("code", record.code) != record.code:
        raise FixedField("code").by("cotalker.property-types.fixed-code")
    record.modified_at = call.now()
    _fill(call.db, record, changed(record.document, wishes, modified=record.modified_at))
    call.db.save(record)
    return record.document


def _fill(session: Session, record: PropertyType, document: Mapping[str, Any]) -> None:
    record.is_active, record.display = document["isActive"], document["display"]
    record.document = json_text(document)
    keep_words(session, record.id, words_of(document["display"], document["code"]))
    keep_references(session, record.id, {"viewPermissions": document["viewPermissions"]})
