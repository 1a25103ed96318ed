"""GroupCamp's rows, normalised: the wire nests a list, a group and several users in every task, the rows only refer to them.

An `id` is the number inside the object's Uuid, account and item in one (`uuids.py`). Instants are milliseconds on a whole second,
since a DateTime shows no more; days are Python's ordinals; time spent stands in both units, `d` and `s`; money is in thousandths
of the account's currency.
"""

from understudy.core.store import table_of
from understudy.vendors.groupcamp.tables.account import LABELLED_KEYS, Account, ApiKey, Forbidden
from understudy.vendors.groupcamp.tables.groups import Budget, BudgetLine, Group, GroupCategory, GroupTag, Member
from understudy.vendors.groupcamp.tables.people import Orga, Role, Team, TeamMember, User
from understudy.vendors.groupcamp.tables.tasks import Affect, Milestone, Tag, Task, TaskDocument, TaskList, TaskTag
from understudy.vendors.groupcamp.tables.time import StoredList, StoredPage, TimeCategory, Timelog

__all__ = [
    "LABELLED_KEYS",
    "TABLES",
    "Account",
    "Affect",
    "ApiKey",
    "Budget",
    "BudgetLine",
    "Forbidden",
    "Group",
    "GroupCategory",
    "GroupTag",
    "Member",
    "Milestone",
    "Orga",
    "Role",
    "StoredList",
    "StoredPage",
    "Tag",
    "Task",
    "TaskDocument",
    "TaskList",
    "TaskTag",
    "Team",
    "TeamMember",
    "TimeCategory",
    "Timelog",
    "User",
]

TABLES = [
    table_of(model)
    for model in (
        Account,
        ApiKey,
        Forbidden,
        Role,
        User,
        Team,
        TeamMember,
        Orga,
        GroupCategory,
        Group,
        Member,
        GroupTag,
        Budget,
        BudgetLine,
        Milestone,
        TaskList,
        Task,
        TaskDocument,
        Affect,
        Tag,
        TaskTag,
        TimeCategory,
        Timelog,
        StoredList,
        StoredPage,
    )
]
