"""How Cotalker refuses. Body: `{"error": "<text>"}`, with `debug=true` also `debug`.

CotalkerRefusal
├── 400 InvalidJSON, InvalidValue, MissingField, FixedField
├── 401 Unauthorized, LoginRefused
├── 403 Forbidden
├── 404 NotFound, UnknownRoute, UnknownMethod
├── 409 GroupTaken, ValueTaken
├── 413 BodyTooLarge
├── 429 TooManyRequests, with Retry-After
└── 500 Fault

Known of the wire: the key `error`, the statuses 401, 403, 404, 429 and 500, and the form of the text about a value. Everything
else is inferred.
"""

from typing import ClassVar

import orjson
from starlette.responses import Response

from understudy.core.vendor import Refusal
from understudy.vendors.cotalker.debug import CotalkerCall, debug_member

JSON = "application/json; charset=utf-8"
FORM: tuple[str, ...] = (
    "cotalker.protocol.json",
    "cotalker.protocol.content-type",
    "cotalker.errors.key",
    "cotalker.errors.text",
)
"""The rules of every refusal, whatever its text says."""


class CotalkerRefusal(Refusal):
    """Any refusal; the text of a subclass is its `text`, or what it was raised with."""

    rules: tuple[str, ...] = (*FORM, "cotalker.errors.words")
    text: ClassVar[str] = ""

    def response(self, call: CotalkerCall) -> Response:
        """Return the error body."""
        text = str(self) or self.text
        body = f'{{"error":{orjson.dumps(text).decode()}{debug_member(call, message=text)}}}'
        return Response(body.encode(), self.status, media_type=JSON)


class InvalidJSON(CotalkerRefusal):
    """The body is no JSON."""

    status = 400
    rules = (*CotalkerRefusal.rules, "cotalker.errors.no-json")
    text = "Invalid JSON"


class MissingField(CotalkerRefusal):
    """A required field is not in the body."""

    status = 400
    rules = (*FORM, "cotalker.errors.required")

    def __init__(self, field: str) -> None:
        super().__init__(f'"{field}" is required')


class InvalidValue(CotalkerRefusal):
    """A value doesn't fit; the offending value stands on a line of its own, as Cotalker's validator writes it."""

    status = 400
    rules = (*FORM, "cotalker.errors.value-form", "cotalker.errors.value-words", "cotalker.errors.value-status")

    def __init__(self, field: str, must: str, value: object) -> None:
        shown = value if isinstance(value, str) else orjson.dumps(value).decode()
        super().__init__(f'"{field}" must {must}:\n("{shown}")')


class FixedField(CotalkerRefusal):
    """A field keeps the value that it was created with."""

    status = 400
    rules = (*CotalkerRefusal.rules, "cotalker.errors.fixed")

    def __init__(self, field: str) -> None:
        super().__init__(f'"{field}" cannot be changed')


class Unauthorized(CotalkerRefusal):
    """No token, or none that is worth anything."""

    status = 401
    text = "Unauthorized"


class LoginRefused(CotalkerRefusal):
    """Unknown address, wrong password or an inactive user: the client can't tell which."""

    status = 401
    rules = (*CotalkerRefusal.rules, "cotalker.login.refused")
    text = "Invalid email or password"


class Forbidden(CotalkerRefusal):
    """The `Admin` header or a permission is missing, or the user may only read."""

    status = 403
    text = "Forbidden"


class NotFound(CotalkerRefusal):
    """Unknown record, or a record of another company."""

    status = 404
    rules = (*CotalkerRefusal.rules, "cotalker.errors.not-found")
    text = "Not Found"


class UnknownRoute(CotalkerRefusal):
    """There is nothing at the path."""

    status = 404
    rules = (*CotalkerRefusal.rules, "cotalker.protocol.unknown-route")
    text = "Not Found"


class UnknownMethod(CotalkerRefusal):
    """There is something at the path, but not for this method."""

    status = 404
    rules = (*CotalkerRefusal.rules, "cotalker.protocol.unknown-method")
    text = "Not Found"


class GroupTaken(CotalkerRefusal):
    """The group already has a task group."""

    status = 409
    rules = (*CotalkerRefusal.rules, "cotalker.task-groups.one-per-group", "cotalker.task-groups.taken-status")
    text = '"group" already belongs to a task group'


class ValueTaken(CotalkerRefusal):
    """Another record has the value that each may have once."""

    status = 409
    rules = (*CotalkerRefusal.rules, "cotalker.errors.conflict")

    def __init__(self, field: str) -> None:
        super().__init__(f'"{field}" already exists')


class TooManyRequests(CotalkerRefusal):
    """The company has used up its requests of the window; `seconds` is how long that one still lasts."""

    status = 429
    rules = (
        *CotalkerRefusal.rules,
        "cotalker.limits.answer",
        "cotalker.limits.budget",
        "cotalker.limits.of-the-company",
        "cotalker.limits.windows",
    )
    text = "Too Many Requests"

    def __init__(self, *, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds

    def response(self, call: CotalkerCall) -> Response:
        """Return the error body, and when to come back."""
        response = super().response(call)
        response.headers["Retry-After"] = str(self.seconds)
        return response


class BodyTooLarge(CotalkerRefusal):
    """The body is larger than the server reads."""

    status = 413
    rules = (*CotalkerRefusal.rules, "cotalker.protocol.body-too-large")
    text = "Payload Too Large"


class Fault(CotalkerRefusal):
    """A bug of this server, in the vendor's words for a fault."""

    status = 500
    text = "Internal server error"
