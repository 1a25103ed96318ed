"""Faults: rules that make a sandbox answer otherwise than its vendor would just now.

Decision: a rule is drawn when a request arrives, but for one with `paging`, which is drawn by the operation itself when, with
good credentials and parameters, it is about to read a later page of a listing: only there is it known that this is one, and which
rows the client has read.
Refused: telling later pages by the names of parameters before the operation runs, which each vendor would have to say twice.

Each rule has random sources of its own, seeded with the sandbox's seed and the rule's id: what one rule draws changes nothing for
another, and a run repeats.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from understudy.core.fault_rules import BODILESS, HOUR_IN_MS, FaultRule, Match, body_text

if TYPE_CHECKING:
    from understudy.core.vendor import Call, Vendor

MOST_RULES: Final = 1000
HEADER: Final = "X-Understudy-Fault"


class TooManyFaults(ValueError):
    """A sandbox has as many faults as it may have."""


@dataclass
class Fault:
    """A rule of a sandbox, and how often it was `eligible` and how often it `fired`."""

    id: str
    rule: FaultRule
    chance: Random
    jitter: Random
    eligible: int = 0
    fired: int = 0

    def document(self) -> dict[str, Any]:
        """Return the rule with its id and counters, as JSON."""
        return {"id": self.id, **self.rule.document(), "eligible": self.eligible, "fired": self.fired}

    def fires(self) -> bool:
        """Count a request that the rule is for, and return whether it strikes."""
        when = self.rule.when
        self.eligible += 1
        # Drawn for every request, so that `skip` and `times` don't change which ones chance picks.
        chosen = when.probability is None or self.chance.random() < when.probability
        if not chosen or self.eligible <= (when.skip or 0) or (when.times is not None and self.fired >= when.times):
            return False
        self.fired += 1
        return True


@dataclass
class Injection:
    """What faults do to one request: `ids` are those that struck, `waiting` those that do if it turns out to read a later page.

    Where two set the same thing, the older one has its way; delays add up.
    """

    ids: list[str] = field(default_factory=list)
    status: int | str | None = None
    delay_ms: int = 0
    bytes_per_second: int | None = None
    connection: str | None = None
    paging: str | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Let a fault take part."""
        then = fault.rule.then
        self.ids.append(fault.id)
        jitter = fault.jitter.randint(0, then.delay_jitter_ms) if then.delay_jitter_ms else 0
        self.delay_ms = min(self.delay_ms + (then.delay_ms or 0) + jitter, HOUR_IN_MS)
        for name in ("status", "bytes_per_second", "connection", "paging", "body"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(then, name))
        known = {name.lower() for name in self.headers}
        self.headers |= {name: value for name, value in (then.headers or {}).items() if name.lower() not in known}

    def draw_page(self) -> str | None:
        """Let the waiting faults strike, now that a later page is about to be read; return what they do to it."""
        for fault in self.waiting:
            if fault.fires():
                self.add(fault)
        self.waiting = []
        return self.paging

    def applied(self, response: Response) -> Response:
        """Return the answer with the body and headers that the faults give it, and the header that names them.

        An answer whose status allows no body, such as a 204 of the vendor's own, gets none.
        """
        if not self.ids:
            return response
        if self.body is not None and response.status_code not in BODILESS:
            response = _with_body(response, self.body)
        for name, value in self.headers.items():
            response.headers[name] = value
        response.headers[HEADER] = ", ".join(self.ids)
        return response

    async def send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer as the faults would have it."""
        if self.delay_ms or self.bytes_per_second or self.connection:
            from understudy.core.disruption import Disruption

            return await Disruption(self, scope, receive, send).send(response)
        return await response(scope, receive, send)


class Faults:
    """The faults of one sandbox, in the order in which they were made; not kept when the server ends."""

    def __init__(self) -> None:
        self.seed = 0
        self._faults: dict[str, Fault] = {}
        self._made = 0

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        """Go through the faults, oldest first."""
        return iter(list(self._faults.values()))

    def add(self, rule: FaultRule) -> Fault:
        """Keep a rule; raise `TooManyFaults`."""
        if len(self._faults) >= MOST_RULES:
            raise TooManyFaults(f"a sandbox has at most {MOST_RULES} faults; DELETE /__admin/faults removes them")
        self._made += 1
        number = f"fault-{self._made}"
        fault = self._faults[number] = Fault(
            number, rule, chance=Random(f"{self.seed} {number}"), jitter=Random(f"{self.seed} {number} jitter")
        )
        return fault

    def get(self, number: str) -> Fault | None:
        """Return the fault of this id, or None."""
        return self._faults.get(number)

    def remove(self, number: str) -> Fault | None:
        """Forget a fault; return it, or None when there is none of this id."""
        return self._faults.pop(number, None)

    def draw(self, call: "Call", vendor: "Vendor") -> Injection | None:
        """Return what is to be done to a request that has arrived, None when no fault is for it.

        A browser's question whether it may call (a preflight) is never disturbed: the page would see neither status nor body.
        """
        if call.method == "OPTIONS" and call.header(b"access-control-request-method") is not None:
            return None
        injection = Injection()
        now = call.now()
        for fault in self._faults.values():
            if not (fault.rule.when.holds_at(now) and _is_for(fault.rule.match, call, vendor)):
                continue
            paging = fault.rule.then.paging
            if paging is None:
                if fault.fires():
                    injection.add(fault)
            elif paging in vendor.paging_faults:
                injection.waiting.append(fault)
        return injection if injection.ids or injection.waiting else None

    def clear(self) -> None:
        """Forget every fault; ids begin anew."""
        self._faults.clear()
        self._made = 0


def credential(call: "Call") -> str | None:
    """Return the token of a request, or what stands before the signature of a signed one; None without any."""
    _, _, given = (call.header(b"authorization") or "").strip().partition(" ")
    return given.strip().partition(":")[0] or None


def _is_for(match: Match, call: "Call", vendor: "Vendor") -> bool:
    if match.vendor is not None and match.vendor != vendor.name:
        return False
    if match.operation is not None and match.operation != call.operation:
        return False
    if match.method is not None and match.method.upper() != call.method:
        return False
    if match.path_pattern is not None:
        path: str = call.scope["path"]
        own = path.removeprefix(call.scope.get("root_path", ""))
        if not (match.path_pattern.match(own) or match.path_pattern.match(path)):
            return False
    if match.token_pattern is not None:
        token = credential(call)
        return token is not None and match.token_pattern.match(token) is not None
    return True


def _with_body(response: Response, body: Any) -> Response:
    """Return an answer with another body; its other headers stay, and a text is plain text unless they say otherwise."""
    kept = [(name, value) for name, value in response.raw_headers if name not in (b"content-length", b"content-type")]
    media_type = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    replaced = Response(body_text(body), response.status_code, media_type=media_type)
    replaced.raw_headers.extend(kept)
    return replaced
