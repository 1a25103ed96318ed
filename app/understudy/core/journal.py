"""The journal: what was asked of a sandbox and what it answered, for tests that verify it.

Decision: an exchange is kept as one string of bytes, and made an object again, with secrets masked, only for whoever asks. Why:
ten thousand of them as objects are half a million pieces of memory, which every request then makes anew and takes apart in
memory that no cache holds (measured over the wire: 28 µs a request; packed, 14).
Refused: a table of the sandbox, which would be written, and committed, with every read.
How many a sandbox keeps is bounded, and so is what all journals of a server hold together.
"""

import heapq
import logging
import marshal
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

from understudy.core.exchange import Exchange
from understudy.core.store import Change

log = logging.getLogger("understudy")

KEPT: Final = 10_000
SPACE: Final = 256 * 1024 * 1024
OVERHEAD: Final = 300  # what an exchange takes beside what it is packed in, roughly
WITHOUT_REFERENCES: Final = 2  # of marshal's formats: nothing in an exchange is there twice
RULES: Final = Exchange._fields.index("rules")
NUMBERED: Final = 100_000  # sets of rules, beyond which each exchange holds its own

SPARE: Final = 64  # a full space gives up so small a part of itself at once

_numbers: dict[tuple[str, ...], int] = {}
_numbered: list[tuple[str, ...]] = []


class Space:
    """How much all journals of a server may hold together; when it is full, the oldest exchanges of all go."""

    def __init__(self, size: int = SPACE) -> None:
        """`size` is in bytes."""
        self.size = size
        self.used = 0
        self.journals: set[Journal] = set()
        self._full = False

    def make_room(self) -> None:
        """Have the oldest exchanges forgotten, whichever journal they are in, until there is some room again."""
        if not self._full:
            self._full = True
            log.warning("the journals are full: the oldest requests are forgotten, as UNDERSTUDY_JOURNAL_BYTES has it")
        goal = self.size - self.size // SPARE
        oldest = [(journal.noted_first(), index, journal) for index, journal in enumerate(self.journals)]
        heapq.heapify(oldest)
        while self.used > goal and oldest:
            _, index, journal = oldest[0]
            journal.remove_first()
            if len(journal):
                heapq.heapreplace(oldest, (journal.noted_first(), index, journal))
            else:
                heapq.heappop(oldest)


class Journal:
    """The exchanges of one sandbox, the newest `keep` of them."""

    def __init__(self, name: str, *, keep: int = KEPT, space: Space | None = None) -> None:
        self.keep = keep
        self._space = space or Space()
        self._kept: OrderedDict[str, bytes] = OrderedDict()  # whose first is found at once, which in a dict that moves on is not
        self.forgotten = 0
        """How many exchanges went because there were too many, since the last `clear`."""
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
        space, packed = self._space, pack(exchange)
        if not self._kept:
            space.journals.add(self)
        self._kept[exchange.id] = packed
        space.used += len(packed) + OVERHEAD
        if len(self._kept) > self.keep:
            self.remove_first()
        if space.used > space.size:
            space.make_room()

    def get(self, number: str) -> Exchange | None:
        """Return the exchange of this id, or None."""
        packed = self._kept.get(number)
        return None if packed is None else unpack(packed)

    def remove(self, number: str) -> bool:
        """Forget an exchange; return whether there was one of this id."""
        packed = self._kept.pop(number, None)
        if packed is None:
            return False
        self._gave(packed)
        return True

    def remove_first(self) -> None:
        """Forget the oldest exchange, for there are too many; there has to be one."""
        self.forgotten += 1
        self._gave(self._kept.popitem(last=False)[1])

    def noted_first(self) -> float:
        """Return when the oldest exchange was noted; there has to be one."""
        return unpack(next(iter(self._kept.values()))).noted

    def forget(self) -> None:
        """Forget every exchange; ids go on."""
        self._space.used -= sum(len(packed) + OVERHEAD for packed in self._kept.values())
        self._space.journals.discard(self)
        self._kept.clear()

    def clear(self) -> None:
        """Forget every exchange; ids begin anew."""
        self.forget()
        self._count = self.forgotten = 0

    def __iter__(self) -> Iterator[Exchange]:
        """Go through the exchanges that there are now, oldest first."""
        return map(unpack, list(self._kept.values()))

    def __reversed__(self) -> Iterator[Exchange]:
        """Go through the exchanges that there are now, newest first."""
        return map(unpack, list(reversed(self._kept.values())))

    def __len__(self) -> int:
        return len(self._kept)

    def _gave(self, packed: bytes) -> None:
        self._space.used -= len(packed) + OVERHEAD
        if not self._kept:
            self._space.journals.discard(self)


def pack(exchange: Exchange) -> bytes:
    """Return an exchange as bytes that this process can read again."""
    changes = [tuple(change) for change in exchange.changes]
    fields: tuple[Any, ...] = (*exchange[:RULES], _number_of(exchange.rules), *exchange[RULES + 1 : -1], changes)
    return marshal.dumps(fields, WITHOUT_REFERENCES)


def _number_of(rules: tuple[str, ...]) -> int | tuple[str, ...]:
    """Return a number for rules that go together: there may be dozens, and the same ones come again and again."""
    number = _numbers.get(rules)
    if number is None:
        if len(_numbered) == NUMBERED:
            return rules
        number = _numbers[rules] = len(_numbered)
        _numbered.append(rules)
    return number


def unpack(packed: bytes) -> Exchange:
    """Return the exchange that was packed."""
    fields = marshal.loads(packed)
    rules = _numbered[fields[RULES]] if isinstance(fields[RULES], int) else fields[RULES]
    changes = tuple(Change(*change) for change in fields[-1])
    return Exchange._make((*fields[:RULES], rules, *fields[RULES + 1 : -1], changes))
