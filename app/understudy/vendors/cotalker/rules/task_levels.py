"""Tasks below tasks: how deep, and how many below one (`levelConfig`)."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.errors import InvalidValue, NotFound
from understudy.vendors.cotalker.rules.task_records import save_task
from understudy.vendors.cotalker.rules.task_states import SUBTASKS
from understudy.vendors.cotalker.tables import Task

Document = dict[str, Any]

_tasks = table_of(Task).c
TASK_OF_GROUP = Prepared(
    select(_tasks.document).where(_tasks.id == bindparam("id"), _tasks.task_group == bindparam("task_group"))
)
LAST_SERIAL = Prepared(select(func.max(_tasks.serial)).where(_tasks.task_group == bindparam("task_group")))
HOW_MANY_BELOW = Prepared(
    select(func.count())
    .select_from(table_of(Task))
    .where(_tasks.task_group == bindparam("task_group"), _tasks.parent == bindparam("parent"))
)
HOW_MANY_ROOTS = Prepared(
    select(func.count()).select_from(table_of(Task)).where(_tasks.task_group == bindparam("task_group"), _tasks.parent.is_(None))
)


def place_task(call: Call, task_group: Mapping[str, Any], task: Document, parent: str | None) -> None:
    """Put a task, with all tasks below it, below another one or (None) at the root; write its `parent` and `indentation`.

    Raises `NotFound` for a parent that the group doesn't have, and `InvalidValue` for a place below itself or beyond the group's
    levels. Older groups, whose `levelConfig` is empty, have no bounds.
    """
    above = _parent(call, task, parent)
    level = 0 if above is None else above["indentation"] + 1
    below = list(_branch(call, task))
    deepest = level + max((sub["indentation"] - task["indentation"] for sub in below), default=0)
    if task_group["levelConfig"]:
        _require_room(call, task_group, parent, level=level, deepest=deepest)
    else:
        follow("cotalker.levels.no-bounds")
    follow("cotalker.levels.indentation", *(["cotalker.levels.whole-branch"] if below else []))
    for sub in below:
        save_task(call.db, sub, {**sub, "indentation": sub["indentation"] - task["indentation"] + level})
    task["indentation"] = level
    if parent is not None or "parent" in task:
        task["parent"] = parent


def _parent(call: Call, task: Mapping[str, Any], parent: str | None) -> Document | None:
    """Return the task above; the way up from it must not come through the task itself."""
    if parent is None:
        return None
    above: Document | None = None
    step: str | None = parent
    while step is not None:
        if step == task["_id"]:
            raise InvalidValue("parent", "not be the task itself or one below it", parent).by("cotalker.levels.loop")
        row = call.db.first(TASK_OF_GROUP, id=step, task_group=task["taskGroup"])
        if row is None:
            raise NotFound().by("cotalker.levels.unknown-parent")
        document = orjson.loads(row["document"])
        above = above or document
        step = document.get("parent")
    return above


def _branch(call: Call, task: Mapping[str, Any]) -> Iterator[Document]:
    """Yield every task below a task, each after the one above it."""
    parents = [task["_id"]]
    for parent in parents:
        for row in call.db.all(SUBTASKS, task_group=task["taskGroup"], parent=parent):
            sub = orjson.loads(row["document"])
            parents.append(sub["_id"])
            yield sub


def _require_room(call: Call, task_group: Mapping[str, Any], parent: str | None, *, level: int, deepest: int) -> None:
    bits = task_group["levelConfig"]
    if deepest >= len(bits):
        raise InvalidValue("parent", f"be at most {len(bits) - 1} levels deep", parent).by("cotalker.levels.too-deep")
    room = 1 << bits[level]
    # Counting goes through all the tasks; as long as fewer were ever made than there is room for, it need not be done.
    if (call.db.scalar(LAST_SERIAL, task_group=task_group["_id"]) or 0) < room:
        return
    if parent is None:
        taken = call.db.scalar(HOW_MANY_ROOTS, task_group=task_group["_id"])
    else:
        taken = call.db.scalar(HOW_MANY_BELOW, task_group=task_group["_id"], parent=parent)
    if taken >= room:
        misfit = InvalidValue("parent", f"have room: level {level} holds {room} tasks", parent)
        raise misfit.by("cotalker.levels.bits", "cotalker.levels.below-one")
