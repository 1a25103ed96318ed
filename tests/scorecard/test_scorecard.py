"""The list of failures that stay is sound, the README shows it, and a short run of the fuzzer finds no other."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemathesis.checks import CHECKS, load_all_checks

from contract_check import operations
from scorecard.fuzzing import fuzz
from scorecard.listed import Entry, Found, entries, entry, entry_for, report, table
from understudy.vendors import VENDORS

README = (Path(__file__).parents[2] / "README.md").read_text()
NAMES = [vendor.name for vendor in VENDORS]

FOUND = Found(
    vendor="cubicl",
    operation="createTask",
    checks=("positive_data_acceptance",),
    status=422,
    method="POST",
    answer='{"code":503}',
    failure="Schema-valid request rejected",
)
ENTRY: dict[str, Any] = {
    "vendor": "cubicl",
    "operations": ["createTask", "updateTask"],
    "check": "positive_data_acceptance",
    "when": {"status": 422, "method": "POST", "answer": "503", "failure": "rejected$"},
    "reason": "The project has no such state.",
}


class TestEntry:
    """What an entry says of a failure."""

    def test_fits(self) -> None:
        """It fits a failure for which all of it holds."""
        assert entry(ENTRY).fits(FOUND)

    @pytest.mark.parametrize(
        "other",
        [
            {"vendor": "cotalker"},
            {"operation": "deleteTask"},
            {"checks": ("not_a_server_error",)},
            {"status": 400},
            {"method": "PUT"},
            {"answer": ""},
            {"failure": "Schema-valid request rejected twice"},
        ],
    )
    def test_fits_nothing_else(self, other: dict[str, Any]) -> None:
        """It does not fit where one thing is otherwise."""
        assert not entry(ENTRY).fits(replace(FOUND, **other))

    def test_of_every_operation(self) -> None:
        """Without operations it is about all of them, but of its vendor only."""
        written = {name: value for name, value in ENTRY.items() if name != "operations"}

        assert entry(written).fits(replace(FOUND, operation="deleteTask"))
        assert not entry(written).fits(replace(FOUND, vendor="groupcamp"))

    @pytest.mark.parametrize("when", [{}, {"stauts": 422}])
    def test_needs_a_condition(self, when: dict[str, Any]) -> None:
        """One without a condition, or with one that is none, is no entry."""
        with pytest.raises(ValueError, match="`when` needs some of"):
            entry({**ENTRY, "when": when})


class TestList:
    """exceptions.yaml."""

    @pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.vendor}-{entry.check}-{entry.condition()}"[:80])
    def test_is_sound(self, entry: Entry) -> None:
        """Vendor, operations and check are there, the expressions can be read, and the reason is a sentence."""
        load_all_checks()

        assert entry.vendor in NAMES
        assert set(entry.operations) <= {operation.id for operation in operations(entry.vendor)}
        assert entry.check in CHECKS.get_all_names()
        assert entry.status or entry.failure
        for expression in (entry.answer, entry.failure):
            assert expression is None or re.compile(expression)
        assert entry.reason.endswith(".")

    def test_says_nothing_twice(self) -> None:
        """No two entries are about the same."""
        assert len({replace(entry, reason="") for entry in entries()}) == len(entries())

    def test_an_unlisted_failure(self) -> None:
        """A failure that no entry fits has none."""
        assert entry_for(replace(FOUND, checks=("use_after_free",), status=200)) is None

    def test_what_was_not_met_is_noticed(self) -> None:
        """The report of a run marks the entries that fitted nothing."""
        first, *rest = list(report("cubicl", {}))[1:]
        place = next(place for place, entry in enumerate(entries()) if entry.vendor == "cubicl")

        assert all(line.lstrip().startswith("NEVER ") for line in (first, *rest))
        assert list(report("cubicl", {str(place): 7}))[1] == first.replace("NEVER", "    7")

    def test_readme(self) -> None:
        """The README shows the list as it is."""
        shown = README.split("<!-- scorecard -->")[1].split("<!-- /scorecard -->")[0].strip()

        assert shown == table()


@pytest.mark.parametrize("vendor", NAMES)
def test_examples_of_the_contract(vendor: str) -> None:
    """What the contract files give as examples passes every check; `.ci/run` goes through all phases."""
    assert fuzz(vendor, seed=1, examples=1, options=["--phases", "examples"]) == 0
