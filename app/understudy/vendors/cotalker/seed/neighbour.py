"""Another company: what must never be found from the first one."""

from understudy.core.store import Session
from understudy.core.world import Cast, Person
from understudy.vendors.cotalker.rules.task_groups import store_task_group
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.groups import plant_group
from understudy.vendors.cotalker.seed.people import plant_company, plant_people
from understudy.vendors.cotalker.seed.recipe import Neighbour, UserRecipe


def plant_neighbour(session: Session, cast: Cast, wanted: Neighbour) -> None:
    """Make the other company: an administrator, a group without a task group and one with."""
    ground = Ground(session, cast, wanted.company)
    plant_company(ground, wanted.name)
    person = Person("neighbour", "Nora", "Nachbar", "Nilsson", wanted.email, "Administrator")
    user = UserRecipe(id=wanted.user, person=person.key, email=wanted.email, roles=["administrators", "everybody"])
    plant_people(ground, [person], [user])
    plant_group(ground, wanted.free_group.id, name=wanted.free_group.name, code=wanted.free_group.code)
    group = plant_group(ground, wanted.taken_group.id, name=wanted.taken_group.name, code=wanted.taken_group.code)
    task_group, created = ground.birth(wanted.task_group, -365, -360)
    store_task_group(session, task_group, group=group, created=created, modified=created, wishes={})
