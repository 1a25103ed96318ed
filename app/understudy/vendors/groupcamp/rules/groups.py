"""Groups as they are read: which of them a request gets, and one of them in full."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.rules.access import fetch_whole_group
from understudy.vendors.groupcamp.tables import Group, GroupCategory, GroupTag, Member, Orga, Tag, User
from understudy.vendors.groupcamp.uuids import Kind, account_of, uuid

_groups, _members, _users = table_of(Group).c, table_of(Member).c, table_of(User).c
_categories, _orgas = table_of(GroupCategory).c, table_of(Orga).c
_tags, _group_tags = table_of(Tag).c, table_of(GroupTag).c

_is_leader = or_(_groups.leader1 == bindparam("leader"), _groups.leader2 == bindparam("leader"))


def _has_member(name: str, *conditions: Any) -> Any:
    return exists().where(_members.group == _groups.id, _members.user == bindparam(name), *conditions)


CLAUSES = {
    "gtype": _groups.gtype.in_(bindparam("gtype", expanding=True)),
    "state": _groups.state.in_(bindparam("state", expanding=True)),
    # A project is found by its name with the code and without it.
    "name": or_(_groups.name == bindparam("name"), _groups.code + " " + _groups.name == bindparam("name")),
    "search": _groups.folded.like(bindparam("search"), escape="/"),
    "user": _has_member("user"),
    "leader": _is_leader,
    "managing": or_(
        _groups.leader1 == bindparam("managing"),
        _groups.leader2 == bindparam("managing"),
        _has_member("managing", _members.delegated.is_(True)),
    ),
    "category_name": _groups.category.in_(
        select(_categories.id).where(_categories.name == bindparam("category_name"), _categories.account == bindparam("account"))
    ),
    "tag_name": select(func.count())
    .where(
        _group_tags.group == _groups.id,
        _tags.id == _group_tags.tag,
        _tags.name.in_(bindparam("tag_name", expanding=True)),
    )
    .scalar_subquery()
    == bindparam("tag_count"),
    "untagged": ~exists().where(_group_tags.group == _groups.id),
    # Named, for the name that SQLAlchemy would give it is that of the first of a list of `gtype`.
    "project_type": (_groups.gtype == bindparam("only_kind", "project")) & (_groups.subtype == bindparam("project_type")),
}
USER_PARAMETERS: Final = ("user", "leader", "managing")

MEMBERS = Prepared(
    select(_users.id, _users.name, _users.shortname, _users.utype, _users.state)
    .where(_members.group == bindparam("which"), _users.id == _members.user)
    .order_by(_members.place)
)
COUNT_MEMBERS = Prepared(select(func.count()).where(_members.group == bindparam("which")))
GROUP_TAGS = Prepared(
    select(_group_tags.group, table_of(Tag))
    .where(_group_tags.group.in_(wire.WANTED), _tags.id == _group_tags.tag)
    .order_by(_group_tags.group, _tags.id)
)
ONE_ORGA = Prepared(select(table_of(Orga)).where(_orgas.id == bindparam("which")))
ONE_CATEGORY = Prepared(select(table_of(GroupCategory)).where(_categories.id == bindparam("which")))


@lru_cache(maxsize=2048)
def groups_statement(names: tuple[str, ...]) -> Prepared:
    """Return the query for the groups of an account under these conditions, by number."""
    conditions = (CLAUSES[name] for name in names)
    return Prepared(select(table_of(Group)).where(_groups.account == bindparam("account"), *conditions).order_by(_groups.id))


def find_groups(call: SignedCall, query: Mapping[str, Any]) -> list[Row]:
    """Return the groups that fit all of the filters; contradictory ones, and users that are not there, fit none."""
    if any(account_of(query[name]) != call.account for name in USER_PARAMETERS if name in query):
        follow("groupcamp.groups.unknown-user")
        return []
    values = dict(query)
    if "all" in values.get("state", ()):
        del values["state"]
    if "search" in values:
        values["search"] = f"%{_escaped(values['search'].casefold())}%"
    if (tags := values.pop("tag_name", None)) is not None:
        values |= _tag_values(tags)
    names = tuple(name for name in values if name in CLAUSES)
    values.pop("untagged", None)
    rows = call.db.all(groups_statement(names), account=call.account, **values)
    if not rows:
        _note_unknown_users(call, query)
    elif "name" in query and any(row["name"] != query["name"] for row in rows):
        follow("groupcamp.groups.name-with-code")
    return rows


def _tag_values(tags: list[str]) -> dict[str, Any]:
    """Return what the query needs for these names of tags."""
    if tags == [""]:
        follow("groupcamp.groups.tag-name-empty")
        return {"untagged": True}
    if "" in tags:
        # No tag has an empty name, so that name together with another one fits nothing.
        follow("groupcamp.groups.tag-name-empty-with-a-name")
    return {"tag_name": tags, "tag_count": len(tags)}


def _note_unknown_users(call: SignedCall, query: Mapping[str, Any]) -> None:
    users = {query[name] for name in USER_PARAMETERS if name in query}
    if len(wire.simple_users(call.db, users)) <= len(users):
        follow("groupcamp.groups.unknown-user")


def list_groups(call: SignedCall, query: Mapping[str, Any]) -> list[wire.Wire]:
    """Return the SimpleGroups that fit all of the filters; without one on the state, active ones only."""
    if "state" not in query:
        follow("groupcamp.groups.active-by-default")
    elif "all" in query["state"]:
        follow("groupcamp.groups.state-all")
    rows = find_groups(call, {"state": ["ok"], **query})
    if not rows and len(query) > 1:
        follow("groupcamp.groups.incompatible-criteria")
    if len(rows) > 1:
        follow("groupcamp.groups.order")
    if any(row["code"] for row in rows):
        follow("groupcamp.groups.name-without-code")
    return [wire.simple_group(row) for row in rows]


def full_name(row: Row) -> str:
    """Return the name of a group with the code of a project before it."""
    return f"{row['code']} {row['name']}" if row["code"] else row["name"]


def tags_of(db: Session, groups: list[int]) -> Mapping[int, list[wire.Wire]]:
    """Return the tags of each of `groups`."""
    tags: dict[int, list[wire.Wire]] = {group: [] for group in groups}
    for row in wire.fetch(db, GROUP_TAGS, groups):
        tags[row["group"]].append(wire.tag(row))
    return tags


def one_group(call: SignedCall, group: int) -> wire.Wire:
    """Return a group in full; raise `NotFound` or `AccessForbidden`."""
    row = fetch_whole_group(call, group)
    _note_group(call, row)
    members = [wire.simple_user(user, "v3") for user in call.db.all(MEMBERS, which=group)]
    leaders = wire.simple_users(call.db, (row["leader1"], row["leader2"]), generation="v3")
    tags = tags_of(call.db, [group])[group]
    if len(members) > 1:
        follow("groupcamp.group.order-of-users")
    return {
        "id": uuid(Kind.GROUP, group),
        "name": full_name(row),
        "group_name": row["name"],
        "type": "group",
        "gtype": row["gtype"],
        "state": row["state"],
        "description": row["description"],
        "orga": _orga(call, row["orga"]),
        **{name: None if row[name] is None else leaders[row[name]] for name in ("leader1", "leader2")},
        "category": _category(call, row["category"]),
        "access": row["access"],
        "users": members,
        "description_color": row["description_color"],
        "can_accept_guest": bool(row["can_accept_guest"]),
        "nb_users": len(members),
        "dates": wire.dates(row),
        "rich_tags": tags,
        "tags_names": [tag["name"] for tag in tags],
    }


def _note_group(call: SignedCall, row: Row) -> None:
    """Note what the answer relies on to show a group."""
    if call.settings.groupcamp_generation == "seed":
        follow("groupcamp.group.no-managing-team")
    if row["code"]:
        follow("groupcamp.group.code-in-name", "groupcamp.group.code-before-name")
    if row["orga"] is not None:
        follow("groupcamp.group.orga", "groupcamp.orgas.simple-fields")
    if row["category"] is not None:
        follow("groupcamp.group.category")
    if any(row[name] is None for name in ("orga", "leader1", "leader2", "category")):
        follow("groupcamp.group.nulls")


def _orga(call: SignedCall, orga: int | None) -> wire.Wire | None:
    row = None if orga is None else call.db.first(ONE_ORGA, which=orga)
    return None if row is None else wire.simple_orga(row)


def _category(call: SignedCall, category: int | None) -> wire.Wire | None:
    row = None if category is None else call.db.first(ONE_CATEGORY, which=category)
    return None if row is None else {"id": uuid(Kind.GROUP_CATEGORY, row["id"]), "type": "gcat", "name": row["name"]}


def _escaped(text: str) -> str:
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
