"""What Cubicl would answer with a status, for faults.

Its refusals mostly say nothing but the status (`errors.py`), so those with statuses it isn't known to use do so, too (inferred).
"""

from typing import Final

from starlette.responses import Response

from understudy.core.gateway import gateway_timeout
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import BadRequest, CubiclRefusal, NoPermission, TooManyRequests, Unauthorized

WORDS: Final[dict[int | str, CubiclRefusal]] = {
    400: BadRequest("Bad Request"),  # "error details", says the Files page, without a form (inferred)
    403: NoPermission(),
    "rateLimit": TooManyRequests(),
    "unauthorized": Unauthorized(),
    "forbidden": NoPermission(),
}


def injected(call: CubiclCall, status: int | str) -> Response:
    """Answer as Cubicl would."""
    if status == "timeout":
        return gateway_timeout()
    if status in WORDS:
        return WORDS[status].response(call)
    assert isinstance(status, int)
    return Response(status_code=status)
