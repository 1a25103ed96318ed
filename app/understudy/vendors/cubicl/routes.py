"""Cubicl's operations: one function each, named as its operationId in openapi/cubicl.yaml."""

from typing import Final

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.files import receives_file
from understudy.core.provenance import follow, follows
from understudy.vendors.cubicl import rules
from understudy.vendors.cubicl import schemas as read
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import JSON

router = APIRouter(route_class=ExpressRoute)

FORM: Final = (
    "cubicl.protocol.success-is-200",
    "cubicl.protocol.json",
    "cubicl.protocol.json-content-type",
    "cubicl.protocol.ids-are-strings",
    "cubicl.protocol.ids-of-24-digits",
    "cubicl.protocol.dates-are-numbers",
    "cubicl.protocol.dates-in-milliseconds",
)
"""What every JSON answer follows."""

TASK: Final = (
    "cubicl.task.fields",
    "cubicl.task.optional-fields",
    "cubicl.task.customer-in-answers",
    "cubicl.task.files-in-answers",
    "cubicl.task.completed-at-zero",
    "cubicl.task.steps-absent",
    "cubicl.task.recurrence-not-answered",
)
"""What every answer with tasks follows."""

ACTIVITY: Final = ("cubicl.activity.fields", "cubicl.activity.initial-values")
"""What every answer with activities follows."""

SET_BY_SERVER: Final = ("cubicl.create.set-by-server", "cubicl.create.below-the-others")
UPDATE_ACTIVITY: Final = ("cubicl.update.activity", "cubicl.update.activity-data")


@router.get("/api/v1/tasks/{id}", operation_id="getTaskById")
@follows("cubicl.read.whole-task", *TASK)
def get_task_by_id(call: CubiclCall) -> Response:
    """Give one task with all its details, archived or not."""
    return _json(rules.readable_document(call, read.path_id(call, "id")))


@router.get("/api/v1/tasks", operation_id="getTasks")
@follows("cubicl.list.array", "cubicl.list.no-total", *TASK)
def get_tasks(call: CubiclCall) -> Response:
    """List tasks, each without some of its details."""
    return _json(rules.list_tasks(call, read.read_task_query(call)))


@router.post("/api/v1/tasks", operation_id="createTask")
@follows(
    "cubicl.create.answer",
    "cubicl.create.owner-is-caller",
    "cubicl.create.set-by-server",
    "cubicl.create.below-the-others",
    "cubicl.create.no-activity",
    *TASK,
)
def create_task(call: CubiclCall) -> Response:
    """Create a task of the caller."""
    return _object(rules.create_task(call, read.read_new_task(read.read_body(call))))


@router.put("/api/v1/tasks/{id}", operation_id="updateTask")
@follows(
    "cubicl.update.answer", "cubicl.update.only-given", "cubicl.update.activity", "cubicl.update.activity-data", *ACTIVITY, *TASK
)
def update_task(call: CubiclCall) -> Response:
    """Change the details of a task that were sent."""
    task = read.path_id(call, "id")
    activity, document = rules.update_task(call, task, read.read_changes(read.read_body(call)))
    return _object({"activity": activity, "task": document})


@router.delete("/api/v1/tasks/{id}", operation_id="deleteTask")
@follows("cubicl.delete.answer")
def delete_task(call: CubiclCall) -> Response:
    """Delete a task and its subtasks."""
    rules.delete_task(call, read.path_id(call, "id"))
    return _nothing()


@router.post("/api/v1/tasks/{id}/subtasks", operation_id="addSubtask")
@follows("cubicl.subtasks.add")
def add_subtask(call: CubiclCall) -> Response:
    """Put a task under another."""
    task = read.path_id(call, "id")
    rules.add_subtask(call, task, read.read_subtask(read.read_body(call)))
    return _nothing()


@router.put("/api/v1/tasks/{id}/state", operation_id="updateTaskState")
@follows("cubicl.state.answer", "cubicl.state.type-of-a-state", "cubicl.state.activity", *ACTIVITY)
def update_task_state(call: CubiclCall) -> Response:
    """Put a task into another state."""
    task = read.path_id(call, "id")
    return _object(rules.change_state(call, task, read.read_state(read.read_body(call))))


