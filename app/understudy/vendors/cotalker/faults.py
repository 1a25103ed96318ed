"""What Cotalker would answer with a status, for faults.

Known are the statuses and words of `errors.py`. For the others the text is the standard's phrase, as Express servers send it
(inferred).
"""

from typing import ClassVar, Final

from starlette.responses import Response

from understudy.core.gateway import gateway_timeout, phrase
from understudy.vendors.cotalker.auth import RATE_WINDOW
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.errors import (
    BodyTooLarge,
    CotalkerRefusal,
    Fault,
    Forbidden,
    NotFound,
    TooManyRequests,
    Unauthorized,
)

WORDS: Final[dict[int | str, type[CotalkerRefusal]]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: BodyTooLarge,
    500: Fault,
    "unauthorized": Unauthorized,
    "forbidden": Forbidden,
}


class Injected(CotalkerRefusal):
    """A refusal with a status that the room itself doesn't use so, or only with more particular words."""

    status: ClassVar[int]

    def __init__(self, status: int) -> None:
        super().__init__(phrase(status))
        self.status = status  # type: ignore[misc]  # of the one refusal, here


def injected(call: CotalkerCall, status: int | str) -> Response:
    """Answer as Cotalker would; a 429 tells how long the window of the rate limit still lasts, whether or not it holds."""
    if status == "timeout":
        return gateway_timeout()
    if status in ("rateLimit", 429):
        return TooManyRequests(seconds=-(-(RATE_WINDOW - call.now() % RATE_WINDOW) // 1000)).response(call)
    if status in WORDS:
        return WORDS[status]().response(call)
    assert isinstance(status, int)
    return Injected(status).response(call) if status >= 400 else Response(status_code=status)
