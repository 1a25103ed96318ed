"""The queries of lists."""

from dataclasses import dataclass
from typing import Final

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest
from understudy.vendors.cubicl.schemas.parameters import (
    FLAG,
    Given,
    choice,
    identifier,
    identifiers,
    names,
    number,
    parameters,
    text,
    whole,
)

TASK_FIELDS: Final = (
    "_id", "name", "desc", "state", "start", "deadline", "assignees", "assignedBy", "followers", "portalFollowers", "priority",
    "priorityScore", "group", "completedAt", "archivedAt", "stepType", "steps", "customer", "createdAt", "files", "tags",
    "subtasks", "parent", "email", "support", "private", "sharedWithCustomer", "workflow", "estimatedTime", "customFields",
    "lastCopy",
)  # fmt: skip
"""Every property of a task, in the order of the Tasks page."""

KNOWN_FIELDS: Final = frozenset(TASK_FIELDS)

CLIENTS = 10
ARCHIVED = {"true": True, "false": False, "all": None}
PARAMETERS = frozenset(
    (
        "group",
        "assignee",
        "limit",
        "skip",
        "tag",
        "customer",
        "assignedBy",
        "startDate",
        "endDate",
        "archived",
        "recursive",
        "search",
    )
) | {"include", "exclude"}


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """What a list is asked for; None is no such wish, and `archived` None is both kinds.

    `include` and `exclude` are names of properties; at most one of them is given. The ends of the interval are inclusive.
    """

    group: str | None
    recursive: bool
    assignee: str | None
    owner: str | None
    customer: str | None
    tag: str | None
    search: str | None
    interval: tuple[float, float] | None
    archived: bool | None
    include: frozenset[str] | None
    exclude: frozenset[str] | None
    limit: int | None
    skip: int


@dataclass(frozen=True, slots=True)
class ProjectQuery:
    """Which projects are wanted: all, those right below `parent`, or at any distance below it."""

    parent: str | None
    recursive: bool


@dataclass(frozen=True, slots=True)
class ClientQuery:
    """Which clients are wanted, and whether with more than their names; None is no such wish."""

    name: str | None
    email: str | None
    with_all_fields: bool
    limit: int | None
    skip: int


def read_project_query(call: Call) -> ProjectQuery:
    """Return the query of the projects."""
    given = parameters(call, ("parent", "recursive"))
    recursive = choice(given, "recursive", FLAG, "cubicl.format.choices", default="false")
    if "parent" in given and "recursive" not in given:
        follow("cubicl.projects.recursive-default")
    return ProjectQuery(identifier(given, "parent"), recursive)


def read_client_query(call: Call) -> ClientQuery:
    """Return the query of the clients: the first ten, unless more are asked for; a limit of 0 is none."""
    given = parameters(call, ("name", "email", "includeAllFields", "limit", "skip"))
    if "limit" not in given:
        follow("cubicl.clients.limit-default")
    if "limit" in given or "skip" in given:
        follow("cubicl.clients.limit")
    return ClientQuery(
        name=text(given, "name"),
        email=text(given, "email"),
        with_all_fields=choice(given, "includeAllFields", FLAG, "cubicl.format.choices", default="false"),
        limit=_limit(given, CLIENTS),
        skip=whole(given, "skip"),
    )


def read_user_ids(call: Call) -> list[str]:
    """Return the ids of the users that are asked for."""
    return identifiers(parameters(call, ("ids",)), "ids")


def read_task_query(call: Call) -> TaskQuery:
    """Return the query of Get Tasks."""
    given = parameters(call, PARAMETERS)
    include, exclude = _properties(given)
    return TaskQuery(
        group=identifier(given, "group"),
        recursive=_recursive(given),
        assignee=identifier(given, "assignee"),
        owner=identifier(given, "assignedBy"),
        customer=identifier(given, "customer"),
        tag=text(given, "tag"),
        search=text(given, "search"),
        interval=_interval(given),
        archived=_archived(given),
        include=include,
        exclude=exclude,
        limit=_tasks_limit(given),
        skip=whole(given, "skip"),
    )


def _properties(given: Given) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Read which properties are wanted, and which are not."""
    include, exclude = names(given, "include"), names(given, "exclude")
    if include is not None and exclude is not None:
        refusal = BadRequest("include and exclude cannot be used together")
        raise refusal.by("cubicl.list.include-with-exclude", "cubicl.list.include-with-exclude-is-400")
    for name, found in (("include", include), ("exclude", exclude)):
        if name in given and (found is None or not found <= KNOWN_FIELDS or " " in given[name]):
            follow("cubicl.list.property-names")
    return include, exclude


def _recursive(given: Given) -> bool:
    value = given.get("recursive", "")
    if value not in ("true", ""):
        follow("cubicl.list.recursive-other-values")
    return value == "true"


def _interval(given: Given) -> tuple[float, float] | None:
    if ("startDate" in given) != ("endDate" in given):
        refusal = BadRequest("startDate and endDate must be given together")
        raise refusal.by("cubicl.list.interval-together", "cubicl.list.interval-half")
    if "startDate" not in given:
        return None
    first, last = (number(given, name, "must be a number", "cubicl.list.dates-are-numbers") for name in ("startDate", "endDate"))
    return first, last


def _archived(given: Given) -> bool | None:
    follow("cubicl.list.archived" if "archived" in given else "cubicl.list.archived-default")
    return choice(given, "archived", ARCHIVED, "cubicl.list.archived-other-values", default="false")


def _tasks_limit(given: Given) -> int | None:
    follow("cubicl.list.limit" if "limit" in given else "cubicl.list.limit-default")
    if "skip" in given:
        follow("cubicl.list.skip")
    return _limit(given, 0)


def _limit(given: Given, default: int) -> int | None:
    limit = whole(given, "limit", default)
    if limit == 0 and "limit" in given:
        follow("cubicl.list.limit-zero")
    return limit or None
