"""What a world file says about GroupCamp."""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.vendors.groupcamp.uuids import FIRST_FREE_ITEM

ITEM = Field(ge=1, lt=FIRST_FREE_ITEM)


class Strict(BaseModel):
    """A part of the recipe; a key it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountRecipe(Strict):
    """An account: the upper half of its objects' numbers, and the first label of its host name."""

    number: int = Field(ge=1, lt=1 << 31)
    name: str


class KeyRecipe(Strict):
    """A key of the API; `label` is the credential's name in `understudy env`."""

    key: str
    secret: str
    application: Literal["reporting-1", "provisioning-1"]
    label: str | None = None


class RoleRecipe(Strict):
    """What people work as, and what an hour of it costs, in thousandths of the currency."""

    item: int = ITEM
    name: str
    rate: int


class UserRecipe(Strict):
    """The item number of somebody of the cast, and what they work as; `rate` is what an hour of theirs costs."""

    person: str
    item: int = ITEM
    role: str | None = None
    rate: int = 0


class NamedRecipe(Strict):
    """A category of groups or of projects' time, or anything else that has but a name."""

    item: int = ITEM
    name: str


class TimeCategoryRecipe(NamedRecipe):
    """A category of time; an administrative one is of time in which no group is worked for."""

    administrative: bool = False


class TeamRecipe(NamedRecipe):
    """A team; `is_tech` for a management team."""

    description: str = ""
    is_tech: bool = False
    people: list[str] = []


class OrgaRecipe(NamedRecipe):
    """A company: a customer, or one of the account's own."""

    otype: Literal["internal", "invited"] = "invited"
    description: str = ""
    created: datetime


class LineRecipe(Strict):
    """A line of a budget, for the role or the category of time of this name; seconds of work, cost of an hour."""

    name: str | None = None
    work: int
    unit_cost: int


class BudgetRecipe(Strict):
    """A budget for the dates of its project; `stale` for one that was made for other dates."""

    type: Literal["total", "category", "role"]
    description: str = ""
    lines: list[LineRecipe]
    unit_cost: int = 0
    stale: bool = False


class GroupRecipe(Strict):
    """A group, about a project of the cast or under a name of its own, with this many tasks beside the known ones."""

    project: str
    item: int | None = Field(None, ge=1, lt=FIRST_FREE_ITEM)
    gtype: Literal["project", "intranet", "extranet"] = "project"
    state: Literal["ok", "archi", "trash", "del"] = "ok"
    has_tasks: bool = True
    tasks: int = Field(ge=0)
    code: str | None = None
    description: str = ""
    color: Literal["default", "green", "orange", "red"] = "default"
    category: str | None = None
    customer: str | None = None
    """The company that a customer project is for."""
    leaders: list[str] = Field([], max_length=2)
    managers: list[str] = []
    members: list[str] = []
    with_guests: bool = False
    access: Literal["open", "invited"] = "invited"
    has_timelogs: bool = True
    tags: list[str] = []
    start: Day | None = None
    end: Day | None = None
    budget: BudgetRecipe | None = None


class MilestoneRecipe(Strict):
    """A known milestone."""

    item: int = ITEM
    name: str
    description: str = ""
    date: Day


class ListRecipe(Strict):
    """A known list, of the milestone with this item number, if any."""

    item: int = ITEM
    name: str
    milestone: int | None = None


class AffectRecipe(Strict):
    """An assignee of a known task, with seconds estimated and spent."""

    person: str
    progress: int
    estimate: int
    spent: int


class TaskRecipe(Strict):
    """A known task; without `affects` it is assigned to Nobody.

    `others` maps people who are not assigned to the seconds they spent.
    """

    item: int = ITEM
    list: int
    name: str
    description: str = ""
    creator: str
    created: datetime
    modified: datetime
    completed: datetime | None = None
    begin: Day | None = None
    due_with_milestone: bool = False
    affects: Sequence[AffectRecipe] = ()
    others: dict[str, int] = {}


class TimelogRecipe(Strict):
    """A known record of time: more about the one that a person has on a task, or, with an item number, one of its own."""

    person: str
    name: str
    date: Day
    created: datetime
    task: int | None = None
    billable: bool | None = None
    category: str | None = None
    item: int | None = Field(None, ge=1, lt=FIRST_FREE_ITEM)
    seconds: int = 0


class KnownRecipe(Strict):
    """The records of the first group that everybody can rely on, and known records of administrative time."""

    milestones: list[MilestoneRecipe] = []
    lists: list[ListRecipe] = []
    tasks: list[TaskRecipe] = []
    timelogs: list[TimelogRecipe] = []


class NeighbourRecipe(Strict):
    """Another account, which nobody of the first may see."""

    account: AccountRecipe
    key: KeyRecipe
    group_item: int = ITEM


class GroupCampRecipe(Strict):
    """`vendors.groupcamp` of a world file."""

    account: AccountRecipe
    keys: list[KeyRecipe]
    roles: list[RoleRecipe] = []
    users: list[UserRecipe]
    group_categories: list[NamedRecipe] = []
    time_categories: list[TimeCategoryRecipe] = []
    teams: list[TeamRecipe] = []
    orgas: list[OrgaRecipe] = []
    groups: list[GroupRecipe] = Field(min_length=1)
    known: KnownRecipe = KnownRecipe()
    neighbour: NeighbourRecipe
