"""Users, what an hour of theirs costs, their teams, and the companies."""

from sqlmodel import Field, SQLModel

from understudy.vendors.groupcamp.tables.columns import big


class Role(SQLModel, table=True):
    """What users work as; `rate` is what their time costs by it, in thousandths of the currency per hour or per day."""

    __tablename__ = "groupcamp_role"

    id: int = big(primary_key=True)
    account: int
    name: str
    rate: int = big()


class User(SQLModel, table=True):
    """A person; `workday` is the length of their day in seconds, `rate` what their time costs, as in `Role`."""

    __tablename__ = "groupcamp_user"

    id: int = big(primary_key=True)
    account: int
    email: str = Field(index=True)
    name: str
    shortname: str
    utype: str
    state: str
    workday: int
    role: int | None = big(default=None)
    rate: int = big(default=0)


class Team(SQLModel, table=True):
    """A team of users; `is_tech` marks a management team."""

    __tablename__ = "groupcamp_team"

    id: int = big(primary_key=True)
    account: int
    name: str
    description: str
    is_tech: bool


class TeamMember(SQLModel, table=True):
    """A user in a team."""

    __tablename__ = "groupcamp_team_member"

    user: int = big(primary_key=True)
    team: int = big(primary_key=True)


class Orga(SQLModel, table=True):
    """A company: the account's own ones are `internal`, its customers `invited`."""

    __tablename__ = "groupcamp_orga"

    id: int = big(primary_key=True)
    account: int
    name: str = Field(index=True)
    otype: str
    state: str
    description: str
    website: str
    created: int = big()
    modified: int = big()
