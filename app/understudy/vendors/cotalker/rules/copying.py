"""Copies of records, for paging faults: whole records, as if somebody had made another one just like it.

A copy is found by whatever finds the original, but for its id and what only one record may have: codes, addresses, serial
numbers. It has an id next to the original's, on the side that comes first in the order of the list.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import String, bindparam, func, insert, select
from sqlmodel import SQLModel

from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.rules.records import json_text
from understudy.vendors.cotalker.rules.task_records import add_task
from understudy.vendors.cotalker.tables import (
    AccessRole,
    ChannelTask,
    Group,
    Property,
    PropertyType,
    Reference,
    StateChange,
    Task,
    TaskGroup,
    User,
    Word,
)

Document = dict[str, Any]
R = TypeVar("R", bound=SQLModel)

HIGHEST_ID: Final = (1 << 96) - 1
SHORTEST_CODE: Final = 3
LONGEST_CODE: Final = 60

_words, _references, _changes = table_of(Word), table_of(Reference), table_of(StateChange)
_users, _tasks, _bound = table_of(User).c, table_of(Task).c, table_of(ChannelTask)
_new = bindparam("new", type_=String)
COPY_WORDS = Prepared(
    insert(_words).from_select(["word", "record"], select(_words.c.word, _new).where(_words.c.record == bindparam("old")))
)
COPY_REFERENCES = Prepared(
    insert(_references).from_select(
        ["target", "field", "record"],
        select(_references.c.target, _references.c.field, _new).where(_references.c.record == bindparam("old")),
    )
)
COPY_BINDINGS = Prepared(
    insert(_bound).from_select(["channel", "task"], select(_bound.c.channel, _new).where(_bound.c.task == bindparam("old")))
)
PARENTS = Prepared(
    select(_references.c.record).where(_references.c.field == "subproperty", _references.c.target == bindparam("which"))
)
CHANGES = Prepared(select(_changes).where(_changes.c.task == bindparam("which")).order_by(_changes.c.number))
LAST_SERIAL = Prepared(select(func.max(_tasks.serial)).where(_tasks.task_group == bindparam("task_group")))
HAS_EMAIL = Prepared(select(_users.id).where(_users.email == bindparam("taken")))


def copy_task(call: Call, original: Document, descending: bool) -> None:
    """Copy a task with the log of its states; it has a channel and a serial number of its own."""
    task = {**original, "_id": _id_beside(call, Task, original["_id"], descending), "channel": call.new_id()}
    task["serial"] = call.db.scalar(LAST_SERIAL, task_group=task["taskGroup"]) + 1
    add_task(call.db, task)
    call.db.run(COPY_BINDINGS, old=original["_id"], new=task["_id"])
    for change in call.db.records(StateChange, CHANGES, which=original["_id"]):
        _add_change(call, {**orjson.loads(change.document), "_id": call.new_id(), "task": task["_id"]}, change.number)


def copy_change(call: Call, original: Document, descending: bool) -> None:
    """Repeat an entry in the log of a task's states, just before it or after it; the log is numbered anew."""
    log = call.db.records(StateChange, CHANGES, which=original["task"])
    documents = [orjson.loads(change.document) for change in log]
    place = [document["_id"] for document in documents].index(original["_id"])
    documents.insert(place + descending, {**original, "_id": call.new_id()})
    write_log(call, log, documents)


def write_log(call: Call, log: list[StateChange], documents: list[Document]) -> None:
    """Put another log in the place of a task's."""
    for change in log:
        call.db.remove(change)
    for number, document in enumerate(documents, 1):
        _add_change(call, document, number)


def copy_task_group(call: Call, original: Document, descending: bool) -> None:
    """Copy a task group, together with its group, for a group has only one; tasks and workflows it has none."""
    group = call.db.get(Group, original["group"])
    assert group is not None
    copied = copy_group(call, orjson.loads(group.document), descending)
    record = _whole(call, TaskGroup, original["_id"])
    record.id, record.group = _id_beside(call, TaskGroup, record.id, descending), copied.id
    record.collection_name = copied.name_code
    document = {**original, "_id": record.id, "group": copied.id, "collectionName": copied.name_code}
    document.pop("initialStateMachine", None)
    record.document = json_text(document)
    call.db.add(record)


