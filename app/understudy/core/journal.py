"""The journal: what was asked of a sandbox and what it answered, for tests that verify it.

Requests are noted as they are, and written out, with secrets masked, only for whoever asks: that a request is noted costs it
almost nothing. How many a sandbox keeps is bounded, and so is what all journals of a server hold together.
"""

from collections import deque
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from understudy.core.exchange import Exchange

KEPT: Final = 10_000
SPACE: Final = 256 * 1024 * 1024


class Space:
    """How much all journals of a server may hold together; when it is full, the oldest exchange of all goes."""

    def __init__(self, size: int = SPACE) -> None:
        """`size` is in bytes."""
        self._size = size
        self._used = 0
        self._live = 0
        self._order: deque[tuple[Journal, int, str]] = deque()

    def taken(self, journal: "Journal", exchange: Exchange) -> None:
        """Note that a journal holds one more."""
        self._used += exchange.size
        self._live += 1
        self._order.append((journal, journal.life, exchange.id))
        while self._used > self._size:
            owner, life, oldest = self._order.popleft()
            if owner.life == life:
                owner.remove(oldest)
        if len(self._order) > 2 * self._live + KEPT:
            self._order = deque(entry for entry in self._order if entry[0].life == entry[1] and entry[0].get(entry[2]))

    def given(self, exchange: Exchange) -> None:
        """Note that a journal holds one less."""
        self._used -= exchange.size
        self._live -= 1


class Journal:
    """The exchanges of one sandbox, the newest `keep` of them."""

    def __init__(self, name: str, *, keep: int = KEPT, space: Space | None = None) -> None:
        self.keep = keep
        self.life = 0
        """How often it was cleared: ids begin anew then."""
        self._space = space or Space()
        self._kept: dict[str, Exchange] = {}
        self._prefix = f"{blake2b(name.encode(), digest_size=4).hexdigest()}-0000-4000-8000-"
        self._count = 0

    def next_id(self) -> str:
        """Return the id of the next exchange: a UUID in form, since clients of journals expect one, and the same at every run."""
        self._count += 1
        return f"{self._prefix}{self._count:012x}"

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        if self.keep == 0:
            return
        if len(self._kept) >= self.keep:
            self.remove(next(iter(self._kept)))
        self._kept[exchange.id] = exchange
        self._space.taken(self, exchange)

    def get(self, number: str) -> Exchange | None:
        """Return the exchange of this id, or None."""
        return self._kept.get(number)

    def remove(self, number: str) -> Exchange | None:
        """Forget an exchange; return it, or None when there is none of this id."""
        exchange = self._kept.pop(number, None)
        if exchange is not None:
            self._space.given(exchange)
        return exchange

    def clear(self) -> None:
        """Forget everything; ids begin anew."""
        for exchange in self._kept.values():
            self._space.given(exchange)
        self._kept.clear()
        self._count = 0
        self.life += 1

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the exchanges, oldest first."""
        return iter(self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)
