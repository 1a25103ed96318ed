"""Remembers which test had the server follow which rule of a ledger, and holds the ledger's `tests` against it.

A rule that no test it names has followed is one that those tests can't hold.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from understudy.core import provenance
from understudy.core.exchange import Exchange
from understudy.core.ledger import ledger
from understudy.vendors import VENDORS

FOLLOWED: defaultdict[str, set[str]] = defaultdict(set)
"""For each rule the tests under which it was followed: paths seen from `tests`, without parameters."""
UNRULED: set[str] = set()
"""Answers that follow no rule."""
running = ""


class Recorded(list[str]):
    """The rules of the answer under way, of which the test that runs is told."""

    def extend(self, rules: Iterable[str]) -> None:
        """Take up rules as a list does."""
        for rule in rules:
            self.append(rule)
            if running:
                FOLLOWED[rule].add(running)


def record() -> None:
    """Have every thread that begins from now on, and this one, tell what it follows."""
    provenance.Noted.kind = Recorded
    provenance._noted = provenance.Noted()


def note(exchange: Exchange) -> None:
    """Remember an answer of a vendor that follows no rule, though somebody must have decided it."""
    ours = exchange.faults or exchange.status in (500, 501)
    if not exchange.rules and not ours:
        UNRULED.add(f"{exchange.vendor} {exchange.operation} {exchange.status} {exchange.refusal or ''} in {running}")


def name_of(item: pytest.Item) -> str:
    """Return how a ledger names a test."""
    return item.nodeid.partition("[")[0].removeprefix("tests/")


def unheld() -> Iterator[str]:
    """Yield the rules that no test they name has followed."""
    for vendor in VENDORS:
        for rule in ledger(vendor.name).values():
            if not rule.unnamed and not FOLLOWED[rule.id] & set(rule.tests):
                yield f"{rule.id} by {', '.join(rule.tests)}"
