"""How Cubicl refuses: with a code (`{"code": 4}`), with a plain text, or with nothing but a status.

CubiclRefusal
├── 400 BadRequest                                                        text
├── 401 Unauthorized                                                      nothing
├── 403 NoPermission 4, MayNotMoveOut 804, MayNotMoveIn 805,
│   │   StorageFull 204, with two numbers more                            code
│   └── LinkWorthless                                                     nothing
├── 404 NotFound                                                          nothing
│   └── UnknownPath                                                       nothing
├── 405 MethodNotAllowed                                                  nothing
├── 413 BodyTooLarge                                                      nothing
├── 422 Impossible                                                        nothing
│   ├── SubtaskProtected 4, GanttProtected 403, DatesNeeded 406,
│   │   UnknownState 503, TaskArchived 604, WouldTurnHierarchy 802,
│   │   ProjectMissing 2, UnknownWebhookType 118                          code
│   └── StateOfArchivedTask, SameState, NotAComment, KindOfTask,
│       CommentOfClient, MailAlreadySent                                  text
├── 429 TooManyRequests                                                   nothing
└── 500 Fault                                                             nothing

The codes, and that some refusals have none, are of the Tasks page; 2 and 118 are of the Webhooks page, 204 of the Files page. The
texts of 422 are the causes that the Tasks page lists. That a text comes as it is, as `text/plain`, is inferred, as are the empty
bodies of 401, 404, 405, 413, 429 and 500 and the words of a 400.
"""

from typing import ClassVar

from starlette.responses import Response

from understudy.core.vendor import Call, Refusal

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
WORDED = ("cubicl.errors.texts-of-422", "cubicl.errors.text-as-plain-text")
"""How a refusal is worded that is a text."""


class CubiclRefusal(Refusal):
    """Any refusal; what it says is its `code`, else its `text` or what it was raised with."""

    code: ClassVar[int | None] = None
    text: ClassVar[str] = ""

    def response(self, call: Call) -> Response:
        """Return the refusal as Cubicl sends it; one that says nothing has no content type."""
        if self.code is not None:
            return Response(b'{"code":%d}' % self.code, self.status, media_type=JSON)
        text = str(self) or self.text
        return Response(text, self.status, media_type=TEXT) if text else Response(status_code=self.status)


class BadRequest(CubiclRefusal):
    """A parameter is missing or badly formatted."""

    status = 400
    rules = ("cubicl.errors.bad-request", "cubicl.errors.bad-request-text", "cubicl.errors.text-as-plain-text")


class TooManyRequests(CubiclRefusal):
    """The token has used up its requests of the minute."""

    status = 429
    rules = ("cubicl.limits.per-minute", "cubicl.errors.empty-body")


class Unauthorized(CubiclRefusal):
    """No token, or none that is worth anything."""

    status = 401
    rules = ("cubicl.auth.bearer-token", "cubicl.errors.empty-body")


class NoPermission(CubiclRefusal):
    """The caller may not do this."""

    status = 403
    code = 4
    rules = ("cubicl.errors.no-permission", "cubicl.errors.code-object")


class MayNotMoveOut(CubiclRefusal):
    """The caller may not take the task out of its project."""

    status = 403
    code = 804
    rules = ("cubicl.move.out", "cubicl.errors.code-object")


class MayNotMoveIn(CubiclRefusal):
    """The caller may not bring the task into the project."""

    status = 403
    code = 805
    rules = ("cubicl.move.in", "cubicl.errors.code-object")


class StorageFull(CubiclRefusal):
    """The file would not fit into the storage; both numbers are bytes."""

    status = 403
    rules = ("cubicl.files.storage-full",)

    def __init__(self, capacity: int, size: int) -> None:
        super().__init__()
        self.capacity = capacity
        self.size = size

    def response(self, call: Call) -> Response:
        """Return the code with the storage's size and filling."""
        body = b'{"code":204,"totalCapacity":%d,"totalSize":%d}' % (self.capacity, self.size)
        return Response(body, self.status, media_type=JSON)


class LinkWorthless(CubiclRefusal):
    """A download link has expired, or never was one."""

    status = 403
    rules = ("cubicl.files.worthless-link",)


