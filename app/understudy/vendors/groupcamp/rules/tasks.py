"""Which tasks a request gets."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import bindparam, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import AccessForbidden, NotFound
from understudy.vendors.groupcamp.paging import Place
from understudy.vendors.groupcamp.rules.access import (
    closed_groups,
    fetch_list,
    fetch_milestone,
    fetch_user,
    fetch_whole_group,
    refuse_forbidden_method,
)
from understudy.vendors.groupcamp.rules.disturbances import disturb_tasks
from understudy.vendors.groupcamp.rules.task_filters import note_account_filters, note_filters
from understudy.vendors.groupcamp.tables import Affect, Task, TaskDocument
from understudy.vendors.groupcamp.uuids import UserName

_documents = table_of(TaskDocument)
_affects, _tasks = table_of(Affect).c, table_of(Task).c

# A filter on a value that a task doesn't have drops the task, as NULL fails every comparison. That is also why contradictions
# (`state=open` beside a completion date, a beginning after its end) need no rule of their own: nothing fits them.
CLAUSES = {
    "in_group": _tasks.group == bindparam("in_group"),
    # Said so, and not as a list of those that are open, an index on creation leads through the tasks of all groups in order.
    "account": _tasks.group.not_in(closed_groups("has_tasks")),
    "group": _tasks.group.in_(bindparam("group", expanding=True)),
    "list": _tasks.list == bindparam("list"),
    "to": _tasks.id.in_(select(_affects.task).where(_affects.user.in_(bindparam("to", expanding=True)))),
    "state_open": _tasks.completed.is_(None),
    "state_completed": _tasks.completed.is_not(None),
    "due_begin": _tasks.due_day >= bindparam("due_begin"),
    "due_end": _tasks.due_day <= bindparam("due_end"),
    "cpl_begin": _tasks.completed >= bindparam("cpl_begin"),
    "cpl_end": _tasks.completed <= bindparam("cpl_end"),
    "crea_begin": _tasks.created >= bindparam("crea_begin"),
    "crea_end": _tasks.created <= bindparam("crea_end"),
    "mod_begin": _tasks.modified >= bindparam("mod_begin"),
    "mod_end": _tasks.modified <= bindparam("mod_end"),
    # In this form, and not as (a) or (b and c), an index on group and creation leads straight to the place.
    "cursor": (_tasks.created >= bindparam("after_created"))
    & or_(_tasks.created > bindparam("after_created"), _tasks.id > bindparam("after_id")),
}


@lru_cache(maxsize=2048)
def page_statement(generation: str, names: tuple[str, ...]) -> Prepared:
    """Return the query for the tasks that fit these conditions, oldest first, ties by number."""
    query = select(_tasks.id, _tasks.created, _documents.c[generation].label("document")).where(
        _documents.c.task == _tasks.id, *(CLAUSES[name] for name in names)
    )
    return Prepared(query.order_by(_tasks.created, _tasks.id).limit(bindparam("at_most")))


Page = tuple[list[bytes], Place | None]


def group_tasks(call: SignedCall, group: int, query: Mapping[str, Any]) -> Page:
    """Return the documents of one page of a group's tasks, and the place of the last of them if more follow."""
    note_filters(query)
    return _page(call, {"in_group": group, **query})


def account_tasks(call: SignedCall, query: Mapping[str, Any]) -> Page:
    """Return one page of the tasks in any of the groups, of the list, and assigned to any of the users that are named.

    Raises `NotFound` for one that is not there, before `AccessForbidden` for one that can't be retrieved.
    """
    named: Mapping[str, Callable[[SignedCall, Any], Row]] = {"group": _any_group, "list": fetch_list, "to": fetch_user}
    wanted = {name: query[name] if isinstance(query[name], list) else [query[name]] for name in named if name in query}
    rows = _fetch_all(partial(named[name], call, number) for name, numbers in wanted.items() for number in numbers)
    refuse_forbidden_method(call, "GET /task/v1/tasks")
    note_account_filters(query)
    # The groups have been fetched first, and then the list.
    if "group" in query and "list" in query and rows[len(query["group"])]["group_id"] not in query["group"]:
        follow("groupcamp.tasks.list-outside-groups")
    return _page(call, {"account": call.account, **query})


