"""Actions on users, tokens and the organisation's storage."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from sqlalchemy import bindparam, select

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.cubicl.actions.projects import root_project, user_named
from understudy.vendors.cubicl.rules.projects import add_user
from understudy.vendors.cubicl.rules.projects import remove_user as take_out
from understudy.vendors.cubicl.rules.users import ACCOUNT_MANAGERS
from understudy.vendors.cubicl.schemas.projects import Rank, Strict
from understudy.vendors.cubicl.tables import Storage, Token, User

LARGEST = (1 << 63) - 1
USER_OF_EMAIL = Prepared(select(table_of(User).c.id).where(table_of(User).c.email == bindparam("email")))


class CreateUser(Strict):
    """Somebody new."""

    firstname: str = Field(min_length=1)
    lastname: str = Field(min_length=1)
    email: str = Field(min_length=3, pattern="@")


class OneUser(Strict):
    """A user's id."""

    user: str


class SetClientPermission(OneUser):
    """A user's id, and the level at which the user may use clients."""

    level: Rank


class RemoveToken(Strict):
    """A token."""

    token: str


class SetStorage(Strict):
    """Bytes that the file storage can hold, and bytes that it holds."""

    totalCapacity: int = Field(ge=0, le=LARGEST)
    totalSize: int = Field(ge=0, le=LARGEST)


def create_user(sandbox: Sandbox, session: Session, wish: CreateUser) -> Mapping[str, Any]:
    """Take somebody into the organisation, and so into the root project; answers the user."""
    if session.first(USER_OF_EMAIL, email=wish.email) is not None:
        raise ActionRefused(f"email: {wish.email!r} belongs to somebody already")
    new = sandbox.object_id(session)
    user = User(
        id=new,
        firstname=wish.firstname,
        lastname=wish.lastname,
        email=wish.email,
        profile=profile_of(new),
        job_title=None,
        is_account_manager=False,
    )
    add_user(session, user, root=root_project(session))
    return {
        "_id": user.id,
        "firstname": user.firstname,
        "lastname": user.lastname,
        "email": user.email,
        "profile": user.profile,
    }


def create_token(sandbox: Sandbox, session: Session, wish: OneUser) -> Mapping[str, Any]:
    """Give a user a new token; answers `token` and `user`."""
    user_named(session, wish.user)
    token = f"cubicl-{sandbox.object_id(session)}"
    session.add(Token(token=token, user=wish.user))
    return {"token": token, "user": wish.user}


def remove_user(sandbox: Sandbox, session: Session, wish: OneUser) -> Mapping[str, Any]:
    """Take somebody out of the organisation and make the user's tokens worthless; tasks stay as they are. Answers `user`."""
    user = user_named(session, wish.user)
    if user.is_account_manager and len(session.all(ACCOUNT_MANAGERS)) == 1:
        raise ActionRefused(f"user: {wish.user!r} is the only account manager")
    take_out(session, user)
    return {"user": user.id}


def set_client_permission(sandbox: Sandbox, session: Session, wish: SetClientPermission) -> Mapping[str, Any]:
    """Set what somebody may do with clients; account managers may do everything anyway. Answers `user` and `level`."""
    user = user_named(session, wish.user)
    user.client_level = wish.level
    session.save(user)
    return {"user": user.id, "level": user.client_level}


def remove_token(sandbox: Sandbox, session: Session, wish: RemoveToken) -> Mapping[str, Any]:
    """Make a token worthless from now on; answers `token` and `user`."""
    token = session.get(Token, wish.token)
    if token is None:
        raise UnknownRecord(f"there is no token {wish.token!r}")
    session.remove(token)
    return {"token": token.token, "user": token.user}


def set_storage(sandbox: Sandbox, session: Session, wish: SetStorage) -> Mapping[str, Any]:
    """Set the size and the filling of the file storage; answers both."""
    storage = session.get(Storage, 1)
    if storage is None:
        raise RuntimeError("the row about the file storage is missing")
    storage.total_capacity, storage.total_size = wish.totalCapacity, wish.totalSize
    session.save(storage)
    return {"totalCapacity": storage.total_capacity, "totalSize": storage.total_size}


def profile_of(user: str) -> str:
    """Return the address of a user's photo."""
    return f"https://cubicl.test/profiles/{user}.png"
