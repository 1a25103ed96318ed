"""Groups: how they are listed and found, and what a new one looks like."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, select

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.auth import Caller
from understudy.vendors.cotalker.errors import FixedField, ValueTaken
from understudy.vendors.cotalker.paging import Listing, date_clauses
from understudy.vendors.cotalker.rules.records import changed, json_text, record_of
from understudy.vendors.cotalker.rules.references import require_all
from understudy.vendors.cotalker.rules.words import has_words, keep_words
from understudy.vendors.cotalker.schemas.shapes import LARGEST_NUMBER
from understudy.vendors.cotalker.tables import Group, Property, PropertyType, TaskGroup
from understudy.vendors.cotalker.words import words_of

_groups, _task_groups = table_of(Group).c, table_of(TaskGroup).c

# A group says nothing of its task group; that it has one shows only there.
_has_task_group = select(_task_groups.id).where(_task_groups.group == _groups.id).exists()

GROUPS = Listing(
    table=table_of(Group),
    clauses={
        "company": _groups.company == bindparam("company"),
        "isActive": _groups.is_active == bindparam("isActive"),
        "isLink": _groups.is_link == bindparam("isLink"),
        "hasCatergories": _groups.has_categories == bindparam("hasCatergories"),  # the vendor spells it so
        "task": _has_task_group,
        "no_task": not_(_has_task_group),
        "link": and_(_groups.is_link.is_(True), not_(_has_task_group)),
        "channel": and_(_groups.is_link.is_(False), not_(_has_task_group)),
        "search": has_words(_groups.id),
        **date_clauses("created", _groups.created_at),
        **date_clauses("modified", _groups.modified_at),
    },
    sorts={"_id": _groups.id, "modifiedAt": _groups.modified_at},
)

ALL_GROUPS = Prepared(select(_groups.document).where(_groups.company == bindparam("company")).order_by(_groups.id))
HAS_CODE = Prepared(select(_groups.id).where(_groups.company == bindparam("company"), _groups.name_code == bindparam("code")))
HEAVIEST = Prepared(select(func.max(_groups.weight)).where(_groups.company == bindparam("company")))

# What a group has when only its two names are sent, in the order of the sample on the groups page.
DEFAULTS: Mapping[str, Any] = {
    "apperance": {"textColor": "#ffffff"},  # the vendor spells it so
    "image": {"icon": "https://placeholdit.imgix.net/~text?txtsize=50&bg=ffeeeetxtclr=bbcccc&txt=i%20CoTalker&w=20&h=20"},
    "createChannels": {"requiredPermission": [], "requiredPermissionsV2": []},
    "link": {"requiredPermission": [], "requiredPermissionsV2": []},
    "isActive": True,
    "color": "#000000",
    "search": [],
    "hideChannelsByProperties": [],
    "channelsWithoutCategoryLocation": "top",
    "groupSort": "a-z",
    "groupSortDirection": "asc",
    "innerSort": "lastMessage",
    "innerSortDirection": "desc",
}


def create_group(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> str:
    """Create a group and return its document.

    Raises `NotFound` for a record in it that the caller's company doesn't have and `ValueTaken` for a code that a group of the
    company has.
    """
    _require_references(call, caller, wishes)
    if call.db.first(HAS_CODE, company=caller.company, code=wishes["nameCode"]) is not None:
        raise ValueTaken("nameCode").by("cotalker.groups.code-taken")
    if "weight" not in wishes:
        follow("cotalker.groups.weight")
    return store_group(call.db, call.new_id(), company=caller.company, created=call.now(), wishes=wishes).document


def store_group(session: Session, group: str, *, company: str, created: int, wishes: Mapping[str, Any]) -> Group:
    """Store a new group and return it: `wishes` and, for the rest, `DEFAULTS`; without a `weight` it comes last."""
    first = {name: value for name, value in wishes.items() if name in DEFAULTS}
    rest = {name: value for name, value in wishes.items() if name not in DEFAULTS}
    document: dict[str, Any] = {
        **DEFAULTS,
        **first,
        "_id": group,
        "nameDisplay": "",
        "nameCode": "",
        "company": company,
        "createdAt": iso(created),
        "actions": [],
        **rest,
        "modifiedAt": iso(created),
        "weight": wishes.get("weight", _next_weight(session, company)),
        "__v": 0,
    }
    record = Group(
        id=group,
        company=company,
        name_code=document["nameCode"],
        is_active=True,
        is_link=False,
        has_categories=False,
        weight=0,
        created_at=created,
        modified_at=created,
        document="",
    )
    _fill(session, record, document)
    session.add(record)
    return record


def change_group(call: Call, caller: Caller, group: str, wishes: Mapping[str, Any]) -> str:
    """Change a group and return its document; raise `NotFound` as `create_group` does, and `FixedField` for another code."""
    record = record_of(call, caller, Group, group)
    if wishes.get("nameCode", record.name_code) != record.name_code:
        raise FixedField("nameCode").by("cotalker.groups.fixed-code")
    _require_references(call, caller, wishes)
    record.modified_at = call.now()
    _fill(call.db, record, changed(record.document, wishes, modified=record.modified_at))
    call.db.save(record)
    return record.document


def _fill(session: Session, record: Group, document: dict[str, Any]) -> None:
    """Put a document into a group's row, with everything that follows from it."""
    document["search"] = words_of(document["nameDisplay"])
    record.is_active, record.weight = document["isActive"], document["weight"]
    record.is_link = bool(document["link"].get("linkType") or document["link"].get("url"))
    record.has_categories = bool(document.get("nestedGroups"))
    record.document = json_text(document)
    keep_words(session, record.id, document["search"])


def _next_weight(session: Session, company: str) -> int:
    heaviest = session.scalar(HEAVIEST, company=company)
    return min(int(heaviest or 0) + 1, LARGEST_NUMBER)


def _require_references(call: Call, caller: Caller, wishes: Mapping[str, Any]) -> None:
    groups = [*wishes.get("nestedGroups", ()), *([wishes["parent"]] if wishes.get("parent") else [])]
    require_all(call.db, caller, Group, groups)
    require_all(call.db, caller, Property, wishes.get("hideChannelsByProperties", ()))
    require_all(call.db, caller, PropertyType, [wishes["groupBy"]] if wishes.get("groupBy") else [])
