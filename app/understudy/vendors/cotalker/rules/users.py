"""Users: how they are listed and found, what a new one looks like, and what follows from a change."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import FixedField, NotFound, ValueTaken
from understudy.vendors.cotalker.finding import Findable
from understudy.vendors.cotalker.paging import Conditions, Listing, date_clauses, of_company
from understudy.vendors.cotalker.rules.access_roles import permissions_of
from understudy.vendors.cotalker.rules.records import changed, document_of, json_text, record_of
from understudy.vendors.cotalker.rules.references import keep_references, refers, require_all
from understudy.vendors.cotalker.rules.words import has_words, keep_words
from understudy.vendors.cotalker.schemas.bodies import flag
from understudy.vendors.cotalker.schemas.values import object_id
from understudy.vendors.cotalker.tables import AccessRole, Company, Property, User
from understudy.vendors.cotalker.words import mail_words, words_of

HIERARCHY = ("boss", "peers", "subordinate")

_users = table_of(User).c

USERS = Listing(
    table=table_of(User),
    clauses={
        "company": _users.company == bindparam("company"),
        "id": _users.id.in_(bindparam("id", expanding=True)),
        "email": _users.email.in_(bindparam("email", expanding=True)),
        "isActive": _users.is_active == bindparam("isActive"),
        "bot": _users.bot == bindparam("bot"),
        "job": _users.job == bindparam("job"),
        "accessRole": refers(_users.id, "accessRoles", to="accessRole"),
        "property": refers(_users.id, "properties", to="property"),
        "relatedUser": refers(_users.id, *HIERARCHY, to="relatedUser"),
        **{relation: refers(_users.id, relation, to=relation) for relation in HIERARCHY},
        "search": has_words(_users.id),
        **date_clauses("created", _users.created_at),
        **date_clauses("modified", _users.modified_at),
    },
    sorts={"_id": _users.id, "modifiedAt": _users.modified_at},
    rules=dict.fromkeys(("accessRole", "bot", "email", "id", "job", "property", "relatedUser"), "cotalker.users.filters"),
)

FINDABLE_USERS = Findable(
    table=table_of(User),
    clauses=USERS.clauses,
    columns={"_id": _users.id},
    checks={
        "_id": object_id,
        "isActive": flag,
        **dict.fromkeys(("accessRoles", "properties", "job", "bot", "companies.companyId"), object_id),
    },
    lists=frozenset({"accessRoles", "permissionsV2", "properties", "companies.companyId", "search"}),
)

RELATIONS: Mapping[str, tuple[str, type[User] | type[Property] | type[AccessRole]]] = {
    **{relation: (relation, User) for relation in HIERARCHY},
    "property": ("property", Property),
    "accessrole": ("accessRole", AccessRole),
    "relateduser": ("relatedUser", User),
}
"""The types of relation that a path may name, each with the filter that it stands for and what its id is of."""

HAS_EMAIL = Prepared(select(_users.id).where(_users.email == bindparam("email")))
COMPANY_BY_ID = Prepared(select(table_of(Company).c.document).where(table_of(Company).c.id == bindparam("id")))


def myself(call: Call, caller: Caller) -> str:
    """Return the document of the caller."""
    return document_of(call, caller, User, caller.id)


def myself_in_full(call: Call, caller: Caller) -> str:
    """Return the document of the caller with the company as an object and the ids of all access roles.

    The partner SDK reads `company._id` and `permissionsV2` there.
    """
    user = myself(call, caller)
    company = call.db.scalar(COMPANY_BY_ID, id=caller.company)
    roles = json_text(orjson.loads(user)["accessRoles"])
    return f'{user[:-1]},"company":{company},"allAccessRoles":{roles}}}'


def related_users(call: Call, caller: Caller, relation: str, record: str) -> Conditions:
    """Return the conditions for the users who refer to a record; raise `NotFound` for one that the caller's company lacks."""
    name, table = RELATIONS[relation]
    if relation == "relateduser":
        follow("cotalker.users.related-user")
    document_of(call, caller, table, record)
    return of_company(caller.company).also(name, **{name: record})


