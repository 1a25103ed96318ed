"""GroupCamp's part of a new world: `recipe.py` is what a world file may ask for, `planting.py` makes the rows."""

from collections.abc import Mapping
from typing import Any

from understudy.core.store import Session
from understudy.core.vendor import Credential
from understudy.core.world import Cast
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.seed.planting import Planting
from understudy.vendors.groupcamp.seed.recipe import GroupCampRecipe


def plant(session: Session, cast: Cast, recipe: Mapping[str, Any]) -> None:
    """Put GroupCamp's rows into a new world."""
    Planting(session, cast, GroupCampRecipe.model_validate(recipe)).run()


def credentials(session: Session) -> list[Credential]:
    """Return the keys of the default world that still work."""
    return [
        Credential(
            key.label or key.key,
            f"application {key.application}",
            {"key": key.key, "secret": key.secret, "application": key.application, "acting": "big.boss@localhost"},
        )
        for key in session.records(tables.ApiKey, tables.LABELLED_KEYS)
    ]
