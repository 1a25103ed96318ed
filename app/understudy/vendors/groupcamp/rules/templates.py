"""The group that a new project is made like.

Which settings are copied in any case is not said; taken here: access, guests, applications and the unit of time.
Topics and files are not seen through the API, so asking for them copies nothing.
"""

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import BadField
from understudy.vendors.groupcamp.rules.access import whole_group
from understudy.vendors.groupcamp.rules.members import begin_membership
from understudy.vendors.groupcamp.schemas import Template
from understudy.vendors.groupcamp.tables import Budget, BudgetLine, Group, Member, User

_members, _lines, _users = table_of(Member), table_of(BudgetLine), table_of(User).c
COPIED = ("access", "can_accept_guest", "has_tasks", "has_timelogs", "time_unit")

MEMBERS = Prepared(
    select(_members, _users.utype)
    .where(_members.c.group == bindparam("which"), _users.id == _members.c.user, _users.state == "ok")
    .order_by(_members.c.place)
)
LINES = Prepared(select(_lines).where(_lines.c.group == bindparam("which")).order_by(_lines.c.position))


def find_template(call: SignedCall, template: Template) -> Row:
    """Return the group that is copied; raise `BadField` for one that is not there, or can't be retrieved."""
    row = whole_group(call, template.id)
    if row is None or row["state"] in ("trash", "del") or row["is_forbidden"]:
        raise BadField("template.id", "not_found").by("groupcamp.templates.unknown-group")
    return row


def copy_settings(source: Row, group: Group, template: Template) -> None:
    """Give a new group the settings of another one, and its dates too if its budget is copied.

    A budget is good for the dates that it was made for, so these come with it.
    """
    follow("groupcamp.templates.settings", "groupcamp.templates.which-settings")
    for name in COPIED:
        setattr(group, name, bool(source[name]) if isinstance(getattr(group, name), bool) else source[name])
    if template.track:
        follow("groupcamp.templates.track", "groupcamp.templates.dates-with-the-budget")
        group.start_day, group.end_day = source["start_day"], source["end_day"]


def copy_contents(call: SignedCall, group: Group, template: Template) -> None:
    """Give a new group the members and the budget of another one, as asked for; guests only if it takes any."""
    if template.members:
        follow("groupcamp.templates.members", "groupcamp.templates.which-members")
    for row in call.db.all(MEMBERS, which=template.id) if template.members else ():
        if row["utype"] == "employee" or group.can_accept_guest:
            begin_membership(call.db, group.id, row["user"], delegated=bool(row["delegated"]))
    budget = call.db.get(Budget, template.id) if template.track else None
    if budget is not None:
        call.db.add(Budget(**budget.model_dump() | {"group": group.id}))
        for line in call.db.records(BudgetLine, LINES, which=template.id):
            call.db.add(BudgetLine(**line.model_dump() | {"group": group.id}))
