"""Cotalker's part of a new world: a company with everything it has, and a neighbour that it must never see."""

from collections.abc import Mapping
from typing import Any

from understudy.core.store import Session
from understudy.core.vendor import Credential
from understudy.core.world import BadRecipe, Cast
from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.seed.collections import plant_collections
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.groups import plant_group, plant_task_group
from understudy.vendors.cotalker.seed.habits import plant_agreement, plant_filters, plant_history
from understudy.vendors.cotalker.seed.neighbour import plant_neighbour
from understudy.vendors.cotalker.seed.people import plant_bot, plant_company, plant_people
from understudy.vendors.cotalker.seed.recipe import CotalkerRecipe
from understudy.vendors.cotalker.seed.tasks import plant_tasks

WHO = {"admin": "administrator, every admin-* permission", "agent": "ordinary user, member of some tasks"}


def plant(session: Session, cast: Cast, recipe: Mapping[str, Any]) -> None:
    """Put Cotalker's rows into a new world, in the order in which they refer to each other."""
    wanted = CotalkerRecipe.model_validate(recipe)
    ground = Ground(session, cast, wanted.company)
    plant_company(ground, cast.company, admins=[user.id for user in wanted.users if "administrators" in user.roles])
    for user in wanted.users:
        cast.person(user.person)  # which says so when the recipe has no such person
        if user.boss is not None and user.boss not in [other.person for other in wanted.users]:
            raise BadRecipe(f"vendors.cotalker.users: {user.boss!r}, the boss of {user.person!r}, is none of them")
    users = plant_people(ground, cast.people, wanted.users)
    for group in wanted.free_groups:
        plant_group(ground, group.id, name=group.name, code=group.code)
    workflows = []
    for task_group in wanted.task_groups:
        workflow = plant_task_group(ground, task_group)
        plant_tasks(ground, task_group, workflow, users)
        workflows.append(workflow)
    for bot in wanted.bots:
        plant_bot(ground, bot)
    plant_collections(ground, wanted.collections)
    plant_neighbour(session, cast, wanted.neighbour)
    # What follows draws nothing by chance: records were added here without changing the others.
    for workflow in workflows:
        if workflow is not None:
            plant_history(ground, workflow)
            plant_filters(ground, workflow, users[0])
            plant_agreement(ground, workflow)


def credentials(session: Session) -> list[Credential]:
    """Return the credentials of the default world that still work."""
    found = []
    for token in session.records(tables.ApiToken, tables.LABELLED_TOKENS):
        user = session.get(tables.User, token.user)
        if user is not None and token.label is not None:
            values = {"token": token.token, "email": user.email, "password": user.password or ""}
            found.append(Credential(token.label, WHO.get(token.label, "user"), values))
    return found
