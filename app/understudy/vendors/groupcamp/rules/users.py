"""Which users and teams a request gets."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.rules.access import fetch_user
from understudy.vendors.groupcamp.tables import Group, Team, TeamMember, User
from understudy.vendors.groupcamp.uuids import Kind, UserName, uuid

_groups, _teams, _team_members, _users = (table_of(model).c for model in (Group, Team, TeamMember, User))

CLAUSES = {
    "state": _users.state == bindparam("state"),
    "user_type": _users.utype == bindparam("user_type"),
    "is_leader": exists().where(
        or_(_groups.leader1 == _users.id, _groups.leader2 == _users.id),
        _groups.gtype.in_(bindparam("is_leader", expanding=True)),
        _groups.state.not_in(("trash", "del")),
    ),
}
TEAMS = Prepared(
    select(table_of(Team)).where(_team_members.user == bindparam("which"), _teams.id == _team_members.team).order_by(_teams.id)
)


@lru_cache
def users_statement(names: tuple[str, ...]) -> Prepared:
    """Return the query for the users of an account under these conditions, by number."""
    return Prepared(
        select(_users.id, _users.name, _users.shortname, _users.utype, _users.state)
        .where(_users.account == bindparam("account"), *(CLAUSES[name] for name in names))
        .order_by(_users.id)
    )


def list_users(call: SignedCall, query: Mapping[str, Any]) -> list[wire.Wire]:
    """Return the users that fit all of the filters, without one those of every state.

    `is_leader` has kinds of group; for none of them, there is no user.
    """
    values = {name: sorted(value) if name == "is_leader" else value for name, value in query.items()}
    if values.get("is_leader") == []:
        return []
    rows = call.db.all(users_statement(tuple(values)), account=call.account, **values)
    if not query:
        follow("groupcamp.users.everybody")
    if len(rows) > 1:
        follow("groupcamp.users.order")
    if "is_leader" in query:
        follow("groupcamp.users.leader-of-a-deleted-group")
    return [wire.simple_user(row, "v3") for row in rows]


def teams_of_user(call: SignedCall, user: UserName) -> list[wire.Wire]:
    """Return the teams of a user; raise `NotFound` or `AccessForbidden`. A deleted team is gone, so all of them are `ok`."""
    rows = call.db.all(TEAMS, which=fetch_user(call, user)["id"])
    if rows:
        follow("groupcamp.teams.always-ok")
    if len(rows) > 1:
        follow("groupcamp.teams.order")
    return [
        {
            "id": uuid(Kind.TEAM, row["id"]),
            "name": row["name"],
            "type": "team",
            "state": "ok",
            "description": row["description"],
            "is_tech": bool(row["is_tech"]),
        }
        for row in rows
    ]
