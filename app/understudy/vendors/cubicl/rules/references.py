"""The records that a request names by id."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import bindparam, select
from sqlmodel import SQLModel

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cubicl.errors import Impossible
from understudy.vendors.cubicl.rules.context import Context
from understudy.vendors.cubicl.rules.steps import every_step
from understudy.vendors.cubicl.schemas import Steps
from understudy.vendors.cubicl.tables import Client, File, Tag, User, Workflow

T = TypeVar("T")

_users = table_of(User).c
MEMBER = Prepared(select(_users.id).where(_users.id == bindparam("id"), _users.is_removed.is_(False)))


def require_users(db: Session, users: Iterable[str], *, unknown: str = "cubicl.task.unknown-records") -> None:
    """Raise `Impossible`, by the rule `unknown`, unless all are members of the organisation; they need not be of the project."""
    if any(db.scalar(MEMBER, id=user) is None for user in users):
        raise Impossible().by(unknown)


def require_assignees(db: Session, assignees: Sequence[str]) -> None:
    """Raise `Impossible` unless the assignees of a task are members of the organisation."""
    require_users(db, assignees)
    if assignees:
        follow("cubicl.task.assignees-of-organisation")


def require_assignees_of(db: Session, steps: Steps | None) -> None:
    """Raise `Impossible` unless the assignees of all steps are members of the organisation."""
    users = {user for step in every_step(steps) for user in step["assignees"]}
    require_users(db, users, unknown="cubicl.steps.unknown-assignee")


def require_tags(db: Session, tags: Iterable[str], project: str) -> None:
    """Raise `Impossible` for an unknown tag; one of another project than the task's will do."""
    if any(_found(db.get(Tag, tag)).project != project for tag in tags):
        follow("cubicl.create.tags-of-any-project")


def require_files(db: Session, files: Iterable[str]) -> list[dict[str, Any]]:
    """Return the records of files; raise `Impossible` for an unknown one."""
    return [orjson.loads(_found(db.get(File, file)).document) for file in files]


def customer_named(db: Session, client: str | None, *, unknown: str = "cubicl.task.unknown-records") -> dict[str, str] | None:
    """Return a client as a task holds it; raise `Impossible` for an unknown one, by the rule `unknown`."""
    if client is None:
        return None
    found = _found(db.get(Client, client), unknown)
    return {"_id": found.id, "name": found.name}


def require_workflow(db: Session, workflow: str | None) -> Workflow | None:
    """Return a workflow; raise `Impossible` for an unknown one."""
    return _found(db.get(Workflow, workflow)) if workflow else None


def in_workflow(context: Context, workflow: Workflow) -> dict[str, Any]:
    """Return what a task holds that has just joined a workflow: `taskflowId` is its own id there."""
    follow("cubicl.task.workflow", "cubicl.task.workflow-id-is-given-id")
    return {"id": workflow.id, "templateId": workflow.template, "isCompleted": False, "taskflowId": context.new_id()}


def _found(record: T | None, unknown: str = "cubicl.task.unknown-records") -> T:
    if record is None:
        raise Impossible().by(unknown)
    return record


@lru_cache
def _by_id(table: type[SQLModel]) -> Prepared:
    columns = table_of(table).c
    return Prepared(select(columns.id).where(columns.id == bindparam("id")))


def _require(db: Session, table: type[SQLModel], ids: Iterable[str]) -> None:
    statement = _by_id(table)
    if any(db.scalar(statement, id=record) is None for record in ids):
        raise Impossible().by("cubicl.task.unknown-records")
