"""What the active projects come to, each with its budget and the time spent on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.rules.budgets import budgets_of, shown_in_report
from understudy.vendors.groupcamp.rules.costs import Spent, priced, within
from understudy.vendors.groupcamp.rules.groups import find_groups, full_name, tags_of
from understudy.vendors.groupcamp.tables import Account, Group, Timelog
from understudy.vendors.groupcamp.uuids import Kind, uuid

_accounts, _groups, _logs = table_of(Account).c, table_of(Group).c, table_of(Timelog).c

BUDGET_UNIT = Prepared(select(_accounts.budget_unit).where(_accounts.number == bindparam("account")))
SPENT = Prepared(
    priced(
        _logs.group,
        within(_groups.start_day, _groups.end_day).label("in_dates"),
        where=_logs.group.in_(wire.WANTED) & (_groups.id == _logs.group),
    )
)
Times = tuple[Spent, Spent]


def project_reports(call: SignedCall, query: Mapping[str, Any]) -> list[wire.Wire]:
    """Return the ProjectReports of the active projects that fit all of the filters."""
    rows = find_groups(call, {"gtype": ["project"], "state": ["ok"], **query})
    numbers = [row["id"] for row in rows]
    budgets, times = budgets_of(call.db, numbers), _times(call, numbers)
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


def _times(call: SignedCall, groups: Sequence[int]) -> Mapping[int, Times]:
    """Return what was spent on each of `groups` between its dates, and at all."""
    unit = call.db.scalar(BUDGET_UNIT, account=call.account)
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
