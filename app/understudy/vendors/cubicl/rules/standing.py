"""What a user is to a task and to its project, and what that allows."""

from dataclasses import dataclass

from sqlalchemy import BindParameter, and_, bindparam, or_, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
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
    select(_tasks.document, _tasks.owner, _tasks.is_private, _tasks.is_archived, _access.is_admin, _access.tasks).where(
        _tasks.id == bindparam("id"), _access.user == bindparam("user"), _access.project == _tasks.project
    )
)
CLIENT_PERMISSION = Prepared(select(_users.is_account_manager, _users.client_level).where(_users.id == bindparam("user")))
PARTICIPATES = Prepared(
    select(_links.kind)
    .where(_links.other == bindparam("user"), _links.kind.in_(("assignee", "follower")), _links.task == bindparam("task"))
    .order_by(_links.kind)
)


def by(rule: str) -> bool:
    """Say by which rule somebody is let in."""
    follow(rule)
    return True


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user is to a task; `tasks` and `gantt` are levels in its project.

    `is_shut_out` is whether the task is private and the user has no part in it, so that the level doesn't count.
    """

    is_admin: bool
    tasks: int
    gantt: int
    owns: bool = False
    is_assigned: bool = False
    follows: bool = False
    is_shut_out: bool = False

    @property
    def may_see(self) -> bool:
        """Whether the task may be read, with its activities."""
        return (
            self.has_level(Level.VIEW, "cubicl.read.level")
            or (self._takes_part and by("cubicl.read.assignee-or-owner"))
            or (self.follows and by("cubicl.read.follower"))
        )

    @property
    def may_create(self) -> bool:
        """Whether tasks may be made in the project."""
        return self.has_level(Level.CREATE, "cubicl.create.level")

    @property
    def may_be_moved_into(self) -> bool:
        """Whether tasks may be brought into the project."""
        return self.has_level(Level.CREATE, "cubicl.move.in-level")

    @property
    def may_comment(self) -> bool:
        """Whether the task may be commented on."""
        return self.has_level(Level.CREATE, "cubicl.comment.level") or (
            self._takes_part and by("cubicl.comment.assignee-or-owner")
        )

    @property
    def may_edit(self) -> bool:
        """Whether the details may change."""
        return self.has_level(Level.EDIT, "cubicl.update.level") or (self.owns and by("cubicl.update.owner"))

    @property
    def may_change_state(self) -> bool:
        """Whether the state may change."""
        return self.has_level(Level.EDIT, "cubicl.state.level") or (self._takes_part and by("cubicl.state.assignee-or-owner"))

    @property
    def may_delete(self) -> bool:
        """Whether the task may be deleted."""
        return self.has_level(Level.DELETE, "cubicl.delete.level") or (self.owns and by("cubicl.delete.owner"))

    @property
    def may_be_moved(self) -> bool:
        """Whether the task may be taken out of its project."""
        return self.has_level(Level.DELETE, "cubicl.move.out-level") or (self.owns and by("cubicl.move.out-owner"))

    def may_change_gantt(self, level: Level, rule: str) -> bool:
        """Whether the Gantt chart may change so as needs `level` there by `rule`; owning the task does not help."""
        return (self.is_admin and by("cubicl.access.admin")) or (self.gantt >= level and by(rule))

    def has_level(self, level: Level, rule: str) -> bool:
        """Whether the user has the level that `rule` asks for, or needs none."""
        return (self.is_admin and by("cubicl.access.admin")) or (self.tasks >= level and by(rule))

    def refusal(self, rule: str) -> NoPermission:
        """Return the refusal for somebody without the level that `rule` asks for."""
        return NoPermission().by(rule, *(("cubicl.access.private-task",) if self.is_shut_out else ()))

    @property
    def _takes_part(self) -> bool:
        return self.owns or self.is_assigned


def standing_in(db: Session, user: str, project: str, *, unknown: str) -> Standing:
    """Return what a user is to a project; raise `Impossible` for an unknown one, by the rule that `unknown` names."""
    standing = _standing_in(db, user, project)
    if standing is None:
        raise Impossible().by(unknown)
    return standing


def standing_of(db: Session, user: str, sheet: Sheet) -> Standing:
    """Return what a user is to a task.

    A private task is there for its owner, assignees, followers and the project's admins only: for anybody else the level in
    the project counts as None.
    """
    general = _standing_in(db, user, sheet.row.project)
    if general is None:
        raise RuntimeError(f"user {user} has no standing in project {sheet.row.project}")
    if sheet.row.is_private:
        follow("cubicl.access.private-task")
    owns = sheet.row.owner == user
    is_assigned, follows = user in sheet.document["assignees"], user in sheet.document["followers"]
    shut_out = sheet.row.is_private and not (owns or is_assigned or follows)
    tasks = Level.NONE if shut_out else general.tasks
    return Standing(general.is_admin, tasks, general.gantt, owns, is_assigned, follows, shut_out)


def _standing_in(db: Session, user: str, project: str) -> Standing | None:
    row = db.first(ACCESS, user=user, project=project)
    return None if row is None else Standing(bool(row["is_admin"]), row["tasks"], row["gantt"])


def readable_document(call: CubiclCall, task: str, *refused: str) -> str:
    """Return a task's document; raise `NotFound`, or `NoPermission`, by `refused` too, for one that the caller may not see."""
    row = call.db.first(READ, id=task, user=call.caller)
    if row is None:
        raise NotFound
    private = ("cubicl.access.private-task",) if row["is_private"] else ()
    rule = _readable_by(call, task, row)
    if rule is None:
        raise NoPermission().by("cubicl.read.level", *private, *refused)
    follow(rule, *private)
    if row["is_archived"]:
        follow("cubicl.archive.still-usable")
    document: str = row["document"]
    return document


def _readable_by(call: CubiclCall, task: str, row: Row) -> str | None:
    """Return the rule by which the caller may see a task, or None."""
    if row["is_admin"]:
        return "cubicl.access.admin"
    if row["tasks"] >= Level.VIEW and not row["is_private"]:
        return "cubicl.read.level"
    if row["owner"] == call.caller:
        return "cubicl.read.assignee-or-owner"
    parts = {"assignee": "cubicl.read.assignee-or-owner", "follower": "cubicl.read.follower", None: None}
    return parts[call.db.scalar(PARTICIPATES, user=call.caller, task=task)]


def require_level_for_files(call: CubiclCall, project: str, level: Level) -> None:
    """Raise `Impossible` for an unknown project, and `NoPermission` below a level for its files."""
    row = call.db.first(ACCESS_TO_FILES, user=call.caller, project=project)
    if row is None:
        raise Impossible().by("cubicl.nodes.unknown-place")
    if not row["is_admin"] and row["files"] < level:
        raise NoPermission().by("cubicl.nodes.levels")
    follow("cubicl.access.admin" if row["is_admin"] else "cubicl.nodes.levels")


def may_use_clients(db: Session, user: str, level: Level) -> bool:
    """Whether somebody may do with clients what takes a level: account managers manage them, others need a permission."""
    row = db.first(CLIENT_PERMISSION, user=user)
    if row is None:
        return False
    is_manager: bool = row["is_account_manager"]
    return (is_manager and by("cubicl.clients.account-manager")) or (row["client_level"] >= level and by("cubicl.clients.levels"))


def require_clients(call: CubiclCall, level: Level) -> None:
    """Raise `NoPermission` unless the caller may do with clients what takes a level."""
    if not may_use_clients(call.db, call.caller, level):
        raise NoPermission().by("cubicl.clients.account-manager", "cubicl.clients.levels")


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
