"""What GroupCamp would answer with a status, for faults.

Known are the statuses and names of `errors.py`. For the others the name is the standard's phrase, spelled as the names that are
known; that GroupCamp has a rate limit at all is in no source (both inferred).
"""

from typing import Final

from starlette.responses import Response

from understudy.core.gateway import gateway_timeout, phrase
from understudy.vendors.groupcamp.auth import SignedCall
from understudy.vendors.groupcamp.errors import (
    AccessForbidden,
    BadJSON,
    BadParameter,
    BodyTooLarge,
    Fault,
    Gone,
    GroupCampRefusal,
    NotFound,
    Unauthorized,
    answer,
)

WORDS: Final[dict[int | str, GroupCampRefusal]] = {
    401: Unauthorized(),
    403: AccessForbidden(),
    404: NotFound(),
    410: Gone(),
    413: BodyTooLarge(),
    500: Fault(),
    "unauthorized": Unauthorized(),
    "forbidden": AccessForbidden(),
}
RATE_LIMIT: Final = 429


def injected(call: SignedCall, status: int | str) -> Response:
    """Answer as GroupCamp would; a bad request always names a part of the request, for clients read that without a look."""
    if status == "timeout":
        return gateway_timeout()
    if status in WORDS:
        return WORDS[status].response(call)
    if status == 400:
        return (BadJSON() if call.method == "POST" else BadParameter("query", "invalid")).response(call)
    number = RATE_LIMIT if status == "rateLimit" else int(status)
    name = phrase(number).lower().replace(" ", "_").replace("-", "_")
    return answer({"error": name}, number) if number >= 400 else Response(status_code=number)
