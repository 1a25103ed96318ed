"""Module `track/v1`: time spent, budgets, reports."""

from starlette.responses import Response

from understudy.core.provenance import follow, following, follows
from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import answer_text
from understudy.vendors.groupcamp.paging import READERS
from understudy.vendors.groupcamp.routes.route import module_router, result
from understudy.vendors.groupcamp.rules import budgets, reports, timelogs
from understudy.vendors.groupcamp.uuids import Kind

router = module_router()

DAYS = {"start": read.day, "end": read.day, **READERS}
BUDGET_QUERY = {
    "with_detail": following(read.switch, "groupcamp.budget.numbers-as-switches"),
    "with_spent": following(read.switch, "groupcamp.budget.numbers-as-switches"),
}
REPORT_QUERY: read.Readers = {
    "name": following(read.text, "groupcamp.groups.name"),
    "search": following(read.text, "groupcamp.groups.search", "groupcamp.groups.search-in-any-case"),
    "user": following(read.an_id(Kind.USER), "groupcamp.groups.user"),
    "leader": following(read.an_id(Kind.USER), "groupcamp.report.leader"),
    "managing": following(read.an_id(Kind.USER), "groupcamp.report.managing"),
    "tag_name": read.Several(following(read.any_text, "groupcamp.groups.tag-name")),
    "project_type": following(read.one_of("internal", "customer"), "groupcamp.groups.project-type"),
}


@router.get("/track/v1/timelogs", operation_id="getTimelogs")
@follows("groupcamp.timelogs.list", "groupcamp.timelogs.fields", "groupcamp.timelogs.period")
def get_timelogs(call: SignedCall) -> Response:
    """List the time records of some days of the account, in pages that are stored at the first call."""
    return answer_text(timelogs.account_timelogs(call, read.read_query(call, DAYS, required=("start", "end"))))


@router.get("/track/v1/group/{Group}/timelogs", operation_id="getGroupTimelogs")
@follows("groupcamp.group-timelogs.list", "groupcamp.timelogs.fields", "groupcamp.timelogs.period")
def get_group_timelogs(call: SignedCall) -> Response:
    """List the time records of some days of a group, paged likewise."""
    group = read.path_id(call, "Group", Kind.GROUP)
    return answer_text(timelogs.group_timelogs(call, group, read.read_query(call, DAYS, required=("start", "end"))))


@router.get("/track/v1/budget/{GroupUuid}", operation_id="getBudget")
@follows(*wire.FORM, *wire.DATES, "groupcamp.budget.fields", "groupcamp.budget.unit", "groupcamp.budget.work")
def get_budget(call: SignedCall) -> Response:
    """Show the budget of a project."""
    group = read.path_id(call, "GroupUuid", Kind.GROUP)
    query = read.read_query(call, BUDGET_QUERY)
    wanted = {name: query.get(name, False) for name in BUDGET_QUERY}
    _note_generation(call)
    return result(budgets.one_budget(call, group, **wanted))


@router.get("/track/v1/report", operation_id="getReport")
@follows("groupcamp.report.list", "groupcamp.envelope.unpaged")
def get_report(call: SignedCall) -> Response:
    """Report time and budget of the active projects."""
    query = read.read_query(call, REPORT_QUERY)
    _note_generation(call)
    return result(reports.project_reports(call, query))


def _note_generation(call: SignedCall) -> None:
    if call.settings.groupcamp_generation == "seed":
        follow("groupcamp.budget.in-both-generations")
