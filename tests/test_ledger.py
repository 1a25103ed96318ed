"""The ledgers and the code hold each other: what one names, the other has.

That a test which a rule names has the server follow that rule is held by `rules_check`, over a run of the whole suite.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from understudy.config import Settings
from understudy.core.documented import by_operation
from understudy.core.ledger import GRADES, ledger
from understudy.core.resources import resource
from understudy.vendors import VENDORS

TESTS = Path(__file__).parent
ROOMS = TESTS.parent / "app" / "understudy" / "vendors"
NAMES = [vendor.name for vendor in VENDORS]
ID = re.compile(rf"({'|'.join(NAMES)})(\.[a-z0-9]+(-[a-z0-9]+)*){{2}}")
MEMBERS = {"says", "grade", "source", "operations", "tests", "everywhere", "switch", "unnamed", "as-of"}


@cache
def named(vendor: str) -> frozenset[str]:
    """Return what the code of a room names: every literal in the form of a rule's id."""
    return frozenset(
        node.value
        for path in (ROOMS / vendor).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value)
    )


@cache
def named_in(path: str) -> frozenset[str]:
    """Return the tests of a file, such as `TestGetTask::test_unknown`."""
    return frozenset(_tests(ast.parse((TESTS / path).read_text()).body))


def _tests(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{name}" for name in _tests(node.body))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield node.name


@pytest.mark.parametrize("vendor", NAMES)
class TestLedger:
    """openapi/<vendor>.rules.yaml."""

    def test_form(self, vendor: str) -> None:
        """Every rule has an id of three parts, one sentence, a grade, a source, operations and tests, and nothing unknown."""
        text = resource(f"openapi/{vendor}.rules.yaml").read_text()
        entries = yaml.safe_load(text)["rules"]

        assert len(re.findall(r"^  [a-z][^\s:]*:$", text, re.MULTILINE)) == len(entries), "an id stands there twice"
        for name, entry in entries.items():
            assert ID.fullmatch(name), name
            assert name.startswith(f"{vendor}."), name
            assert entry.keys() <= MEMBERS, name
            assert re.fullmatch(r"\S.{15,}\.", entry["says"]), name
            assert entry["grade"] in GRADES, name
            assert len(entry["source"]) > 3, name
            assert entry["tests"], name

    def test_operations(self, vendor: str) -> None:
        """The operations of a rule are those of the contract, and each operation has rules of its own."""
        entries = yaml.safe_load(resource(f"openapi/{vendor}.rules.yaml").read_text())["rules"]
        operations = by_operation(vendor).keys()

        for name, entry in entries.items():
            assert entry["operations"] == "all" or set(entry["operations"]) <= operations, name
            assert entry["operations"], name
        told = {name for entry in entries.values() if entry["operations"] != "all" for name in entry["operations"]}
        assert operations <= {*told, *(f"{name}Alias" for name in told)}

    def test_switches(self, vendor: str) -> None:
        """A switch is a setting."""
        switches = {rule.switch for rule in ledger(vendor).values() if rule.switch is not None}

        assert switches <= {f"UNDERSTUDY_{name.upper()}" for name in Settings.model_fields}

    def test_tests_are_there(self, vendor: str) -> None:
        """Every test that a rule names exists."""
        for rule in ledger(vendor).values():
            for test in rule.tests:
                path, _, name = test.partition("::")
                assert (TESTS / path).is_file(), f"{rule.id}: {test}"
                assert name in named_in(path), f"{rule.id}: {test}"

    def test_the_code_names_every_rule(self, vendor: str) -> None:
        """Every rule is named where it is decided, or says why it is not; none does both."""
        rules = ledger(vendor).values()

        assert [rule.id for rule in rules if not rule.unnamed and rule.id not in named(vendor)] == []
        assert [rule.id for rule in rules if rule.unnamed and rule.id in named(vendor)] == []

    def test_every_name_is_a_rule(self, vendor: str) -> None:
        """Every rule that the code names is in the ledger."""
        assert sorted(named(vendor) - ledger(vendor).keys()) == []

    def test_inferred_sources(self, vendor: str) -> None:
        """A rule of whose source nothing is known is none that counts as known."""
        for rule in ledger(vendor).values():
            assert rule.grade == "inferred" or not rule.source.startswith("no source"), rule.id
