"""Time spent, and the lists of it that were stored for their later pages."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from understudy.vendors.groupcamp.tables.columns import big


class TimeCategory(SQLModel, table=True):
    """A category of time: of a project's, or, when `is_administrative`, of time that no group is worked for in."""

    __tablename__ = "groupcamp_time_category"

    id: int = big(primary_key=True)
    account: int
    name: str
    is_administrative: bool


class Timelog(SQLModel, table=True):
    """A record of time spent by a user, or by Nobody; it outlives the task it was made on.

    Without a `group`, its category is an administrative one, and owns it. Role and rates are those of its day.
    """

    __tablename__ = "groupcamp_timelog"
    __table_args__ = (
        Index("groupcamp_timelog_of_account", "account", "day", "id"),
        Index("groupcamp_timelog_of_group", "group", "day", "id"),
    )

    id: int = big(primary_key=True)
    account: int
    group: int | None = big(default=None)
    task: int | None = big(default=None, index=True)
    user: int | None = big(default=None)
    name: str
    day: int
    d: int = big()
    s: int = big()
    created: int = big()
    modified: int = big()
    modification_user: int = big()
    billable: bool | None = None
    category: int | None = big(default=None)
    role: int | None = big(default=None)
    user_rate: int = big(default=0)
    role_rate: int = big(default=0)


class StoredList(SQLModel, table=True):
    """The mark of a list whose pages were stored at its first call; `request` is what it was an answer to."""

    __tablename__ = "groupcamp_stored_list"

    token: str = Field(primary_key=True)
    request: str
    made: int = big(index=True)
    page_count: int


class StoredPage(SQLModel, table=True):
    """The items of one page of a stored list, as finished text."""

    __tablename__ = "groupcamp_stored_page"

    token: str = Field(primary_key=True)
    page: int = Field(primary_key=True)
    content: bytes