def create_user(call: Call, caller: Caller, *, email: str, password: str | None, wishes: Mapping[str, Any]) -> str:
    """Create a user and return the document.

    Raises `NotFound` for an access role, property, user or company that the caller's company doesn't have and `ValueTaken` for an
    address that anybody has: a login names no company.
    """
    wishes = dict(wishes)
    wishes.setdefault("companies", [{"companyId": caller.company, "hierarchy": {}}])
    wishes["companies"] = [_membership(call, item) for item in wishes["companies"]]
    _require_references(call, caller, wishes)
    if call.db.first(HAS_EMAIL, email=email.lower()) is not None:
        raise ValueTaken("email").by("cotalker.users.address-taken")
    if wishes["name"]["displayName"]:
        follow("cotalker.users.names-kept")
    user, now = call.new_id(), call.now()
    return store_user(call.db, user, company=caller.company, email=email, password=password, created=now, wishes=wishes)


def store_user(
    session: Session,
    user: str,
    *,
    company: str,
    email: str,
    password: str | None,
    created: int,
    wishes: Mapping[str, Any],
    bot: str | None = None,
) -> str:
    """Store a new user and return the document; the access roles must be there already."""
    stamp = iso(created)
    document = {
        "_id": user,
        "name": {},
        "email": email,
        "accessRoles": [],
        "permissionsV2": [],
        "properties": [],
        "companies": [],
        "isActive": True,
        "isOnline": False,
        "isReadOnly": False,
        "termsConditions": False,
        "extensions": {},
        **wishes,
        **({"passwordModifiedAt": stamp} if password is not None else {}),
        **({"bot": bot} if bot is not None else {}),
        "search": [],
        "createdAt": stamp,
        "modifiedAt": stamp,
        "__v": 0,
    }
    record = User(
        id=user,
        company=company,
        email=email.lower(),
        password=password,
        is_active=True,
        is_read_only=False,
        bot=bot,
        job=None,
        created_at=created,
        modified_at=created,
        permissions="[]",
        document="",
    )
    _fill(session, record, document)
    session.add(record)
    return record.document


def change_user(
    call: Call, caller: Caller, user: str, wishes: Mapping[str, Any], *, password: str | None, gone: Collection[str] = ()
) -> str:
    """Change a user and return the document; what the user may do changes at once.

    Raises `NotFound` as `create_user` does and `FixedField` for another address.
    """
    record = record_of(call, caller, User, user)
    wishes = dict(wishes)
    if "email" in wishes:
        follow("cotalker.users.fixed-address")
    if wishes.pop("email", record.email).lower() != record.email:
        raise FixedField("email").by("cotalker.users.fixed-address")
    if "companies" in wishes:
        wishes["companies"] = [_membership(call, item) for item in wishes["companies"]]
    _require_references(call, caller, wishes)
    now = call.now()
    if password is not None:
        record.password = password
        wishes["passwordModifiedAt"] = iso(now)
    record.modified_at = now
    put_user(call.db, record, changed(record.document, wishes, gone=gone, modified=now))
    return record.document


def put_user(session: Session, record: User, document: dict[str, Any]) -> None:
    """Put a document in the place of a user's, with everything that follows from it."""
    _fill(session, record, document)
    session.save(record)


def _fill(session: Session, record: User, document: dict[str, Any]) -> None:
    document["permissionsV2"] = permissions_of(session, document["accessRoles"])
    name = document["name"]
    document["search"] = list(
        dict.fromkeys(
            [*words_of(name["displayName"], name["names"], name["lastName"], name["secondLastName"]), *mail_words(record.email)]
        )
    )
    record.is_active, record.is_read_only = document["isActive"], document["isReadOnly"]
    record.job = document.get("job")
    record.permissions, record.document = json_text(document["permissionsV2"]), json_text(document)
    keep_words(session, record.id, document["search"])
    hierarchy = {relation: list(_relatives(document, relation)) for relation in HIERARCHY}
    lists = {"accessRoles": document["accessRoles"], "properties": document["properties"]}
    keep_references(session, record.id, {**lists, **hierarchy})


def _membership(call: Call, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of `companies` with everything that one has."""
    hierarchy = {relation: item.get("hierarchy", {}).get(relation, []) for relation in HIERARCHY}
    return {"_id": item.get("_id") or call.new_id(), "companyId": item["companyId"], "hierarchy": hierarchy}


def _relatives(document: Mapping[str, Any], relation: str) -> Iterator[str]:
    for item in document["companies"]:
        yield from item["hierarchy"][relation]


def _require_references(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> None:
    require_all(call.db, caller, AccessRole, wishes.get("accessRoles", ()))
    require_all(call.db, caller, Property, wishes.get("properties", ()))
    if "companies" in wishes:
        for item in wishes["companies"]:
            if item["companyId"] != caller.company:
                raise NotFound().by("cotalker.users.own-company-only")
        for relation in HIERARCHY:
            require_all(call.db, caller, User, _relatives(wishes, relation))
