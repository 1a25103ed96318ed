"""Lists of tasks as the vendor's app shows them: searched for words, seen through a saved filter, put into groups."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from sqlmodel import SQLModel

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.finding import find
from understudy.vendors.cotalker.paging import DEFAULT_LIMIT, MAX_OFFSET, Conditions, Page
from understudy.vendors.cotalker.rules.disturbances import disturb, page_of
from understudy.vendors.cotalker.rules.tasks import FINDABLE_TASKS, TASKS
from understudy.vendors.cotalker.schemas.tasks import GROUPINGS, task_query
from understudy.vendors.cotalker.tables import Property, State, StateMachine, User

Document = dict[str, Any]

_DISPLAYS: Mapping[str, tuple[type[SQLModel], Callable[[Document], Any]]] = {
    "COTProperty": (Property, lambda document: document["name"]["display"]),
    "COTUser": (User, lambda document: document["name"]["displayName"]),
    "COTSMState": (State, lambda document: document["property"]),
    "COTSMStateMachine": (StateMachine, lambda document: document["name"]),
}


def listed_tasks(call: Call, tasks: Conditions, query: Mapping[str, Any]) -> list[str]:
    """Return one page of tasks, as JSON texts; `limitBy=none` asks for all of them on one page."""
    page = Page.of(query, default_sort="_id", by="cotalker.order.tasks-by-default")
    if "limitBy" in query:
        follow("cotalker.my-tasks.limit-by-meaning")
    if query.get("limitBy") == "none":
        page = replace(page, limit=MAX_OFFSET, number=1)
    if "search" not in query:
        return page_of(call, TASKS, tasks, page)

    def read(offset: int, limit: int) -> list[str]:
        texts = (text for text in find(call, FINDABLE_TASKS, tasks, {}) if has_keyword(orjson.loads(text), query["search"]))
        return list(islice(texts, offset, min(offset + limit, MAX_OFFSET)))

    again = 0 if call.injection is None else disturb(call, TASKS.table, read, offset=page.offset)
    found = read(page.offset - again, page.limit + again)
    if len(found) > 1:
        follow(*page.ordered_by)
    return found


def viewed_tasks(call: Call, tasks: Conditions, query: Mapping[str, Any], view: Mapping[str, Any]) -> list[Document]:
    """Return tasks as a saved filter shows them: those that it lets through, ordered, in its groups.

    `limit` applies to each group with `limitBy=group`, not at all with `none` and otherwise to the whole; `page` has no effect.
    """
    found = [orjson.loads(text) for text in find(call, FINDABLE_TASKS, tasks, task_query(view["query"]))]
    if "search" in query:
        found = [task for task in found if has_keyword(task, query["search"])]
    if len({view["sortBy"] in task for task in found}) > 1:
        follow("cotalker.my-tasks.sorted-by-absent")
    found.sort(key=lambda task: _sortable(task.get(view["sortBy"])), reverse=view["orderBy"] == "desc")
    if "limitBy" in query:
        follow("cotalker.my-tasks.limit-by-meaning")
    limit, limit_by = query.get("limit", DEFAULT_LIMIT), query.get("limitBy", "all")
    groups = grouped(call, found[:limit] if limit_by == "all" else found, view["groupBy"])
    if limit_by == "group":
        groups = [{**group, "tasks": group["tasks"][:limit]} for group in groups]
    return groups


def grouped(call: Call, tasks: Iterable[Document], fields: Iterable[str]) -> list[Document]:
    """Return tasks in groups of equal values of some fields, each group headed by what those values are called."""
    fields = list(fields)
    follow("cotalker.search.headings" if fields else "cotalker.my-tasks.one-group")
    groups: dict[tuple[Any, ...], list[Document]] = {}
    for task in tasks:
        groups.setdefault(tuple(task.get(field) for field in fields), []).append(task)
    names = {
        field: _names(call, GROUPINGS[field], {values[position] for values in groups if values[position] is not None})
        for position, field in enumerate(fields)
    }
    return [
        {
            "_id": [
                {"key": field, "display": names[field].get(value), "type": GROUPINGS[field], "id": value}
                for field, value in zip(fields, values, strict=True)
            ],
            "tasks": members,
        }
        for values, members in groups.items()
    ]


def has_keyword(task: Mapping[str, Any], keywords: Iterable[str]) -> bool:
    """Whether a field of a task has one of some lower-case keywords within it."""
    texts = [str(value).lower() for value in _leaves(task)]
    return any(keyword in text for keyword in keywords for text in texts)


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def _sortable(value: Any) -> tuple[int, Any]:
    """Return a key in MongoDB's order of types: nothing, numbers, texts, the rest."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, 0)


def _names(call: Call, kind: str, ids: set[str]) -> dict[str, Any]:
    """Return what records are called, by their ids; a state is called as its element is."""
    if not ids:
        return {}
    table, display = _DISPLAYS[kind]
    found = {row["id"]: orjson.loads(row["document"]) for row in call.db.all(_by_ids(table), ids=sorted(ids))}
    if kind == "COTSMState":
        elements = _names(call, "COTProperty", {state["property"] for state in found.values()})
        return {state: elements.get(document["property"]) for state, document in found.items()}
    return {record: display(document) for record, document in found.items()}


@lru_cache
def _by_ids(table: type[SQLModel]) -> Prepared:
    columns = table_of(table).c
    return Prepared(select(columns.id, columns.document).where(columns.id.in_(bindparam("ids", expanding=True))))
