"""Which time records a request gets."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import and_, bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import BadParameter, UnusableId
from understudy.vendors.groupcamp.paging import first_page, later_page
from understudy.vendors.groupcamp.rules.access import closed_groups, refuse_forbidden_method, retrievable_group, whole_group
from understudy.vendors.groupcamp.rules.disturbances import disturb_timelogs
from understudy.vendors.groupcamp.tables import Account, Timelog

MOST_DAYS: Final = 42

_logs, _accounts = table_of(Timelog).c, table_of(Account).c
_within = (_logs.day >= bindparam("first"), _logs.day <= bindparam("last"))
_out_of_reach = and_(_logs.group.is_not(None), _logs.group.in_(closed_groups("has_timelogs")))
TIME_UNIT = Prepared(select(_accounts.time_unit).where(_accounts.number == bindparam("account")))


@cache
def records_statement(scope: str) -> Prepared:
    """Return the query for the records of an `account` or of a `group` in some days, by day and number.

    For an account, `is_out_of_reach` tells which of them are of groups that can't be retrieved.
    """
    columns, condition = {
        "account": ((_out_of_reach.label("is_out_of_reach"),), _logs.account == bindparam("account")),
        "group": ((), _logs.group == bindparam("which")),
    }[scope]
    return Prepared(select(table_of(Timelog), *columns).where(condition, *_within).order_by(_logs.day, _logs.id))


def account_timelogs(call: SignedCall, query: Mapping[str, Any]) -> bytes:
    """Return a page of the account's time records as the whole text of an answer.

    Both days count. Raises `BadParameter` for a range that is reversed or longer than six weeks, counted as the distance of its
    ends, and whatever a stored list refuses.
    """
    days = _days_between(query)
    if days > MOST_DAYS:
        raise BadParameter("end", "range").by("groupcamp.timelogs.at-most-42-days", "groupcamp.timelogs.range-error")
    if days == MOST_DAYS:
        follow("groupcamp.timelogs.42-days-allowed")
    refuse_forbidden_method(call, "GET /track/v1/timelogs")
    if "cache" in query:
        return later_page(call, query, disturb_timelogs)
    found = call.db.all(records_statement("account"), account=call.account, first=query["start"], last=query["end"])
    rows = [row for row in found if not row["is_out_of_reach"]]
    if len(rows) < len(found):
        follow("groupcamp.timelogs.groups-out-of-reach")
    if rows:
        follow("groupcamp.timelogs.time-unit-of-account")
    return _first_page(call, query, rows, time_unit=call.db.scalar(TIME_UNIT, account=call.account))


def group_timelogs(call: SignedCall, group: int, query: Mapping[str, Any]) -> bytes:
    """Return a page of a group's time records as the whole text of an answer; the range may be of any length.

    Raises `UnusableId` for a group that is not there, as the method knows no 404, `AccessForbidden`, `BadParameter` for a range
    that is reversed, and whatever a stored list refuses.
    """
    if _days_between(query) > MOST_DAYS:
        follow("groupcamp.group-timelogs.any-length")
    row = whole_group(call, group)
    if row is None:
        raise UnusableId("Group").by("groupcamp.ids.unknown-without-404")
    retrievable_group(row, "has_timelogs")
    if "cache" in query:
        return later_page(call, query, disturb_timelogs)
    rows = call.db.all(records_statement("group"), which=group, first=query["start"], last=query["end"])
    follow("groupcamp.group-timelogs.owned")
    return _first_page(call, query, rows, time_unit=_unit_of_group(call, row))


def _days_between(query: Mapping[str, Any]) -> int:
    """Return how many days lie from `start` to `end`; raise `BadParameter` if they are reversed."""
    days: int = query["end"] - query["start"]
    if days < 0:
        raise BadParameter("end", "range").by("groupcamp.timelogs.reversed-days")
    return days


def _unit_of_group(call: SignedCall, group: Row) -> str:
    """Return the unit that a group prefers, or the account's."""
    unit: str | None = group["time_unit"]
    if unit is not None:
        follow("groupcamp.timelogs.time-unit-of-project")
        return unit
    follow("groupcamp.timelogs.time-unit-of-a-group-without")
    account_unit: str = call.db.scalar(TIME_UNIT, account=call.account)
    return account_unit


def _first_page(call: SignedCall, query: Mapping[str, Any], rows: list[Row], *, time_unit: str) -> bytes:
    if rows and (query["start"] == rows[0]["day"] or query["end"] == rows[-1]["day"]):
        follow("groupcamp.timelogs.bounds-included")
    if len(rows) > 1:
        follow("groupcamp.timelogs.order")
    shown = wire.timelogs(call.db, rows, time_unit=time_unit, generation=call.settings.groupcamp_generation)
    return first_page(call, query, [orjson.dumps(one) for one in shown])
