"""Companies: the invited ones, which are the account's customers, can be made and changed, the account's own ones only read."""

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import AccessForbidden, BadField
from understudy.vendors.groupcamp.rules.access import is_forbidden, missing, refuse_forbidden_method
from understudy.vendors.groupcamp.schemas import OrgaBody, moment_text
from understudy.vendors.groupcamp.tables import Orga
from understudy.vendors.groupcamp.uuids import Kind, account_of, new_number

_table, _orgas = table_of(Orga), table_of(Orga).c
_invited = (_orgas.account == bindparam("account"), _orgas.otype == "invited")
INVITED = Prepared(select(_table).where(*_invited).order_by(_orgas.id))
INVITED_BY_NAME = Prepared(select(_table).where(*_invited, _orgas.name == bindparam("name")).order_by(_orgas.id))
FORBIDDEN = Prepared(select(is_forbidden(Kind.ORGA, bindparam("which")).label("is_forbidden")))


def invited_orgas(call: SignedCall) -> list[wire.Wire]:
    """Return all invited companies, by number."""
    refuse_forbidden_method(call, "GET /core/v1/orgas/invited")
    rows = call.db.all(INVITED, account=call.account)
    if len(rows) > 1:
        follow("groupcamp.orgas.order")
    return [wire.simple_orga(row) for row in rows]


def fetch_orga(call: SignedCall, number: int) -> Orga:
    """Return a company of the account; raise `NotFound` or `AccessForbidden`."""
    orga = call.db.get(Orga, number) if account_of(number) == call.account else None
    if orga is None:
        raise missing(call, number)
    if call.db.scalar(FORBIDDEN, which=number):
        raise AccessForbidden().by("groupcamp.access.forbidden-by-set-up")
    return orga


def create_orga(call: SignedCall, body: OrgaBody) -> Orga:
    """Invite a company and return it; one that is there already under this name will do, if nothing is said against it.

    Raises `BadField` for one whose description is another, and `AccessForbidden`.
    """
    refuse_forbidden_method(call, "POST /core/v1/orga/invited")
    existing = _invited_as(call, body.name)
    if existing is not None:
        if body.description not in (None, existing.description):
            raise BadField("name", "already_use").by("groupcamp.orgas.name-taken", "groupcamp.orgas.compatible")
        follow("groupcamp.orgas.existing-one", "groupcamp.orgas.compatible")
        return existing
    follow("groupcamp.orgas.modification-date")
    now = _moment(call)
    orga = Orga(
        id=new_number(call.db, call.account),
        account=call.account,
        name=body.name,
        otype="invited",
        state="ok",
        description=body.description or "",
        website="",
        created=now,
        modified=now,
    )
    call.db.add(orga)
    return orga


def update_orga(call: SignedCall, number: int, body: OrgaBody) -> Orga:
    """Change an invited company and return it; a name that another one has makes nothing change at all.

    Raises `NotFound`, and `AccessForbidden` also for one of the account's own.
    """
    orga = fetch_orga(call, number)
    if orga.otype != "invited":
        raise AccessForbidden().by("groupcamp.orgas.own-company")
    holder = _invited_as(call, body.name)
    if holder is not None and holder.id != orga.id:
        follow("groupcamp.orgas.renamed-to-a-taken-name", "groupcamp.orgas.nothing-of-the-change")
        return orga
    follow("groupcamp.orgas.modification-date")
    if body.description is None:
        follow("groupcamp.orgas.not-sent-stays")
    orga.name = body.name
    orga.description = orga.description if body.description is None else body.description
    orga.modified = max(_moment(call), orga.modified)
    call.db.save(orga)
    return orga


def shown_orga(orga: Orga) -> wire.Wire:
    """Return an Orga."""
    if not orga.website:
        follow("groupcamp.orgas.no-website")
    return wire.simple_orga(orga.model_dump()) | {
        "description": orga.description,
        "website": orga.website,
        "creation_date": moment_text(orga.created),
        "modification_date": moment_text(orga.modified),
    }


def _invited_as(call: SignedCall, name: str) -> Orga | None:
    found = call.db.records(Orga, INVITED_BY_NAME, account=call.account, name=name)
    return found[0] if found else None


def _moment(call: SignedCall) -> int:
    """Return the present on the whole second that a DateTime shows."""
    return call.now() // 1000 * 1000
