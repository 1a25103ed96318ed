"""The fields of state machines, states and service-level agreements."""

from collections.abc import Mapping
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.bodies import flag, id_or_null, strings
from understudy.vendors.cotalker.schemas.shapes import array, code, fields_of, filled_text, known, mapping, number, or_null, shape
from understudy.vendors.cotalker.schemas.tasks import CHANNEL_TYPES
from understudy.vendors.cotalker.schemas.values import Check, object_id, one_of

ADDITIONAL_FIELDS = tuple(f"status{number}" for number in range(1, 6))

STATE_TYPES = ("new", "in-progress", "closed")

MAY_CHANGE = ("survey", "manual", "none")
OLDER_MAY_CHANGE = ("task-ui", "*")

_objects = array(mapping)


def _asset(name: str, value: Any) -> dict[str, Any]:
    """Read what tasks are about: an element that all share (`generic`) or one of their own each (`unique`)."""
    fields = {"property": object_id, "propertyType": object_id, "type": one_of("generic", "unique")}
    required = ("propertyType", "type")
    asset = known(mapping(name, value), fields, required=required, within=f"{name}.", by="cotalker.workflows.machine-required")
    follow("cotalker.workflows.generic-asset")
    if asset["type"] == "generic" and "property" not in asset:
        raise MissingField(f"{name}.property").by("cotalker.workflows.generic-asset")
    return asset


def _present(name: str, value: Any) -> Any:
    """Read when an agreement starts or ends to count."""
    follow("cotalker.slas.start-and-end")
    if value is None:
        raise InvalidValue(name, "not be null", value).by("cotalker.slas.start-and-end")
    return value


def _may_change(name: str, value: Any) -> str:
    """Read who may take a step: a value of today or one of older state machines."""
    read: str = one_of(*MAY_CHANGE, *OLDER_MAY_CHANGE)(name, value)
    if read in OLDER_MAY_CHANGE:
        follow("cotalker.workflows.older-can-change")
    return read


MACHINE_FIELDS: Mapping[str, Check] = {
    "asset": _asset,
    "code": code,
    "name": filled_text,
    "propertyType": object_id,
    "initialState": object_id,
    "isActive": flag,
    "allowedExtensions": array(object_id, most=50),
    "dynamicPropertyTypes": shape(
        {**dict.fromkeys(ADDITIONAL_FIELDS, id_or_null), "isActive": array(one_of(*ADDITIONAL_FIELDS), most=5)}
    ),
    "hooks": shape({"onCreate": _objects}),
    "requiredSurvey": shape({"surveyId": object_id, "permissions": or_null(strings), "parametrizedBot": _objects}),
    "taskChannelType": one_of(*CHANNEL_TYPES),
}

_STEP: Mapping[str, Check] = {
    "_id": object_id,
    "target": object_id,
    "canChange": array(_may_change),
    "permissions": or_null(strings),
    "requiredSurvey": id_or_null,
    "triggers": _objects,
}

STATE_FIELDS: Mapping[str, Check] = {
    "property": object_id,
    "stateMachine": object_id,
    "type": one_of(*STATE_TYPES),
    "isActive": flag,
    "next": array(shape(_STEP, required=("target",)), most=1000),
    "subtask": shape({"target": id_or_null, "triggers": _objects}),
    "surveyTriggers": array(shape({"surveyId": object_id, "triggers": _objects})),
    "icon": filled_text,
}

SLA_FIELDS: Mapping[str, Check] = {
    "code": code,
    "display": filled_text,
    "data": shape({"time": number, "timeType": filled_text}, required=("time", "timeType"), by="cotalker.slas.required"),
    "start": _present,
    "end": _present,
    "pb": object_id,
    "stateMachine": object_id,
    "isActive": flag,
}


def new_machine(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new state machine; raise `MissingField` or `InvalidValue`."""
    required = ("asset", "code", "name", "propertyType")
    rules = "cotalker.workflows.machine-fields", "cotalker.workflows.machine-required"
    return fields_of(body, MACHINE_FIELDS, rules[0], required=required, by=rules[1])


def machine_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a state machine that are to change; raise `MissingField` or `InvalidValue`."""
    return fields_of(body, MACHINE_FIELDS, "cotalker.workflows.machine-fields")


def new_state(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new state; raise `MissingField` or `InvalidValue`."""
    required = ("property", "stateMachine")
    rules = "cotalker.workflows.state-fields", "cotalker.workflows.state-required"
    return fields_of(body, STATE_FIELDS, rules[0], required=required, by=rules[1])


def state_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a state that are to change; raise `MissingField` or `InvalidValue`."""
    return fields_of(body, STATE_FIELDS, "cotalker.workflows.state-fields")


def new_sla(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new agreement; raise `MissingField` or `InvalidValue`."""
    required = ("code", "display", "data", "start", "end", "pb", "stateMachine")
    return fields_of(body, SLA_FIELDS, "cotalker.slas.fields", required=required, by="cotalker.slas.required")


def sla_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an agreement that are to change; raise `InvalidValue`."""
    return fields_of(body, SLA_FIELDS, "cotalker.slas.fields")