def assigned_tasks(call: SignedCall, user: UserName, query: Mapping[str, Any]) -> Page:
    """Return one page of the tasks that a user is assigned to, in all groups; raise `NotFound` or `AccessForbidden`."""
    number = fetch_user(call, user)["id"]
    follow("groupcamp.tasks.closed-groups-left-out")
    if query.keys() - {"cursor"}:
        follow("groupcamp.assigned-tasks.filters")
    if "cpl_begin" in query or "cpl_end" in query:
        follow("groupcamp.assigned-tasks.partly-completed")
    note_filters(query)
    return _page(call, {"account": call.account, "to": [number], **query})


def one_list(call: SignedCall, task_list: int) -> wire.Wire:
    """Return a TaskList; raise `NotFound` or `AccessForbidden`."""
    row = fetch_list(call, task_list)
    if row["is_private"]:
        follow("groupcamp.access.private-shown")
    return wire.task_list(row, _users(call, row["milestone_user"]))


def one_milestone(call: SignedCall, milestone: int) -> wire.Wire:
    """Return a Milestone; raise `NotFound` or `AccessForbidden`."""
    row = fetch_milestone(call, milestone)
    if row["milestone_is_private"]:
        follow("groupcamp.access.private-shown")
    group = wire.simple_group(row, "group_{}".format)
    return wire.milestone(row, group, _users(call, row["milestone_user"]), "milestone_{}".format)


def _any_group(call: SignedCall, group: int) -> Row:
    return fetch_whole_group(call, group, "has_tasks")


def _fetch_all(fetches: Iterable[Callable[[], Row]]) -> list[Row]:
    """Return everything that is fetched; what is not there is refused before what can't be retrieved."""
    found: list[Row] = []
    refused: AccessForbidden | None = None
    for fetch in fetches:
        try:
            found.append(fetch())
        except AccessForbidden as refusal:
            refused = refusal
        except NotFound as missing:
            earlier = ("groupcamp.checks.existence-before-access",) if refused else ()
            raise missing.by("groupcamp.tasks.named-unknown", *earlier) from None
    if refused is not None:
        raise refused
    return found


def _users(call: SignedCall, user: int | None) -> Mapping[int | None, wire.Wire]:
    return wire.simple_users(call.db, [user], generation=call.settings.groupcamp_generation)


def _page(call: SignedCall, conditions: Mapping[str, Any]) -> Page:
    place: Place | None = conditions.get("cursor")
    again = False
    if place is not None and call.injection is not None:
        again = disturb_tasks(call, place)
    size = call.settings.groupcamp_page_size + again
    values: dict[str, Any] = {"at_most": size + 1}
    names = []
    for name, value in conditions.items():
        if name == "state":
            names.append(f"state_{value}")
            continue
        names.append(name)
        # The last task shown comes again when the place is the one just before it.
        values |= {"after_created": value.created, "after_id": value.id - again} if name == "cursor" else {name: value}
    rows = call.db.all(page_statement(call.settings.groupcamp_generation, tuple(names)), **values)
    documents = [row["document"] for row in rows[:size]]
    _note_page(call, documents, is_later=place is not None)
    return documents, Place(rows[size - 1]["created"], rows[size - 1]["id"]) if len(rows) > size else None


def _note_page(call: SignedCall, documents: list[bytes], *, is_later: bool) -> None:
    """Note what a page relies on for the tasks that it shows, or for showing none."""
    if not documents:
        follow("groupcamp.paging.next-empty-page" if is_later else "groupcamp.envelope.empty-list")
        return
    order = ("groupcamp.order.creation",) if len(documents) > 1 or is_later else ()
    follow(*wire.TASK_FORM[call.settings.groupcamp_generation], *order)
