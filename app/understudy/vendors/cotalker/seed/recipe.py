"""What a world file says about Cotalker, under `vendors.cotalker`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ObjectId = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
Code = Annotated[str, Field(pattern="^[a-z][_a-z0-9]{2,59}$")]


class Strict(BaseModel):
    """A part of the recipe; a key it doesn't know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UserRecipe(Strict):
    """Somebody of the cast with a known id; everybody else of it becomes an ordinary user.

    `label` is the name of the credentials in `understudy env`; without a `token` there are none there. `boss` is the person,
    also a known user, to whom this one reports.
    """

    id: ObjectId
    person: str
    email: str
    password: str = "understudy"
    token: str | None = None
    label: str | None = None
    roles: list[Literal["administrators", "everybody", "supervisors"]] = ["everybody"]
    active: bool = True
    read_only: bool = False
    boss: str | None = None
    properties: list[ObjectId] = []


class BotRecipe(Strict):
    """The user of a bot; `bot` is the id of the bot itself."""

    id: ObjectId
    name: str
    email: str
    bot: ObjectId


class ElementRecipe(Strict):
    """An element of a collection, and the codes of those below it, which come before it."""

    id: ObjectId
    code: Code
    name: str
    parts: list[str] = []
    extra: dict[str, Any] = Field({}, description="Values for the collection's own fields.")


class CollectionRecipe(Strict):
    """A collection with its elements; `fields` are its schema nodes: key, display name and basic type."""

    id: ObjectId
    code: Code
    name: str
    view: list[str] = []
    fields: list[tuple[str, str, str]] = []
    elements: list[ElementRecipe] = []


class GroupRecipe(Strict):
    """A group without a task group."""

    id: ObjectId
    name: str
    code: Code


class Opened(Strict):
    """An element of a workflow, by its display name, that opens the tasks holding it to holders of permissions."""

    element: str
    editor: list[str] = []
    follower: list[str] = []


class Rights(Strict):
    """The permission lists of a task group; one of a list suffices."""

    read: list[str] = []
    write: list[str] = []
    edit_all: list[str] = []
    follow_all: list[str] = []
    opened: list[Opened] = []


class KnownWorkflow(Strict):
    """Ids that the vendor's documentation shows, for the first state of a task group and what belongs to it."""

    machine: ObjectId
    state: ObjectId
    status: ObjectId
    asset: ObjectId


class TaskGroupRecipe(Strict):
    """A task group about a project of the cast; one without tasks is of the older kind, without state machine and levels."""

    project: str
    id: ObjectId | None = None
    group: ObjectId | None = None
    code: Code
    flow: Literal["free", "state-machine"] = "free"
    tasks: int = Field(ge=0)
    active: bool = True
    rights: Rights = Rights()
    known_workflow: KnownWorkflow | None = None
    known_task: ObjectId | None = Field(None, description="Id of the first task.")


class Neighbour(Strict):
    """Another company, with an administrator, a group without a task group and one with."""

    company: ObjectId
    name: str
    user: ObjectId
    email: str
    free_group: GroupRecipe
    taken_group: GroupRecipe
    task_group: ObjectId


class CotalkerRecipe(Strict):
    """`vendors.cotalker` of a world file."""

    company: ObjectId
    users: list[UserRecipe]
    free_groups: list[GroupRecipe]
    task_groups: list[TaskGroupRecipe]
    bots: list[BotRecipe] = []
    collections: list[CollectionRecipe] = []
    neighbour: Neighbour
