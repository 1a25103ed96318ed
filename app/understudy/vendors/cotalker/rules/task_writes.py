"""Tasks: made, changed, one by one and several at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import CotalkerRefusal, InvalidValue, NotFound
from understudy.vendors.cotalker.rules.properties import store_property
from understudy.vendors.cotalker.rules.records import changed, later
from understudy.vendors.cotalker.rules.references import require_all
from understudy.vendors.cotalker.rules.task_levels import TASK_OF_GROUP, place_task
from understudy.vendors.cotalker.rules.task_records import PEOPLE_FIELDS, STATUS_FIELDS, add_task, save_task
from understudy.vendors.cotalker.rules.task_rights import require_creator, require_hand
from understudy.vendors.cotalker.rules.task_states import enter_state, log_state, move_task, starting_machine, starting_state
from understudy.vendors.cotalker.tables import ChannelTask, Company, Property, PropertyType, Task, User

Document = dict[str, Any]

_tasks = table_of(Task).c
_bound = table_of(ChannelTask).c
BINDING = Prepared(select(_bound.task).where(_bound.channel == bindparam("channel"), _bound.task == bindparam("task")))
LAST_SERIAL = Prepared(select(func.max(_tasks.serial)).where(_tasks.task_group == bindparam("task_group")))

# In the sample of a created task the state is this much later than the task itself, and the last change this much.
STATE_TAKES_MS = 14
SAVING_TAKES_MS = 75

LANGUAGES = {"en": "english", "es": "spanish"}


def fetch_task(call: Call, task_group: Mapping[str, Any], task: str) -> Document:
    """Return a task of a group; raise `NotFound`, also for one of another group."""
    row = call.db.first(TASK_OF_GROUP, id=task, task_group=task_group["_id"])
    if row is None:
        raise NotFound
    document: Document = orjson.loads(row["document"])
    return document


def create_task(call: Call, caller: Caller, task_group: Mapping[str, Any], wishes: Mapping[str, Any]) -> Document:
    """Make a task and return it; it starts where the group's workflow starts, with the caller as editor and assignee.

    Raises `Forbidden` for a caller who may not, `NotFound` for a reference that leads nowhere and `InvalidValue` for a place
    beyond the group's levels or a state machine of another group.
    """
    require_creator(call, caller, task_group)
    _require_references(call, caller, wishes)
    follow(
        "cotalker.task-fields.fields",
        "cotalker.task-fields.order-of-keys",
        "cotalker.task-fields.defaults",
        "cotalker.task-fields.deprecated",
        "cotalker.task-fields.serial",
        "cotalker.task-fields.stamps",
        "cotalker.task-fields.language",
        "cotalker.task-fields.never-set",
    )
    if not {"assignee", "editors"} <= wishes.keys():
        follow("cotalker.task-fields.made-by-the-caller")
    if "channel" not in wishes:
        follow("cotalker.task-fields.channel")
    machine = starting_machine(call, task_group, wishes.get("smStateMachine"))
    created = call.now()
    task = _new_document(call, caller, task_group, machine, created)
    if task["serial"] == 1:
        follow("cotalker.task-fields.serial-from-one")
    parent = wishes.get("parent")
    if None in wishes.values():
        follow("cotalker.task-fields.null-at-creation")
    task |= {name: value for name, value in wishes.items() if name not in ("parent", "smStateMachine")}
    if task["asset"] is None:
        task["asset"] = _asset(call, task_group, machine, task)
    state = None if machine is None else starting_state(call, machine)
    started = created + STATE_TAKES_MS
    if state is not None:
        enter_state(task, state, started)
    task = {name: value for name, value in task.items() if value is not None or name == "closedAt"}
    if machine is not None and machine["requiredSurvey"].get("surveyId"):
        follow("cotalker.create.start-form")
    place_task(call, task_group, task, parent)
    add_task(call.db, task)
    if state is not None:
        log_state(call.db, call.sandbox.seed, task, changed_by=caller.id, instant=started)
    return task


def change_task(call: Call, caller: Caller, task_group: Mapping[str, Any], task: str, wishes: Mapping[str, Any]) -> Document:
    """Change a task and return the whole of it; each field that is sent takes the place of the old one.

    Raises `NotFound`, `Forbidden` for a caller who may not, and `InvalidValue` for a state or place that the rules refuse.
    """
    before = fetch_task(call, task_group, task)
    now = later(call.now(), before["modifiedAt"])
    require_hand(call, caller, task_group, before)
    _require_references(call, caller, wishes)
    after = orjson.loads(orjson.dumps(before))
    if "smState" in wishes:
        move_task(call, caller, task_group, after, wishes["smState"], now=now)
    if "parent" in wishes and wishes["parent"] != before.get("parent"):
        place_task(call, task_group, after, wishes["parent"])
    plain = {name: value for name, value in wishes.items() if name not in ("smState", "parent")}
    follow("cotalker.task-fields.fields")
    rules = ("cotalker.task-fields.stamps-of-changes", "cotalker.task-fields.version")
    after = changed(orjson.dumps(after).decode(), plain, modified=now, rules=rules)
    save_task(call.db, before, after)
    return after


def run_commands(
    call: Call, caller: Caller, task_group: Mapping[str, Any], commands: Sequence[tuple[str | None, Mapping[str, Any]]]
) -> list[Document]:
    """Run the commands of a batch in their order and return their tasks; a refusal of one is a refusal of all.

    What is not found is an `InvalidValue` here, for the path itself leads somewhere.
    """
    tasks = []
    if len(commands) > 1:
        follow("cotalker.multi.order")
    for position, (task, wishes) in enumerate(commands):
        try:
            if task is None:
                tasks.append(create_task(call, caller, task_group, wishes))
            else:
                tasks.append(change_task(call, caller, task_group, task, wishes))
        except NotFound:
            misfit = InvalidValue(f"cmd[{position}].task", "hold only ids of records that are there", dict(wishes))
            raise misfit.by("cotalker.multi.unknown-record", "cotalker.multi.all-or-none") from None
        except CotalkerRefusal as refusal:
            refusal.by("cotalker.multi.all-or-none")
            raise
    return tasks


def bind_tasks(call: Call, caller: Caller, task_group: Mapping[str, Any], *, channel: str, tasks: Iterable[str]) -> None:
    """Bind tasks to a channel; raise `NotFound` or, for a task that the caller may not change, `Forbidden`."""
    for task in dict.fromkeys(tasks):
        require_hand(call, caller, task_group, fetch_task(call, task_group, task))
        if call.db.first(BINDING, channel=channel, task=task) is None:
            call.db.add(ChannelTask(channel=channel, task=task))


def _new_document(
    call: Call, caller: Caller, task_group: Mapping[str, Any], machine: Mapping[str, Any] | None, created: int
) -> Document:
    """Return a task before anything was wished for, its keys in the order of the vendor's sample; None is still to be filled."""
    task = call.new_id()
    company = call.db.get(Company, caller.company)
    language: str = orjson.loads(company.document).get("defaultLanguage", "en") if company else "en"
    return {
        "answers": [],
        "indentation": 0,
        "isActive": True,
        "activeSlas": [],
        "editors": [caller.id],
        "followers": [],
        "visibility": [],
        "subscribers": [],
        "userList": [],
        "language": LANGUAGES.get(language, "english"),
        "_id": task,
        "name": None,
        "createdBy": caller.id,
        "company": caller.company,
        "taskGroup": task_group["_id"],
        "owner": "manual",
        "weight": 0,
        "relativeWeight": 0,
        "createdAt": iso(created),
        "status": None,
        "smState": None,
        "smStateMachine": None if machine is None else machine["_id"],
        "modifiedStateAt": iso(created + STATE_TAKES_MS),
        "closedAt": None,
        "asset": None,
        "assignee": caller.id,
        "channel": call.new_id(),
        "serial": (call.db.scalar(LAST_SERIAL, task_group=task_group["_id"]) or 0) + 1,
        "modifiedAt": iso(created + SAVING_TAKES_MS),
        "__v": 0,
        "extensions": {},
    }


