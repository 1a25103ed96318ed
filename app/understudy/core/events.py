"""What happens in the server, as it happens, for whoever listens: `GET /__admin/events`."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

BACKLOG: Final = 1000

Kind = Literal["request", "sandbox", "fault", "webhook"]


@dataclass(frozen=True)
class Event:
    """One thing that happened; `data` can be written as JSON."""

    kind: Kind
    sandbox: str
    data: Mapping[str, Any]


class Events:
    """Passes events on to listeners; with none it costs nothing. A listener too slow for `BACKLOG` events misses the oldest."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Event]] = set()

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def publish(self, kind: Kind, sandbox: str, data: Mapping[str, Any]) -> None:
        """Tell every listener."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(Event(kind, sandbox, data))

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Event]]:
        """Give a queue of what happens while the block lasts."""
        queue: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
