"""Actions on what a project may cost: its dates, its budget, and the account's units and currency."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool
from sqlalchemy import bindparam, delete, select

from understudy.core.sandbox import Sandbox
from understudy.core.store import Prepared, Session, table_of
from understudy.core.vendor import ActionRefused, UnknownRecord
from understudy.vendors.groupcamp import tables
from understudy.vendors.groupcamp.actions.found import Body, Day, Name, fetch, fetch_account
from understudy.vendors.groupcamp.rules.costs import planned_cost
from understudy.vendors.groupcamp.schemas import date_text
from understudy.vendors.groupcamp.uuids import Kind

Amount = Annotated[int, Field(ge=0, le=10**9, strict=True)]
Unit = Literal["s", "d"]

_lines, _roles, _categories = table_of(tables.BudgetLine).c, table_of(tables.Role).c, table_of(tables.TimeCategory).c
DROP_LINES = Prepared(delete(table_of(tables.BudgetLine)).where(_lines.group == bindparam("which")))
BY_NAME = {
    kind: Prepared(select(columns.id).where(columns.name == bindparam("name"), columns.account == bindparam("account")))
    for kind, columns in {"role": _roles, "category": _categories}.items()
}


class SetAccount(Body):
    """Units, currency and plan of the account; what is not sent stays. A quota of null is none."""

    time_unit: Unit | None = None
    budget_unit: Unit | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    group_quota: Amount | None = None
    category_required: StrictBool | None = None


class SetProject(Body):
    """Dates of a project, and the unit in which it prefers time; what is not sent stays, null takes it away."""

    group: str
    start: Day | None = None
    end: Day | None = None
    time_unit: Unit | None = None


class Line(Body):
    """A line of a budget: for the role or category of this name, work in the account's unit, and what an hour or a day costs."""

    name: str | None = None
    work: Amount
    unit_cost: Annotated[int, Field(ge=0, le=10**6, strict=True)] = 0


class SetBudget(Body):
    """The budget of a project, for its present dates; its amount is the sum of its lines unless another one, or null, is sent."""

    group: str
    type: Literal["total", "category", "role"]
    lines: Sequence[Line] = Field(min_length=1)
    unit_cost: Annotated[int, Field(ge=0, le=10**6, strict=True)] = 0
    description: str = ""
    amount: Annotated[int, Field(ge=0, le=10**15, strict=True)] | None = None


class RemoveBudget(Body):
    """A project."""

    group: str


def set_account(sandbox: Sandbox, session: Session, wish: SetAccount) -> Mapping[str, Any]:
    """Change the account; budgets made in another unit or currency are not valid any more."""
    account = fetch_account(session)
    for name in wish.model_fields_set:
        value = getattr(wish, name)
        if value is not None or name == "group_quota":
            setattr(account, name, value)
    session.save(account)
    return {name: getattr(account, name) for name in SetAccount.model_fields}


def set_project(sandbox: Sandbox, session: Session, wish: SetProject) -> Mapping[str, Any]:
    """Change a project; a budget made for other dates is not valid any more."""
    group = _project(session, wish.group)
    for side in ("start", "end"):
        if side in wish.model_fields_set:
            day = getattr(wish, side)
            setattr(group, f"{side}_day", None if day is None else day.toordinal())
    if None not in (group.start_day, group.end_day) and (group.start_day or 0) > (group.end_day or 0):
        raise ActionRefused("start: it is after the end")
    if "time_unit" in wish.model_fields_set:
        group.time_unit = wish.time_unit
    session.save(group)
    return {"id": wish.group, "dates": _dates(group), "time_unit": group.time_unit}


def set_budget(sandbox: Sandbox, session: Session, wish: SetBudget) -> Mapping[str, Any]:
    """Give a project a budget, in the place of the one that it has."""
    group, account = _project(session, wish.group), fetch_account(session)
    names = [line.name for line in wish.lines]
    if wish.type == "total" and names != [None]:
        raise ActionRefused("lines: a total has one line, without a name")
    if wish.type != "total" and (None in names or len(set(names)) < len(names)):
        raise ActionRefused("lines: each needs a name of its own")
    _drop(session, group.id)
    costs = [planned_cost(line.work, line.unit_cost, account.budget_unit) for line in wish.lines]
    budget = tables.Budget(
        group=group.id,
        type=wish.type,
        time_unit=account.budget_unit,
        currency=account.currency,
        amount=wish.amount if "amount" in wish.model_fields_set else sum(costs),
        start_day=group.start_day,
        end_day=group.end_day,
        description=wish.description,
        unit_cost=wish.unit_cost,
    )
    session.add(budget)
    for position, line in enumerate(wish.lines):
        number = None if line.name is None else _number(session, wish.type, line.name, account.number)
        named = {} if number is None else {wish.type: number}
        session.add(tables.BudgetLine(group=group.id, position=position, work=line.work, unit_cost=line.unit_cost, **named))
    return {"group": wish.group, "type": budget.type, "amount": budget.amount, "dates": _dates(group)}


def remove_budget(sandbox: Sandbox, session: Session, wish: RemoveBudget) -> Mapping[str, Any]:
    """Take a project's budget away."""
    if not _drop(session, _project(session, wish.group).id):
        raise UnknownRecord(f"group: {wish.group!r} has no budget")
    return {"group": wish.group}


def _drop(session: Session, group: int) -> bool:
    budget = session.get(tables.Budget, group)
    if budget is not None:
        session.run(DROP_LINES, which=group)
        session.remove(budget)
    return budget is not None


def _project(session: Session, uuid: str) -> tables.Group:
    group = fetch(session, tables.Group, Kind.GROUP, uuid)
    if group.gtype != "project":
        raise ActionRefused("group: it is no project")
    return group


def _number(session: Session, kind: str, name: Name, account: int) -> int:
    number: int | None = session.scalar(BY_NAME[kind], name=name, account=account)
    if number is None:
        raise UnknownRecord(f"there is no {kind} {name!r}")
    return number


def _dates(group: tables.Group) -> Mapping[str, str | None]:
    days = {"start": group.start_day, "end": group.end_day}
    return {side: None if day is None else date_text(day) for side, day in days.items()}
