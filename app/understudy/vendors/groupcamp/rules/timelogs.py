"""Which time records a request gets."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, or_, select

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
TIME_UNIT = Prepared(select(_accounts.time_unit).where(_accounts.number == bindparam("account")))


@cache
def records_statement(scope: str) -> Prepared:
    """Return the query for the records of an `account` or of a `group` in some days, by day and number (order inferred)."""
    conditions = {
        # What a group that can't be retrieved has spent is not listed either (inferred).
        "account": (
            _logs.account == bindparam("account"),
            or_(_logs.group.is_(None), _logs.group.not_in(closed_groups("has_timelogs"))),
        ),
        "group": (_logs.group == bindparam("which"),),
    }[scope]
    return Prepared(select(table_of(Timelog)).where(*conditions, *_within).order_by(_logs.day, _logs.id))


def account_timelogs(call: SignedCall, query: Mapping[str, Any]) -> bytes:
    """Return a page of the account's time records as the whole text of an answer.

    Both days count. Raises `BadParameter` for a range that is reversed or longer than six weeks, counted as the distance of its
    ends (both inferred), and whatever a stored list refuses.
    """
    if not 0 <= query["end"] - query["start"] <= MOST_DAYS:
        raise BadParameter("end", "range")
    refuse_forbidden_method(call, "GET /track/v1/timelogs")
    if "cache" in query:
        return later_page(call, query, disturb_timelogs)
    rows = call.db.all(records_statement("account"), account=call.account, first=query["start"], last=query["end"])
    return _first_page(call, query, rows, time_unit=call.db.scalar(TIME_UNIT, account=call.account))


def group_timelogs(call: SignedCall, group: int, query: Mapping[str, Any]) -> bytes:
    """Return a page of a group's time records as the whole text of an answer; the range may be of any length.

    Raises `UnusableId` for a group that is not there, as the method knows no 404, `AccessForbidden`, `BadParameter` for a range
    that is reversed (inferred), and whatever a stored list refuses.
    """
    if query["start"] > query["end"]:
        raise BadParameter("end", "range")
    row = whole_group(call, group)
    if row is None:
        raise UnusableId("Group")
    retrievable_group(row, "has_timelogs")
    if "cache" in query:
        return later_page(call, query, disturb_timelogs)
    rows = call.db.all(records_statement("group"), which=group, first=query["start"], last=query["end"])
    return _first_page(call, query, rows, time_unit=row["time_unit"] or call.db.scalar(TIME_UNIT, account=call.account))


def _first_page(call: SignedCall, query: Mapping[str, Any], rows: list[Row], *, time_unit: str) -> bytes:
    shown = wire.timelogs(call.db, rows, time_unit=time_unit, generation=call.settings.groupcamp_generation)
    return first_page(call, query, [orjson.dumps(one) for one in shown])
