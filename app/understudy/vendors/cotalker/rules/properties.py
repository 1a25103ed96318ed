"""Properties: the elements of collections, above and below each other."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import NotFound, ValueTaken
from understudy.vendors.cotalker.finding import Findable
from understudy.vendors.cotalker.paging import Conditions, Listing, date_clauses, of_company
from understudy.vendors.cotalker.rules.property_types import TYPE_BY_CODE
from understudy.vendors.cotalker.rules.records import changed, json_text, record_of
from understudy.vendors.cotalker.rules.references import is_referred_to, keep_references, refers, require_all
from understudy.vendors.cotalker.rules.words import has_words, keep_words
from understudy.vendors.cotalker.schemas.bodies import flag
from understudy.vendors.cotalker.schemas.values import object_id
from understudy.vendors.cotalker.tables import Property
from understudy.vendors.cotalker.words import words_of

_properties = table_of(Property).c

PROPERTIES = Listing(
    table=table_of(Property),
    clauses={
        "company": _properties.company == bindparam("company"),
        "ids": _properties.id.in_(bindparam("ids", expanding=True)),
        "codes": _properties.code.in_(bindparam("codes", expanding=True)),
        "propertyTypes": _properties.property_type.in_(bindparam("propertyTypes", expanding=True)),
        "isActive": _properties.is_active == bindparam("isActive"),
        "owner_ref": _properties.owner_ref == bindparam("owner_ref"),
        "owner_id": _properties.owner_id == bindparam("owner_id"),
        "parent": is_referred_to(_properties.id, "subproperty", by="parent"),
        "child": refers(_properties.id, "subproperty", to="child"),
        "search": has_words(_properties.id),
        **date_clauses("created", _properties.created_at),
        **date_clauses("modified", _properties.modified_at),
    },
    sorts={"_id": _properties.id, "modifiedAt": _properties.modified_at},
    rules={
        **dict.fromkeys(("codes", "ids", "propertyTypes"), "cotalker.properties.filters"),
        "parent": "cotalker.properties.parent",
    },
)

FINDABLE_PROPERTIES = Findable(
    table=table_of(Property),
    clauses=PROPERTIES.clauses,
    columns={"_id": _properties.id, "name.code": _properties.code, "propertyType": _properties.property_type},
    checks={"_id": object_id, "isActive": flag, "subproperty": object_id, "owner.$id": object_id},
    lists=frozenset({"subproperty"}),
)

HAS_CODE = Prepared(
    select(_properties.id).where(_properties.company == bindparam("company"), _properties.code == bindparam("code"))
)


def related(caller: Caller, element: str, relation: str) -> Conditions:
    """Return the conditions for the elements directly below (`child`) or above (`parent`) an element."""
    company = of_company(caller.company)
    # The filter `parent` is about the elements that have that parent, and `child` about those that have that child.
    return company.also("parent", parent=[element]) if relation == "child" else company.also("child", child=element)


def create_property(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> str:
    """Create an element and return its document.

    Raises `NotFound` for a collection or an element below it that the caller's company doesn't have and `ValueTaken` for a code
    that an element of the company has.
    """
    _require_references(call, caller, wishes)
    _require_free_code(call, caller, wishes["name"]["code"])
    return store_property(call.db, call.new_id(), company=caller.company, created=call.now(), wishes=wishes)


def store_property(session: Session, element: str, *, company: str, created: int, wishes: Mapping[str, Any]) -> str:
    """Store a new element and return its document; it has no `__v`, for the vendor's samples of elements have none."""
    document: dict[str, Any] = {
        "isActive": True,
        "subproperty": [],
        "_id": element,
        "name": {},
        "propertyType": "",
        **wishes,
        "company": company,
        "createdAt": iso(created),
        "modifiedAt": iso(created),
    }
    record = Property(
        id=element,
        company=company,
        code="",
        property_type="",
        is_active=True,
        owner_ref=None,
        owner_id=None,
        created_at=created,
        modified_at=created,
        document="",
    )
    _fill(session, record, document)
    session.add(record)
    return record.document


def change_property(call: Call, caller: Caller, element: str, wishes: Mapping[str, Any], *, gone: Collection[str] = ()) -> str:
    """Change an element and return its document; raise `NotFound` and `ValueTaken` as `create_property` does."""
    record = record_of(call, caller, Property, element)
    _require_references(call, caller, wishes)
    if "name" in wishes and wishes["name"]["code"] != record.code:
        _require_free_code(call, caller, wishes["name"]["code"])
    record.modified_at = call.now()
    _fill(call.db, record, changed(record.document, wishes, gone=gone, modified=record.modified_at))
    call.db.save(record)
    return record.document


def _fill(session: Session, record: Property, document: Mapping[str, Any]) -> None:
    name, owner = document["name"], document.get("owner", {})
    record.code, record.property_type, record.is_active = name["code"], document["propertyType"], document["isActive"]
    record.owner_ref, record.owner_id = owner.get("$ref"), owner.get("$id")
    record.document = json_text(document)
    keep_words(session, record.id, words_of(name["display"], name["code"]))
    keep_references(session, record.id, {"subproperty": document["subproperty"]})


def _require_free_code(call: Call, caller: Caller, code: str) -> None:
    if call.db.first(HAS_CODE, company=caller.company, code=code) is not None:
        raise ValueTaken("name.code").by("cotalker.properties.code-taken")


def _require_references(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> None:
    collection = wishes.get("propertyType")
    if collection is not None and call.db.first(TYPE_BY_CODE, company=caller.company, code=collection) is None:
        raise NotFound().by("cotalker.properties.type-by-code", "cotalker.references.unknown")
    require_all(call.db, caller, Property, wishes.get("subproperty", ()))
