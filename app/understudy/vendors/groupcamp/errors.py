"""How GroupCamp refuses. Body: `{"error": <name>}`, where documented with `detail`, and for every bad request with `errors`.

GroupCampRefusal
├── 400 BadRequest: UnusableId (`error_id`), BadParameter (`get_parameter_error`), BadField (`error_body_data`),
│       BadJSON (`error_json`)
├── 401 Unauthorized
├── 403 Forbidden: AccessForbidden, OverGroupQuota, WrongGtype, InvalidBudget
├── 404 NotFound
├── 410 Gone
├── 413 BodyTooLarge
└── 500 Fault

Known of the wire: statuses and names (the pages' error tables), the keys `error` and `errors`, and `field` and `error` in an item
(the vendor's clients read the first item without a look, so a bad request always has one). Inferred: the key `detail` for the
tables' third column, and every code of an item.
"""

from typing import Any, ClassVar, Literal

import orjson
from starlette.responses import Response

from understudy.core.provenance import follow
from understudy.core.vendor import Call, Refusal
from understudy.vendors.groupcamp.cors import READABLE

JSON = "application/json; charset=utf-8"
ANSWER = (*READABLE, "groupcamp.protocol.json-always", "groupcamp.protocol.content-type", "groupcamp.protocol.content-length")
SUCCESS = (*ANSWER, "groupcamp.protocol.success-200", "groupcamp.envelope.result")

NAME = ("groupcamp.errors.name", "groupcamp.errors.no-text")
DETAIL = (*NAME, "groupcamp.errors.detail")
OTHER = ("groupcamp.errors.other-bodies", "groupcamp.errors.no-items-elsewhere")
CAUSES = (*DETAIL, "groupcamp.errors.items", "groupcamp.errors.codes", "groupcamp.errors.field")

Code = Literal["already_use", "invalid", "missing", "multiple", "not_found", "range"]


def answer(body: Any, status: int = 200) -> Response:
    """Return a JSON answer, which GroupCamp's is for every status: its clients decode before they look at the status."""
    return answer_text(orjson.dumps(body), status)


def answer_text(body: bytes, status: int = 200) -> Response:
    """Return a JSON answer whose text is ready."""
    follow(*(SUCCESS if status == 200 else ANSWER))
    return Response(body, status, media_type=JSON)


class GroupCampRefusal(Refusal):
    """Any refusal: `name` is always sent, `detail` where the vendor's tables have one."""

    name: ClassVar[str]
    detail: ClassVar[str | None] = None

    def body(self) -> dict[str, Any]:
        """Return the error body."""
        return {"error": self.name} if self.detail is None else {"error": self.name, "detail": self.detail}

    def response(self, call: Call) -> Response:
        """Return the refusal as an answer."""
        return answer(self.body(), self.status)


class BadRequest(GroupCampRefusal):
    """Part of the request can't be used; `field` is the name of that part as the vendor's page writes it."""

    status = 400
    name = "bad_request"

    def __init__(self, field: str, code: Code) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code

    def body(self) -> dict[str, Any]:
        """Return the error body with its one cause."""
        return super().body() | {"errors": [{"field": self.field, "error": self.code}]}


class UnusableId(BadRequest):
    """An id in the path is malformed, or that of another kind of object."""

    detail = "error_id"
    rules = (*CAUSES, "groupcamp.errors.items-of-the-rest", "groupcamp.errors.error-id")

    def __init__(self, field: str) -> None:
        super().__init__(field, "invalid")


class BadParameter(BadRequest):
    """A GET parameter is wrong."""

    detail = "get_parameter_error"
    rules = (*CAUSES, "groupcamp.errors.items-of-the-rest", "groupcamp.errors.get-parameter-error")


class BadField(BadRequest):
    """A field of the body is wrong."""

    detail = "error_body_data"
    rules = (*CAUSES, "groupcamp.errors.items-of-body-data", "groupcamp.errors.error-body-data")


class BadJSON(BadRequest):
    """The body is no JSON object."""

    detail = "error_json"
    rules = (*CAUSES, "groupcamp.errors.items-of-the-rest", "groupcamp.errors.error-json")

    def __init__(self) -> None:
        super().__init__("body", "invalid")


class Unauthorized(GroupCampRefusal):
    """Authentication failed; a client can't tell why. Also the answer to any path or verb that no application offers."""

    status = 401
    name = "unauthorized"
    rules = (
        *NAME,
        *OTHER,
        "groupcamp.errors.unauthorized",
        "groupcamp.auth.comes-first",
        "groupcamp.auth.one-answer",
        "groupcamp.auth.no-challenge",
    )


class Forbidden(GroupCampRefusal):
    """What is asked for is there, but not to be had; `detail` says why."""

    status = 403
    name = "forbidden"
    rules: tuple[str, ...] = (*DETAIL, *OTHER)


class AccessForbidden(Forbidden):
    """The object exists but can't be retrieved."""

    detail = "access_forbidden"
    rules = (*Forbidden.rules, "groupcamp.errors.access-forbidden")


class OverGroupQuota(Forbidden):
    """The account's plan allows no more groups."""

    detail = "over_group_quota"
    rules = (*Forbidden.rules, "groupcamp.projects.quota")


class WrongGtype(Forbidden):
    """A budget is asked for of a group that is no project."""

    detail = "wrong_gtype"
    rules = (*Forbidden.rules, "groupcamp.budget.wrong-gtype")


class InvalidBudget(Forbidden):
    """The budget is not valid any more: currency, unit or dates have changed since it was made."""

    detail = "invalid_budget"
    rules = (*Forbidden.rules, "groupcamp.budget.not-valid-any-more")


class NotFound(GroupCampRefusal):
    """The id is well formed, but the account has no such object."""

    status = 404
    name = "not_found"
    rules = (*NAME, *OTHER, "groupcamp.errors.not-found")


class Gone(GroupCampRefusal):
    """A page of a stored list has expired, or was cleared away; the list has to be asked for anew."""

    status = 410
    name = "gone"
    detail = "gone"
    rules = (*DETAIL, *OTHER, "groupcamp.errors.gone", "groupcamp.errors.gone-in-small-letters")


class BodyTooLarge(GroupCampRefusal):
    """The body is larger than the server reads; a limit of this server, not known of the vendor."""

    status = 413
    name = "request_too_large"
    rules = (*NAME, "groupcamp.errors.body-too-large")


class Fault(GroupCampRefusal):
    """A bug of this server; the vendor documents no faults of its own."""

    status = 500
    name = "internal_error"
