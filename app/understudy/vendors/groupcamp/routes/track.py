"""Module `track/v1`: time spent, budgets, reports."""

from starlette.responses import Response

from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import answer_text
from understudy.vendors.groupcamp.paging import READERS
from understudy.vendors.groupcamp.routes.route import module_router, result
from understudy.vendors.groupcamp.rules import budgets, reports, timelogs
from understudy.vendors.groupcamp.uuids import Kind

router = module_router()

DAYS = {"start": read.day, "end": read.day, **READERS}
BUDGET_QUERY = {"with_detail": read.switch, "with_spent": read.switch}
REPORT_QUERY: read.Readers = {
    "name": read.text,
    "search": read.text,
    "user": read.an_id(Kind.USER),
    "leader": read.an_id(Kind.USER),
    "managing": read.an_id(Kind.USER),
    "tag_name": read.Several(read.any_text),
    "project_type": read.one_of("internal", "customer"),
}


@router.get("/track/v1/timelogs", operation_id="getTimelogs")
def get_timelogs(call: SignedCall) -> Response:
    """List the time records of some days of the account, in pages that are stored at the first call."""
    return answer_text(timelogs.account_timelogs(call, read.read_query(call, DAYS, required=("start", "end"))))


@router.get("/track/v1/group/{Group}/timelogs", operation_id="getGroupTimelogs")
def get_group_timelogs(call: SignedCall) -> Response:
    """List the time records of some days of a group, paged likewise."""
    group = read.path_id(call, "Group", Kind.GROUP)
    return answer_text(timelogs.group_timelogs(call, group, read.read_query(call, DAYS, required=("start", "end"))))


@router.get("/track/v1/budget/{GroupUuid}", operation_id="getBudget")
def get_budget(call: SignedCall) -> Response:
    """Show the budget of a project."""
    group = read.path_id(call, "GroupUuid", Kind.GROUP)
    query = read.read_query(call, BUDGET_QUERY)
    wanted = {name: query.get(name, False) for name in BUDGET_QUERY}
    return result(budgets.one_budget(call, group, **wanted))


@router.get("/track/v1/report", operation_id="getReport")
def get_report(call: SignedCall) -> Response:
    """Report time and budget of the active projects."""
    return result(reports.project_reports(call, read.read_query(call, REPORT_QUERY)))
