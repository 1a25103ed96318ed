"""The objects that others nest: users, groups, tags, companies; few statements for many of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from sqlalchemy import BindParameter, bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.groupcamp import uuids
from understudy.vendors.groupcamp.schemas import date_text, moments
from understudy.vendors.groupcamp.tables import Group, TimeCategory, User
from understudy.vendors.groupcamp.uuids import Kind, uuid

Wire = dict[str, Any]
Generation = Literal["seed", "v3"]

EMPTY = "empty"
FORM = (
    *uuids.FORM,
    *moments.FORM,
    "groupcamp.types.json",
    "groupcamp.types.no-maybe",
    "groupcamp.types.boolean",
    "groupcamp.types.text",
    "groupcamp.types.absent",
    "groupcamp.types.key-order",
    "groupcamp.types.no-address",
)
"""What every answer that shows objects follows."""
TAG = ("groupcamp.types.tag", "groupcamp.types.tag-color")
DATES = ("groupcamp.types.dates", "groupcamp.types.dates-null")
# How many objects one statement asks for: databases bound the parameters of a statement.
AT_ONCE = 500

_groups, _users, _categories = table_of(Group).c, table_of(User).c, table_of(TimeCategory).c

WANTED: BindParameter[int] = bindparam("ids", expanding=True)
USERS = Prepared(select(_users.id, _users.name, _users.shortname, _users.utype, _users.state).where(_users.id.in_(WANTED)))
GROUPS = Prepared(select(_groups.id, _groups.name, _groups.gtype, _groups.state).where(_groups.id.in_(WANTED)))
TIME_CATEGORIES = Prepared(select(_categories.id, _categories.name).where(_categories.id.in_(WANTED)))


def simple_users(db: Session, ids: Iterable[int | None], *, generation: Generation = "seed") -> Mapping[int | None, Wire]:
    """Return the SimpleUser of each of `ids`; None is Nobody."""
    users: dict[int | None, Wire] = {None: {"id": EMPTY}}
    for row in fetch(db, USERS, {user for user in ids if user is not None}):
        users[row["id"]] = simple_user(row, generation)
    return users


def simple_user(row: Row, generation: Generation) -> Wire:
    """Return a SimpleUser, in the newer generation with a short name."""
    shortname = {} if generation == "seed" else {"shortname": row["shortname"]}
    return {
        "id": uuid(Kind.USER, row["id"]),
        "name": row["name"],
        **shortname,
        "type": "user",
        "utype": row["utype"],
        "state": row["state"],
    }


def simple_group(row: Row, column: Callable[[str], str] = str) -> Wire:
    """Return a SimpleGroup; `column` tells what a column of the group is called in the row.

    The name is the one without a project code (inferred: the pages speak of the code only where they show both forms).
    """
    return {
        "id": uuid(Kind.GROUP, row[column("id")]),
        "name": row[column("name")],
        "type": "group",
        "gtype": row[column("gtype")],
        "state": row[column("state")],
    }


def simple_groups(db: Session, ids: Iterable[int | None]) -> Mapping[int, Wire]:
    """Return the SimpleGroup of each of `ids`."""
    return {row["id"]: simple_group(row) for row in fetch(db, GROUPS, _some(ids))}


def time_categories(db: Session, ids: Iterable[int | None]) -> Mapping[int | None, Wire | None]:
    """Return the SimpleTimelogCategory of each of `ids`; None is null."""
    found: dict[int | None, Wire | None] = {None: None}
    for row in fetch(db, TIME_CATEGORIES, _some(ids)):
        found[row["id"]] = {"id": uuid(Kind.TIME_CATEGORY, row["id"]), "name": row["name"], "type": "timelogcategory"}
    if len(found) > 1:
        follow("groupcamp.types.time-category")
    return found


def tag(row: Row) -> Wire:
    """Return an STag; its color is a number."""
    flags = {name: bool(row[name]) for name in ("for_group", "for_task", "for_file")}
    return {"id": uuid(Kind.TAG, row["id"]), "name": row["name"], "color": row["color"], **flags}


def simple_orga(row: Row) -> Wire:
    """Return a SimpleOrga."""
    return {
        "id": uuid(Kind.ORGA, row["id"]),
        "name": row["name"],
        "type": "orga",
        "otype": row["otype"],
        "state": row["state"],
    }


def dates(row: Row) -> Wire:
    """Return the Dates of a project or a budget; a missing side is null."""
    return {side: None if row[f"{side}_day"] is None else date_text(row[f"{side}_day"]) for side in ("start", "end")}


def fetch(db: Session, statement: Prepared, ids: Iterable[int]) -> list[Row]:
    """Return the rows of a statement over `ids`, however many there are."""
    return [row for some in _pieces(list(ids)) for row in db.all(statement, ids=some)]


def _some(ids: Iterable[int | None]) -> set[int]:
    return {number for number in ids if number is not None}


def _pieces(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
