"""Creating and changing projects: everything is looked up and compared before anything is written."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, func, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.vendors.groupcamp import documents, wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import BadField, OverGroupQuota, UnusableId
from understudy.vendors.groupcamp.rules.access import find_user, refuse_forbidden_method, retrievable_group, whole_group
from understudy.vendors.groupcamp.rules.groups import COUNT_MEMBERS, tags_of
from understudy.vendors.groupcamp.rules.members import join
from understudy.vendors.groupcamp.rules.templates import copy_contents, copy_settings, find_template
from understudy.vendors.groupcamp.schemas import ProjectBody
from understudy.vendors.groupcamp.tables import Account, Group, GroupCategory, GroupTag, Member, Orga, Tag
from understudy.vendors.groupcamp.uuids import Kind, UserName, account_of, new_number, uuid

ACCESS: Final = {"invite": "invited", "open": "open"}
TAG_COLOR: Final = 1
"""Color of a tag that the API creates; no page names one."""

_groups, _members = table_of(Group).c, table_of(Member)
_tags, _group_tags, _categories = table_of(Tag), table_of(GroupTag), table_of(GroupCategory).c

_others = (_groups.account == bindparam("account"), _groups.id != bindparam("which"))
HOLDERS = {
    field: Prepared(select(_groups.state).where(column == bindparam("value"), *_others))
    for field, column in {"name": _groups.name, "external_ref": _groups.external_ref, "project_code": _groups.code}.items()
}
TAKEN_BY = {
    "name": ("groupcamp.projects.name-unique", "groupcamp.projects.name-taken"),
    "external_ref": ("groupcamp.projects.external-ref", "groupcamp.projects.code-taken"),
    "project_code": ("groupcamp.projects.project-code", "groupcamp.projects.code-taken"),
}
CATEGORY = Prepared(
    select(_categories.id)
    .where(_categories.name == bindparam("name"), _categories.account == bindparam("account"))
    .order_by(_categories.id)
)
TAG = Prepared(
    select(_tags).where(_tags.c.name == bindparam("name"), _tags.c.account == bindparam("account")).order_by(_tags.c.id)
)
MANAGERS = Prepared(
    select(_members).where(_members.c.group == bindparam("which"), _members.c.delegated.is_(True)).order_by(_members.c.user)
)
DROP_TAGS = Prepared(delete(_group_tags).where(_group_tags.c.group == bindparam("which")))
COUNT_GROUPS = Prepared(
    select(func.count()).where(_groups.account == bindparam("account"), _groups.state.not_in(("trash", "del")))
)


@dataclass(frozen=True)
class Found:
    """What the texts of a body stand for; None for what it doesn't say. Tags that are not there yet are in `new_tags`."""

    category: int | None
    tags: list[int] | None
    new_tags: list[str]
    leader1: int | None
    leader2: int | None
    managers: list[int] | None
    subtype: str | None
    orga: int | None


def create_project(call: SignedCall, body: ProjectBody) -> wire.Wire:
    """Create a project and return it; raise `BadField`, `OverGroupQuota` or `AccessForbidden`."""
    account = call.db.get(Account, call.account)
    assert account is not None
    if account.category_required and body.category_name is None:
        raise BadField("category_name", "missing").by("groupcamp.projects.category-mandatory")
    found = _look_up(call, body, None, 0)
    template = None if body.template is None else find_template(call, body.template)
    refuse_forbidden_method(call, "POST /core/v1/group/project")
    if account.group_quota is not None and call.db.scalar(COUNT_GROUPS, account=call.account) >= account.group_quota:
        raise OverGroupQuota().by("groupcamp.projects.what-the-quota-counts")
    group = Group(
        id=new_number(call.db, call.account),
        account=call.account,
        name="",
        gtype="project",
        state="ok",
        has_tasks=True,
        folded="",
    )
    if template is not None and body.template is not None:
        copy_settings(template, group, body.template)
    _note_defaults(body)
    _write_fields(group, body, found)
    call.db.add(group)
    if body.template is not None:
        copy_contents(call, group, body.template)
    _write_links(call, group, found)
    return shown_project(call, group)


