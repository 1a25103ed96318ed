"""Access roles, and the permissions that users have by them.

A user's permissions stand finished in the user's row, so a changed role changes the rows of its users.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.paging import Listing
from understudy.vendors.cotalker.rules.records import changed, json_text, record_of
from understudy.vendors.cotalker.rules.references import refers
from understudy.vendors.cotalker.rules.words import has_words, keep_words
from understudy.vendors.cotalker.tables import AccessRole, User
from understudy.vendors.cotalker.words import words_of

_roles, _users = table_of(AccessRole).c, table_of(User).c

ACCESS_ROLES = Listing(
    table=table_of(AccessRole),
    clauses={
        "company": _roles.company == bindparam("company"),
        "ids": _roles.id.in_(bindparam("ids", expanding=True)),
        "isActive": _roles.is_active == bindparam("isActive"),
        "search": has_words(_roles.id),
    },
    sorts={"_id": _roles.id},
    rules={"ids": "cotalker.access-roles.filters"},
)

ACTIVE_ROLES = Prepared(
    select(_roles.id, _roles.document).where(_roles.id.in_(bindparam("ids", expanding=True)), _roles.is_active.is_(True))
)
HOLDERS = Prepared(select(table_of(User)).where(refers(_users.id, "accessRoles", to="role")))


def create_access_role(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> str:
    """Create an access role and return its document."""
    return store_access_role(call.db, call.new_id(), company=caller.company, wishes=wishes)


def store_access_role(session: Session, role: str, *, company: str, wishes: Mapping[str, Any]) -> str:
    """Store a new access role and return its document."""
    document: dict[str, Any] = {
        "_id": role,
        "active": True,
        "permissions": [],
        "name": "",
        **wishes,
        "company": company,
        "__v": 0,
    }
    record = AccessRole(id=role, company=company, is_active=document["active"], document=json_text(document))
    session.add(record)
    _keep_words(session, record, document)
    return record.document


def change_access_role(call: Call, caller: Caller, role: str, wishes: Mapping[str, Any]) -> str:
    """Change an access role, and with it what its users may do; return its document. Raises `NotFound`."""
    record = record_of(call, caller, AccessRole, role)
    put_access_role(call.db, record, changed(record.document, wishes))
    return record.document


def put_access_role(session: Session, record: AccessRole, document: Mapping[str, Any]) -> None:
    """Put a document in the place of an access role's, and give its users the permissions that they now have."""
    record.document, record.is_active = json_text(document), document["active"]
    session.save(record)
    _keep_words(session, record, document)
    for user in session.records(User, HOLDERS, role=record.id):
        holder = orjson.loads(user.document)
        holder["permissionsV2"] = permissions_of(session, holder["accessRoles"])
        user.document, user.permissions = json_text(holder), json_text(holder["permissionsV2"])
        session.save(user)


def permissions_of(session: Session, roles: Sequence[str]) -> list[str]:
    """Return what the active ones among some access roles permit together, in their order, each permission once."""
    # As many as anybody has; a list beyond what a statement takes was refused when it was given.
    found = {row["id"]: orjson.loads(row["document"])["permissions"] for row in session.all(ACTIVE_ROLES, ids=list(set(roles)))}
    if len(found) < len(set(roles)):
        follow("cotalker.access-roles.inactive")
    return list(dict.fromkeys(permission for role in roles for permission in found.get(role, ())))


def _keep_words(session: Session, record: AccessRole, document: Mapping[str, Any]) -> None:
    keep_words(session, record.id, words_of(document["name"], document.get("description") or ""))
