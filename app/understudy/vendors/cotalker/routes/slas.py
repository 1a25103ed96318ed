"""The service-level agreements of a task group."""

from starlette.responses import Response

from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import authenticate, require_writer
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.routes.answers import bare, bare_list
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import slas as rules
from understudy.vendors.cotalker.rules.task_groups import fetch_task_group, task_group_document
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.workflows import new_sla, sla_changes

router_v1 = Version1Router()


@router_v1.get("/tasks/{taskGroupId}/sla", operation_id="getSlas")
@follows("cotalker.slas.routes", "cotalker.slas.lists")
def get_slas(call: CotalkerCall) -> Response:
    """List the agreements of a task group."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.slas(call, task_group_id))


@router_v1.post("/tasks/{taskGroupId}/sla", operation_id="createSla")
@follows(
    "cotalker.slas.routes",
    "cotalker.slas.fields",
    "cotalker.slas.never-counts",
    "cotalker.workflows.no-admin",
    "cotalker.envelope.created-status",
)
def create_sla(call: CotalkerCall) -> Response:
    """Create an agreement."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    wishes = new_sla(read_body(call))
    return bare(rules.create_sla(call, task_group_document(call, caller, task_group_id), wishes))


@router_v1.get("/tasks/{taskGroupId}/sla/inuse", operation_id="getSlasInUse")
@follows("cotalker.slas.in-use", "cotalker.slas.in-use-means-active", "cotalker.slas.lists")
def get_slas_in_use(call: CotalkerCall) -> Response:
    """List the agreements of a task group that are in use."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.active_slas(call, task_group_id))


@router_v1.get("/tasks/{taskGroupId}/sla/smstatemachine/{stateMachineId}", operation_id="getSlasOfStateMachine")
@follows("cotalker.slas.routes", "cotalker.slas.lists")
def get_slas_of_state_machine(call: CotalkerCall) -> Response:
    """List the agreements about a state machine."""
    caller = authenticate(call)
    (task_group_id, machine_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "stateMachineId")
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.slas_of_machine(call, task_group_id, machine_id))


@router_v1.get("/tasks/{taskGroupId}/sla/{slaId}", operation_id="getSla")
@follows("cotalker.slas.routes")
def get_sla(call: CotalkerCall) -> Response:
    """Give one agreement."""
    caller = authenticate(call)
    (task_group_id, sla_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "slaId")
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.fetch_sla(call, task_group_id, sla_id))


@router_v1.patch("/tasks/{taskGroupId}/sla/{slaId}", operation_id="updateSla")
@follows("cotalker.slas.routes", "cotalker.workflows.no-admin", "cotalker.records.replaced")
def update_sla(call: CotalkerCall) -> Response:
    """Change an agreement."""
    caller = authenticate(call)
    require_writer(call, caller)
    (task_group_id, sla_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "slaId")
    wishes = sla_changes(read_body(call))
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.change_sla(call, task_group_id, sla_id, wishes))