def _asset(call: Call, task_group: Mapping[str, Any], machine: Mapping[str, Any] | None, task: Mapping[str, Any]) -> str | None:
    """Return what a task is about: the machine's element or, where every task is about one of its own, a new one."""
    if machine is None:
        return None
    asset = machine["asset"]
    if asset["type"] == "generic":
        follow("cotalker.task-fields.generic-asset")
        element: str | None = asset.get("property")
        return element
    follow("cotalker.task-fields.unique-asset")
    collection = call.db.get(PropertyType, asset["propertyType"])
    company = call.db.get(Company, task["company"])
    assert collection is not None
    assert company is not None
    subdomain = orjson.loads(company.document)["subdomain"]
    wishes = {
        "name": {"code": f"{task_group['collectionName']}_{task['_id']}", "display": task["name"]},
        "propertyType": collection.code,
        "owner": {"$ref": f"task-{subdomain}-{task_group['collectionName']}", "$id": task["_id"]},
    }
    new = call.new_id()
    store_property(call.db, new, company=task["company"], created=call.now(), wishes=wishes)
    return new


def _require_references(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> None:
    """Raise `NotFound` where a task would name a person or an element that the company doesn't have."""
    people = [user for field in PEOPLE_FIELDS for user in wishes.get(field, ())]
    people += _given(wishes, ("assignee",))
    elements = _given(wishes, (*STATUS_FIELDS, "asset"))
    if people:
        require_all(call.db, caller, User, people, by="cotalker.task-fields.references")
    if elements:
        require_all(call.db, caller, Property, elements, by="cotalker.task-fields.references")


def _given(wishes: Mapping[str, Any], fields: Iterable[str]) -> list[str]:
    return [wishes[field] for field in fields if wishes.get(field) is not None]