@router.get("/api/v1/tasks/{id}/activities", operation_id="getTaskActivities")
@follows("cubicl.activity.list", "cubicl.activity.types", "cubicl.activity.all-types", "cubicl.files.fields", *ACTIVITY)
def get_task_activities(call: CubiclCall) -> Response:
    """List what happened to a task."""
    task = read.path_id(call, "id")
    rules.readable_document(call, task, "cubicl.activity.read-permission")
    return _json(rules.addressed_text(call, f"[{','.join(rules.activity_documents(call.db, task))}]"))


@router.post("/api/v1/tasks/{id}/activities", operation_id="createTaskComment")
@follows("cubicl.comment.answer", "cubicl.files.fields", *ACTIVITY)
def create_task_comment(call: CubiclCall) -> Response:
    """Comment on a task."""
    task = read.path_id(call, "id")
    return _object(rules.create_comment(call, task, read.read_comment(read.read_body(call))))


@router.put("/api/v1/tasks/{taskId}/activities/{activityId}", operation_id="changeTaskCommentVisibility")
@follows("cubicl.visibility.answer", "cubicl.visibility.no-activity")
def change_task_comment_visibility(call: CubiclCall) -> Response:
    """Show a comment to the client, or hide it."""
    task, activity = read.path_id(call, "taskId"), read.path_id(call, "activityId")
    rules.change_visibility(call, task, activity, visible=read.read_visibility(read.read_body(call)))
    return _nothing()


@router.get("/api/v1/organization/users", operation_id="getOrganizationUsers")
@follows("cubicl.users.members", "cubicl.users.members-order", "cubicl.users.everybody-may-look")
def get_organization_users(call: CubiclCall) -> Response:
    """List the members of the organisation."""
    return _object(rules.list_members(call))


@router.get("/api/v1/users", operation_id="getUsersByIds")
@follows("cubicl.users.by-ids", "cubicl.users.everybody-may-look")
def get_users_by_ids(call: CubiclCall) -> Response:
    """List users by their ids, whether they are members or not."""
    return _object(rules.list_users(call, read.read_user_ids(call)))


@router.get("/api/v1/app/me", operation_id="getMe")
@follows("cubicl.users.me", "cubicl.users.me-localization")
def get_me(call: CubiclCall) -> Response:
    """Tell who the caller is."""
    return _object(rules.about_caller(call))


@router.get("/api/v1/groups", operation_id="getProjects")
@follows("cubicl.projects.fields", "cubicl.projects.customised", "cubicl.access.levels-on-the-wire")
def get_projects(call: CubiclCall) -> Response:
    """List projects."""
    return _json(rules.list_projects(call, read.read_project_query(call)))


@router.get("/api/v1/crm/customers", operation_id="getClients")
@follows("cubicl.clients.list", "cubicl.clients.list-has-ids")
def get_clients(call: CubiclCall) -> Response:
    """List clients."""
    return _json(rules.list_clients(call, read.read_client_query(call)))


@router.get("/api/v1/crm/customers/{id}", operation_id="getClientById")
@follows("cubicl.clients.answer", "cubicl.clients.fields")
def get_client_by_id(call: CubiclCall) -> Response:
    """Give one client with all its details."""
    return _json(rules.client_document(call, read.path_id(call, "id")))


@router.post("/api/v1/crm/customers", operation_id="createClient")
@follows("cubicl.clients.answer", "cubicl.clients.fields")
def create_client(call: CubiclCall) -> Response:
    """Create a client."""
    return _object(rules.create_client(call, read.read_new_client(read.read_body(call))))


@router.put("/api/v1/crm/customers/{id}", operation_id="updateClient")
@follows("cubicl.clients.answer", "cubicl.clients.fields", "cubicl.clients.only-given")
def update_client(call: CubiclCall) -> Response:
    """Change the details of a client that were sent."""
    client = read.path_id(call, "id")
    return _object(rules.update_client(call, client, read.read_client_changes(read.read_body(call))))


@router.delete("/api/v1/crm/customers/{id}", operation_id="deleteClient")
@follows("cubicl.clients.deleted")
def delete_client(call: CubiclCall) -> Response:
    """Delete a client; its tasks stay."""
    rules.delete_client(call, read.path_id(call, "id"))
    return _nothing()


@router.get("/api/v1/users/self/webhook", operation_id="getWebhooks")
@follows("cubicl.webhooks.list", "cubicl.webhooks.record")
def get_webhooks(call: CubiclCall) -> Response:
    """List the caller's webhooks."""
    return _json(rules.list_webhooks(call))


