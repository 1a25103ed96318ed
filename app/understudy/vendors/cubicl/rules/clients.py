"""Clients (`customer`): which ones a list shows, and what becomes of tasks when they change."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import Any

import orjson
from sqlalchemy import bindparam, null, or_, select, update

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import NotFound
from understudy.vendors.cubicl.paging import ESCAPE, LONGEST_PATTERN, NO_LIMIT, pattern
from understudy.vendors.cubicl.rules.context import Live
from understudy.vendors.cubicl.rules.disturbances import disturb
from understudy.vendors.cubicl.rules.events import client_event
from understudy.vendors.cubicl.rules.nodes import forget_client
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.references import require_users
from understudy.vendors.cubicl.rules.sheets import fold, keep_sheet, open_sheet
from understudy.vendors.cubicl.rules.standing import require_clients
from understudy.vendors.cubicl.schemas import CLIENT_CREATED, CLIENT_DELETED, UNSET, ClientFields, ClientQuery
from understudy.vendors.cubicl.tables import Client, PortalUser, Task

_clients, _tasks = table_of(Client).c, table_of(Task).c
_portal_users = table_of(PortalUser)

DOCUMENT = Prepared(select(_clients.document).where(_clients.id == bindparam("client")))
FOLDED = Prepared(select(_clients.id, _clients.name_folded, _clients.addresses_folded))
TASKS_OF_CLIENT = Prepared(
    select(_tasks.id).where(or_(_tasks.customer == bindparam("client"), _tasks.template.is_not(None))).order_by(_tasks.id)
)
FORGET_PORTAL = Prepared(update(_portal_users).where(_portal_users.c.client == bindparam("was")).values(client=null()))

CLAUSES = {
    "name": _clients.name_folded.like(bindparam("name"), escape=ESCAPE),
    "email": _clients.addresses_folded.like(bindparam("email"), escape=ESCAPE),
    "ids": _clients.id.in_(bindparam("ids", expanding=True)),
}


def list_clients(call: CubiclCall, query: ClientQuery) -> str:
    """Return the JSON array of the clients that are asked for, by name; raise `NoPermission`.

    A name is found by the beginning of any of its words, an address by any part of it.
    """
    require_clients(call, Level.VIEW)
    values = _conditions(call.db, query)
    statement = page_statement(tuple(values))

    def read(skip: int, limit: int) -> list[str]:
        return [row["id"] for row in call.db.all(statement, **values, page_limit=limit, page_offset=skip)]

    again = 0
    if call.injection is not None:
        again = disturb(call, read, query.skip, insert=partial(_copy_client, call), delete=partial(_discard_last, call))
    limit = query.limit + again if query.limit else NO_LIMIT
    rows = call.db.all(statement, **values, page_limit=limit, page_offset=query.skip - again)
    if len(rows) > 1:
        follow("cubicl.clients.list-order")
    if query.with_all_fields:
        follow("cubicl.clients.all-fields")
        return f"[{','.join(row['document'] for row in rows)}]"
    return orjson.dumps([{"_id": row["id"], "name": row["name"]} for row in rows]).decode()


@lru_cache
def page_statement(names: tuple[str, ...]) -> Prepared:
    """Return the query for a page of the clients that fulfil all conditions."""
    query = select(_clients.id, _clients.name, _clients.document).where(*(CLAUSES[name] for name in names))
    ordered = query.order_by(_clients.name_folded, _clients.id)
    return Prepared(ordered.limit(bindparam("page_limit")).offset(bindparam("page_offset")))


def client_document(call: CubiclCall, client: str) -> str:
    """Return a client's document; raise `NotFound`, then `NoPermission`."""
    document: str | None = call.db.scalar(DOCUMENT, client=client)
    if document is None:
        raise NotFound().by("cubicl.clients.unknown")
    require_clients(call, Level.VIEW)
    return document


def create_client(call: CubiclCall, wishes: ClientFields) -> dict[str, Any]:
    """Create a client and return its document; raise `NoPermission`, and `Impossible` for an unknown user."""
    require_clients(call, Level.CREATE)
    require_users(call.db, wishes.get("portalCustomerManagerIds", []))
    if not wishes.keys() >= UNSET.keys():
        follow("cubicl.clients.defaults")
    document = new_client_document(call.new_id(), call.now(), wishes)
    call.db.add(client_row(document))
    client_event(call, CLIENT_CREATED, document)
    return document


