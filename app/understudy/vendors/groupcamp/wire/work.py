"""Tasks and what they hang on, and time spent, put together from rows: each nested object is made once."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.groupcamp.schemas import date_text, moment_text
from understudy.vendors.groupcamp.tables import Account, Affect, Group, Milestone, Tag, TaskList, TaskTag
from understudy.vendors.groupcamp.uuids import Kind, account_of, uuid
from understudy.vendors.groupcamp.wire.simple import (
    EMPTY,
    FORM,
    TAG,
    WANTED,
    Generation,
    Wire,
    fetch,
    simple_group,
    simple_groups,
    simple_users,
    tag,
    time_categories,
)

MILESTONE_FORM = (
    *FORM,
    "groupcamp.milestone.fields",
    "groupcamp.types.simple-user",
    "groupcamp.types.simple-group",
    "groupcamp.types.nobody",
    "groupcamp.types.short-name",
    "groupcamp.generation.default",
)
LIST_FORM = (*MILESTONE_FORM, "groupcamp.task-list.fields", "groupcamp.types.nothing")
_SEED_FORM = (
    *LIST_FORM,
    "groupcamp.task.fields",
    "groupcamp.task.is-open",
    "groupcamp.task.completion",
    "groupcamp.task.null-while-open",
    "groupcamp.task.track-time",
    "groupcamp.task.zero-durations",
    "groupcamp.task.affects",
    "groupcamp.task.nobody-alone",
    "groupcamp.task.begin",
    "groupcamp.task.end",
    "groupcamp.types.duration",
    "groupcamp.types.duration-both",
)
TASK_FORM: Mapping[Generation, tuple[str, ...]] = {
    "seed": _SEED_FORM,
    "v3": (
        *_SEED_FORM,
        *TAG,
        "groupcamp.task.permalink",
        "groupcamp.task.permalink-form",
        "groupcamp.task.rich-tags",
        "groupcamp.task.no-tags",
    ),
}
"""What an answer that shows tasks follows, in each generation."""
RECORD_FORM = (
    *FORM,
    "groupcamp.types.simple-user",
    "groupcamp.types.simple-group",
    "groupcamp.types.nobody",
    "groupcamp.types.nothing",
    "groupcamp.types.duration",
    "groupcamp.types.duration-both",
    "groupcamp.types.short-name",
    "groupcamp.generation.default",
)

_affects, _groups, _lists = table_of(Affect).c, table_of(Group).c, table_of(TaskList).c
_miles, _tags, _task_tags = table_of(Milestone).c, table_of(Tag).c, table_of(TaskTag).c

AFFECTS = Prepared(select(table_of(Affect)).where(_affects.task.in_(WANTED)).order_by(_affects.task, _affects.position))
TAGS = Prepared(
    select(_task_tags.task, table_of(Tag))
    .where(_task_tags.task.in_(WANTED), _tags.id == _task_tags.tag)
    .order_by(_task_tags.task, _tags.id)
)
LISTS = Prepared(
    select(
        _lists.id,
        _lists.name,
        _lists.description,
        _lists.is_private,
        _lists.is_closed,
        _lists.milestone,
        *(column.label(f"milestone_{column.name}") for column in table_of(Milestone).columns),
        *(column.label(f"group_{column.name}") for column in (_groups.id, _groups.name, _groups.gtype, _groups.state)),
    )
    .select_from(table_of(TaskList).join(table_of(Group), _groups.id == _lists.group))
    .outerjoin(table_of(Milestone), _miles.id == _lists.milestone)
    .where(_lists.id.in_(WANTED))
)
ACCOUNT_NAMES = Prepared(select(table_of(Account).c.number, table_of(Account).c.name))


def tasks(db: Session, rows: Sequence[Row], *, generation: Generation) -> list[Wire]:
    """Return Task objects for rows of the task table, in their order."""
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    list_rows = fetch(db, LISTS, {row["list"] for row in rows})
    affect_rows = fetch(db, AFFECTS, ids)
    users = simple_users(
        db,
        (
            *(row[name] for row in rows for name in ("creator", "completed_by")),
            *(row["user"] for row in affect_rows),
            *(row["milestone_user"] for row in list_rows),
        ),
        generation=generation,
    )
    lists = {row["id"]: task_list(row, users) for row in list_rows}
    affects: dict[int, list[Wire]] = {}
    for row in affect_rows:
        affects.setdefault(row["task"], []).append(_affect(row, users))
    made = [_task(row, lists[row["list"]], affects[row["id"]], users) for row in rows]
    return made if generation == "seed" else _with_v3_fields(db, made, ids)


def task_list(row: Row, users: Mapping[int | None, Wire]) -> Wire:
    """Return a TaskList for a row of `LISTS`."""
    group = simple_group(row, "group_{}".format)
    return {
        "id": uuid(Kind.TASK_LIST, row["id"]),
        "name": row["name"],
        "group": group,
        "description": row["description"],
        "milestone": {"id": EMPTY} if row["milestone"] is None else milestone(row, group, users, "milestone_{}".format),
        "is_private": bool(row["is_private"]),
        "is_closed": bool(row["is_closed"]),
    }


def milestone(row: Row, group: Wire, users: Mapping[int | None, Wire], column: Callable[[str], str] = str) -> Wire:
    """Return a Milestone; `column` as in `simple_group`."""
    return {
        "id": uuid(Kind.MILESTONE, row[column("id")]),
        "name": row[column("name")],
        "group": group,
        "description": row[column("description")],
        "is_private": bool(row[column("is_private")]),
        "is_open": bool(row[column("is_open")]),
        "date": date_text(row[column("day")]),
        "user": users[row[column("user")]],
    }


def timelogs(db: Session, rows: Sequence[Row], *, time_unit: str, generation: Generation = "seed") -> list[Wire]:
    """Return Timelog objects for rows of the table of time records, in their order; `time_unit` is the one to prefer."""
    users = simple_users(db, (row[name] for row in rows for name in ("user", "modification_user")), generation=generation)
    groups = simple_groups(db, (row["group"] for row in rows))
    categories = time_categories(db, (row["category"] for row in rows))
    if rows:
        _note_records(rows)
    return [
        {
            "id": uuid(Kind.TIMELOG, row["id"]),
            "name": row["name"],
            "date": date_text(row["day"]),
            "user": users[row["user"]],
            "time_unit": time_unit,
            "duration": {"d": row["d"], "s": row["s"]},
            "creation_date": moment_text(row["created"]),
            "modification_date": moment_text(row["modified"]),
            "modification_user": users[row["modification_user"]],
            "billable": None if row["billable"] is None else bool(row["billable"]),
            "owner": categories[row["category"]] if row["group"] is None else groups[row["group"]],
            "category": None if row["group"] is None else categories[row["category"]],
            "object": _worked_on(row["task"]),
        }
        for row in rows
    ]


def _note_records(rows: Sequence[Row]) -> None:
    """Note what the answer relies on to show these time records."""
    follow(*RECORD_FORM, "groupcamp.timelogs.owner", "groupcamp.timelogs.object")
    if any(row["group"] is not None and row["category"] is not None for row in rows):
        follow("groupcamp.timelogs.category")
    if any(row["group"] is None or row["category"] is None for row in rows):
        follow("groupcamp.timelogs.category-null")
    if any(row["billable"] is None for row in rows):
        follow("groupcamp.timelogs.billable-null")
    if any(row["modified"] == row["created"] for row in rows):
        follow("groupcamp.timelogs.never-edited")


def _worked_on(task: int | None) -> Wire:
    return {"id": EMPTY} if task is None else {"id": uuid(Kind.TASK, task), "type": "task", "appli": "task"}


def _task(row: Row, in_list: Wire, affects: list[Wire], users: Mapping[int | None, Wire]) -> Wire:
    completed, begin = row["completed"], row["begin_day"]
    return {
        "id": uuid(Kind.TASK, row["id"]),
        "name": row["name"],
        "description": row["description"],
        "list": in_list,
        "creation_date": moment_text(row["created"]),
        "creator": users[row["creator"]],
        "modification_date": moment_text(row["modified"]),
        "completion_date": None if completed is None else moment_text(completed),
        "completed_by": None if completed is None else users[row["completed_by"]],
        "track_time": {"total": {"d": row["spent_d"], "s": row["spent_s"]}},
        "is_open": completed is None,
        "affects": affects,
        "begin": {"type": EMPTY} if begin is None else {"type": "date", "date": date_text(begin)},
        "end": _end(row, in_list),
    }


def _end(row: Row, in_list: Wire) -> Wire:
    if row["due_with_milestone"]:
        return {"type": "milestone", "date": in_list["milestone"]["date"], "id": in_list["milestone"]["id"]}
    return {"type": EMPTY} if row["due_day"] is None else {"type": "date", "date": date_text(row["due_day"])}


def _affect(row: Row, users: Mapping[int | None, Wire]) -> Wire:
    return {
        "user": users[row["user"]],
        "progress": row["progress"],
        "estimate": {"d": row["estimate_d"], "s": row["estimate_s"]},
        "track_time": {"d": row["spent_d"], "s": row["spent_s"]},
    }


def _with_v3_fields(db: Session, made: list[Wire], ids: list[int]) -> list[Wire]:
    """Add what came on 2019-07-16: `permalink`, after the id, and `rich_tags`, at the end."""
    names = {row["number"]: row["name"] for row in db.all(ACCOUNT_NAMES)}
    tags: dict[int, list[Wire]] = {task: [] for task in ids}
    for row in fetch(db, TAGS, ids):
        tags[row["task"]].append(tag(row))
    return [
        {
            "id": task["id"],
            "permalink": f"https://{names[account_of(number)]}.groupcamp.com/p/{task['id']}",
            **task,
            "rich_tags": tags[number],
        }
        for task, number in zip(made, ids, strict=True)
    ]
