"""Workflows: a state machine with its states, and the elements that its tasks hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from understudy.core.clock import iso
from understudy.vendors.cotalker import tables
from understudy.vendors.cotalker.rules.properties import store_property
from understudy.vendors.cotalker.rules.property_types import store_property_type
from understudy.vendors.cotalker.seed.ground import Ground, text
from understudy.vendors.cotalker.seed.recipe import TaskGroupRecipe

STATES = (("Pending", "new"), ("In progress", "in-progress"), ("In review", "in-progress"), ("Done", "closed"))
EXTRAS = {
    "status1": ("North", "South", "East"),
    "status2": ("Low", "High"),
    "status3": ("Phone", "Mail"),
    "status4": ("Winter", "Summer"),
    "status5": ("Paid", "Unpaid"),
}


@dataclass(frozen=True, slots=True)
class State:
    """A state and the element that is a task's `status` while it is there."""

    id: str
    element: str
    kind: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """What a task of a task group is made of; `elements` maps display names to ids."""

    task_group: str
    code: str
    machine: str
    asset: str
    states: Sequence[State]
    elements: Mapping[str, str]


def plant_workflow(ground: Ground, wanted: TaskGroupRecipe, task_group: str) -> Workflow:
    """Make the state machine of a task group, its states and its elements."""
    known = wanted.known_workflow
    machine, created = ground.birth(known.machine if known else None, -355, -350)
    first = {"Pending": known.status} if known else {}
    names = [title for title, _ in STATES] + [name for choices in EXTRAS.values() for name in choices]
    elements = {name: plant_element(ground, wanted.code, name, first.get(name)) for name in names}
    asset = plant_element(ground, wanted.code, "Asset", known.asset if known else None)
    states = [State(ground.new_id(created), elements[title], kind) for title, kind in STATES]
    if known:
        states[0] = State(known.state, elements["Pending"], "new")
    workflow = Workflow(task_group, wanted.code, machine, asset, states, elements)
    _plant_machine(ground, wanted, workflow, iso(created))
    for position, state in enumerate(states):
        _plant_state(ground, workflow, state, states[position + 1 : position + 2], iso(created))
    return workflow


def plant_element(ground: Ground, code: str, display: str, known: str | None = None) -> str:
    """Make a property (an element of a collection) and return its id."""
    element, created = ground.birth(known, -360, -355)
    wishes = {
        "name": {"code": f"{code}_{display.lower().replace(' ', '_')}", "display": display},
        "propertyType": f"{code}_elements",
    }
    store_property(ground.session, element, company=ground.company, created=created, wishes=wishes)
    return element


def _plant_property_type(ground: Ground, code: str) -> str:
    """Make the collection of a workflow's elements."""
    created = ground.cast.instant(-360, -355)
    property_type = ground.new_id(created)
    wishes = {"code": f"{code}_elements", "display": f"{code.replace('_', ' ').capitalize()} elements"}
    store_property_type(ground.session, property_type, company=ground.company, created=created, wishes=wishes)
    return property_type


def _plant_machine(ground: Ground, wanted: TaskGroupRecipe, workflow: Workflow, stamp: str) -> None:
    property_type = _plant_property_type(ground, wanted.code)
    code = f"{wanted.code}_flow"
    document = {
        "hooks": {"onCreate": []},
        "requiredSurvey": {"permissions": [], "parametrizedBot": []},
        "dynamicPropertyTypes": {**dict.fromkeys(EXTRAS, property_type), "isActive": list(EXTRAS)},
        "isActive": True,
        "taskChannelType": "unbound-hierarchy",
        "allowedExtensions": [],
        "_id": workflow.machine,
        "asset": {"property": workflow.asset, "propertyType": property_type, "type": "generic"},
        "code": code,
        "name": f"{wanted.code.replace('_', ' ').capitalize()} flow",
        "propertyType": property_type,
        "company": ground.company,
        "taskGroup": workflow.task_group,
        "createdAt": stamp,
        "initialState": workflow.states[0].id,
        "__v": 0,
    }
    ground.session.add(
        tables.StateMachine(
            id=workflow.machine,
            company=ground.company,
            task_group=workflow.task_group,
            code=code,
            is_active=True,
            document=text(document),
        )
    )


def _plant_state(ground: Ground, workflow: Workflow, state: State, following: Sequence[State], stamp: str) -> None:
    document: dict[str, Any] = {
        "subtask": {"triggers": []},
        "isActive": True,
        "type": state.kind,
        "next": [_step(ground, target) for target in following],
        "surveyTriggers": [],
        "_id": state.id,
        "property": state.element,
        "stateMachine": workflow.machine,
        "company": ground.company,
        "taskGroup": workflow.task_group,
        "createdAt": stamp,
        "modifiedAt": stamp,
        "__v": 0,
    }
    ground.session.add(
        tables.State(
            id=state.id,
            company=ground.company,
            task_group=workflow.task_group,
            state_machine=workflow.machine,
            property=state.element,
            document=text(document),
        )
    )


def _step(ground: Ground, target: State) -> dict[str, Any]:
    return {
        "_id": ground.new_id(ground.cast.instant(-355, -350)),
        "target": target.id,
        "canChange": ["manual"],
        "permissions": None,
        "requiredSurvey": None,
        "triggers": [],
    }
