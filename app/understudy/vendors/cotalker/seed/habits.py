"""What a task group gathers in use: the log of its tasks' states, saved filters, a service-level agreement."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.clock import DAY, instant_of, iso
from understudy.core.store import Prepared, table_of
from understudy.vendors.cotalker.rules.slas import sla_row
from understudy.vendors.cotalker.rules.task_filters import store_filter
from understudy.vendors.cotalker.rules.task_states import log_state
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.workflows import Workflow
from understudy.vendors.cotalker.tables import Task

_tasks = table_of(Task).c
TASKS = Prepared(select(_tasks.document).where(_tasks.task_group == bindparam("task_group")).order_by(_tasks.serial))


def plant_history(ground: Ground, workflow: Workflow) -> None:
    """Make the log of every task: it came the whole way to its present state, evenly in time."""
    states = [state.id for state in workflow.states]
    for row in ground.session.all(TASKS, task_group=workflow.task_group):
        task = orjson.loads(row["document"])
        way = states[: states.index(task["smState"]) + 1]
        begin, end = (instant_of(datetime.fromisoformat(task[field])) for field in ("createdAt", "modifiedStateAt"))
        for position, state in enumerate(way):
            last = position == len(way) - 1
            instant = end if last else begin + (end - begin) * position // len(way)
            entry = {**task, "smState": state}
            log_state(ground.session, ground.cast.seed, entry, changed_by=task["createdBy"], instant=instant)


def plant_filters(ground: Ground, workflow: Workflow, user: str) -> None:
    """Make two saved filters: everything by state, and what is open by the person in charge."""
    group = {"_id": workflow.task_group, "company": ground.company}
    created = ground.cast.epoch - 200 * DAY
    closed = [state.id for state in workflow.states if state.kind == "closed"]
    wanted: list[dict[str, Any]] = [
        {"name": "By state", "groupBy": ["smState"]},
        {"name": "Open by assignee", "query": {"smState": {"$nin": closed}}, "groupBy": ["assignee"], "sortBy": "name"},
    ]
    for wishes in wanted:
        new = ground.new_id(created)
        store_filter(ground.session, new, task_group=group, user=user, created=created, wishes=wishes)


def plant_agreement(ground: Ground, workflow: Workflow) -> None:
    """Make an agreement about the way from the first state to the last."""
    created = ground.cast.epoch - 200 * DAY
    document = {
        "isActive": True,
        "_id": ground.new_id(created),
        "code": f"{workflow.code}_resolution",
        "display": "Time to resolution",
        "data": {"time": 5, "timeType": "days"},
        "start": {"state": workflow.states[0].id},
        "end": {"state": workflow.states[-1].id},
        "pb": ground.new_id(created),
        "stateMachine": workflow.machine,
        "company": ground.company,
        "taskGroup": workflow.task_group,
        "createdAt": iso(created),
        "modifiedAt": iso(created),
        "__v": 0,
    }
    ground.session.add(sla_row(document))
