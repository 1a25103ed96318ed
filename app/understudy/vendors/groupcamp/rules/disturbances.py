"""Paging faults: what is listed changes between two pages.

GroupCamp's pages don't shift as rows come and go: tasks are read from a place in their order on, time records are stored at the
first call. So a client never sees the task or record that an `insert` puts before the place, and goes on holding the one that a
`delete` takes away; only `duplicate` makes an item come twice. With `expire` a stored list is gone for good (410, paging page);
pages of tasks can't expire, says the page, so there the cursor is refused as one that was not made here (inferred).
"""

import orjson
from sqlalchemy import bindparam, delete, null, select, update

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.groupcamp import documents
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import BadParameter, Gone
from understudy.vendors.groupcamp.paging import Place, drop_list, items_of
from understudy.vendors.groupcamp.rules.durations import tally
from understudy.vendors.groupcamp.tables import Affect, Task, TaskTag, Timelog
from understudy.vendors.groupcamp.uuids import Kind, account_of, new_number, number_of

SECOND = 1000

_affects, _task_tags, _logs = table_of(Affect), table_of(TaskTag), table_of(Timelog)
AFFECTS = Prepared(select(_affects).where(_affects.c.task == bindparam("which")).order_by(_affects.c.position))
TAGS = Prepared(select(_task_tags).where(_task_tags.c.task == bindparam("which")).order_by(_task_tags.c.tag))
DELETE_AFFECTS = Prepared(delete(_affects).where(_affects.c.task == bindparam("which")))
DELETE_TAGS = Prepared(delete(_task_tags).where(_task_tags.c.task == bindparam("which")))
RELEASE_LOGS = Prepared(update(_logs).where(_logs.c.task == bindparam("which")).values(task=null()))


def disturb_tasks(call: SignedCall, place: Place) -> bool:
    """Do what a fault wants before the tasks after a place are read; return whether the task at that place is to come again.

    Raises `BadParameter` for a cursor that has expired. Nothing is done once the task at the place is gone.
    """
    last = call.db.get(Task, place.id) if account_of(place.id) == call.account else None
    fault = None if last is None else call.paging_fault()
    if last is None or fault is None:
        return False
    if fault == "expire":
        raise BadParameter("cursor", "invalid").by("groupcamp.paging.bad-cursor")
    if fault == "insert":
        _copy_task(call.db, last)
    elif fault == "delete":
        discard_task(call.db, last)
    return fault == "duplicate"


def disturb_timelogs(call: SignedCall, token: str, page: int) -> bytes:
    """Do what a fault wants before a page of a stored list is read; return the text of the item that is to come again, if any.

    Raises `Gone` for a list that has expired.
    """
    last = items_of(call, token, page - 1)[-1]
    fault = call.paging_fault()
    if fault == "expire":
        drop_list(call.db, token)
        raise Gone().by("groupcamp.paging.full-unknown")
    record = call.db.get(Timelog, number_of(Kind.TIMELOG, last["id"]))
    if record is not None and fault == "insert":
        record.id = new_number(call.db, record.account)
        call.db.add(record)
        _follow(call.db, record)
    elif record is not None and fault == "delete":
        call.db.remove(record)
        _follow(call.db, record)
    return orjson.dumps(last) if fault == "duplicate" else b""


def discard_task(session: Session, task: Task) -> None:
    """Delete a task; the time records that were made on it stay."""
    for statement in (DELETE_AFFECTS, DELETE_TAGS, RELEASE_LOGS, documents.REMOVE):
        session.run(statement, which=task.id)
    session.remove(task)
    documents.follow_list(session, task.list)


def _copy_task(session: Session, original: Task) -> None:
    """Make another task just like one, a second older and with no time spent on it."""
    values = original.model_dump()
    moved = {"id": new_number(session, account_of(original.id)), "created": original.created - SECOND}
    task = Task(**values | moved | {"spent_d": 0, "spent_s": 0})
    session.add(task)
    for affect in session.records(Affect, AFFECTS, which=original.id):
        session.add(affect.model_copy(update={"task": task.id}))
    for tag in session.records(TaskTag, TAGS, which=original.id):
        session.add(TaskTag(task=task.id, tag=tag.tag))
    tally(session, task.id)
    documents.follow_task(session, task)


def _follow(session: Session, record: Timelog) -> None:
    """Bring up to date what shows the time spent on a task."""
    if record.task is not None:
        tally(session, record.task)
        documents.write(session, "task", record.task)
