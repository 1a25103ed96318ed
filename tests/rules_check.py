"""Remembers which test had the server follow which rule of a ledger, and holds the ledger's `tests` against it.

A rule that no test it names has followed is one that those tests can't hold.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pytest

from understudy.config import Settings
from understudy.core import provenance
from understudy.core.exchange import Exchange
from understudy.core.ledger import ledger
from understudy.core.vendor import Observer, Vendor
from understudy.core.vendor_app import VendorApp
from understudy.vendors import VENDORS

MAKE = VendorApp.__init__

FOLLOWED: defaultdict[str, set[str]] = defaultdict(set)
"""For each rule the tests under which it was followed: paths seen from `tests`, without parameters."""
UNRULED: set[str] = set()
"""Answers that follow no rule."""
ELSEWHERE: set[str] = set()
"""Rules that an operation followed which their ledger does not name beside them."""
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
    """Have every thread that begins from now on, and this one, tell what it follows, and every server its exchanges."""
    provenance.Noted.kind = Recorded
    provenance._noted = provenance.Noted()
    VendorApp.__init__ = observed  # type: ignore[method-assign]  # every server of the run, whoever starts it


def observed(app: VendorApp, vendor: Vendor, settings: Settings, observers: Sequence[Observer] = ()) -> None:
    """Make a vendor's application, of whose exchanges `note` hears."""
    MAKE(app, vendor, settings, (*observers, note) if settings.provenance else observers)


def note(exchange: Exchange) -> None:
    """Remember an answer that follows no rule, though somebody must have decided it, and rules met where none is told."""
    if exchange.faults:  # which write rows, and so follow rules that are none of the operation's
        return
    if not exchange.rules and exchange.status not in (500, 501):
        UNRULED.add(f"{exchange.vendor} {exchange.operation} {exchange.status} {exchange.refusal or ''} in {running}")
    rules = ledger(exchange.vendor)
    for rule in exchange.rules:
        if exchange.operation and rule in rules and exchange.operation not in rules[rule].operations:
            ELSEWHERE.add(f"{rule} by {exchange.operation}")


def name_of(item: pytest.Item) -> str:
    """Return how a ledger names a test."""
    return item.nodeid.partition("[")[0].removeprefix("tests/")


def unheld() -> Iterator[str]:
    """Yield the rules that no test they name has followed."""
    for vendor in VENDORS:
        for rule in ledger(vendor.name).values():
            if not rule.unnamed and not FOLLOWED[rule.id] & set(rule.tests):
                yield f"{rule.id} by {', '.join(rule.tests)}"
