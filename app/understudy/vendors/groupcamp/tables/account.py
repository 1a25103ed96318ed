"""The account, its keys, and what it keeps from being retrieved."""

from sqlalchemy import select
from sqlmodel import Field, SQLModel

from understudy.core.store import Prepared, table_of
from understudy.vendors.groupcamp.tables.columns import big


class Account(SQLModel, table=True):
    """A customer of GroupCamp; `workday` is the length in seconds of a day of its default profile."""

    __tablename__ = "groupcamp_account"

    number: int = Field(primary_key=True)
    name: str
    """The first label of the account's own host name."""
    api_enabled: bool
    workday: int
    time_unit: str
    """Unit in which time is entered, `s` or `d`."""
    budget_unit: str = "s"
    """Unit of all budgets and costs, `s` or `d`; never mixed within one account."""
    currency: str = "EUR"
    group_quota: int | None = None
    """How many groups the plan allows; None for any number."""
    category_required: bool = False
    """Whether a new project needs a category."""


class ApiKey(SQLModel, table=True):
    """A key with its secret, good for one application; `label` names those of the default world."""

    __tablename__ = "groupcamp_api_key"

    key: str = Field(primary_key=True)
    secret: str
    application: str
    account: int
    label: str | None = None


class Forbidden(SQLModel, table=True):
    """What is there but answers 403: an object, by its Uuid, or a method as the vendor's list writes it.

    `kind` and `number` say which object it is; a method has neither.
    """

    __tablename__ = "groupcamp_forbidden"

    id: str = Field(primary_key=True)
    kind: str | None = None
    number: int | None = big(default=None)


LABELLED_KEYS = Prepared(
    select(table_of(ApiKey)).where(table_of(ApiKey).c.label.is_not(None)).order_by(table_of(ApiKey).c.label.desc())
)
