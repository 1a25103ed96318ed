"""Who is in a group."""

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import AccessForbidden, NotFound
from understudy.vendors.groupcamp.rules.access import fetch_user, find_user, missing, missing_user, retrievable_group, whole_group
from understudy.vendors.groupcamp.tables import Group, Member
from understudy.vendors.groupcamp.uuids import UserName

_members = table_of(Member)
ONE_MEMBER = Prepared(select(_members).where(_members.c.group == bindparam("which"), _members.c.user == bindparam("whom")))


def add_member(call: SignedCall, group: int, user: UserName) -> None:
    """Make a user a member of a group; one who is a member already stays it.

    Raises `NotFound`, and `AccessForbidden` also for a guest where the group takes none, and for a user who was deleted.
    """
    row, found = _both(call, group, user)
    retrievable_group(row)
    fetch_user(call, user)
    if member_of(call.db, group, found["id"]) is not None:
        follow("groupcamp.membership.added-twice")
        return
    if found["state"] != "ok":
        raise AccessForbidden().by("groupcamp.membership.deleted-user")
    if found["utype"] == "guest" and not row["can_accept_guest"]:
        raise AccessForbidden().by("groupcamp.membership.guest")
    follow("groupcamp.membership.in-step")
    join(call, group, found["id"])


def remove_member(call: SignedCall, group: int, user: UserName) -> None:
    """Take a user out of a group, and out of its lead, as its leaders are members.

    Raises `NotFound`, for a user who is no member too, and `AccessForbidden`. Tasks stay assigned, for who is assigned need not
    be a member.
    """
    row, found = _both(call, group, user)
    member = member_of(call.db, group, found["id"])
    if member is None:
        raise NotFound().by("groupcamp.membership.no-member")
    retrievable_group(row)
    fetch_user(call, user)
    call.db.remove(member)
    follow("groupcamp.membership.in-step", "groupcamp.membership.tasks-stay")
    record = call.db.get(Group, group)
    assert record is not None
    if member.delegated or member.user in (record.leader1, record.leader2):
        follow("groupcamp.membership.leader-leaves")
    if member.user in (record.leader1, record.leader2):
        record.leader1 = None if record.leader1 == member.user else record.leader1
        record.leader2 = None if record.leader2 == member.user else record.leader2
        call.db.save(record)


def _both(call: SignedCall, group: int, user: UserName) -> tuple[Row, Row]:
    """Return a group and a user, retrievable or not; raise `NotFound`."""
    row, found = whole_group(call, group), find_user(call, user)
    if row is None:
        raise missing(call, group)
    if found is None:
        raise missing_user(call, user)
    return row, found


def member_of(db: Session, group: int, user: int) -> Member | None:
    """Return somebody's membership of a group, or None."""
    found = db.records(Member, ONE_MEMBER, which=group, whom=user)
    return found[0] if found else None


def begin_membership(db: Session, group: int, user: int, *, delegated: bool) -> None:
    """Make a user, who is none yet, the last of a group's members."""
    db.add(Member(group=group, user=user, place=db.number("groupcamp_membership"), delegated=delegated))


def join(call: SignedCall, group: int, user: int, *, delegated: bool | None = None) -> None:
    """See to it that a user is a member; `delegated` says whether one who manages the group, None leaves that as it is."""
    member = member_of(call.db, group, user)
    if member is None:
        begin_membership(call.db, group, user, delegated=bool(delegated))
    elif delegated is not None and member.delegated != delegated:
        member.delegated = delegated
        call.db.save(member)
