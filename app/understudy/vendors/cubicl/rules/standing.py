"""What a user is to a task and to its project, and what that allows.

Levels and exceptions are the user guide's; which level an operation needs is inferred wherever the guide only names the levels.
"""

from dataclasses import dataclass

from sqlalchemy import BindParameter, and_, bindparam, or_, select

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import Impossible, NoPermission, NotFound
from understudy.vendors.cubicl.rules.projects import Level
from understudy.vendors.cubicl.rules.sheets import Sheet
from understudy.vendors.cubicl.tables import Access, Task, TaskLink, User

_tasks, _access, _links, _users = (table_of(model).c for model in (Task, Access, TaskLink, User))

ACCESS = Prepared(
    select(_access.is_admin, _access.tasks, _access.gantt).where(
        _access.user == bindparam("user"), _access.project == bindparam("project")
    )
)
ACCESS_TO_FILES = Prepared(
    select(_access.is_admin, _access.files).where(_access.user == bindparam("user"), _access.project == bindparam("project"))
)
READ = Prepared(
    select(_tasks.document, _tasks.owner, _tasks.is_private, _access.is_admin, _access.tasks).where(
        _tasks.id == bindparam("id"), _access.user == bindparam("user"), _access.project == _tasks.project
    )
)
CLIENT_PERMISSION = Prepared(select(_users.is_account_manager, _users.client_level).where(_users.id == bindparam("user")))
PARTICIPATES = Prepared(
    select(_links.task).where(
        _links.other == bindparam("user"), _links.kind.in_(("assignee", "follower")), _links.task == bindparam("task")
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user is to a task; `tasks` and `gantt` are levels in its project."""

    is_admin: bool
    tasks: int
    gantt: int
    owns: bool = False
    is_assigned: bool = False
    follows: bool = False

    @property
    def may_see(self) -> bool:
        """Whether the task may be read, with its activities (followers: inferred)."""
        return self.is_admin or self.tasks >= Level.VIEW or self.owns or self.is_assigned or self.follows

    @property
    def may_create(self) -> bool:
        """Whether tasks may be made in the project."""
        return self.is_admin or self.tasks >= Level.CREATE

    @property
    def may_comment(self) -> bool:
        """Whether the task may be commented on."""
        return self.may_create or self.owns or self.is_assigned

    @property
    def may_edit(self) -> bool:
        """Whether the details may change."""
        return self.is_admin or self.tasks >= Level.EDIT or self.owns

    @property
    def may_change_state(self) -> bool:
        """Whether the state may change."""
        return self.may_edit or self.is_assigned

    @property
    def may_delete(self) -> bool:
        """Whether the task may be deleted, or taken out of its project."""
        return self.is_admin or self.tasks >= Level.DELETE or self.owns

    def may_change_gantt(self, level: Level) -> bool:
        """Whether the Gantt chart may change so as needs `level` there; owning the task does not help (inferred)."""
        return self.is_admin or self.gantt >= level


def standing_in(db: Session, user: str, project: str) -> Standing:
    """Return what a user is to a project; raise `Impossible` for an unknown one."""
    row = db.first(ACCESS, user=user, project=project)
    if row is None:
        raise Impossible
    return Standing(bool(row["is_admin"]), row["tasks"], row["gantt"])


def standing_of(db: Session, user: str, sheet: Sheet) -> Standing:
    """Return what a user is to a task.

    A private task is there for its owner, assignees, followers and the project's admins only (inferred): for anybody else
    the level in the project counts as None.
    """
    general = standing_in(db, user, sheet.row.project)
    owns = sheet.row.owner == user
    is_assigned, follows = user in sheet.document["assignees"], user in sheet.document["followers"]
    shut_out = sheet.row.is_private and not (owns or is_assigned or follows)
    tasks = Level.NONE if shut_out else general.tasks
    return Standing(general.is_admin, tasks, general.gantt, owns, is_assigned, follows)


def readable_document(call: CubiclCall, task: str) -> str:
    """Return a task's document; raise `NotFound`, or `NoPermission` for one that the caller may not see."""
    row = call.db.first(READ, id=task, user=call.caller)
    if row is None:
        raise NotFound
    by_level = row["is_admin"] or (row["tasks"] >= Level.VIEW and not row["is_private"])
    if not by_level and row["owner"] != call.caller and call.db.first(PARTICIPATES, user=call.caller, task=task) is None:
        raise NoPermission
    document: str = row["document"]
    return document


def require_level_for_files(call: CubiclCall, project: str, level: Level) -> None:
    """Raise `Impossible` for an unknown project, and `NoPermission` below a level for its files."""
    row = call.db.first(ACCESS_TO_FILES, user=call.caller, project=project)
    if row is None:
        raise Impossible
    if not row["is_admin"] and row["files"] < level:
        raise NoPermission


def may_use_clients(db: Session, user: str, level: Level) -> bool:
    """Whether somebody may do with clients what takes a level.

    Account managers manage clients, others need a permission of their own (user guide); that it has levels is inferred.
    """
    row = db.first(CLIENT_PERMISSION, user=user)
    return row is not None and (bool(row["is_account_manager"]) or row["client_level"] >= level)


def require_clients(call: CubiclCall, level: Level) -> None:
    """Raise `NoPermission` unless the caller may do with clients what takes a level."""
    if not may_use_clients(call.db, call.caller, level):
        raise NoPermission


_caller: BindParameter[str] = bindparam("caller")
_by_level = select(_access.project).where(
    _access.user == _caller,
    _access.project == _tasks.project,
    or_(_access.is_admin, and_(_access.tasks >= int(Level.VIEW), _tasks.is_private.is_(False))),
)
_as_participant = select(_links.task).where(
    _links.other == _caller, _links.kind.in_(("assignee", "follower")), _links.task == _tasks.id
)
IS_PARTICIPANT = or_(_tasks.owner == _caller, _as_participant.exists())

# What `readable_document` finds out about one task, as conditions of a list: wherever it is, or in a project with level View.
IS_READABLE = or_(_by_level.exists(), IS_PARTICIPANT)
IS_READABLE_BY_LEVEL = or_(_tasks.is_private.is_(False), IS_PARTICIPANT)
