"""How a ledger is read, and what reports of `understudy verify` make of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from understudy.core import ledger as module
from understudy.core.ledger import header_of, ledger, proven, rule_named

GUESS = "cubicl.list.interval-half"


def report(date: str, kind: str = "account", **rules: str) -> dict[str, Any]:
    """Return a report about rules of Cubicl, named by the ends of their ids."""
    named = {f"cubicl.list.{name.replace('_', '-')}": result for name, result in rules.items()}
    return {"vendor": "cubicl", "target": "cubicl.io", "kind": kind, "date": date, "rules": named}


class TestProven:
    """What reports prove."""

    def test_agreed(self) -> None:
        """A rule that agreed at an account is proven on that day; one that differed or was not reached is not."""
        found = proven([report("2026-11-20", order="agreed", limit="differed", skip="not-reachable")])

        assert found == {"cubicl.list.order": "2026-11-20"}

    def test_our_own_server_proves_nothing(self) -> None:
        """What agrees at an Understudy says nothing about the vendor."""
        assert proven([report("2026-11-20", "understudy", order="agreed")]) == {}

    def test_latest_word_counts(self) -> None:
        """Reports come in any order; the later one has the last word, but for what it did not reach."""
        later = report("2026-11-22", order="differed", limit="agreed", skip="not-reachable")
        earlier = report("2026-11-21", order="agreed", limit="differed", skip="agreed")

        for reports in ([later, earlier], [earlier, later]):
            assert proven(reports) == {"cubicl.list.limit": "2026-11-22", "cubicl.list.skip": "2026-11-21"}


class TestPromotion:
    """A report under fixtures/<vendor>/proofs."""

    def test_promotes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule that is proven is verified, and no longer counts as unproven; its grade still tells where it comes from."""
        assert ledger("cubicl")[GUESS].counts
        other = report("2026-11-21", interval_half="differed") | {"vendor": "cotalker"}
        (tmp_path / "proof.json").write_text(json.dumps([other, report("2026-11-20", interval_half="agreed")]))
        real = module.resource
        monkeypatch.setattr(module, "resource", lambda path: tmp_path if path == "fixtures/cubicl/proofs" else real(path))

        promoted = ledger.__wrapped__("cubicl")[GUESS]

        assert promoted.verified == "2026-11-20"
        assert not promoted.counts
        assert promoted.grade == "inferred"


def test_a_rule_that_no_ledger_has() -> None:
    """It is a bug of ours, and counts as unproven rather than being passed over."""
    assert rule_named("cubicl.no.such-rule").counts
    assert header_of(("cubicl.no.such-rule",)) == b"cubicl.no.such-rule;grade=inferred"
