"""What time spent comes to: how much of it, how much can be billed, and what it costs at the rates of its days."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from understudy.core.provenance import follow
from understudy.core.store import Row, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.rules.durations import rounded
from understudy.vendors.groupcamp.tables import Timelog

PER_RATE: Final = {"s": 3600, "d": 1000}
"""Rates are per hour where an account counts in seconds, and per day where it counts in thousandths of one."""

_logs = table_of(Timelog).c
_priced = (_logs.billable, _logs.user_rate, _logs.role_rate)


def priced(*keys: ColumnElement[Any], where: ColumnElement[bool]) -> Select[Any]:
    """Return the query for sums of records that have the same price, and the same of each of `keys`."""
    return (
        select(*keys, *_priced, func.sum(_logs.d).label("d"), func.sum(_logs.s).label("s")).where(where).group_by(*keys, *_priced)
    )


def within(first: ColumnElement[Any], last: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a record is of the days from `first` to `last`, where NULL sets no bound."""
    return and_(func.coalesce(_logs.day >= first, True), func.coalesce(_logs.day <= last, True))


@dataclass
class Spent:
    """Some time in one unit; costs are kept in thousandths per rate, and rounded when they are shown."""

    unit: str
    time: int = 0
    billable: int = 0
    by_user: int = 0
    by_role: int = 0

    def add(self, row: Row) -> None:
        """Count the records of a row of `priced`."""
        amount = row[self.unit]
        self.time += amount
        self.billable += amount if row["billable"] else 0
        self.by_user += amount * row["user_rate"]
        self.by_role += amount * row["role_rate"]

    @property
    def user_cost(self) -> int:
        """What it costs at the users' rates."""
        return _per_rate(self.by_user, self.unit)

    @property
    def role_cost(self) -> int:
        """What it costs at the roles' rates."""
        return _per_rate(self.by_role, self.unit)

    def in_report(self) -> wire.Wire:
        """Return a TimeInReport."""
        return {
            "time_unit": self.unit,
            "total_time": self.time,
            "billable_time": self.billable,
            "user_cost": self.user_cost,
            "role_cost": self.role_cost,
        }


def spent_by(rows: Iterable[Row], key: str, unit: str) -> Mapping[Hashable, Spent]:
    """Return what was spent per value of a key of `priced`."""
    found: dict[Hashable, Spent] = {}
    for row in rows:
        found.setdefault(row[key], Spent(unit)).add(row)
    return found


def planned_cost(work: int, unit_cost: int, unit: str) -> int:
    """Return what planned work costs."""
    return _per_rate(unit_cost * work, unit)


def _per_rate(product: int, unit: str) -> int:
    """Return a cost, from time multiplied by a rate."""
    if product % PER_RATE[unit]:
        follow("groupcamp.budget.costs-rounded")
    return rounded(product, PER_RATE[unit])
