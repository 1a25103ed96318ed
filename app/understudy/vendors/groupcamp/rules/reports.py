"""What the active projects come to, each with its budget and the time spent on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.rules.budgets import budgets_of, shown_in_report
from understudy.vendors.groupcamp.rules.costs import Spent, priced, within
from understudy.vendors.groupcamp.rules.groups import find_groups, full_name, tags_of
from understudy.vendors.groupcamp.tables import Account, Group, Timelog
from understudy.vendors.groupcamp.uuids import Kind, uuid

_accounts, _groups, _logs = table_of(Account).c, table_of(Group).c, table_of(Timelog).c

UNITS = Prepared(select(_accounts.budget_unit, _accounts.time_unit).where(_accounts.number == bindparam("account")))
SPENT = Prepared(
    priced(
        _logs.group,
        within(_groups.start_day, _groups.end_day).label("in_dates"),
        where=_logs.group.in_(wire.WANTED) & (_groups.id == _logs.group),
    )
)
Times = tuple[Spent, Spent]

REPORT_FORM = (
    *wire.FORM,
    *wire.DATES,
    *wire.TAG,
    "groupcamp.types.short-name",
    "groupcamp.generation.default",
    "groupcamp.report.fields",
    "groupcamp.report.project-fields",
    "groupcamp.report.time-fields",
    "groupcamp.report.time-in-dates",
    "groupcamp.report.time-total",
    "groupcamp.report.billable-time",
    "groupcamp.report.budget-or-reason",
    "groupcamp.group.tags",
    "groupcamp.budget.unit",
    "groupcamp.budget.costs-of-records",
)
"""What an answer that shows reports follows."""


def project_reports(call: SignedCall, query: Mapping[str, Any]) -> list[wire.Wire]:
    """Return the ProjectReports of the active projects that fit all of the filters, by number."""
    fitting = find_groups(call, {"gtype": ["project"], **query})
    rows = [row for row in fitting if row["state"] == "ok"]
    _note_projects(fitting, rows, all_of_them=not query)
    numbers = [row["id"] for row in rows]
    budgets, times = budgets_of(call.db, numbers), _times(call, numbers)
    _note_budgets(rows, budgets)
    leaders = wire.simple_users(
        call.db, (row[name] for row in rows for name in ("leader1", "leader2")), generation=call.settings.groupcamp_generation
    )
    tags = tags_of(call.db, numbers)
    return [
        {
            "project": _project(row, leaders, tags[row["id"]]),
            **_budget(budgets.get(row["id"])),
            "time_indates": times[row["id"]][0].in_report(),
            "time_total": times[row["id"]][1].in_report(),
        }
        for row in rows
    ]


def _note_projects(fitting: Sequence[Row], rows: Sequence[Row], *, all_of_them: bool) -> None:
    """Note what the answer relies on to show these of the projects that fit."""
    if all_of_them:
        follow("groupcamp.report.active-projects")
    if len(rows) < len(fitting):
        follow("groupcamp.report.active-is-ok")
    if rows:
        follow(*REPORT_FORM)
    if any(row["code"] for row in rows):
        follow("groupcamp.group.code-in-name", "groupcamp.group.code-before-name")
    if len(rows) > 1:
        follow("groupcamp.report.order")
    if any(row["leader1"] is None or row["leader2"] is None for row in rows):
        follow("groupcamp.report.no-leader")
    if any(row["start_day"] is None or row["end_day"] is None for row in rows):
        follow("groupcamp.budget.without-dates")


def _note_budgets(rows: Sequence[Row], budgets: Mapping[int, tuple[Row, list[Row]]]) -> None:
    """Note what the answer relies on to show the budgets of these projects, or why they have none."""
    valid = [shown_in_report(*found) for found in budgets.values() if found[0]["is_valid"]]
    if len(valid) < len(rows):
        follow("groupcamp.report.budget-missing")
    if valid:
        follow("groupcamp.report.budget-fields", "groupcamp.budget.work")
    if any(one["currency"] is not None for one in valid):
        follow("groupcamp.report.currency")
    if any(one["amount"] is not None for one in valid):
        follow("groupcamp.budget.amount")
    if any(one["amount"] is None for one in valid):
        follow("groupcamp.report.budget-nulls")


def _times(call: SignedCall, groups: Sequence[int]) -> Mapping[int, Times]:
    """Return what was spent on each of `groups` between its dates, and at all."""
    (account,) = call.db.all(UNITS, account=call.account)
    unit = account["budget_unit"]
    if groups and unit != account["time_unit"]:
        follow("groupcamp.budget.unit-apart-from-time-entry")
    times = {group: (Spent(unit), Spent(unit)) for group in groups}
    for row in wire.fetch(call.db, SPENT, groups):
        in_dates, total = times[row["group"]]
        total.add(row)
        if row["in_dates"]:
            in_dates.add(row)
    return times


def _project(row: Row, leaders: Mapping[int | None, wire.Wire], tags: list[wire.Wire]) -> wire.Wire:
    return {
        "group_id": uuid(Kind.GROUP, row["id"]),
        "name": full_name(row),
        "group_name": row["name"],
        "state": row["state"],
        **{name: None if row[name] is None else leaders[row[name]] for name in ("leader1", "leader2")},
        "rich_tags": tags,
        "tags_names": [tag["name"] for tag in tags],
        "dates": wire.dates(row),
    }


def _budget(found: tuple[Row, list[Row]] | None) -> wire.Wire:
    """Return the budget, or why there is none."""
    if found is None:
        return {"budget": None, "budget_missing": "no_budget"}
    if not found[0]["is_valid"]:
        return {"budget": None, "budget_missing": "invalid"}
    return {"budget": shown_in_report(*found), "budget_missing": None}
