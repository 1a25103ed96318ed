"""The state machines of a task group, and their states."""

import orjson
from starlette.responses import Response

from understudy.core.provenance import follow, follows
from understudy.vendors.cotalker.auth import authenticate, require_writer
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import MissingField
from understudy.vendors.cotalker.routes.answers import bare, bare_list
from understudy.vendors.cotalker.routes.versions import Version1Router
from understudy.vendors.cotalker.rules import task_states, task_writes
from understudy.vendors.cotalker.rules import workflows as rules
from understudy.vendors.cotalker.rules.task_groups import fetch_task_group, task_group_document
from understudy.vendors.cotalker.rules.task_rights import require_sight
from understudy.vendors.cotalker.schemas import queries as read
from understudy.vendors.cotalker.schemas.bodies import read_body
from understudy.vendors.cotalker.schemas.values import object_id
from understudy.vendors.cotalker.schemas.workflows import machine_changes, new_machine, new_state, state_changes

router_v1 = Version1Router()


@router_v1.get("/tasks/{taskGroupId}/sm/smstatemachine", operation_id="getStateMachines")
@follows("cotalker.workflows.machine-routes", "cotalker.envelope.workflows")
def get_state_machines(call: CotalkerCall) -> Response:
    """List the state machines of a task group."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.machines(call, task_group_id))


@router_v1.post("/tasks/{taskGroupId}/sm/smstatemachine", operation_id="createStateMachine")
@follows(
    "cotalker.workflows.machine-routes",
    "cotalker.workflows.machine-defaults",
    "cotalker.workflows.no-admin",
    "cotalker.envelope.workflows",
    "cotalker.envelope.created-status",
)
def create_state_machine(call: CotalkerCall) -> Response:
    """Create a state machine."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    wishes = new_machine(read_body(call))
    return bare(rules.create_machine(call, caller, task_group_document(call, caller, task_group_id), wishes))


@router_v1.get("/tasks/{taskGroupId}/sm/smstatemachine/{stateMachineId}", operation_id="getStateMachine")
@follows("cotalker.workflows.machine-routes", "cotalker.envelope.workflows")
def get_state_machine(call: CotalkerCall) -> Response:
    """Give one state machine, active or not."""
    caller = authenticate(call)
    (task_group_id, machine_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "stateMachineId")
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.fetch_machine(call, task_group_id, machine_id))


@router_v1.patch("/tasks/{taskGroupId}/sm/smstatemachine/{stateMachineId}", operation_id="updateStateMachine")
@follows(
    "cotalker.workflows.machine-routes", "cotalker.workflows.no-admin", "cotalker.envelope.workflows", "cotalker.records.replaced"
)
def update_state_machine(call: CotalkerCall) -> Response:
    """Change a state machine."""
    caller = authenticate(call)
    require_writer(call, caller)
    (task_group_id, machine_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "stateMachineId")
    wishes = machine_changes(read_body(call))
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.change_machine(call, caller, task_group_id, machine_id, wishes))


@router_v1.get("/tasks/{taskGroupId}/sm/smstate", operation_id="getStates")
@follows("cotalker.workflows.state-routes", "cotalker.envelope.workflows")
def get_states(call: CotalkerCall) -> Response:
    """List the states of a task group; by a setting they name their elements."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    if call.settings.cotalker_smstate_populated:
        follow("cotalker.workflows.states-populated")
        return bare(orjson.dumps(rules.populated_states(call, task_group_id)).decode())
    follow("cotalker.workflows.states-alike")
    return bare_list(rules.states(call, task_group_id))


@router_v1.get("/tasks/{taskGroupId}/sm/smstate/all", operation_id="getAllStates")
@follows("cotalker.workflows.state-routes", "cotalker.envelope.workflows")
def get_all_states(call: CotalkerCall) -> Response:
    """List the states of a task group with all of their fields."""
    caller = authenticate(call)
    task_group_id, _ = read.read_id_and_query(call, {})
    fetch_task_group(call, caller, task_group_id)
    return bare_list(rules.states(call, task_group_id))


@router_v1.post("/tasks/{taskGroupId}/sm/smstate", operation_id="createState")
@follows(
    "cotalker.workflows.state-routes",
    "cotalker.workflows.state-defaults",
    "cotalker.workflows.no-admin",
    "cotalker.envelope.workflows",
    "cotalker.envelope.created-status",
)
def create_state(call: CotalkerCall) -> Response:
    """Create a state."""
    caller = authenticate(call)
    require_writer(call, caller)
    task_group_id, _ = read.read_id_and_query(call, {})
    wishes = new_state(read_body(call))
    return bare(rules.create_state(call, caller, task_group_document(call, caller, task_group_id), wishes))


@router_v1.get("/tasks/{taskGroupId}/sm/smstate/{stateId}", operation_id="getState")
@follows("cotalker.workflows.state-routes", "cotalker.envelope.workflows")
def get_state(call: CotalkerCall) -> Response:
    """Give one state."""
    caller = authenticate(call)
    (task_group_id, state_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "stateId")
    fetch_task_group(call, caller, task_group_id)
    return bare(rules.fetch_state(call, task_group_id, state_id))


@router_v1.patch("/tasks/{taskGroupId}/sm/smstate/{stateId}", operation_id="updateState")
@follows(
    "cotalker.workflows.state-routes", "cotalker.workflows.no-admin", "cotalker.envelope.workflows", "cotalker.records.replaced"
)
def update_state(call: CotalkerCall) -> Response:
    """Change a state."""
    caller = authenticate(call)
    require_writer(call, caller)
    (task_group_id, state_id), _ = read.read_ids_and_query(call, {}, "taskGroupId", "stateId")
    wishes = state_changes(read_body(call))
    return bare(rules.change_state(call, caller, task_group_document(call, caller, task_group_id), state_id, wishes))


@router_v1.get("/tasks/{taskGroupId}/sm/nextsmstate", operation_id="getNextStates")
@follows("cotalker.workflows.next-states", "cotalker.envelope.workflows")
def get_next_states(call: CotalkerCall) -> Response:
    """List the states that a task may move to."""
    caller = authenticate(call)
    task_group_id, query = read.read_id_and_query(call, {"taskId": object_id})
    if "taskId" not in query:
        raise MissingField("taskId").by("cotalker.workflows.next-needs-task")
    task_group = task_group_document(call, caller, task_group_id)
    task = task_writes.fetch_task(call, task_group, query["taskId"])
    require_sight(call, caller, task_group, task)
    return bare(orjson.dumps(task_states.next_states(call, caller, task_group, task)).decode())
