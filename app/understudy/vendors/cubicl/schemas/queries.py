"""The queries of lists."""

from dataclasses import dataclass
from typing import Final

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
    whole,
)

TASK_FIELDS: Final = (
    "_id", "name", "desc", "state", "start", "deadline", "assignees", "assignedBy", "followers", "portalFollowers", "priority",
    "priorityScore", "group", "completedAt", "archivedAt", "stepType", "steps", "customer", "createdAt", "files", "tags",
    "subtasks", "parent", "email", "support", "private", "sharedWithCustomer", "workflow", "estimatedTime", "customFields",
    "lastCopy",
)  # fmt: skip
"""Every property of a task, in the order of the Tasks page."""

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
    return ProjectQuery(identifier(given, "parent"), choice(given, "recursive", FLAG, default="false"))


def read_client_query(call: Call) -> ClientQuery:
    """Return the query of the clients: the first ten, unless more are asked for; a limit of 0 is none (inferred)."""
    given = parameters(call, ("name", "email", "includeAllFields", "limit", "skip"))
    return ClientQuery(
        name=given.get("name") or None,
        email=given.get("email") or None,
        with_all_fields=choice(given, "includeAllFields", FLAG, default="false"),
        limit=whole(given, "limit", CLIENTS) or None,
        skip=whole(given, "skip"),
    )


def read_user_ids(call: Call) -> list[str]:
    """Return the ids of the users that are asked for."""
    return identifiers(parameters(call, ("ids",)), "ids")


def read_task_query(call: Call) -> TaskQuery:
    """Return the query of Get Tasks; an empty text counts as not given."""
    given = parameters(call, PARAMETERS)
    include, exclude = names(given, "include"), names(given, "exclude")
    if include is not None and exclude is not None:
        raise BadRequest("include and exclude cannot be used together")
    return TaskQuery(
        group=identifier(given, "group"),
        recursive=given.get("recursive") == "true",
        assignee=identifier(given, "assignee"),
        owner=identifier(given, "assignedBy"),
        customer=identifier(given, "customer"),
        tag=given.get("tag") or None,
        search=given.get("search") or None,
        interval=_interval(given),
        archived=choice(given, "archived", ARCHIVED, default="false"),
        include=include,
        exclude=exclude,
        limit=whole(given, "limit") or None,
        skip=whole(given, "skip"),
    )


def _interval(given: Given) -> tuple[float, float] | None:
    if ("startDate" in given) != ("endDate" in given):
        raise BadRequest("startDate and endDate must be given together")
    if "startDate" not in given:
        return None
    return number(given, "startDate", "must be a number"), number(given, "endDate", "must be a number")
