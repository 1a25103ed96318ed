"""Writes what a run found: for people, as JUnit, and as JSON, which is also the proof that can be committed.

The JSON of one vendor is an object, that of several a list of them:

```json
{"vendor": "cubicl", "target": "cubicl.io", "kind": "account", "date": "2026-11-22", "understudy": "1.0.0", "writes": true,
 "rules": {"cubicl.list.order": "differed", "cubicl.state.same-state": "not-reachable"},
 "checks": [{"rule": "cubicl.list.order", "result": "differed", "case": "…", "file": "list", "request": "GET /api/v1/tasks",
             "where": "1", "expected": "…", "found": "…"}],
 "left": [{"made_by": "POST /api/v1/tasks", "reason": "…"}], "without_evidence": ["cubicl.limits.per-minute"]}
```

Of a check that is not reachable `reason` says why; what is empty is left out. `kind` is `account` for a vendor's own server,
and `understudy` for one of ours, however it was addressed; only the former proves anything about the vendor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from xml.etree import ElementTree

import orjson

from understudy.core.ledger import Rule
from understudy.verify.cleaning import Made
from understudy.verify.secrets import Secrets
from understudy.verify.verdicts import Check, Outcome, Result

LABELS: Final[Mapping[Result, str]] = {"agreed": "agreed", "not-reachable": "not reachable", "differed": "differed"}
WIDTH: Final = max(map(len, LABELS.values()))


@dataclass(kw_only=True)
class Report:
    """What a run found out about one vendor at one target."""

    vendor: str
    title: str
    target: str
    kind: str
    date: str
    version: str
    writes: bool
    outcomes: Mapping[str, Outcome]
    ledger: Mapping[str, Rule]
    left: Sequence[Made] = ()
    without_evidence: Sequence[str] = ()
    stopped: str = ""
    """Why the run ended before its end."""
    secrets: Secrets = field(default_factory=Secrets, repr=False)

    def of(self, result: Result) -> list[Outcome]:
        """Return the outcomes with this result, in the order of the ledger."""
        order = {rule: index for index, rule in enumerate(self.ledger)}
        found = [outcome for outcome in self.outcomes.values() if outcome.result == result]
        return sorted(found, key=lambda outcome: order.get(outcome.rule, len(order)))

    def count(self, result: Result) -> int:
        """Return how many rules have this result."""
        return sum(outcome.result == result for outcome in self.outcomes.values())

    def masked(self, text: str) -> str:
        """Return a text without the credentials of the run."""
        return self.secrets.mask(text)

    def explained(self, check: Check) -> str:
        """Return what became of a check in one line."""
        return self.masked(check.explanation)


def lines(report: Report, *, brief: bool = False) -> Iterator[str]:
    """Give the report for people, rule by rule, what differed last; `brief` leaves out the rest of the rules."""
    yield f"{report.title} at {report.masked(report.target)}{'' if report.writes else ', reading only'}"
    if not brief:
        yield from (f"{'no evidence':{WIDTH}}  {rule}" for rule in report.without_evidence)
        yield from (f"{LABELS['agreed']:{WIDTH}}  {outcome.rule}" for outcome in report.of("agreed"))
        for outcome in report.of("not-reachable"):
            yield f"{LABELS['not-reachable']:{WIDTH}}  {outcome.rule}: {report.explained(outcome.checks[0])}"
    for outcome in report.of("differed"):
        yield from _difference(report, outcome)
    for made in report.left:
        yield f"left behind: {report.masked(made.made_by)}: {report.masked(made.reason)}"
    if report.stopped:
        yield f"stopped: {report.masked(report.stopped)}"
    yield _summary(report)


def _difference(report: Report, outcome: Outcome) -> Iterator[str]:
    rule = report.ledger.get(outcome.rule)
    known = f" ({rule.grade}): {rule.says}" if rule else ""
    yield f"{LABELS['differed']:{WIDTH}}  {outcome.rule}{known}"
    for check in outcome.checks:
        if check.result == "differed":
            yield f"{'':{WIDTH}}  {check.file}.yaml, {check.case}: {report.explained(check)}"


def _summary(report: Report) -> str:
    counts = f"{report.count('agreed')} rules agreed, {report.count('differed')} differed, "
    missing = f"; {len(report.without_evidence)} have no evidence" if report.without_evidence else ""
    return f"{report.vendor}: {counts}{report.count('not-reachable')} were not reachable{missing}"


def as_json(reports: Sequence[Report]) -> bytes:
    """Return the reports as indented JSON."""
    documents = [_document(report) for report in reports]
    return orjson.dumps(documents[0] if len(documents) == 1 else documents, option=orjson.OPT_INDENT_2) + b"\n"


def _document(report: Report) -> dict[str, Any]:
    return {
        "vendor": report.vendor,
        "target": report.masked(report.target),
        "kind": report.kind,
        "date": report.date,
        "understudy": report.version,
        "writes": report.writes,
        "stopped": report.masked(report.stopped),
        "rules": {rule: outcome.result for rule, outcome in sorted(report.outcomes.items())},
        "checks": [_check(report, check) for outcome in report.outcomes.values() for check in outcome.checks],
        "left": [{"made_by": report.masked(made.made_by), "reason": report.masked(made.reason)} for made in report.left],
        "without_evidence": list(report.without_evidence),
    }


def _check(report: Report, check: Check) -> dict[str, str]:
    ours = {"rule", "result", "case", "file"}  # these are in our own files, and the same whoever runs it
    told = {name: value for name, value in asdict(check).items() if value and name not in ("lacks", "rests")}
    return {name: value if name in ours else report.masked(value) for name, value in told.items()}


def as_junit(reports: Iterable[Report]) -> bytes:
    """Return the reports as JUnit's XML: a suite for each vendor, a case for each rule."""
    root = ElementTree.Element("testsuites", name="understudy verify")
    for report in reports:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"{report.vendor} at {report.masked(report.target)}",
            tests=str(len(report.outcomes)),
            failures=str(report.count("differed")),
            errors="0",
            skipped=str(report.count("not-reachable")),
            timestamp=report.date,
        )
        for rule, outcome in sorted(report.outcomes.items()):
            _add_case(suite, report, rule, outcome)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add_case(suite: ElementTree.Element, report: Report, rule: str, outcome: Outcome) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=report.vendor, name=rule)
    told = [
        f"{check.file}.yaml, {check.case}: {report.explained(check)}"
        for check in outcome.checks
        if check.result == outcome.result
    ]
    if outcome.result == "differed":
        ElementTree.SubElement(case, "failure", message=_xml(told[0])).text = _xml("\n".join(told))
    elif outcome.result == "not-reachable":
        ElementTree.SubElement(case, "skipped", message=_xml(told[0]))


def _xml(text: str) -> str:
    """Return a text without what XML can't hold."""
    return "".join(letter if letter in "\t\n" or " " <= letter <= "\ud7ff" or letter > "\ue000" else "?" for letter in text)
