"""Which tasks a list shows, and how much of each."""

from collections.abc import Iterable

import orjson
from sqlalchemy import BindParameter, and_, bindparam, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.paging import (
    ESCAPE,
    LONGEST_PATTERN,
    NO_LIMIT,
    Conditions,
    Listing,
    names_statement,
    page_statement,
    pattern,
)
from understudy.vendors.cubicl.rules.disturbances import disturb_tasks
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.sheets import LEFT_OUT_OF_LISTS, fold
from understudy.vendors.cubicl.rules.standing import IS_READABLE, IS_READABLE_BY_LEVEL, standing_in
from understudy.vendors.cubicl.schemas import TaskQuery
from understudy.vendors.cubicl.tables import ProjectAncestor, Tag, Task, TaskLink

_tasks, _links, _tags, _ancestors = (table_of(model).c for model in (Task, TaskLink, Tag, ProjectAncestor))
_first: BindParameter[float] = bindparam("first")
_last: BindParameter[float] = bindparam("last")

TASKS = Listing(
    {
        "readable": IS_READABLE,
        "readable_by_level": IS_READABLE_BY_LEVEL,
        "project": _tasks.project == bindparam("project"),
        "projects_below": _tasks.project.in_(select(_ancestors.project).where(_ancestors.ancestor == bindparam("project"))),
        "archived": _tasks.is_archived == bindparam("archived"),
        "owner": _tasks.owner == bindparam("owner"),
        "customer": _tasks.customer == bindparam("customer"),
        "assignee": _tasks.id.in_(select(_links.task).where(_links.kind == "assignee", _links.other == bindparam("assignee"))),
        "tag": _tasks.id.in_(
            select(_links.task).where(_links.kind == "tag", _links.other == _tags.id, _tags.name == bindparam("tag"))
        ),
        "name": _tasks.name_folded.like(bindparam("pattern"), escape=ESCAPE),
        "ids": _tasks.id.in_(bindparam("ids", expanding=True)),
        "interval": or_(
            and_(_tasks.start >= _first, _tasks.start <= _last),
            and_(_tasks.deadline >= _first, _tasks.deadline <= _last),
        ),
    }
)


def list_tasks(call: CubiclCall, query: TaskQuery) -> str:
    """Return the JSON array of the tasks that the caller asks for and may see.

    Raises `Impossible` for an unknown project and `NoPermission` for one in which the caller may not see tasks.
    """
    conditions = _conditions(call, query)
    column = "summary" if query.include is None else "document"
    statement = page_statement(TASKS, column, tuple(conditions.names))
    again = 0 if call.injection is None else _disturbed(call, conditions, query.skip)
    limit = query.limit + again if query.limit else NO_LIMIT
    rows = call.db.all(statement, **conditions.values, page_limit=limit, page_offset=query.skip - again)
    if len(rows) > 1:
        follow("cubicl.list.order", "cubicl.list.score-order")
    return f"[{','.join(_shown((row[column] for row in rows), query))}]"


def _shown(documents: Iterable[str], query: TaskQuery) -> Iterable[str]:
    """Yield of each document what is asked for."""
    if query.include is not None:
        follow("cubicl.list.include")
        if "_id" not in query.include:
            follow("cubicl.list.include-keeps-id")
        if query.include & LEFT_OUT_OF_LISTS:
            follow("cubicl.list.include-left-out-details")
        wanted = query.include | {"_id"}
        return (_keeping(document, wanted) for document in documents)
    follow("cubicl.list.leaves-out-details", "cubicl.list.left-out-details")
    if query.exclude is None:
        return documents
    follow("cubicl.list.exclude")
    if "_id" in query.exclude:
        follow("cubicl.list.exclude-id")
    unwanted = query.exclude
    return (_dropping(document, unwanted) for document in documents)


def _disturbed(call: CubiclCall, conditions: Conditions, skip: int) -> int:
    """Let a fault change the list; return how many rows are to be read once more."""

    def read(offset: int, limit: int) -> list[str]:
        statement = page_statement(TASKS, "id", tuple(conditions.names))
        return [row["id"] for row in call.db.all(statement, **conditions.values, page_limit=limit, page_offset=offset)]

    return disturb_tasks(call, read, skip)


def _conditions(call: CubiclCall, query: TaskQuery) -> Conditions:
    conditions = Conditions()
    _add_scope(call, query, conditions)
    if query.archived is not None:
        conditions.add("archived", archived=query.archived)
    filters = (
        ("assignee", query.assignee, ("cubicl.list.assignee",)),
        ("owner", query.owner, ("cubicl.list.assigned-by",)),
        ("customer", query.customer, ("cubicl.list.customer",)),
        ("tag", query.tag, ("cubicl.list.tag-by-name", "cubicl.list.tag-whole-name")),
    )
    for name, value, rules in filters:
        if value is not None:
            follow(*rules)
            conditions.add(name, **{name: value})
    if query.interval is not None:
        _add_interval(query.interval, conditions)
    if query.search is not None:
        _add_search(call.db, fold(query.search), conditions)
    given = (query.group, query.assignee, query.owner, query.customer, query.tag, query.search, query.interval)
    if len(given) - given.count(None) > 1:
        follow("cubicl.list.all-filters")
    return conditions


def _add_scope(call: CubiclCall, query: TaskQuery, conditions: Conditions) -> None:
    """Ask for a project, for it and all below, or for all that the caller may see."""
    if query.group is None:
        follow("cubicl.list.without-group", "cubicl.list.only-what-may-be-seen")
        if query.recursive:
            follow("cubicl.list.recursive-without-group")
        conditions.add("readable", caller=call.caller)
        return
    standing = standing_in(call.db, call.caller, query.group, unknown="cubicl.list.unknown-group")
    if not standing.has_level(Level.VIEW, "cubicl.list.level"):
        raise standing.refusal("cubicl.list.level")
    follow("cubicl.list.recursive" if query.recursive else "cubicl.list.group")
    conditions.add("projects_below" if query.recursive else "project", project=query.group)
    if standing.is_admin:  # also of all projects below
        return
    follow("cubicl.list.only-what-may-be-seen")
    if query.recursive:
        follow("cubicl.list.descendants-without-view")
    conditions.add("readable" if query.recursive else "readable_by_level", caller=call.caller)


def _add_interval(interval: tuple[float, float], conditions: Conditions) -> None:
    first, last = interval
    follow("cubicl.list.interval", "cubicl.list.interval-bounds")
    if first > last:
        follow("cubicl.list.interval-turned-round")
    conditions.add("interval", first=first, last=last)


def _add_search(db: Session, text: str, conditions: Conditions) -> None:
    """Ask for a text in the name; what is too long for a pattern is looked for by its beginning first, then here."""
    follow("cubicl.list.search", "cubicl.list.search-substring")
    if len(text) <= LONGEST_PATTERN:
        conditions.add("name", pattern=pattern(text))
        return
    follow("cubicl.list.long-search")
    names = (*conditions.names, "name")
    likely = db.all(names_statement(TASKS, names), **conditions.values, pattern=pattern(text[:LONGEST_PATTERN]))
    conditions.add("ids", ids=[row["id"] for row in likely if text in row["name_folded"]])


def _keeping(document: str, names: frozenset[str]) -> str:
    return orjson.dumps({name: value for name, value in orjson.loads(document).items() if name in names}).decode()


def _dropping(document: str, names: frozenset[str]) -> str:
    return orjson.dumps({name: value for name, value in orjson.loads(document).items() if name not in names}).decode()
