"""The form of projects, for what makes them: the world's recipe and the set-up actions. No operation of the API writes them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """A model for which a key that it doesn't know is a mistake, and so is a value that would have to be turned into its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Rank = Annotated[int, Field(ge=0, le=4, description="0 None, 1 View, 2 Create, 3 Edit, 4 Delete")]


class LevelsForm(Strict):
    """A level for each feature; the default holds for one that is left out."""

    tasks: Rank | None = None
    gantt: Rank | None = None
    files: Rank | None = None
    calendar: Rank | None = None


class PermsForm(Strict):
    """Levels for members, for everybody else in the organisation, and for single users by id, who come first."""

    members: LevelsForm = LevelsForm()
    everybody: LevelsForm = LevelsForm()
    users: dict[str, LevelsForm] | None = None


class StateForm(Strict):
    """A task state; colours are hexadecimal."""

    name: str = Field(min_length=1)
    type: Literal["waiting", "active", "completed", "suspended", "cancelled"]
    color: str = "#d8d8d8"
    textColor: str = "#333"
    isDefault: bool | None = None


def _once(states: list[StateForm]) -> list[StateForm]:
    if len({state.name for state in states}) < len(states):
        raise ValueError("two states have the same name")
    return states


StateForms = Annotated[list[StateForm], Field(min_length=1), AfterValidator(_once)]


def plain(form: BaseModel | list[StateForm]) -> Any:
    """Return a form as JSON data, without what was left out."""
    if isinstance(form, list):
        return [plain(item) for item in form]
    return form.model_dump(exclude_none=True)
