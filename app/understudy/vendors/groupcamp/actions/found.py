"""How an action finds what its body names, and how it shows what it changed."""

from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import bindparam, func, select
from sqlmodel import SQLModel

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import UnknownRecord
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.schemas import DATE
from understudy.vendors.groupcamp.uuids import Kind, NotAUuid, number_of

# Far beyond what the database or a client could want, and still far from 64 bits when added up.
MOST = 10**9
LARGEST_NUMBER = (1 << 63) - 1

R = TypeVar("R", bound=SQLModel)

_users = table_of(tables.User)
TABLES: dict[Kind, type[SQLModel]] = {
    Kind.GROUP: tables.Group,
    Kind.USER: tables.User,
    Kind.TASK: tables.Task,
    Kind.TASK_LIST: tables.TaskList,
    Kind.MILESTONE: tables.Milestone,
    Kind.TAG: tables.Tag,
    Kind.TIMELOG: tables.Timelog,
    Kind.TIME_CATEGORY: tables.TimeCategory,
    Kind.TEAM: tables.Team,
    Kind.ORGA: tables.Orga,
    Kind.GROUP_CATEGORY: tables.GroupCategory,
}

USER_BY_EMAIL = Prepared(select(_users).where(_users.c.email == bindparam("email"), _users.c.account == bindparam("account")))
FIRST_USER = Prepared(select(func.min(_users.c.id)).where(_users.c.account == bindparam("account")))
FIRST_ACCOUNT = Prepared(select(func.min(table_of(tables.Account).c.number)))


def _written_day(value: object) -> object:
    # Left to itself, pydantic takes seconds since 1970 and DateTimes at midnight for dates as well.
    if (isinstance(value, str) and not DATE.fullmatch(value)) or isinstance(value, int | float):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


Name = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_written_day)]


class Body(BaseModel):
    """An action's body; a key it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid")


def fetch(session: Session, table: type[R], kind: Kind, uuid: str) -> R:
    """Return the record with this Uuid; raise `UnknownRecord`."""
    try:
        number = number_of(kind, uuid)
    except NotAUuid:
        number = LARGEST_NUMBER + 1
    record = session.get(table, number) if number <= LARGEST_NUMBER else None
    if record is None:
        raise UnknownRecord(f"there is no {kind.value.partition(':')[2]} {uuid!r}")
    return record


def fetch_user(session: Session, account: int, name: str) -> tables.User:
    """Return the user of an account with this address or Uuid; raise `UnknownRecord`."""
    if "@" not in name:
        user = fetch(session, tables.User, Kind.USER, name)
        if user.account == account:
            return user
    elif found := session.records(tables.User, USER_BY_EMAIL, email=name.lower(), account=account):
        return found[0]
    raise UnknownRecord(f"there is no user {name!r}")


def fetch_account(session: Session) -> tables.Account:
    """Return the account that the world is about, which is the one with the lowest number."""
    account = session.get(tables.Account, session.scalar(FIRST_ACCOUNT))
    if account is None:
        raise UnknownRecord("the world has no account of GroupCamp")
    return account


def first_user(session: Session, account: int) -> int:
    """Return the user of an account with the lowest number."""
    user: int = session.scalar(FIRST_USER, account=account)
    return user


def moment(sandbox: Sandbox) -> int:
    """Return the sandbox's instant on the whole second that a DateTime shows."""
    return sandbox.clock.now() // 1000 * 1000