@router.post("/api/v1/users/self/webhook", operation_id="createWebhook")
@follows("cubicl.webhooks.request", "cubicl.webhooks.record", "cubicl.webhooks.events", "cubicl.webhooks.type-names")
def create_webhook(call: CubiclCall) -> Response:
    """Subscribe to an event."""
    return _object(rules.create_webhook(call, read.read_new_webhook(read.read_body(call))))


@router.put("/api/v1/users/self/webhook/{id}", operation_id="updateWebhook")
@follows("cubicl.webhooks.update", "cubicl.webhooks.update-checks", "cubicl.webhooks.record")
def update_webhook(call: CubiclCall) -> Response:
    """Change what was sent of a webhook."""
    webhook = read.path_id(call, "id")
    return _object(rules.update_webhook(call, webhook, read.read_webhook_changes(read.read_body(call))))


@router.delete("/api/v1/users/self/webhook/{id}", operation_id="deleteWebhook")
@follows("cubicl.webhooks.delete", "cubicl.webhooks.delete-answer")
def delete_webhook(call: CubiclCall) -> Response:
    """Unsubscribe from an event."""
    rules.delete_webhook(call, read.path_id(call, "id"))
    return _nothing()


@router.post("/api/v1/files/upload", operation_id="uploadFile")
@follows("cubicl.files.upload", "cubicl.files.fields", "cubicl.files.everybody-may-upload")
@receives_file("file", before=rules.require_room, malformed=rules.broken_upload)
def upload_file(call: CubiclCall) -> Response:
    """Keep a file."""
    return _object(rules.upload_file(call))


@router.get("/api/v1/files/{id}/url", operation_id="getFileUrl")
@follows(
    "cubicl.files.url",
    "cubicl.files.url-for-everybody",
    "cubicl.files.url-is-a-json-string",
    "cubicl.files.link-life",
    "cubicl.files.link-address",
)
def get_file_url(call: CubiclCall) -> Response:
    """Give a link to a file's content."""
    return _object(rules.download_link(call, read.path_id(call, "id")))


@router.get("/downloads/{token}", operation_id="downloadFile")
@follows("cubicl.files.content", "cubicl.files.link-life", "cubicl.files.link-address")
def download_file(call: CubiclCall) -> Response:
    """Give a file's content."""
    return rules.download(call, call.path_params["token"])


@router.get("/thumbnails/{token}", operation_id="getThumbnail")
@follows("cubicl.files.thumbnail-is-the-picture", "cubicl.files.link-address")
def get_thumbnail(call: CubiclCall) -> Response:
    """Give a small picture of a picture."""
    return rules.thumbnail(call, call.path_params["token"])


@router.get("/api/v1/file-system-nodes", operation_id="getFileSystemNodes")
@follows("cubicl.nodes.fields", "cubicl.nodes.place", "cubicl.nodes.answers")
def get_file_system_nodes(call: CubiclCall) -> Response:
    """List what is in a directory."""
    return _json(rules.addressed_text(call, rules.list_nodes(call, read.read_place(call))))


@router.post("/api/v1/file-system-nodes/files", operation_id="addFilesToFileSystem")
@follows("cubicl.nodes.fields", "cubicl.nodes.place", "cubicl.nodes.bodies", "cubicl.nodes.answers")
def add_files_to_file_system(call: CubiclCall) -> Response:
    """Put files into a directory."""
    place, files = read.read_new_files(read.read_body(call))
    return _json(rules.addressed_text(call, orjson.dumps(rules.add_files(call, place, files)).decode()))


@router.post("/api/v1/file-system-nodes/directories", operation_id="createDirectory")
@follows("cubicl.nodes.fields", "cubicl.nodes.place", "cubicl.nodes.bodies", "cubicl.nodes.answers")
def create_directory(call: CubiclCall) -> Response:
    """Make a directory."""
    place, name = read.read_new_directory(read.read_body(call))
    return _object(rules.add_directory(call, place, name))


@router.delete("/api/v1/file-system-nodes", operation_id="deleteFileSystemNodes")
@follows("cubicl.nodes.delete")
def delete_file_system_nodes(call: CubiclCall) -> Response:
    """Delete files and directories with all that is in them."""
    rules.delete_nodes(call, read.read_node_ids(call))
    return _nothing()


def _json(body: str) -> Response:
    follow(*FORM)
    return Response(body.encode(), media_type=JSON)


def _object(body: object) -> Response:
    follow(*FORM)
    return Response(orjson.dumps(body), media_type=JSON)


def _nothing() -> Response:
    follow("cubicl.protocol.success-is-200", "cubicl.protocol.empty-answer-headers")
    return Response()
