"""What happens in the server, as it happens, for whoever listens: `GET /__admin/events`."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from understudy.core.exchange import Exchange
from understudy.core.redaction import Redaction

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

BACKLOG: Final = 1000
SECONDS_TO_LEAVE: Final = 0.2

Kind = Literal["request", "sandbox", "fault", "webhook"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `number` counts the events of the server, `data` can be written as JSON."""

    number: int
    kind: Kind
    sandbox: str
    data: Mapping[str, Any]


class Listener:
    """What one listener has yet to hear; it misses the oldest when more than `BACKLOG` wait."""

    def __init__(self, kinds: Collection[Kind], sandbox: str | None) -> None:
        """`sandbox` is the name of the only one that is listened to; None for all."""
        self._kinds = kinds
        self._sandbox = sandbox
        self._waiting: deque[Event] = deque()
        self._lost = 0
        self._some = asyncio.Event()
        self.ended = False
        """Whether there will be nothing more to hear."""

    def offer(self, event: Event) -> None:
        """Let it hear an event, if it is one that it listens to."""
        if event.kind not in self._kinds or self._sandbox not in (None, event.sandbox):
            return
        if len(self._waiting) >= BACKLOG:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(event)
        self._some.set()

    def end(self) -> None:
        """Let it hear that this is all."""
        self.ended = True
        self._some.set()

    async def take(self, seconds: float) -> tuple[int, list[Event]]:
        """Wait until there is something, for `seconds` at most; return how many were lost before it, and what there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._some.wait()
        self._some.clear()
        lost, self._lost = self._lost, 0
        events = list(self._waiting)
        self._waiting.clear()
        return lost, events


class Events:
    """Passes events on to listeners; with none it costs nothing."""

    def __init__(self) -> None:
        self.watch: Callable[[Kind, Mapping[str, Any]], None] = lambda kind, data: None
        """Hears of every event, whether or not anybody listens, but of requests and their faults only when somebody does."""
        self._listeners: set[Listener] = set()
        self._count = 0

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def publish(self, kind: Kind, sandbox: str, data: Mapping[str, Any]) -> None:
        """Tell every listener."""
        self.watch(kind, data)
        if not self._listeners:
            return
        self._count += 1
        event = Event(self._count, kind, sandbox, data)
        for listener in self._listeners:
            listener.offer(event)

    async def end(self) -> None:
        """Let all listeners hear that this is all, and wait a moment until they have gone."""
        for listener in self._listeners:
            listener.end()
        until = time.monotonic() + SECONDS_TO_LEAVE
        while self._listeners and time.monotonic() < until:
            await asyncio.sleep(0.001)

    @contextmanager
    def listen(self, kinds: Collection[Kind] = KINDS, sandbox: str | None = None) -> Iterator[Listener]:
        """Give a listener, which hears what happens while the block lasts; `sandbox` None is all of them."""
        listener = Listener(kinds, sandbox)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


def request_events(events: Events, vendors: Iterable["Vendor"]) -> Callable[[Exchange], None]:
    """Return the observer that publishes the requests to vendors, and the faults that had a part in them."""
    shown = {vendor.name: Redaction(vendor.secret_paths).path for vendor in vendors}

    def observe(exchange: Exchange) -> None:
        if not events:
            return
        offered = {"vendor": exchange.vendor, "operation": exchange.operation}
        data = {
            "id": exchange.id,
            **offered,
            "method": exchange.method,
            "path": shown[exchange.vendor](exchange.own_path),
            "status": exchange.status,
            "milliseconds": round(exchange.seconds * 1000, 3),
            "faults": list(exchange.faults),
        }
        events.publish("request", exchange.sandbox, data)
        if exchange.faults:
            told = {"change": "injected", "request": exchange.id, **offered, "faults": list(exchange.faults)}
            events.publish("fault", exchange.sandbox, told)

    return observe