class NotFound(CubiclRefusal):
    """The record that the path names doesn't exist."""

    status = 404
    rules = ("cubicl.errors.not-found", "cubicl.errors.empty-body")


class UnknownPath(NotFound):
    """The API has no such path."""

    rules = ("cubicl.protocol.unknown-path", "cubicl.errors.empty-body")


class MethodNotAllowed(CubiclRefusal):
    """The path is known, the method is not."""

    status = 405
    rules = ("cubicl.protocol.wrong-method", "cubicl.protocol.allowed-methods", "cubicl.errors.empty-body")

    def response(self, call: Call) -> Response:
        """Name the methods that the path has, as HTTP wants it of a 405; that the vendor does so is inferred."""
        return Response(status_code=self.status, headers={"Allow": ", ".join(call.allowed)} if call.allowed else {})


class BodyTooLarge(CubiclRefusal):
    """The body is larger than the server reads."""

    status = 413
    rules = ("cubicl.protocol.body-limit", "cubicl.errors.empty-body")


class Impossible(CubiclRefusal):
    """The request can't be carried out on the data as it is: above all, an id that names nothing."""

    status = 422
    rules: tuple[str, ...] = ("cubicl.errors.impossible", "cubicl.errors.empty-422")


class SubtaskProtected(Impossible):
    """Subtasks would have to be deleted and the caller may not."""

    code = 4
    rules = ("cubicl.delete.protected-subtask", "cubicl.errors.code-object")


class GanttProtected(Impossible):
    """The change would alter the Gantt chart and the caller may not."""

    code = 403
    rules = ("cubicl.gantt.permission", "cubicl.errors.code-object")


class DatesNeeded(Impossible):
    """A task in the Gantt chart needs a start and a deadline."""

    code = 406
    rules = ("cubicl.gantt.needs-dates", "cubicl.errors.code-object")


class UnknownState(Impossible):
    """The project has no state of this name."""

    code = 503
    rules = ("cubicl.state.unknown", "cubicl.errors.code-object")


class TaskArchived(Impossible):
    """Archived tasks can't be updated."""

    code = 604
    rules = ("cubicl.update.archived", "cubicl.errors.code-object")


class WouldTurnHierarchy(Impossible):
    """A task would become a subtask of itself or of a task below it."""

    code = 802
    rules = ("cubicl.subtasks.ancestor", "cubicl.errors.code-object")


class ProjectMissing(Impossible):
    """A webhook for tasks needs a project."""

    code = 2
    rules = ("cubicl.webhooks.project-missing", "cubicl.webhooks.codes-with-422", "cubicl.errors.code-object")


class UnknownWebhookType(Impossible):
    """There is no webhook of this type."""

    code = 118
    rules = ("cubicl.webhooks.unknown-type", "cubicl.webhooks.codes-with-422", "cubicl.errors.code-object")


class StateOfArchivedTask(Impossible):
    """The state of an archived task was to change."""

    text = "Archived tasks cannot have their state updated."
    rules = ("cubicl.state.archived", *WORDED)


class SameState(Impossible):
    """The task has that state."""

    text = "The task is already in the desired state."
    rules = ("cubicl.state.same-state", *WORDED)


class NotAComment(Impossible):
    """The visibility of something else than a comment was to change."""

    text = 'Only activities of type "post" can have their visibility changed.'
    rules = ("cubicl.visibility.not-a-post", *WORDED)


class KindOfTask(Impossible):
    """No client is behind the task."""

    text = "Visibility can only be changed for support requests, tasks shared with customers, or email tasks."
    rules = ("cubicl.visibility.kind-of-task", *WORDED)


class CommentOfClient(Impossible):
    """The comment was written outside the organisation."""

    text = "The visibility of comments created by portal or email users cannot be changed."
    rules = ("cubicl.visibility.of-clients", *WORDED)


class MailAlreadySent(Impossible):
    """The comment has gone out as a mail."""

    text = "The visibility of comments made visible in email tasks cannot be removed."
    rules = ("cubicl.visibility.sent-mail", *WORDED)


class Fault(CubiclRefusal):
    """A bug of this server, in the vendor's words for a fault: none."""

    status = 500
