"""The query of the task list."""

import math
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import BadRequest

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
LARGEST = (1 << 63) - 1

TASK_FIELDS: Final = (
    "_id", "name", "desc", "state", "start", "deadline", "assignees", "assignedBy", "followers", "portalFollowers", "priority",
    "priorityScore", "group", "completedAt", "archivedAt", "stepType", "steps", "customer", "createdAt", "files", "tags",
    "subtasks", "parent", "email", "support", "private", "sharedWithCustomer", "workflow", "estimatedTime", "customFields",
    "lastCopy",
)  # fmt: skip
"""Every property of a task, in the order of the Tasks page."""

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


def read_task_query(call: Call) -> TaskQuery:
    """Return the query of Get Tasks; an empty text counts as not given."""
    given = _parameters(call)
    include, exclude = _names(given, "include"), _names(given, "exclude")
    if include is not None and exclude is not None:
        raise BadRequest("include and exclude cannot be used together")
    return TaskQuery(
        group=_id(given, "group"),
        recursive=given.get("recursive") == "true",
        assignee=_id(given, "assignee"),
        owner=_id(given, "assignedBy"),
        customer=_id(given, "customer"),
        tag=given.get("tag") or None,
        search=given.get("search") or None,
        interval=_interval(given),
        archived=_archived(given),
        include=include,
        exclude=exclude,
        limit=_whole(given, "limit") or None,
        skip=_whole(given, "skip"),
    )


def _parameters(call: Call) -> dict[str, str]:
    """The known parameters. A repeated one would reach the vendor as a list, which none of them is (inferred)."""
    raw = call.scope["query_string"]
    given: dict[str, str] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True) if raw else ():
        if name in given:
            raise BadRequest(f"{name} must be given once")
        if name in PARAMETERS:
            given[name] = value
    return given


def _id(given: dict[str, str], name: str) -> str | None:
    return given.get(name, "").lower() or None


def _names(given: dict[str, str], name: str) -> frozenset[str] | None:
    return frozenset(part.strip() for part in given.get(name, "").split(",") if part.strip()) or None


def _archived(given: dict[str, str]) -> bool | None:
    value = given.get("archived", "false")
    if value not in ARCHIVED:
        raise BadRequest("archived must be true, false or all")
    return ARCHIVED[value]


def _interval(given: dict[str, str]) -> tuple[float, float] | None:
    if ("startDate" in given) != ("endDate" in given):
        raise BadRequest("startDate and endDate must be given together")
    if "startDate" not in given:
        return None
    return _number(given, "startDate", "must be a number"), _number(given, "endDate", "must be a number")


def _whole(given: dict[str, str], name: str) -> int:
    if name not in given:
        return 0
    must = "must be a whole number, 0 or more"
    value = _number(given, name, must)
    if value < 0 or value != int(value):
        raise BadRequest(f"{name} {must}")
    return min(int(value), LARGEST)


def _number(given: dict[str, str], name: str, must: str) -> float:
    value = float(given[name]) if NUMBER.fullmatch(given[name]) else math.nan
    if not math.isfinite(value):
        raise BadRequest(f"{name} {must}")
    return value
