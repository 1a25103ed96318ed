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


class UserRecipe(Strict):
    """The item number of somebody of the cast."""

    person: str
    item: int = ITEM


class GroupRecipe(Strict):
    """A group, about a project of the cast or under a name of its own, with this many tasks beside the known ones."""

    project: str
    item: int | None = Field(None, ge=1, lt=FIRST_FREE_ITEM)
    gtype: Literal["project", "intranet", "extranet"] = "project"
    state: Literal["ok", "archi", "trash", "del"] = "ok"
    has_tasks: bool = True
    tasks: int = Field(ge=0)


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


class KnownRecipe(Strict):
    """The records of the first group that everybody can rely on."""

    milestones: list[MilestoneRecipe] = []
    lists: list[ListRecipe] = []
    tasks: list[TaskRecipe] = []


class NeighbourRecipe(Strict):
    """Another account, which nobody of the first may see."""

    account: AccountRecipe
    key: KeyRecipe
    group_item: int = ITEM


class GroupCampRecipe(Strict):
    """`vendors.groupcamp` of a world file."""

    account: AccountRecipe
    keys: list[KeyRecipe]
    users: list[UserRecipe]
    groups: list[GroupRecipe] = Field(min_length=1)
    known: KnownRecipe = KnownRecipe()
    neighbour: NeighbourRecipe
