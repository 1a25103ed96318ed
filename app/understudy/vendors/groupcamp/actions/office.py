"""Actions on teams, and on what the server has stored for later pages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import StrictBool

from understudy.core.clock import LATEST
from understudy.core.sandbox import Sandbox
from understudy.core.store import Session
from understudy.core.vendor import ActionRefused
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.actions.found import Body, Name, fetch_account, fetch_user
from understudy.vendors.groupcamp.paging import drop
from understudy.vendors.groupcamp.uuids import Kind, new_number, uuid

EVER: Final = LATEST + 1


class CreateTeam(Body):
    """A new team of users, by Uuid or address; `is_tech` for a management team."""

    name: Name
    description: str = ""
    is_tech: StrictBool = False
    users: Sequence[str] = ()


class ClearCache(Body):
    """Nothing has to be said."""


def create_team(sandbox: Sandbox, session: Session, wish: CreateTeam) -> Mapping[str, Any]:
    """Create a team and return it."""
    account = fetch_account(session).number
    users = [fetch_user(session, account, name).id for name in wish.users]
    if len(set(users)) < len(users):
        raise ActionRefused("users: a user comes twice")
    team = tables.Team(
        id=new_number(session, account), account=account, name=wish.name, description=wish.description, is_tech=wish.is_tech
    )
    session.add(team)
    for user in users:
        session.add(tables.TeamMember(team=team.id, user=user))
    return {"id": uuid(Kind.TEAM, team.id), "name": team.name, "is_tech": team.is_tech, "users": len(users)}


def clear_cache(sandbox: Sandbox, session: Session, wish: ClearCache) -> Mapping[str, Any]:
    """Forget all stored lists: their later pages answer 410."""
    drop(session, older_than=EVER)
    return {"cleared": True}
