"""Every documented exchange holds against our own server; `understudy verify` holds the same ones against others.

One test for each case: `pytest tests/test_evidence.py -k "cubicl and state"`; the name is vendor, file and case.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from understudy.core.ledger import ledger
from understudy.vendors import VENDORS
from understudy.verify.form import Case
from understudy.verify.loading import BadEvidence, load, vendors_with_evidence
from understudy.verify.running import Run
from understudy.verify.targets import OwnServers

SUITES = {}
UNREADABLE = {}
for vendor in vendors_with_evidence():
    try:
        SUITES[vendor] = load(vendor)
    except BadEvidence as error:
        UNREADABLE[vendor] = str(error)
ROOMS = {vendor.name: vendor for vendor in VENDORS}
CASES = [
    pytest.param(vendor, case, id=f"{vendor}: {case.file}: {case.name}")
    for vendor, suite in SUITES.items()
    for case in suite.cases
]


@pytest.fixture(scope="session")
def servers(cache: Path) -> Iterator[OwnServers]:
    """Servers for all cases: one with the usual settings, and one for each other set of settings that a case needs."""
    with ExitStack() as stack:
        yield OwnServers(stack, cache=cache)


@pytest.mark.parametrize(("vendor", "case"), CASES)
def test_case(vendor: str, case: Case, servers: OwnServers) -> None:
    """All that the case expects is so, and can be looked at."""
    run = Run(suite=SUITES[vendor], target=servers.target(ROOMS[vendor], case.settings))

    checks = run.checks(case)

    wrong = "\n".join(f"{check.rule} {check.result}: {check.explanation}" for check in checks if check.result != "agreed")
    assert not wrong
    assert {check.rule for check in checks} == set(case.rules)


def test_files_can_be_read() -> None:
    """Every file of evidence is in the form that `loading` reads, and every vendor has some."""
    assert not UNREADABLE
    assert SUITES.keys() == ROOMS.keys()


@pytest.mark.parametrize("vendor", SUITES)
def test_rules_are_in_the_ledger(vendor: str) -> None:
    """Evidence tells of rules that there are."""
    known = set(ledger(vendor))

    told = {rule for case in SUITES[vendor].cases for rule in (*case.rules, *case.rests)} | {*SUITES[vendor].ground.general}

    assert sorted(told - known) == []
