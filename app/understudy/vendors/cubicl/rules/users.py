"""Who there is: members of the organisation, the caller, and all who ever had an id."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import BindParameter, bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.tables import EmailUser, PortalUser, Project, ProjectParent, User

# What the pages give the form of, and nothing else: how the interface shows dates is of no account here.
LANGUAGE: Final = "en"
COUNTRY: Final = "GB"
LOCALIZATION: Final = {"dateFormat": "DD/MM/YYYY", "timeFormat": "HH:mm", "timezone": 0}

# SQLite takes 32 766 parameters.
AT_ONCE: Final = 10_000

_users, _portal_users, _senders = table_of(User).c, table_of(PortalUser).c, table_of(EmailUser).c
_projects, _parents = table_of(Project).c, table_of(ProjectParent).c
_profile = (_users.id, _users.firstname, _users.lastname, _users.email, _users.profile)
_ids: BindParameter[list[str]] = bindparam("ids", expanding=True)

MEMBERS = Prepared(select(*_profile).where(_users.is_removed.is_(False)).order_by(_users.id))
ACCOUNT_MANAGERS = Prepared(select(_users.id).where(_users.is_account_manager.is_(True)).order_by(_users.id))
USERS = Prepared(select(*_profile).where(_users.id.in_(_ids)))
PORTAL_USERS = Prepared(select(_portal_users.id, _portal_users.document).where(_portal_users.id.in_(_ids)))
SENDERS = Prepared(select(_senders.id, _senders.name).where(_senders.id.in_(_ids)))
ROOT_NAME = Prepared(select(_projects.name).where(_projects.id.not_in(select(_parents.project))).order_by(_projects.id))


def list_members(call: CubiclCall) -> list[dict[str, str]]:
    """Return the present members of the organisation, by id."""
    return [_user(row) for row in call.db.all(MEMBERS)]


def list_users(call: CubiclCall, ids: list[str]) -> list[dict[str, str]]:
    """Return users, former ones, portal users and senders of mails, without addresses and in the order of `ids`.

    An id that nobody has is left out.
    """
    users = users_of(call.db, ids)
    found = {id: {name: user[name] for name in user if name != "email"} for id, user in users.items()}
    portal_users = portal_users_of(call.db, ids)
    senders = {row["id"]: _sender(row) for some in _chunks(ids) for row in call.db.all(SENDERS, ids=some)}
    found |= portal_users | senders
    _note_found(len(ids), len(found), portal_users, senders)
    return [found[id] for id in ids if id in found]


def _note_found(asked: int, found: int, portal_users: Mapping[str, Any], senders: Mapping[str, Any]) -> None:
    if portal_users:
        follow("cubicl.users.whoever-has-an-id", "cubicl.users.portal-user")
    if senders:
        follow("cubicl.users.whoever-has-an-id", "cubicl.users.sender")
    if found < asked:
        follow("cubicl.users.unknown-ids")
    if found > 1:
        follow("cubicl.users.order-of-ids")


def users_of(db: Session, ids: list[str]) -> dict[str, dict[str, str]]:
    """Return users by id, present and former ones, as the User type has them."""
    return {row["id"]: _user(row) for some in _chunks(ids) for row in db.all(USERS, ids=some)}


def portal_users_of(db: Session, ids: list[str]) -> dict[str, dict[str, str]]:
    """Return portal users by id."""
    return {row["id"]: orjson.loads(row["document"]) for some in _chunks(ids) for row in db.all(PORTAL_USERS, ids=some)}


def about_caller(call: CubiclCall) -> dict[str, Any]:
    """Return the caller, as the Me type has it; the organisation is called as its root project."""
    user = call.db.get(User, call.caller)
    if user is None:
        raise RuntimeError(f"the user {call.caller} of a token is missing")
    return {
        "_id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "profile": user.profile,
        "jobTitle": user.job_title,
        "language": LANGUAGE,
        "localization": LOCALIZATION,
        "org": {
            "name": call.db.scalar(ROOT_NAME),
            "countryCode": COUNTRY,
            "admins": [row["id"] for row in call.db.all(ACCOUNT_MANAGERS)],
            "isAdmin": user.is_account_manager,
        },
    }


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _user(row: Row) -> dict[str, str]:
    return {
        "_id": row["id"],
        "firstname": row["firstname"],
        "lastname": row["lastname"],
        "email": row["email"],
        "profile": row["profile"],
    }


def _sender(row: Row) -> dict[str, str]:
    """The sender of a mail as a user: of the name in the mail the last word is the last name."""
    first, _, last = row["name"].rpartition(" ")
    return {"_id": row["id"], "firstname": first or last, "lastname": last if first else "", "profile": ""}
