"""`vendors.cubicl` of a world file. People and projects are named by their keys; an `id` that is given is one to rely on."""

from typing import Self

from pydantic import Field, model_validator

from understudy.vendors.cubicl.schemas.projects import LevelsForm, PermsForm, Rank, StateForms, Strict


class UserRecipe(Strict):
    """Somebody with known credentials; `label` is the credential's name in `understudy env`, `clients` the level for clients."""

    person: str
    id: str
    token: str
    label: str
    account_manager: bool = False
    clients: Rank = 0


class LevelsRecipe(Strict):
    """Customised permissions; `people` are the levels of single persons."""

    members: LevelsForm = LevelsForm()
    everybody: LevelsForm = LevelsForm()
    people: dict[str, LevelsForm] = Field(default_factory=dict)

    def perms(self, users: dict[str, str]) -> PermsForm:
        """Return the permissions, with ids in the place of keys."""
        own = {users[person]: levels for person, levels in self.people.items()}
        return PermsForm(members=self.members, everybody=self.everybody, users=own or None)


class ProjectRecipe(Strict):
    """A project; everybody is a member of the first, the root, and all others are below projects that come before them."""

    project: str
    id: str
    parents: list[str] = Field(default_factory=list)
    admins: list[str] = Field(default_factory=list)
    members: list[str] = Field(default_factory=list)
    private: bool = False
    states: StateForms | None = None
    levels: LevelsRecipe | None = None
    tasks: int = Field(ge=0)


class KnownClient(Strict):
    """A client, and a portal user of it."""

    id: str
    name: str
    portal_user: str


class KnownRecord(Strict):
    """A tag or workflow of the root project, or a file."""

    id: str
    name: str


class KnownTasks(Strict):
    """Two tasks of the root project: one that is shared with the known client and has a comment, and a plain one."""

    shared: str
    comment: str
    plain: str


class CubiclRecipe(Strict):
    """Everything of Cubicl in a world."""

    users: list[UserRecipe] = Field(min_length=1)
    projects: list[ProjectRecipe] = Field(min_length=1)
    client: KnownClient
    tag: KnownRecord
    file: KnownRecord
    workflow: KnownRecord
    tasks: KnownTasks

    @model_validator(mode="after")
    def _tree(self) -> Self:
        known: set[str] = set()
        for number, project in enumerate(self.projects):
            if (number == 0) == bool(project.parents) or not known.issuperset(project.parents):
                raise ValueError(f"projects: {project.project}: parents must be projects before it, and only the first has none")
            known.add(project.project)
        return self
