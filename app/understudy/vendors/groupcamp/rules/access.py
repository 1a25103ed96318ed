"""What can be retrieved, and by which name: existence first (404), then access (403).

What makes the vendor forbid something is unknown. Taken here: a group in the trash or deleted, one whose application for the
matter is off, and whatever a set-up action has forbidden. What is in a group can be retrieved only if the group can.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import AccessForbidden, NotFound
from understudy.vendors.groupcamp.tables import Forbidden, Group, Milestone, Task, TaskDocument, TaskList, User
from understudy.vendors.groupcamp.uuids import Kind, UserName, account_of, uuid
from understudy.vendors.groupcamp.wire import LISTS

Application = Literal["has_tasks", "has_timelogs"]

_forbidden = table_of(Forbidden).c
_groups, _users = table_of(Group).c, table_of(User).c
_documents, _lists, _miles, _tasks = (table_of(model).c for model in (TaskDocument, TaskList, Milestone, Task))


def is_forbidden(kind: Kind, number: Any) -> ColumnElement[bool]:
    """Whether an object is forbidden."""
    return exists().where(_forbidden.kind == kind.value, _forbidden.number == number)


def closed_groups(application: Application) -> Any:
    """Select the groups whose contents this account can't list: those of others, and those that can't be retrieved."""
    return select(_groups.id).where(
        or_(
            _groups.account != bindparam("account"),
            _groups.state.in_(("trash", "del")),
            _groups[application].is_(False),
            is_forbidden(Kind.GROUP, _groups.id),
        )
    )


_forbidden_group = is_forbidden(Kind.GROUP, _groups.id)
ONE_GROUP = Prepared(
    select(
        _groups.state, _groups.gtype, _groups.has_tasks, exists().where(_forbidden.id == bindparam("uuid")).label("is_forbidden")
    ).where(_groups.id == bindparam("which"))
)
WHOLE_GROUP = Prepared(select(table_of(Group), _forbidden_group.label("is_forbidden")).where(_groups.id == bindparam("which")))


def _inside_group(kind: Kind, table: Any, *columns: Any, joined: Any = True) -> Prepared:
    """Return the query for one object of a group, with what says whether it can be retrieved."""
    flag = or_(is_forbidden(kind, table.id), _forbidden_group).label("is_forbidden")
    return Prepared(
        select(*columns, _groups.state, _groups.has_tasks, flag).where(
            table.id == bindparam("which"), _groups.id == table.group, joined
        )
    )


ONE_TASK = {
    generation: _inside_group(Kind.TASK, _tasks, _documents[generation].label("document"), joined=_documents.task == _tasks.id)
    for generation in ("seed", "v3")
}
ONE_LIST = _inside_group(Kind.TASK_LIST, _lists, _lists.id)
ONE_MILESTONE = _inside_group(
    Kind.MILESTONE,
    _miles,
    *(column.label(f"milestone_{column.name}") for column in table_of(Milestone).columns),
    *(column.label(f"group_{column.name}") for column in (_groups.id, _groups.name, _groups.gtype, _groups.state)),
)
_user_columns = (table_of(User), is_forbidden(Kind.USER, _users.id).label("is_forbidden"))
USER_BY_ID = Prepared(select(*_user_columns).where(_users.id == bindparam("which")))
USER_BY_EMAIL = Prepared(
    select(*_user_columns).where(_users.email == bindparam("email"), _users.account == bindparam("account")).order_by(_users.id)
)
FORBIDDEN_METHOD = Prepared(select(_forbidden.id).where(_forbidden.id == bindparam("which")))


def fetch_group(call: SignedCall, group: int) -> None:
    """Make sure that the tasks of a group can be retrieved; raise `NotFound` or `AccessForbidden`."""
    row = call.db.first(ONE_GROUP, which=group, uuid=uuid(Kind.GROUP, group)) if account_of(group) == call.account else None
    if row is None:
        raise missing(call, group)
    _refuse_forbidden(row, "has_tasks")
    if row["gtype"] != "project":
        follow("groupcamp.group-tasks.any-kind")


def whole_group(call: SignedCall, group: int) -> Row | None:
    """Return a group of the account, retrievable or not, or None."""
    return call.db.first(WHOLE_GROUP, which=group) if account_of(group) == call.account else None


def missing(call: SignedCall, number: int) -> NotFound:
    """Return the refusal of a number that leads to no object of the account."""
    return NotFound().by("groupcamp.ids.unknown" if account_of(number) == call.account else "groupcamp.ids.of-another-account")


def missing_user(call: SignedCall, name: UserName) -> NotFound:
    """Return the refusal of a name of nobody in the account."""
    return missing(call, name) if isinstance(name, int) else NotFound().by("groupcamp.ids.unknown-email")


def fetch_whole_group(call: SignedCall, group: int, application: Application | None = None) -> Row:
    """Return a group of the account if it can be retrieved; raise `NotFound` or `AccessForbidden`."""
    row = whole_group(call, group)
    if row is None:
        raise missing(call, group)
    return retrievable_group(row, application)


def retrievable_group(row: Row, application: Application | None = None) -> Row:
    """Return a group as it is if it can be retrieved; raise `AccessForbidden`."""
    _refuse_forbidden(row, application)
    return row


def fetch_task(call: SignedCall, task: int) -> bytes:
    """Return the document of a task; raise `NotFound` or `AccessForbidden`."""
    document: bytes = _inside(call, ONE_TASK[call.settings.groupcamp_generation], task)["document"]
    return document


def fetch_list(call: SignedCall, task_list: int) -> Row:
    """Return a row of `LISTS`; raise `NotFound` or `AccessForbidden`."""
    _inside(call, ONE_LIST, task_list)
    (row,) = call.db.all(LISTS, ids=[task_list])
    return row


def fetch_milestone(call: SignedCall, milestone: int) -> Row:
    """Return a milestone with its group; raise `NotFound` or `AccessForbidden`."""
    return _inside(call, ONE_MILESTONE, milestone)


def find_user(call: SignedCall, name: UserName) -> Row | None:
    """Return a user of the account, or None."""
    if isinstance(name, str):
        return call.db.first(USER_BY_EMAIL, email=name, account=call.account)
    return call.db.first(USER_BY_ID, which=name) if account_of(name) == call.account else None


def fetch_user(call: SignedCall, name: UserName) -> Row:
    """Return a user; raise `NotFound` or `AccessForbidden`."""
    row = find_user(call, name)
    if row is None:
        raise missing_user(call, name)
    if row["is_forbidden"]:
        raise AccessForbidden().by("groupcamp.access.forbidden-by-set-up")
    return row


def refuse_forbidden_method(call: SignedCall, method: str) -> None:
    """Raise `AccessForbidden` if a set-up action has forbidden this method, which names no object that could be."""
    if call.db.first(FORBIDDEN_METHOD, which=method) is not None:
        raise AccessForbidden().by("groupcamp.access.forbidden-by-set-up")


def _inside(call: SignedCall, statement: Prepared, number: int) -> Row:
    row = call.db.first(statement, which=number) if account_of(number) == call.account else None
    if row is None:
        raise missing(call, number)
    _refuse_forbidden(row, "has_tasks")
    return row


def _refuse_forbidden(row: Row, application: Application | None) -> None:
    if row["state"] in ("trash", "del"):
        raise AccessForbidden().by("groupcamp.access.closed-group")
    if application is not None and not row[application]:
        raise AccessForbidden().by("groupcamp.access.application-off")
    if row["is_forbidden"]:
        raise AccessForbidden().by("groupcamp.access.forbidden-by-set-up")
    if row["state"] == "archi":
        follow("groupcamp.access.archived")