def copy_group(call: Call, original: Document, descending: bool) -> Group:
    """Copy a group under a code of its own, and return it."""
    record = _whole(call, Group, original["_id"])
    record.name_code = _free_code(call, Group, "name_code", record.company, record.name_code, descending)
    _store(call, record, {**original, "nameCode": record.name_code}, descending)
    return record


def copy_user(call: Call, original: Document, descending: bool) -> None:
    """Copy a user under an address of their own, without password and tokens."""
    record = _whole(call, User, original["_id"])
    name, _, host = original["email"].partition("@")
    addresses = (f"{name}.{number}@{host}" for number in count(2))
    address = next(address for address in addresses if call.db.first(HAS_EMAIL, taken=address.lower()) is None)
    record.email, record.password = address.lower(), None
    document = {name: value for name, value in original.items() if name != "passwordModifiedAt"}
    _store(call, record, {**document, "email": address}, descending)


def copy_property_type(call: Call, original: Document, descending: bool) -> None:
    """Copy a collection under a code of its own; it has no elements."""
    record = _whole(call, PropertyType, original["_id"])
    record.code = _free_code(call, PropertyType, "code", record.company, record.code, descending)
    _store(call, record, {**original, "code": record.code}, descending)


def copy_property(call: Call, original: Document, descending: bool) -> None:
    """Copy an element under a code of its own; it is below the elements that the original is below."""
    record = _whole(call, Property, original["_id"])
    record.code = _free_code(call, Property, "code", record.company, record.code, descending)
    _store(call, record, {**original, "name": {**original["name"], "code": record.code}}, descending)
    for row in call.db.all(PARENTS, which=original["_id"]):
        parent = _whole(call, Property, row["record"])
        document = orjson.loads(parent.document)
        document["subproperty"].append(record.id)
        parent.document = json_text(document)
        call.db.save(parent)
        call.db.add(Reference(target=record.id, field="subproperty", record=parent.id))


def copy_access_role(call: Call, original: Document, descending: bool) -> None:
    """Copy an access role; nobody has it."""
    _store(call, _whole(call, AccessRole, original["_id"]), original, descending)


_COPIERS: Mapping[type[SQLModel], Callable[[Call, Document, bool], object]] = {
    Task: copy_task,
    StateChange: copy_change,
    TaskGroup: copy_task_group,
    Group: copy_group,
    User: copy_user,
    PropertyType: copy_property_type,
    Property: copy_property,
    AccessRole: copy_access_role,
}
COPIERS: Final = {table_of(model).name: copier for model, copier in _COPIERS.items()}


def _whole(call: Call, model: type[R], record: str) -> R:
    found = call.db.get(model, record)
    assert found is not None
    return found


def _store(call: Call, record: Any, document: Document, descending: bool) -> None:
    """Store a record, still under the id of the original, as a copy with this document, found by the same words and lists."""
    original = record.id
    record.id = _id_beside(call, type(record), original, descending)
    record.document = json_text({**document, "_id": record.id})
    call.db.add(record)
    call.db.run(COPY_WORDS, old=original, new=record.id)
    call.db.run(COPY_REFERENCES, old=original, new=record.id)


def _add_change(call: Call, document: Document, number: int) -> None:
    call.db.add(StateChange(task=document["task"], number=number, document=json_text(document)))


def _id_beside(call: Call, model: type[SQLModel], original: str, descending: bool) -> str:
    step = 1 if descending else -1
    ids = (f"{(int(original, 16) + step * away) & HIGHEST_ID:024x}" for away in count(1))
    return next(one for one in ids if call.db.get(model, one) is None)


def _free_code(call: Call, model: type[SQLModel], column: str, company: str, code: str, descending: bool) -> str:
    """Return a code that nothing of the company has and that comes before `code` in the order of the list."""
    columns = table_of(model).c
    taken = Prepared(select(columns.id).where(columns.company == bindparam("company"), columns[column] == bindparam("code")))
    return next(one for one in _codes(code, descending) if call.db.first(taken, company=company, code=one) is None)


def _codes(code: str, descending: bool) -> Iterator[str]:
    """Give codes that come before one, or after it if the list goes down, of the form that the vendor's codes have."""
    if not descending:
        yield from (code[:length] for length in range(len(code) - 1, SHORTEST_CODE - 1, -1))
        yield from (f"{'a' * number}{code}" for number in range(1, LONGEST_CODE))
    yield from (f"{code}{number}" for number in count(2))
