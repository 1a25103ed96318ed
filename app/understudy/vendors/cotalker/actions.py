"""What Cotalker's own interface can do and its API can't, or not in one step: tokens and permissions."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from understudy.core.sandbox import Sandbox
from understudy.core.store import Session
from understudy.core.vendor import Action, ActionRefused, UnknownRecord
from understudy.vendors.cotalker.rules.access_roles import store_access_role
from understudy.vendors.cotalker.rules.users import put_user
from understudy.vendors.cotalker.tables import ApiToken, User


class CreateToken(BaseModel):
    """A user's id, and the token if a certain one is wanted."""

    model_config = ConfigDict(extra="forbid")

    user: str
    token: str | None = Field(None, min_length=1, pattern=r"^[^\s.@]+$")


class RevokeToken(BaseModel):
    """A token."""

    model_config = ConfigDict(extra="forbid")

    token: str


class SetPermissions(BaseModel):
    """A user's id and all permissions the user is to have."""

    model_config = ConfigDict(extra="forbid")

    user: str
    permissions: list[str]


def create_token(sandbox: Sandbox, session: Session, wish: CreateToken) -> Mapping[str, Any]:
    """Give a user a new permanent token."""
    user = _user(session, wish.user)
    token = wish.token or f"cotalker-{sandbox.object_id(session)}"
    if session.get(ApiToken, token) is not None:
        raise ActionRefused(f"token: {token!r} exists already")
    session.add(ApiToken(token=token, user=user.id))
    return {"token": token, "user": user.id}


def revoke_token(sandbox: Sandbox, session: Session, wish: RevokeToken) -> Mapping[str, Any]:
    """Make a token worthless from now on."""
    token = session.get(ApiToken, wish.token)
    if token is None:
        raise UnknownRecord(f"there is no token {wish.token!r}")
    session.remove(token)
    return {"token": token.token, "user": token.user}


def set_permissions(sandbox: Sandbox, session: Session, wish: SetPermissions) -> Mapping[str, Any]:
    """Give a user one access role, which nobody else has, with these permissions."""
    user = _user(session, wish.user)
    role = sandbox.object_id(session)
    wishes = {"name": f"Role of {user.email}", "permissions": wish.permissions}
    store_access_role(session, role, company=user.company, wishes=wishes)
    put_user(session, user, orjson.loads(user.document) | {"accessRoles": [role]})
    return {"user": user.id, "permissions": wish.permissions}


def _user(session: Session, user: str) -> User:
    found = session.get(User, user)
    if found is None:
        raise UnknownRecord(f"there is no user {user!r}")
    return found


ACTIONS = {
    "create-token": Action("Give a user a new permanent token", CreateToken, create_token),
    "revoke-token": Action("Make a token worthless", RevokeToken, revoke_token),
    "set-permissions": Action("Replace a user's permissions", SetPermissions, set_permissions),
}
