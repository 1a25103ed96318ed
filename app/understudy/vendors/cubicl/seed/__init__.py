"""Cubicl's part of a new world.

`recipe.py` is what a world file may ask for, `planting.py` makes the organisation, `tasks.py` its tasks.
"""

from collections.abc import Mapping
from typing import Any

from understudy.core.store import Session
from understudy.core.vendor import Credential
from understudy.core.world import Cast
from understudy.vendors.cubicl import tables
from understudy.vendors.cubicl.seed.planting import Planting
from understudy.vendors.cubicl.seed.recipe import CubiclRecipe

WHO = {
    "owner": "account manager and admin of the root project",
    "member": "member of some projects",
    "viewer": "in the organisation, member of nothing but the root project; its level there is View",
}


def plant(session: Session, cast: Cast, recipe: Mapping[str, Any]) -> None:
    """Put Cubicl's rows into a new world."""
    Planting(session, cast, CubiclRecipe.model_validate(recipe)).run()


def credentials(session: Session) -> list[Credential]:
    """Return the tokens of the default world that still work."""
    return [
        Credential(token.label or token.token, WHO.get(token.label or "", "user"), {"token": token.token})
        for token in session.records(tables.Token, tables.LABELLED_TOKENS)
    ]