def update_project(call: SignedCall, number: int, body: ProjectBody) -> wire.Wire:
    """Change what is sent of a project and return it.

    Raises `BadField`, `AccessForbidden`, and `UnusableId` for what is no project that is there, as the method knows no 404.
    """
    row = whole_group(call, number)
    group = None if row is None else call.db.get(Group, number)
    found = _look_up(call, body, group, number)
    if row is None or group is None:
        raise UnusableId("Group").by("groupcamp.ids.unknown-without-404")
    if group.gtype != "project":
        raise UnusableId("Group").by("groupcamp.projects.no-project")
    retrievable_group(row)
    renamed = group.name != body.name
    _note_change(group, body)
    _write_fields(group, body, found)
    call.db.save(group)
    _write_links(call, group, found)
    if renamed:
        documents.write(call.db, "group", group.id)
    return shown_project(call, group)


def _note_defaults(body: ProjectBody) -> None:
    """Note what a new project is because the body does not say; what a template says goes before access and guests."""
    if body.subtype is None:
        follow("groupcamp.projects.internal-by-default")
    if body.access is None and body.template is None:
        follow("groupcamp.projects.invite-by-default")
    if body.with_guests is None and body.template is None:
        follow("groupcamp.projects.no-guests-by-default")


def _note_change(group: Group, body: ProjectBody) -> None:
    """Note what a project keeps because the body does not say, or says the same."""
    if any(value is None for field, value in vars(body).items() if field != "template"):
        follow("groupcamp.projects.not-sent-stays")
    if body.name == group.name:
        follow("groupcamp.projects.own-name")


def shown_project(call: SignedCall, group: Group) -> wire.Wire:
    """Return a project as the methods that write one answer it: its company is a Uuid here, and nobody stars it."""
    follow("groupcamp.projects.orga-null" if group.orga is None else "groupcamp.projects.orga-as-id")
    follow("groupcamp.projects.starred-null")
    return {
        "id": uuid(Kind.GROUP, group.id),
        "name": group.name,
        "type": "group",
        "gtype": group.gtype,
        "subtype": group.subtype,
        "orga": None if group.orga is None else uuid(Kind.ORGA, group.orga),
        "state": group.state,
        "tags_names": [tag["name"] for tag in tags_of(call.db, [group.id])[group.id]],
        "description": group.description,
        "starred": None,
        "can_accept_guest": group.can_accept_guest,
        "nb_users": call.db.scalar(COUNT_MEMBERS, which=group.id),
    }


def _look_up(call: SignedCall, body: ProjectBody, group: Group | None, number: int) -> Found:
    """Find what a body names, in the order of its fields; raise `BadField` for what is taken, missing or not there."""
    for field, value in (("name", body.name), ("external_ref", body.external_ref), ("project_code", body.project_code)):
        which = number if account_of(number) == call.account else 0
        holders = call.db.all(HOLDERS[field], value=value, account=call.account, which=which) if value else []
        if any(row["state"] != "del" for row in holders):
            raise BadField(field, "already_use").by(*TAKEN_BY[field])
        if holders:
            follow("groupcamp.projects.name-of-a-deleted-group")
    category = None if body.category_name is None else call.db.scalar(CATEGORY, name=body.category_name, account=call.account)
    if body.category_name is not None and category is None:
        raise BadField("category_name", "not_found").by("groupcamp.projects.category")
    tags, new_tags = _tags_named(call, body)
    leader1, leader2 = _manager(call, "leader1", body.leader1), _manager(call, "leader2", body.leader2)
    managers = None if body.managers is None else [_manager(call, "managers", one) for one in body.managers]
    subtype, orga = _customer(call, body, group)
    return Found(
        category=category,
        tags=tags,
        new_tags=new_tags,
        leader1=leader1,
        leader2=leader2,
        managers=None if managers is None else [one for one in managers if one is not None],
        subtype=subtype,
        orga=orga,
    )


def _tags_named(call: SignedCall, body: ProjectBody) -> tuple[list[int] | None, list[str]]:
    """Return the tags that are there, and the names of those that are not; one that is not for groups is refused."""
    if body.tags_names is None:
        return None, []
    known, unknown = [], []
    for name in dict.fromkeys(body.tags_names):
        row = call.db.first(TAG, name=name, account=call.account)
        if row is None:
            unknown.append(name)
        elif row["for_group"]:
            known.append(row["id"])
        else:
            raise BadField("tags_names", "invalid").by("groupcamp.projects.tag-not-for-groups")
    return known, unknown


