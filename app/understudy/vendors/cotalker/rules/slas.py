"""Service-level agreements, as plain records: none of them ever starts to count here."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import iso
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.errors import FixedField, NotFound, ValueTaken
from understudy.vendors.cotalker.rules.records import changed, json_text
from understudy.vendors.cotalker.rules.workflows import fetch_machine
from understudy.vendors.cotalker.tables import SLA

_slas = table_of(SLA).c
_OF_GROUP = _slas.task_group == bindparam("task_group")
SLAS = Prepared(select(_slas.document).where(_OF_GROUP).order_by(_slas.id))
ACTIVE_SLAS = Prepared(select(_slas.document).where(_OF_GROUP, _slas.is_active).order_by(_slas.id))
SLAS_OF_MACHINE = Prepared(
    select(_slas.document).where(_OF_GROUP, _slas.state_machine == bindparam("machine")).order_by(_slas.id)
)
ONE_SLA = Prepared(select(_slas.document).where(_OF_GROUP, _slas.id == bindparam("id")))
SLA_BY_CODE = Prepared(select(_slas.id).where(_slas.company == bindparam("company"), _slas.code == bindparam("code")))


def slas(call: Call, task_group: str) -> list[str]:
    """Return the agreements of a task group, as JSON texts."""
    return [row["document"] for row in call.db.all(SLAS, task_group=task_group)]


def active_slas(call: Call, task_group: str) -> list[str]:
    """Return the agreements of a task group that are in use."""
    return [row["document"] for row in call.db.all(ACTIVE_SLAS, task_group=task_group)]


def slas_of_machine(call: Call, task_group: str, machine: str) -> list[str]:
    """Return the agreements about a state machine of a task group; raise `NotFound` for a machine of another one."""
    fetch_machine(call, task_group, machine)
    return [row["document"] for row in call.db.all(SLAS_OF_MACHINE, task_group=task_group, machine=machine)]


def fetch_sla(call: Call, task_group: str, sla: str) -> str:
    """Return an agreement of a task group, as a JSON text; raise `NotFound`."""
    row = call.db.first(ONE_SLA, task_group=task_group, id=sla)
    if row is None:
        raise NotFound().by("cotalker.workflows.other-group")
    text: str = row["document"]
    return text


def create_sla(call: Call, task_group: Mapping[str, Any], wishes: Mapping[str, Any]) -> str:
    """Create an agreement and return its document.

    Raises `NotFound` for a state machine of another group and `ValueTaken` for a code that another one of the company has.
    """
    fetch_machine(call, task_group["_id"], wishes["stateMachine"])
    if call.db.first(SLA_BY_CODE, company=task_group["company"], code=wishes["code"]) is not None:
        raise ValueTaken("code").by("cotalker.slas.code")
    document = {
        "isActive": True,
        "_id": call.new_id(),
        **wishes,
        "company": task_group["company"],
        "taskGroup": task_group["_id"],
        "createdAt": iso(call.now()),
        "modifiedAt": iso(call.now()),
        "__v": 0,
    }
    call.db.add(sla_row(document))
    return json_text(document)


def change_sla(call: Call, task_group: str, sla: str, wishes: Mapping[str, Any]) -> str:
    """Change an agreement and return the whole of it; raise `NotFound`, and `FixedField` for another code."""
    before = orjson.loads(fetch_sla(call, task_group, sla))
    if wishes.get("code", before["code"]) != before["code"]:
        raise FixedField("code").by("cotalker.slas.code")
    if "stateMachine" in wishes:
        fetch_machine(call, task_group, wishes["stateMachine"])
    document = changed(json_text(before), wishes, modified=call.now())
    call.db.save(sla_row(document))
    return json_text(document)


def sla_row(document: Mapping[str, Any]) -> SLA:
    """Return the row of an agreement."""
    return SLA(
        id=document["_id"],
        company=document["company"],
        task_group=document["taskGroup"],
        state_machine=document["stateMachine"],
        code=document["code"],
        is_active=document["isActive"],
        document=json_text(document),
    )
