"""Reads a vendor's ledger: every behaviour as a rule, with how it is known.

It is read when somebody asks for it, not at start: requests only carry the ids of rules. What `understudy verify` found at an
account of the vendor's, a report in JSON under `fixtures/<vendor>/proofs`, promotes the rules that agreed there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from understudy.core.resources import resource

Grade = Literal["documented", "client", "inferred"]
GRADES: Final[tuple[Grade, ...]] = ("documented", "client", "inferred")


@dataclass(frozen=True, slots=True)
class Rule:
    """One behaviour of a vendor.

    `grade` is how it is known: from the vendor's pages (`documented`), from clients that run against the vendor (`client`), or
    from nothing but likelihood (`inferred`); `source` is where. `as_of` is the day on which that was last looked at, ISO 8601.
    `operations` are operationIds; `everywhere` marks what shapes the form of nearly every answer, so that no request can do
    without it. `switch` is the setting that changes it. `tests` hold it, seen from the directory `tests`. `unnamed` is why the
    code does not name it, empty where it does. `verified` is the day on which the vendor's own server was last seen to follow it,
    None where nobody has looked, or it did not.
    """

    id: str
    says: str
    grade: Grade
    source: str
    operations: tuple[str, ...]
    tests: tuple[str, ...]
    as_of: str
    everywhere: bool = False
    switch: str | None = None
    unnamed: str = ""
    verified: str | None = None

    @property
    def vendor(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    @property
    def counts(self) -> bool:
        """Whether a request that relied on it relied on something that nobody has proven and that it could have done without."""
        return self.grade == "inferred" and not self.everywhere and self.verified is None


@cache
def ledger(vendor: str) -> Mapping[str, Rule]:
    """Return the rules of a vendor by id, in the order of `openapi/<vendor>.rules.yaml`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed: dict[str, Any] = yaml.load(resource(f"openapi/{vendor}.rules.yaml").read_bytes(), loader)
    every, seen = tuple(_operations(vendor)), proven(_proofs(vendor))
    return {name: _rule(name, entry, every, str(parsed["as-of"]), seen.get(name)) for name, entry in parsed["rules"].items()}


def rule_named(name: str) -> Rule:
    """Return the rule of this id; one that no ledger has, a bug of ours, counts as inferred."""
    vendor = name.partition(".")[0]
    found = ledger(vendor).get(name)
    return found or Rule(name, "This rule is missing from the ledger.", "inferred", "no source", (), (), "")


@lru_cache(maxsize=4096)  # the same rules go together again and again
def header_of(rules: tuple[str, ...]) -> bytes:
    """Write rules as a header: a list of RFC 8941, each with its grade, such as `vendor.list.order;grade=inferred`."""
    return ", ".join(f"{rule};grade={rule_named(rule).grade}" for rule in rules).encode()


def matches(rule: str, patterns: Iterable[str]) -> bool:
    """Whether the id of a rule fits one of the patterns, such as `vendor.list.*`."""
    return any(fnmatchcase(rule, pattern) for pattern in patterns)


def proven(reports: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the rules that agreed at a vendor's own server, with the day; the latest report has the last word on a rule."""
    found: dict[str, tuple[str, str]] = {}
    for report in sorted(reports, key=lambda report: report["date"]):
        if report["kind"] == "account":
            found |= {rule: (what, report["date"]) for rule, what in report["rules"].items() if what != "not-reachable"}
    return {rule: date for rule, (what, date) in found.items() if what == "agreed"}


def _proofs(vendor: str) -> Iterable[Mapping[str, Any]]:
    try:
        place: Path = resource(f"fixtures/{vendor}/proofs")
    except FileNotFoundError:
        return
    for path in place.glob("*.json"):
        found = orjson.loads(path.read_bytes())
        yield from (report for report in (found if isinstance(found, list) else [found]) if report["vendor"] == vendor)


def _operations(vendor: str) -> Iterable[str]:
    from understudy.core.documented import by_operation

    return by_operation(vendor)


def _rule(name: str, entry: Mapping[str, Any], every: tuple[str, ...], as_of: str, verified: str | None) -> Rule:
    operations = entry["operations"]
    # An operation may stand under a second path, too, and then has `Alias` at the end of its name there.
    given = every if operations == "all" else [name for one in operations for name in (one, f"{one}Alias") if name in every]
    return Rule(
        id=name,
        says=entry["says"],
        grade=entry["grade"],
        source=entry["source"],
        operations=tuple(given),
        tests=tuple(entry["tests"]),
        as_of=str(entry.get("as-of", as_of)),
        everywhere=bool(entry.get("everywhere", False)),
        switch=entry.get("switch"),
        unnamed=entry.get("unnamed", ""),
        verified=verified,
    )