def _manager(call: SignedCall, field: str, name: UserName | None) -> int | None:
    """Return who is to lead or manage a project: an employee, and none who was deleted."""
    if name is None:
        return None
    row = find_user(call, name)
    if row is None:
        raise BadField(field, "not_found").by("groupcamp.projects.unknown-people")
    if row["utype"] != "employee" and field == "managers":
        raise BadField(field, "invalid").by("groupcamp.projects.managers")
    if row["utype"] != "employee" or row["state"] != "ok":
        raise BadField(field, "invalid").by("groupcamp.projects.leaders-are-employees")
    number: int = row["id"]
    return number


def _customer(call: SignedCall, body: ProjectBody, group: Group | None) -> tuple[str | None, int | None]:
    """Return the kind of project, if the body says it, and the company it is for; an internal project has none.

    A company is looked at only where it counts, and has to be an invited one.
    """
    subtype = body.subtype or (group.subtype if group else "internal")
    had = None if group is None else group.orga
    if subtype == "internal":
        if body.orga is not None or had is not None:
            follow("groupcamp.projects.internal-has-no-orga")
        return body.subtype, None
    follow("groupcamp.projects.orga-needed")
    if body.orga is None:
        if had is None:
            raise BadField("orga", "missing").by("groupcamp.projects.orga-needed")
        follow("groupcamp.projects.orga-of-a-customer")
        return body.subtype, had
    orga = call.db.get(Orga, body.orga) if account_of(body.orga) == call.account else None
    if orga is None:
        raise BadField("orga", "not_found").by("groupcamp.projects.unknown-orga")
    if orga.otype != "invited":
        raise BadField("orga", "invalid").by("groupcamp.projects.orga-is-invited")
    return body.subtype, orga.id


def _write_fields(group: Group, body: ProjectBody, found: Found) -> None:
    if body.project_code == "":
        follow("groupcamp.projects.project-code-taken-away")
    if body.external_ref == "":
        follow("groupcamp.projects.external-ref-taken-away")
    if body.access == "invite":
        follow("groupcamp.projects.invite-is-invited")
    group.name = body.name
    group.code = group.code if body.project_code is None else body.project_code or None
    group.external_ref = group.external_ref if body.external_ref is None else body.external_ref or None
    group.folded = (f"{group.code} {group.name}" if group.code else group.name).casefold()
    group.description = group.description if body.description is None else body.description
    group.category = found.category or group.category
    group.leader1, group.leader2 = found.leader1 or group.leader1, found.leader2 or group.leader2
    group.subtype, group.orga = found.subtype or group.subtype, found.orga
    group.access = group.access if body.access is None else ACCESS[body.access]
    group.can_accept_guest = group.can_accept_guest if body.with_guests is None else body.with_guests


def _write_links(call: SignedCall, group: Group, found: Found) -> None:
    """Write tags and members: leaders and managers are members, and of these only managers are delegated."""
    if found.new_tags:
        follow("groupcamp.projects.new-tags", "groupcamp.projects.look-of-new-tags")
    if found.leader1 or found.leader2 or found.managers:
        follow("groupcamp.projects.leaders-are-members")
    if found.managers is not None:
        follow("groupcamp.projects.managers-are-delegated")
    if found.tags is not None:
        call.db.run(DROP_TAGS, which=group.id)
        for tag in (*found.tags, *(_new_tag(call, name) for name in found.new_tags)):
            call.db.add(GroupTag(group=group.id, tag=tag))
    if found.managers is not None:
        for member in call.db.records(Member, MANAGERS, which=group.id):
            join(call, group.id, member.user, delegated=member.user in found.managers)
    for leader in (found.leader1, found.leader2):
        if leader is not None:
            join(call, group.id, leader)
    for manager in found.managers or ():
        join(call, group.id, manager, delegated=True)


def _new_tag(call: SignedCall, name: str) -> int:
    tag = Tag(
        id=new_number(call.db, call.account),
        account=call.account,
        name=name,
        color=TAG_COLOR,
        for_group=True,
        for_task=False,
        for_file=False,
    )
    call.db.add(tag)
    return tag.id
