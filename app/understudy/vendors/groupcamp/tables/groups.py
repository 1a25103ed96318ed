"""Groups, who is in them, and what they may cost."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from understudy.vendors.groupcamp.tables.columns import big


class GroupCategory(SQLModel, table=True):
    """A category of groups."""

    __tablename__ = "groupcamp_group_category"

    id: int = big(primary_key=True)
    account: int
    name: str


class Group(SQLModel, table=True):
    """A project, an intranet or an extranet.

    `subtype`, `code`, `external_ref`, dates, leaders and budget are a project's. `folded` is its name, with the code before it,
    in the form in which texts are searched for.
    """

    __tablename__ = "groupcamp_group"
    __table_args__ = (Index("groupcamp_group_by_name", "account", "name"),)

    id: int = big(primary_key=True)
    account: int
    name: str
    gtype: str
    state: str
    has_tasks: bool
    """Whether its Tasks application is on."""
    has_timelogs: bool = True
    """Whether its Timelog application is on."""
    folded: str
    subtype: str = "internal"
    code: str | None = None
    external_ref: str | None = None
    description: str = ""
    description_color: str = "default"
    orga: int | None = big(default=None)
    leader1: int | None = big(default=None)
    leader2: int | None = big(default=None)
    category: int | None = big(default=None)
    access: str = "invited"
    can_accept_guest: bool = False
    start_day: int | None = None
    end_day: int | None = None
    time_unit: str | None = None
    """Unit to prefer for its time records; None for the account's."""


class Member(SQLModel, table=True):
    """A user in a group; `delegated` for one who manages it beside its leaders. Memberships are numbered as they begin."""

    __tablename__ = "groupcamp_member"
    __table_args__ = (Index("groupcamp_member_by_user", "user", "group"),)

    group: int = big(primary_key=True)
    user: int = big(primary_key=True)
    place: int = big()
    delegated: bool = False


class GroupTag(SQLModel, table=True):
    """A tag on a group."""

    __tablename__ = "groupcamp_group_tag"

    group: int = big(primary_key=True)
    tag: int = big(primary_key=True)


class Budget(SQLModel, table=True):
    """What a project may cost, in unit and currency of the account, and for the dates of the project, as they were then.

    `unit_cost` is that of time off the budget. `type` is `total`, `category` or `role`.
    """

    __tablename__ = "groupcamp_budget"

    group: int = big(primary_key=True)
    type: str
    time_unit: str
    currency: str
    amount: int | None = big(default=None)
    start_day: int | None = None
    end_day: int | None = None
    description: str = ""
    unit_cost: int = big(default=0)


class BudgetLine(SQLModel, table=True):
    """One line of a budget: of a role, of a category of time, or of the whole."""

    __tablename__ = "groupcamp_budget_line"

    group: int = big(primary_key=True)
    position: int = Field(primary_key=True)
    role: int | None = big(default=None)
    category: int | None = big(default=None)
    work: int = big()
    unit_cost: int = big()