def update_client(call: CubiclCall, client: str, changes: ClientFields) -> dict[str, Any]:
    """Change a client, and its name on its tasks too, and return its document.

    Raises `NotFound`, `NoPermission`, and `Impossible` for an unknown user.
    """
    row = _client(call, client, Level.EDIT)
    require_users(call.db, changes.get("portalCustomerManagerIds", []))
    document: dict[str, Any] = orjson.loads(row.document) | changes
    call.db.save(client_row(document))
    if document["name"] != row.name:
        follow("cubicl.clients.new-name-on-tasks")
        _tell_tasks(call.db, client, {"_id": client, "name": document["name"]})
    return document


def delete_client(call: CubiclCall, client: str) -> None:
    """Delete a client and its files; its tasks stay, without one. Raises `NotFound` and `NoPermission`."""
    discard_client(call, _client(call, client, Level.DELETE))


def discard_client(context: Live, row: Client) -> None:
    """Delete a client and its files, whoever wants it."""
    context.db.remove(row)
    context.db.run(FORGET_PORTAL, was=row.id)
    forget_client(context.db, row.id)
    follow("cubicl.nodes.with-their-client", "cubicl.clients.deleted-from-tasks")
    _tell_tasks(context.db, row.id, None)
    client_event(context, CLIENT_DELETED, orjson.loads(row.document))


def _copy_client(context: Live, client: str) -> None:
    """Make another client just like one, for a fault; of the same name, it stands directly above, for its id is the lower one."""
    row = context.db.get(Client, client)
    assert row is not None
    ids = (f"{int(client, 16) - away:024x}" for away in count(1))
    new = next(one for one in ids if context.db.get(Client, one) is None)
    document = {**orjson.loads(row.document), "_id": new, "createdAt": context.now()}
    context.db.add(client_row(document))
    client_event(context, CLIENT_CREATED, document)


def _discard_last(context: Live, clients: Sequence[str]) -> None:
    row = context.db.get(Client, clients[-1])
    assert row is not None
    discard_client(context, row)


def new_client_document(client: str, now: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a new client."""
    given = {"_id": client, **UNSET, **fields, "createdAt": now}
    return {name: given[name] for name in FIELDS}


def client_row(document: Mapping[str, Any]) -> Client:
    """Return the row of a client with this document."""
    addresses = [document["email"], *(contact["email"] for contact in document["contacts"])]
    return Client(
        id=document["_id"],
        name=document["name"],
        name_folded=_words(document["name"]),
        addresses_folded="\n".join(fold(address) for address in addresses),
        document=orjson.dumps(document).decode(),
    )


FIELDS = ("_id", "name", "phone", "email", "fullname", "contacts", "customFields", "portalCustomerManagerIds", "createdAt")
"""Every property of a client, in the order of the Clients page."""


def _client(call: CubiclCall, client: str, level: Level) -> Client:
    row = call.db.get(Client, client)
    if row is None:
        raise NotFound().by("cubicl.clients.unknown")
    require_clients(call, level)
    return row


def _words(text: str) -> str:
    """A text folded, with a space before each word and nowhere else."""
    return "".join(f" {word}" for word in fold(text).split())


def _conditions(db: Session, query: ClientQuery) -> dict[str, Any]:
    """The values of the conditions of a list; texts too long for a pattern are looked for here."""
    texts: dict[str, str] = {}
    if query.name is not None:
        follow("cubicl.clients.name-filter")
        texts["name"] = _words(query.name)
    if query.email is not None:
        follow("cubicl.clients.email-filter", "cubicl.clients.email-substring")
        texts["email"] = fold(query.email)
    if len(texts) > 1:
        follow("cubicl.clients.both-filters")
    if all(len(text) <= LONGEST_PATTERN for text in texts.values()):
        return {name: pattern(text) for name, text in texts.items()}
    columns = {"name": "name_folded", "email": "addresses_folded"}
    found = [row for row in db.all(FOLDED) if all(text in row[columns[name]] for name, text in texts.items())]
    return {"ids": [row["id"] for row in found]}


def _tell_tasks(db: Session, client: str, customer: dict[str, str] | None) -> None:
    """Put a client's new name on all its tasks and on what future copies are made from, or take it off them."""
    for row in db.all(TASKS_OF_CLIENT, client=client):
        sheet = open_sheet(db, row["id"])
        template = orjson.loads(sheet.row.template) if sheet.row.template else None
        concerned = [document for document in (sheet.document, template) if document and _is_of(document, client)]
        for document in concerned:
            document["customer"] = customer
        if concerned:
            sheet.row.template = orjson.dumps(template).decode() if template else None
            keep_sheet(db, sheet)


def _is_of(document: Mapping[str, Any], client: str) -> bool:
    return document["customer"] is not None and document["customer"]["_id"] == client
