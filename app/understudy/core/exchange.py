"""One request and its answer, as journal, log, metrics and events see it."""

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.responses import Response

from understudy.core.store import Change

if TYPE_CHECKING:
    from understudy.core.vendor import Call

LARGEST_ANSWER: Final = 16 * 1024
"""Longer bodies of answers are not kept: a listing may have a hundred thousand bytes, and a journal ten thousand listings."""

Headers = list[tuple[bytes, bytes]]


class Exchange(NamedTuple):
    """One request and its answer.

    `path` is as received, `root` what of it led to the sandbox and the vendor. `at` is the sandbox's instant, `seconds` how long
    the answer took, `delay_ms` what faults put on top. `operation` is the operationId of what the vendor offers there, None where
    it offers nothing. Of a body never whole in memory (a file), and of an answer of more than `LARGEST_ANSWER` bytes, nothing is
    kept: None. `faults` are those that had a part. `refusal` is the name that a refusal, or a bug, has in our code. `rules`
    are those of the ledger that the answer follows. `noted` is when it was noted, by the system's monotonic clock.
    """

    id: str
    sandbox: str
    vendor: str
    operation: str | None
    method: str
    path: bytes
    root: str
    query: bytes
    scheme: str
    client: str
    request_headers: Headers
    request_body: bytes | None
    status: int
    response_headers: Headers
    response_body: bytes | None
    at: int
    seconds: float
    delay_ms: int = 0
    faults: Sequence[str] = ()
    refusal: str | None = None
    rules: tuple[str, ...] = ()
    noted: float = 0.0
    changes: Sequence[Change] = ()

    @property
    def own_path(self) -> str:
        """The path as the vendor knows it, still percent-encoded."""
        return self.path.decode("latin-1").removeprefix(self.root) or "/"

    @property
    def matched(self) -> bool:
        """Whether the vendor offers something there; what browsers ask before they ask counts as answered, whoever answers it."""
        return self.operation is not None or (self.method == "OPTIONS" and self.status < 400)


def exchange_of(call: "Call", response: Response, *, vendor: str, number: str, seconds: float) -> Exchange:
    """Return the exchange of a call that took `seconds`, under the id `number`."""
    scope, injection, sandbox = call.scope, call.injection, call.sandbox
    client, answer = scope.get("client"), getattr(response, "body", None)
    # In the order of the fields, for by name it takes twice as long, and every request does it.
    return Exchange(
        number,
        sandbox.name,
        vendor,
        call.operation,
        scope["method"],
        scope.get("raw_path") or scope["path"].encode(),
        scope["root_path"],
        scope["query_string"],
        scope["scheme"],
        client[0] if client else "",
        scope["headers"],
        None if call.upload is not None else call.content,
        response.status_code,
        response.raw_headers,
        answer if answer is not None and len(answer) <= LARGEST_ANSWER else None,
        sandbox.clock.now(),
        seconds,
        injection.delay_ms if injection else 0,
        injection.ids if injection else (),
        call.refusal,
        call.rules,
        monotonic(),
        call.changes,
    )
