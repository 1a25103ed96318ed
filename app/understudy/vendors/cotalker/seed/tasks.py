"""Tasks of every kind that a rule speaks of: in each state, deactivated, with parents, with and without additional fields."""

from collections.abc import Sequence
from typing import Any

from understudy.core.clock import DAY, iso
from understudy.vendors.cotalker.rules.task_records import add_task, user_list
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.recipe import TaskGroupRecipe
from understudy.vendors.cotalker.seed.workflows import EXTRAS, State, Workflow

# Every eleven tasks the second user of the recipe, the ordinary one, plays each of these parts once, and none in the other six.
PARTS = ("editors", "followers", "visibility", "assignee", "createdBy")
# Every ten tasks, these have a parent: so many serial numbers before them.
PARENTS = {3: 1, 4: 1, 5: 3}
# A name that comes again and again, for lists sorted by it.
RECURRING = "Weekly check"


def plant_tasks(ground: Ground, wanted: TaskGroupRecipe, workflow: Workflow | None, users: Sequence[str]) -> None:
    """Make the tasks of a task group, in order of their serial numbers and of time."""
    if workflow is None:
        return
    planted: list[dict[str, Any]] = []
    for serial in range(1, wanted.tasks + 1):
        days = 280 / wanted.tasks
        known = wanted.known_task if serial == 1 else None
        task, created = ground.birth(known, -290 + (serial - 1) * days, -290 + serial * days)
        parent = planted[serial - 1 - PARENTS[serial % 10]] if serial % 10 in PARENTS else None
        document = _identity(ground, workflow, task, serial, created) | _people(ground, serial, users)
        if known:
            document["assignee"] = users[0]
        document["userList"] = user_list(document)
        _move(ground, document, _state(workflow, serial, parent), created)
        _place(document, parent)
        _extras(ground, document, workflow, serial, created)
        add_task(ground.session, document)
        planted.append(document)


def _identity(ground: Ground, workflow: Workflow, task: str, serial: int, created: int) -> dict[str, Any]:
    """Return the whole document, its keys in the order of the vendor's sample."""
    return {
        "answers": [],
        "indentation": 0,
        "isActive": serial % 9 != 0,
        "activeSlas": [],
        "editors": [],
        "followers": [],
        "visibility": [],
        "subscribers": [],
        "userList": [],
        "language": "english",
        "_id": task,
        "name": RECURRING if serial % 10 == 6 else ground.cast.task_name(),
        "createdBy": None,
        "company": ground.company,
        "taskGroup": workflow.task_group,
        "owner": "manual",
        "weight": 0,
        "relativeWeight": 0,
        "createdAt": iso(created),
        "status": None,
        "smState": None,
        "smStateMachine": workflow.machine,
        "modifiedStateAt": None,
        "closedAt": None,
        "asset": workflow.asset,
        "assignee": None,
        "channel": ground.new_id(created),
        "serial": serial,
        "modifiedAt": None,
        "__v": 0,
        "extensions": {},
    }


def _people(ground: Ground, serial: int, users: Sequence[str]) -> dict[str, Any]:
    """Return who has to do with a task: the ordinary user in at most one part, the others by chance."""
    random, ordinary = ground.cast.random, users[1]
    others = [user for user in users if user != ordinary]
    people: dict[str, Any] = {
        "editors": random.sample(others, random.randrange(1, 3)),
        "followers": random.sample(others, random.randrange(0, 3)),
        "visibility": random.sample(others, 1) if serial % 4 == 0 else [],
        "assignee": random.choice(others),
        "createdBy": random.choice(others),
    }
    part = PARTS[serial % 11] if serial % 11 < len(PARTS) else None
    if part in ("assignee", "createdBy"):
        people[part] = ordinary
    elif part is not None:
        people[part] = [*people[part], ordinary]
    return people


def _state(workflow: Workflow, serial: int, parent: dict[str, Any] | None) -> State:
    """Return a task's state; below a closed task there are only closed ones."""
    closed = parent is not None and parent["closedAt"] is not None
    return workflow.states[-1] if closed else workflow.states[(serial - 1) % len(workflow.states)]


def _move(ground: Ground, document: dict[str, Any], state: State, created: int) -> None:
    """Put a task into a state; only in the first state it is as it was made."""
    random = ground.cast.random
    changed = created + 14 if state.kind == "new" else created + random.randrange(1, 15 * DAY)
    modified = changed + random.choice((74, random.randrange(DAY)))
    document |= {
        "status": state.element,
        "smState": state.id,
        "modifiedStateAt": iso(changed),
        "modifiedAt": iso(modified),
        "__v": 0 if state.kind == "new" else random.randrange(1, 10),
    }
    if state.kind == "closed":
        document |= {"closedAt": iso(changed), "resolutionDate": iso(changed)}


def _place(document: dict[str, Any], parent: dict[str, Any] | None) -> None:
    if parent is not None:
        document |= {"parent": parent["_id"], "indentation": parent["indentation"] + 1}


def _extras(ground: Ground, document: dict[str, Any], workflow: Workflow, serial: int, created: int) -> None:
    """Fill the additional fields of some tasks: set, cleared again (null) or never touched (absent)."""
    random = ground.cast.random
    for number, (field, names) in enumerate(EXTRAS.items()):
        if (serial + number) % 5 == 0:
            document[field] = workflow.elements[random.choice(names)]
        elif (serial + number) % 7 == 0:
            document[field] = None
    if serial % 5 == 0:
        end = created + random.randrange(5, 30) * DAY
        document |= {"startDate": iso(created), "endDate": iso(end), "estimatedTime": random.randrange(1, 20)}
    if serial % 3 == 0:
        document["info"] = ground.cast.sentence()
