"""State machines and their states."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import FixedField, InvalidValue, NotFound, ValueTaken
from understudy.vendors.cotalker.rules.records import changed, json_text
from understudy.vendors.cotalker.rules.references import require_all
from understudy.vendors.cotalker.rules.task_states import MACHINES_OF_GROUP, STATE_OF_GROUP, STATES_OF_GROUP
from understudy.vendors.cotalker.tables import Property, PropertyType, State, StateMachine, Task

Document = dict[str, Any]

_machines, _tasks = table_of(StateMachine).c, table_of(Task).c
MACHINE_OF_GROUP = Prepared(
    select(_machines.document).where(_machines.id == bindparam("id"), _machines.task_group == bindparam("task_group"))
)
MACHINE_BY_CODE = Prepared(
    select(_machines.id).where(_machines.company == bindparam("company"), _machines.code == bindparam("code"))
)
ACTIVE_TASK_OF_MACHINE = Prepared(
    select(_tasks.id)
    .where(
        _tasks.task_group == bindparam("task_group"),
        _tasks.state_machine == bindparam("machine"),
        _tasks.is_active,
    )
    .limit(1)
)


FIXED: Mapping[str, str] = {
    "code": "cotalker.workflows.fixed-code",
    "propertyType": "cotalker.workflows.fixed-property-type",
}
"""The fields of a state machine that never change, and the rules that say so."""


def machines(call: Call, task_group: str) -> list[str]:
    """Return the state machines of a task group, as JSON texts."""
    return _in_order(call.db.all(MACHINES_OF_GROUP, task_group=task_group))


def fetch_machine(call: Call, task_group: str, machine: str) -> str:
    """Return a state machine of a task group, as a JSON text; raise `NotFound`."""
    return _document(call, MACHINE_OF_GROUP, task_group, machine)


def create_machine(call: Call, caller: Caller, task_group: Mapping[str, Any], wishes: Mapping[str, Any]) -> str:
    """Create a state machine and return its document; a code stays taken when its machine is deactivated.

    Raises `NotFound` for a collection or element that the company doesn't have, and `ValueTaken` for a code that another machine
    of the company has.
    """
    _require_references(call, caller, wishes)
    if call.db.first(MACHINE_BY_CODE, company=task_group["company"], code=wishes["code"]) is not None:
        raise ValueTaken("code").by("cotalker.workflows.machine-code")
    machine = call.new_id()
    if "initialState" in wishes:
        _require_state_of(call, task_group["_id"], machine, wishes["initialState"])
    document = {
        "hooks": {"onCreate": []},
        "requiredSurvey": {"permissions": [], "parametrizedBot": []},
        "dynamicPropertyTypes": {"isActive": []},
        "isActive": True,
        "taskChannelType": "unbound-hierarchy",
        "allowedExtensions": [],
        "_id": machine,
        **wishes,
        "company": task_group["company"],
        "taskGroup": task_group["_id"],
        "createdAt": iso(call.now()),
        "__v": 0,
    }
    call.db.add(_machine_row(document))
    return json_text(document)


def change_machine(call: Call, caller: Caller, task_group: str, machine: str, wishes: Mapping[str, Any]) -> str:
    """Change a state machine and return the whole of it.

    Raises `NotFound`, `FixedField` for what never changes (`code`, `propertyType`, the asset's type; the rest of the asset while
    there are active tasks) and `InvalidValue` for a deactivated one that is to become active.
    """
    before = orjson.loads(fetch_machine(call, task_group, machine))
    for field, rule in FIXED.items():
        if wishes.get(field, before[field]) != before[field]:
            raise FixedField(field).by(rule)
    if wishes.get("isActive") and not before["isActive"]:
        raise InvalidValue("isActive", "stay false", True).by("cotalker.workflows.stays-deactivated")
    if "asset" in wishes:
        _require_same_asset(call, before, wishes["asset"])
    if "initialState" in wishes:
        _require_state_of(call, task_group, machine, wishes["initialState"])
    _require_references(call, caller, wishes)
    document = changed(json_text(before), wishes, modified=call.now())
    call.db.save(_machine_row(document))
    return json_text(document)


def states(call: Call, task_group: str) -> list[str]:
    """Return the states of a task group, as JSON texts."""
    return _in_order(call.db.all(STATES_OF_GROUP, task_group=task_group))


def populated_states(call: Call, task_group: str) -> list[Document]:
    """Return the states of a task group in the reduced form that one client's types have: the element with its name as a text."""
    populated = []
    for state in (orjson.loads(text) for text in states(call, task_group)):
        element = call.db.get(Property, state["property"])
        name = orjson.loads(element.document)["name"]["display"] if element else ""
        named = {"_id": state["property"], "name": name, "translations": {}}
        rest = {field: state[field] for field in ("stateMachine", "subtask", "next")}
        populated.append({"_id": state["_id"], "property": named, **rest})
    return populated


