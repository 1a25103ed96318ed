"""The caller's company."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import NotFound
from understudy.vendors.cotalker.rules.records import changed, json_text
from understudy.vendors.cotalker.rules.references import require_all
from understudy.vendors.cotalker.tables import Company, Group, User

# The fields that hold ids, and of what; `populate` puts the records in their place.
REFERENCES: Mapping[str, type[Group] | type[User]] = {"admin": User, "conversationGroup": Group, "startGroup": Group}

COMPANY = Prepared(select(table_of(Company).c.document).where(table_of(Company).c.id == bindparam("id")))
RECORDS = {
    table: Prepared(
        select(table_of(table).c.id, table_of(table).c.document).where(table_of(table).c.id.in_(bindparam("ids", expanding=True)))
    )
    for table in (Group, User)
}


def own_company(call: Call, caller: Caller, populate: Sequence[str] = ()) -> str:
    """Return the document of the caller's company, with the records in the place of the ids in the fields `populate`."""
    text: str = call.db.scalar(COMPANY, id=caller.company)
    wanted = [name for name in REFERENCES if name in populate]
    if populate:
        follow("cotalker.companies.populate", "cotalker.companies.populated")
    if not wanted:
        return text
    document = orjson.loads(text)
    for name in wanted:
        if name in document:
            document[name] = _populated(call, name, document[name])
    return json_text(document)


def company_by_id(call: Call, caller: Caller, company: str) -> str:
    """Return the document of a company; raise `NotFound` for any but the caller's."""
    if company != caller.company:
        raise NotFound().by("cotalker.companies.another")
    return own_company(call, caller)


def change_company(call: Call, caller: Caller, company: str, wishes: Mapping[str, Any]) -> str:
    """Change the caller's company and return its document; raise `NotFound` for another, or a record in it that is not there."""
    company_by_id(call, caller, company)
    for name, table in REFERENCES.items():
        if wishes.get(name):
            require_all(call.db, caller, table, wishes[name] if isinstance(wishes[name], list) else [wishes[name]])
    record = call.db.get(Company, company)
    assert record is not None
    record.document = json_text(changed(record.document, wishes, modified=call.now()))
    call.db.save(record)
    return record.document


def _populated(call: Call, name: str, held: Any) -> Any:
    ids = held if isinstance(held, list) else [held]
    rows = call.db.all(RECORDS[REFERENCES[name]], ids=list(dict.fromkeys(one for one in ids if one)))
    found = {row["id"]: orjson.loads(row["document"]) for row in rows}
    return [found[one] for one in ids if one in found] if isinstance(held, list) else found.get(held)
