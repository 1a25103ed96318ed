"""Cubicl's operations: one function each, named as its operationId in openapi/cubicl.yaml.

That the vendor runs on Express, which decides how paths are matched, is inferred.
"""

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.vendors.cubicl import rules
from understudy.vendors.cubicl import schemas as read
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import JSON

router = APIRouter(route_class=ExpressRoute)


@router.get("/api/v1/tasks/{id}", operation_id="getTaskById")
def get_task_by_id(call: CubiclCall) -> Response:
    """Give one task with all its details, archived or not."""
    return _json(rules.readable_document(call, read.path_id(call, "id")))


@router.get("/api/v1/tasks", operation_id="getTasks")
def get_tasks(call: CubiclCall) -> Response:
    """List tasks, each without some of its details."""
    return _json(rules.list_tasks(call, read.read_task_query(call)))


@router.post("/api/v1/tasks", operation_id="createTask")
def create_task(call: CubiclCall) -> Response:
    """Create a task of the caller."""
    return _object(rules.create_task(call, read.read_new_task(read.read_body(call))))


@router.put("/api/v1/tasks/{id}", operation_id="updateTask")
def update_task(call: CubiclCall) -> Response:
    """Change the details of a task that were sent."""
    task = read.path_id(call, "id")
    activity, document = rules.update_task(call, task, read.read_changes(read.read_body(call)))
    return _object({"activity": activity, "task": document})


@router.delete("/api/v1/tasks/{id}", operation_id="deleteTask")
def delete_task(call: CubiclCall) -> Response:
    """Delete a task and its subtasks."""
    rules.delete_task(call, read.path_id(call, "id"))
    return Response()


@router.post("/api/v1/tasks/{id}/subtasks", operation_id="addSubtask")
def add_subtask(call: CubiclCall) -> Response:
    """Put a task under another."""
    task = read.path_id(call, "id")
    rules.add_subtask(call, task, read.read_subtask(read.read_body(call)))
    return Response()


@router.put("/api/v1/tasks/{id}/state", operation_id="updateTaskState")
def update_task_state(call: CubiclCall) -> Response:
    """Put a task into another state."""
    task = read.path_id(call, "id")
    return _object(rules.change_state(call, task, read.read_state(read.read_body(call))))


@router.get("/api/v1/tasks/{id}/activities", operation_id="getTaskActivities")
def get_task_activities(call: CubiclCall) -> Response:
    """List what happened to a task."""
    task = read.path_id(call, "id")
    rules.readable_document(call, task)
    return _json(f"[{','.join(rules.activity_documents(call.db, task))}]")


@router.post("/api/v1/tasks/{id}/activities", operation_id="createTaskComment")
def create_task_comment(call: CubiclCall) -> Response:
    """Comment on a task."""
    task = read.path_id(call, "id")
    return _object(rules.create_comment(call, task, read.read_comment(read.read_body(call))))


@router.put("/api/v1/tasks/{taskId}/activities/{activityId}", operation_id="changeTaskCommentVisibility")
def change_task_comment_visibility(call: CubiclCall) -> Response:
    """Show a comment to the client, or hide it."""
    task, activity = read.path_id(call, "taskId"), read.path_id(call, "activityId")
    rules.change_visibility(call, task, activity, visible=read.read_visibility(read.read_body(call)))
    return Response()


def _json(body: str) -> Response:
    return Response(body.encode(), media_type=JSON)


def _object(body: object) -> Response:
    return Response(orjson.dumps(body), media_type=JSON)
