"""Faults: rules that make a sandbox answer otherwise than its vendor would just now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from understudy.core.vendor import Call, Vendor


@dataclass
class Injection:
    """What faults do to one request."""

    ids: list[str]
    status: int | str | None = None
    delay_ms: int = 0
    paging: str | None = None

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer as the faults would have it."""
        await response(scope, receive, send)


class Faults:
    """The faults of one sandbox."""

    def __init__(self) -> None:
        self.seed = 0
        self.rules: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self.rules)

    def draw(self, call: "Call", vendor: "Vendor") -> Injection | None:
        """Return what is to be done to a request, if anything."""
        return None

    def clear(self) -> None:
        """Forget every fault."""
        self.rules.clear()
