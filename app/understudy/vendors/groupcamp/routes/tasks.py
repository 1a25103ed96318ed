"""Module `task/v1`: tasks and what they hang on."""

import orjson
from starlette.responses import Response

from understudy.core.provenance import follow, follows
from understudy.vendors.groupcamp import schemas as read
from understudy.vendors.groupcamp import wire
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.cors import preflight_group_tasks
from understudy.vendors.groupcamp.errors import answer_text
from understudy.vendors.groupcamp.paging import cursor, next_page
from understudy.vendors.groupcamp.routes.route import module_router, result
from understudy.vendors.groupcamp.rules import access, tasks
from understudy.vendors.groupcamp.uuids import Kind

router = module_router()

PAGED = ("groupcamp.paging.next", "groupcamp.paging.next-keys", "groupcamp.paging.look-ahead")

TASK_QUERY = {
    "state": read.one_of("open", "completed"),
    "due_begin": read.day,
    "due_end": read.day,
    "cpl_begin": read.first_instant,
    "cpl_end": read.last_instant,
    "crea_begin": read.first_instant,
    "crea_end": read.last_instant,
    "mod_begin": read.first_instant,
    "mod_end": read.last_instant,
    "cursor": cursor,
}
ACCOUNT_QUERY: read.Readers = {
    "group": read.Several(read.an_id(Kind.GROUP)),
    "list": read.an_id(Kind.TASK_LIST),
    "to": read.Several(read.an_id(Kind.USER)),
    "cursor": cursor,
}


@router.get("/task/v1/group/{Group}/tasks", operation_id="getGroupTasks")
@follows("groupcamp.group-tasks.array", "groupcamp.group-tasks.of-the-group", "groupcamp.group-tasks.through-the-list", *PAGED)
def get_group_tasks(call: SignedCall) -> Response:
    """List the tasks whose list belongs to a group, one page at a time."""
    group = read.path_id(call, "Group", Kind.GROUP)
    query = read.read_query(call, TASK_QUERY)
    access.fetch_group(call, group)
    return _page(call, tasks.group_tasks(call, group, query))


# `admit` gives this answer on every path; it is registered where the contract writes it down.
router.add_api_route(
    "/task/v1/group/{Group}/tasks", preflight_group_tasks, methods=["OPTIONS"], operation_id="preflightGroupTasks"
)


@router.get("/task/v1/tasks", operation_id="getTasks")
@follows("groupcamp.tasks.array", "groupcamp.tasks.no-other-filters", *PAGED)
def get_tasks(call: SignedCall) -> Response:
    """List tasks of the account by group, list and assignee, one page at a time."""
    return _page(call, tasks.account_tasks(call, read.read_query(call, ACCOUNT_QUERY)))


@router.get("/task/v1/user/{User}/assigned_tasks", operation_id="getAssignedTasks")
@follows("groupcamp.assigned-tasks.array", "groupcamp.assigned-tasks.of-the-user", "groupcamp.assigned-tasks.affects", *PAGED)
def get_assigned_tasks(call: SignedCall) -> Response:
    """List the tasks that a user is assigned to, one page at a time."""
    user = read.path_user(call)
    return _page(call, tasks.assigned_tasks(call, user, read.read_query(call, TASK_QUERY)))


@router.get("/task/v1/task/{Task}", operation_id="getTask")
@follows("groupcamp.task.one")
def get_task(call: SignedCall) -> Response:
    """Show one task."""
    document = access.fetch_task(call, read.path_id(call, "Task", Kind.TASK))
    follow(*wire.TASK_FORM[call.settings.groupcamp_generation])
    return answer_text(b'{"result":' + document + b"}")


@router.get("/task/v1/task_list/{TaskList}", operation_id="getTaskList")
@follows("groupcamp.task-list.one", *wire.LIST_FORM)
def get_task_list(call: SignedCall) -> Response:
    """Show one list, with its milestone."""
    return result(tasks.one_list(call, read.path_id(call, "TaskList", Kind.TASK_LIST)))


@router.get("/task/v1/milestone/{Milestone}", operation_id="getMilestone")
@follows("groupcamp.milestone.one", *wire.MILESTONE_FORM)
def get_milestone(call: SignedCall) -> Response:
    """Show one milestone."""
    return result(tasks.one_milestone(call, read.path_id(call, "Milestone", Kind.MILESTONE)))


def _page(call: SignedCall, page: tasks.Page) -> Response:
    documents, last = page
    if last is None:
        follow("groupcamp.paging.next-at-the-end")
    following = b"" if last is None else b',"next_page":' + orjson.dumps(next_page(call, last))
    return answer_text(b"".join((b'{"result":[', b",".join(documents), b"]", following, b"}")))
