"""Records that go, for paging faults: whole ones, with the rows that are about them and the places where others list them.

Cotalker's API deletes none of these records, so what its database does then is not known; that other records may go on naming
one that is gone is inferred from MongoDB, which watches no references.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Table, bindparam, delete, select
from sqlmodel import SQLModel

from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.rules.access_roles import HOLDERS
from understudy.vendors.cotalker.rules.copying import CHANGES, PARENTS, write_log
from understudy.vendors.cotalker.rules.records import json_text
from understudy.vendors.cotalker.rules.users import put_user
from understudy.vendors.cotalker.tables import (
    SLA,
    AccessRole,
    ApiToken,
    ChannelTask,
    Group,
    Property,
    PropertyType,
    Reference,
    State,
    StateChange,
    StateMachine,
    Task,
    TaskFilter,
    TaskGroup,
    TaskProperty,
    TaskUser,
    User,
    Word,
)

Document = dict[str, Any]
Test = Callable[[Call, Document], bool]
Remover = Callable[[Call, Document], None]

_tasks, _machines = table_of(Task).c, table_of(StateMachine).c
_tokens, _references = table_of(ApiToken).c, table_of(Reference).c


def _deletion(table: Table, column: str) -> Prepared:
    return Prepared(delete(table).where(table.c[column] == bindparam("which")))


def _any(table: Table, column: str) -> Prepared:
    return Prepared(select(table.c[column]).where(table.c[column] == bindparam("which")).limit(1))


OF_TASK = [table_of(model) for model in (TaskUser, TaskProperty, StateChange, ChannelTask)]
FORGET_TASK = [_deletion(table, "task") for table in OF_TASK]
FORGET_TASKS = [
    Prepared(delete(table).where(table.c.task.in_(select(_tasks.id).where(_tasks.task_group == bindparam("which")))))
    for table in OF_TASK
]
FORGET_TASK_GROUP = [
    *FORGET_TASKS,
    *(_deletion(table_of(model), "task_group") for model in (Task, StateMachine, State, TaskFilter, SLA)),
]
FORGET_RECORD = [
    _deletion(table_of(Word), "record"),
    _deletion(table_of(Reference), "record"),
    _deletion(table_of(Reference), "target"),
]
SUBTASK = _any(table_of(Task), "parent")
TASK_GROUP_OF_GROUP = _any(table_of(TaskGroup), "group")
TOKEN_OF_USER = _any(table_of(ApiToken), "user")
MACHINES = Prepared(select(_machines.document).where(_machines.company == bindparam("company")))
HELD_BY_TOKEN = Prepared(
    select(_tokens.user)
    .where(_tokens.user == _references.record, _references.field == "accessRoles", _references.target == bindparam("which"))
    .limit(1)
)
STATUS_OF = _any(table_of(TaskProperty), "property")
STATE_CALLED = _any(table_of(State), "property")


def remove_task(call: Call, task: Document) -> None:
    """Remove a task with the log of its states."""
    _run_all(call, FORGET_TASK, task["_id"])
    _remove_row(call, Task, task)


def remove_change(call: Call, change: Document) -> None:
    """Remove an entry from the log of a task's states; the log is numbered anew."""
    log = call.db.records(StateChange, CHANGES, which=change["task"])
    documents = [orjson.loads(entry.document) for entry in log]
    write_log(call, log, [document for document in documents if document["_id"] != change["_id"]])


def remove_task_group(call: Call, task_group: Document) -> None:
    """Remove a task group with its workflows, filters, agreements and tasks; its group stays."""
    _run_all(call, FORGET_TASK_GROUP, task_group["_id"])
    _remove_row(call, TaskGroup, task_group)


def remove_property(call: Call, element: Document) -> None:
    """Remove an element, also from the elements that it is below."""
    for row in call.db.all(PARENTS, which=element["_id"]):
        parent = call.db.get(Property, row["record"])
        assert parent is not None
        document = orjson.loads(parent.document)
        document["subproperty"].remove(element["_id"])
        parent.document = json_text(document)
        call.db.save(parent)
    _remove_person(Property)(call, element)


def remove_access_role(call: Call, role: Document) -> None:
    """Remove an access role, also from those who have it: they may do less from now on."""
    for user in call.db.records(User, HOLDERS, role=role["_id"]):
        document = orjson.loads(user.document)
        document["accessRoles"].remove(role["_id"])
        put_user(call.db, user, document)
    _remove_person(AccessRole)(call, role)


def _remove_person(model: type[Any]) -> Remover:
    """Return what removes a record that is found by words and lists."""

    def remove(call: Call, document: Document) -> None:
        _run_all(call, FORGET_RECORD, document["_id"])
        _remove_row(call, model, document)

    return remove


def _none(statement: Prepared) -> Test:
    return lambda call, document: call.db.first(statement, which=document["_id"]) is None


def _is_unused(call: Call, element: Document) -> bool:
    return _none(STATUS_OF)(call, element) and _none(STATE_CALLED)(call, element)


def _is_no_asset(call: Call, collection: Document) -> bool:
    """Whether no workflow makes an element of a collection for each of its tasks."""
    machines = (orjson.loads(row["document"]) for row in call.db.all(MACHINES, company=collection["company"]))
    return all(machine["asset"].get("propertyType") != collection["_id"] for machine in machines)


def _always(call: Call, document: Document) -> bool:
    return True


_REMOVERS: Mapping[type[SQLModel], tuple[Test, Remover]] = {
    Task: (_none(SUBTASK), remove_task),
    StateChange: (_always, remove_change),
    TaskGroup: (_always, remove_task_group),
    Group: (_none(TASK_GROUP_OF_GROUP), _remove_person(Group)),
    User: (_none(TOKEN_OF_USER), _remove_person(User)),
    PropertyType: (_is_no_asset, _remove_person(PropertyType)),
    Property: (_is_unused, remove_property),
    AccessRole: (_none(HELD_BY_TOKEN), remove_access_role),
}
REMOVERS: Final = {table_of(model).name: remover for model, remover in _REMOVERS.items()}
"""For each kind of record, whether nothing hangs on one, and what removes it."""


def _run_all(call: Call, statements: list[Prepared], which: str) -> None:
    for statement in statements:
        call.db.run(statement, which=which)


def _remove_row(call: Call, model: type[Any], document: Document) -> None:
    record = call.db.get(model, document["_id"])
    assert record is not None
    call.db.remove(record)
