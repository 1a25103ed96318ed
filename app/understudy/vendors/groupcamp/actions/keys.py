"""Actions on who may use the API: the account's admin panel."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from understudy.core.sandbox import Sandbox
from understudy.core.store import Session
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.actions.found import Body, fetch_account

# Printable, without space, colon or the sign that separates a key from a sandbox's name.
Text = Annotated[str, Field(pattern=r"^[!-9;-?A-~]+$")]


class CreateKey(Body):
    """A new key for one application, and certain texts if they are wanted."""

    application: Literal["reporting-1", "provisioning-1"]
    key: Text | None = None
    secret: Text | None = None


class RemoveKey(Body):
    """A key."""

    key: str


class SetAPI(Body):
    """Whether the account's API is on; off, all its keys are worthless."""

    enabled: StrictBool


def create_key(sandbox: Sandbox, session: Session, wish: CreateKey) -> Mapping[str, Any]:
    """Declare a key and return it with its secret."""
    key = tables.ApiKey(
        key=wish.key or f"key-{sandbox.object_id(session)}",
        secret=wish.secret or f"secret-{sandbox.object_id(session)}",
        application=wish.application,
        account=fetch_account(session).number,
    )
    if session.get(tables.ApiKey, key.key) is not None:
        raise ActionRefused(f"key: {key.key!r} exists already")
    session.add(key)
    return {"key": key.key, "secret": key.secret, "application": key.application}


def remove_key(sandbox: Sandbox, session: Session, wish: RemoveKey) -> Mapping[str, Any]:
    """Delete a key."""
    key = session.get(tables.ApiKey, wish.key)
    if key is None:
        raise UnknownRecord(f"there is no key {wish.key!r}")
    session.remove(key)
    return {"key": key.key, "application": key.application}


def set_api(sandbox: Sandbox, session: Session, wish: SetAPI) -> Mapping[str, Any]:
    """Switch the API on or off."""
    account = fetch_account(session)
    account.api_enabled = wish.enabled
    session.save(account)
    return {"enabled": account.api_enabled}
