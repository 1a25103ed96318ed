"""The budget of a project: planned work and what it costs, and what was spent of it."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, Session, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import InvalidBudget, NotFound, WrongGtype
from understudy.vendors.groupcamp.rules.access import missing, whole_group
from understudy.vendors.groupcamp.rules.costs import Spent, planned_cost, priced, spent_by, within
from understudy.vendors.groupcamp.tables import Account, Budget, BudgetLine, Group, Role, TimeCategory, Timelog
from understudy.vendors.groupcamp.uuids import Kind, uuid

NO_ROLE: Final = "[-] User without a role"
"""How the product calls the line of users without a role."""

_accounts, _budgets, _groups = table_of(Account).c, table_of(Budget).c, table_of(Group).c
_lines, _logs, _roles, _categories = (table_of(model).c for model in (BudgetLine, Timelog, Role, TimeCategory))

# A budget is not valid any more when the account has another currency or unit than it was made in, or the project other dates.
IS_VALID = (
    (_budgets.currency == _accounts.currency)
    & (_budgets.time_unit == _accounts.budget_unit)
    & _budgets.start_day.is_not_distinct_from(_groups.start_day)
    & _budgets.end_day.is_not_distinct_from(_groups.end_day)
)
BUDGETS = Prepared(
    select(table_of(Budget), IS_VALID.label("is_valid"), _accounts.time_unit.label("unit_of_entry")).where(
        _budgets.group.in_(wire.WANTED), _groups.id == _budgets.group, _accounts.number == _groups.account
    )
)
LINES = Prepared(select(table_of(BudgetLine)).where(_lines.group.in_(wire.WANTED)).order_by(_lines.group, _lines.position))
NAMES = {
    "role": Prepared(select(_roles.id, _roles.name).where(_roles.id.in_(wire.WANTED))),
    "category": Prepared(select(_categories.id, _categories.name).where(_categories.id.in_(wire.WANTED))),
}
SPENT = Prepared(
    priced(
        _logs.role,
        _logs.category,
        where=(_logs.group == bindparam("which")) & within(bindparam("first"), bindparam("last")),
    )
)


def budgets_of(db: Session, groups: Sequence[int]) -> Mapping[int, tuple[Row, list[Row]]]:
    """Return the budget of each of `groups` that has one, with its lines."""
    lines: dict[int, list[Row]] = {}
    for line in wire.fetch(db, LINES, groups):
        lines.setdefault(line["group"], []).append(line)
    return {row["group"]: (row, lines.get(row["group"], [])) for row in wire.fetch(db, BUDGETS, groups)}


def one_budget(call: SignedCall, group: int, *, with_detail: bool, with_spent: bool) -> wire.Wire:
    """Return a Budget, with its lines and with time spent if asked for.

    Raises `NotFound` for a project without one, `WrongGtype` for what is no project and `InvalidBudget`.
    """
    budget, lines = _valid_budget(call, group)
    spent = _spent(call.db, budget) if with_spent else None
    shown: wire.Wire = {"group_id": uuid(Kind.GROUP, group), **_head(budget, lines), **_currency(budget)}
    if spent is None:
        follow("groupcamp.budget.spent-only-when-asked-for")
    else:
        follow("groupcamp.budget.with-spent", "groupcamp.budget.spent-between-dates", "groupcamp.budget.billable")
        shown |= {name: sum(getattr(one, field) for one in spent.values()) for name, field in FIGURES}
    shown |= {"dates": wire.dates(budget), "description": budget["description"]}
    if not with_detail:
        follow("groupcamp.budget.lines-only-when-asked-for")
        return shown
    follow("groupcamp.budget.with-detail", "groupcamp.budget.line-fields", "groupcamp.budget.planned-cost")
    return shown | {"lines": _shown_lines(call.db, budget, lines, spent)}


FIGURES: Final = (("spent", "time"), ("billable", "billable"))


def _valid_budget(call: SignedCall, group: int) -> tuple[Row, list[Row]]:
    row = whole_group(call, group)
    if row is None:
        raise missing(call, group)
    if row["state"] in ("trash", "del") or row["is_forbidden"]:
        raise NotFound().by("groupcamp.budget.group-out-of-reach")
    if row["gtype"] != "project":
        raise WrongGtype().by("groupcamp.budget.only-projects")
    budget, lines = budgets_of(call.db, [group]).get(group, (None, []))
    if budget is None:
        raise NotFound().by("groupcamp.budget.none")
    if not budget["is_valid"]:
        raise InvalidBudget
    if budget["time_unit"] != budget["unit_of_entry"]:
        follow("groupcamp.budget.unit-apart-from-time-entry")
    return budget, lines


def _currency(budget: Row) -> wire.Wire:
    """Return what a Budget says of its money."""
    follow("groupcamp.budget.no-amount" if budget["amount"] is None else "groupcamp.budget.amount")
    return {"currency": None if budget["amount"] is None else budget["currency"], "amount": budget["amount"]}


def shown_in_report(budget: Row, lines: Sequence[Row]) -> wire.Wire:
    """Return a BudgetInReport: it has a currency as soon as anything in it has a price."""
    has_price = budget["amount"] is not None or any(line["unit_cost"] for line in lines)
    return _head(budget, lines) | {"currency": budget["currency"] if has_price else None, "amount": budget["amount"]}


def _head(budget: Row, lines: Sequence[Row]) -> wire.Wire:
    return {"type": budget["type"], "time_unit": budget["time_unit"], "work": sum(line["work"] for line in lines)}


def _spent(db: Session, budget: Row) -> Mapping[Hashable, Spent]:
    """Return what was spent within the dates of a budget, by what its lines are for; in a total, all under None."""
    if budget["start_day"] is None or budget["end_day"] is None:
        follow("groupcamp.budget.without-dates")
    rows = db.all(SPENT, which=budget["group"], first=budget["start_day"], last=budget["end_day"])
    if budget["type"] != "total":
        return spent_by(rows, budget["type"], budget["time_unit"])
    total = Spent(budget["time_unit"])
    for row in rows:
        total.add(row)
    return {None: total}


def _shown_lines(db: Session, budget: Row, lines: Sequence[Row], spent: Mapping[Hashable, Spent] | None) -> list[wire.Wire]:
    """Return the BudgetLines.

    A total has one line. The others have one per role or category, then `other` ones: where time spent is asked for, one for each
    role or category that has any off the budget, else a single one with the price of such time.
    """
    kind, unit = budget["type"], budget["time_unit"]
    if spent is not None:
        follow("groupcamp.budget.costs-of-records")
    follow("groupcamp.budget.names-null")  # in every line at least one of the two is
    if kind == "total":
        follow("groupcamp.budget.line-of-a-total")
        return [_line(kind, budget, line, None, None if spent is None else spent[None]) for line in lines]
    follow("groupcamp.budget.lines-of-roles-or-categories")
    planned = {line[kind] for line in lines}
    off = [None] if spent is None else sorted((key for key in spent if key not in planned), key=_none_last)
    names = {row["id"]: row["name"] for row in wire.fetch(db, NAMES[kind], {*planned, *off} - {None})}
    others = {"work": 0, "unit_cost": budget["unit_cost"]}
    shown = [
        _line(kind, budget, line, names.get(line[kind]), None if spent is None else spent.get(line[kind], Spent(unit)))
        for line in lines
    ]
    if spent is None:
        follow("groupcamp.budget.other-line-without-spent")
        return [*shown, _line("other", budget, others, None, None)]
    follow("groupcamp.budget.other-lines-with-spent")
    if off:
        follow("groupcamp.budget.price-of-other-lines")
    if len(shown) + len(off) > 1:
        follow("groupcamp.budget.order-of-lines")
    if kind == "role" and None in off:
        follow("groupcamp.budget.users-without-role")
    unnamed = NO_ROLE if kind == "role" else None
    return [*shown, *(_line("other", budget, others, names.get(key, unnamed), spent[key]) for key in off)]


def _none_last(key: Any) -> tuple[bool, int]:
    return key is None, key or 0


def _line(kind: str, budget: Row, line: Mapping[str, Any], name: str | None, spent: Spent | None) -> wire.Wire:
    figures = {} if spent is None else {"spent": spent.time, "billable": spent.billable}
    costs = {} if spent is None else {"role_cost": spent.role_cost, "user_cost": spent.user_cost}
    return {
        "type": kind,
        "role": name if budget["type"] == "role" else None,
        "category": name if budget["type"] == "category" else None,
        "work": line["work"],
        **figures,
        "unit_cost": line["unit_cost"],
        "cost": planned_cost(line["work"], line["unit_cost"], budget["time_unit"]),
        **costs,
    }