def fetch_state(call: Call, task_group: str, state: str) -> str:
    """Return a state of a task group, as a JSON text; raise `NotFound`."""
    return _document(call, STATE_OF_GROUP, task_group, state)


def create_state(call: Call, caller: Caller, task_group: Mapping[str, Any], wishes: Mapping[str, Any]) -> str:
    """Create a state and return its document; raise `NotFound` for a state machine or element that isn't there."""
    fetch_machine(call, task_group["_id"], wishes["stateMachine"])
    require_all(call.db, caller, Property, [wishes["property"]])
    document = {
        "subtask": {"triggers": []},
        "isActive": True,
        "type": "in-progress",
        "next": [],
        "surveyTriggers": [],
        "_id": call.new_id(),
        **_with_steps(call, wishes),
        "company": task_group["company"],
        "taskGroup": task_group["_id"],
        "createdAt": iso(call.now()),
        "modifiedAt": iso(call.now()),
        "__v": 0,
    }
    call.db.add(_state_row(document))
    return json_text(document)


def change_state(call: Call, caller: Caller, task_group: Mapping[str, Any], state: str, wishes: Mapping[str, Any]) -> str:
    """Change a state and return the whole of it; raise `NotFound`, and `FixedField` for another state machine."""
    before = orjson.loads(fetch_state(call, task_group["_id"], state))
    if wishes.get("stateMachine", before["stateMachine"]) != before["stateMachine"]:
        raise FixedField("stateMachine").by("cotalker.workflows.state-stays")
    if wishes.get("type", before["type"]) != before["type"]:
        follow("cotalker.workflows.state-type-changes")
    if "property" in wishes:
        require_all(call.db, caller, Property, [wishes["property"]])
    rules = ("cotalker.workflows.state-stamp", "cotalker.records.version")
    document = changed(json_text(before), _with_steps(call, wishes), modified=call.now(), rules=rules)
    call.db.save(_state_row(document))
    return json_text(document)


def _in_order(rows: Sequence[Row]) -> list[str]:
    if len(rows) > 1:
        follow("cotalker.workflows.order")
    return [row["document"] for row in rows]


def _document(call: Call, statement: Prepared, task_group: str, record: str) -> str:
    row = call.db.first(statement, id=record, task_group=task_group)
    if row is None:
        raise NotFound().by("cotalker.workflows.other-group")
    text: str = row["document"]
    return text


def _require_same_asset(call: Call, machine: Mapping[str, Any], asset: Mapping[str, Any]) -> None:
    before = machine["asset"]
    if asset["type"] != before["type"]:
        raise FixedField("asset.type").by("cotalker.workflows.fixed-asset-type")
    in_use = call.db.first(ACTIVE_TASK_OF_MACHINE, task_group=machine["taskGroup"], machine=machine["_id"]) is not None
    for field in ("propertyType", "property"):
        if in_use and asset.get(field) != before.get(field):
            raise FixedField(f"asset.{field}").by("cotalker.workflows.asset-in-use")


def _require_state_of(call: Call, task_group: str, machine: str, state: str) -> None:
    row = call.db.first(STATE_OF_GROUP, id=state, task_group=task_group)
    if row is None or orjson.loads(row["document"])["stateMachine"] != machine:
        misfit = InvalidValue("initialState", "be a state of the state machine", state)
        raise misfit.by("cotalker.workflows.initial-state")
    follow("cotalker.workflows.initial-state")


def _require_references(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> None:
    """Raise `NotFound` where a state machine would name a collection or element that the company doesn't have."""
    asset = wishes.get("asset", {})
    collections = [wishes.get("propertyType"), asset.get("propertyType"), *wishes.get("allowedExtensions", ())]
    collections += [value for field, value in wishes.get("dynamicPropertyTypes", {}).items() if field != "isActive"]
    require_all(call.db, caller, PropertyType, [each for each in collections if each is not None])
    require_all(call.db, caller, Property, [asset["property"]] if "property" in asset else [])


def _with_steps(call: Call, wishes: Mapping[str, Any]) -> Document:
    """Return the fields of a state, each step to another one with an id and what it has unless it says otherwise."""
    if "next" not in wishes:
        return dict(wishes)
    follow("cotalker.workflows.step-defaults")
    defaults = {"canChange": ["manual"], "permissions": None, "requiredSurvey": None, "triggers": []}
    return {**wishes, "next": [{"_id": step.get("_id") or call.new_id(), **defaults, **step} for step in wishes["next"]]}


def _machine_row(document: Mapping[str, Any]) -> StateMachine:
    return StateMachine(
        id=document["_id"],
        company=document["company"],
        task_group=document["taskGroup"],
        code=document["code"],
        is_active=document["isActive"],
        document=json_text(document),
    )


def _state_row(document: Mapping[str, Any]) -> State:
    return State(
        id=document["_id"],
        company=document["company"],
        task_group=document["taskGroup"],
        state_machine=document["stateMachine"],
        property=document["property"],
        document=json_text(document),
    )
