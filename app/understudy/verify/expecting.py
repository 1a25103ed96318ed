"""Holds an answer against what a step expects of it, rule by rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from understudy.verify.form import Step
from understudy.verify.matching import Finding, compare
from understudy.verify.paths import Missing, find
from understudy.verify.verdicts import Check, agreed, differed, not_reachable

ASPECTS: Final = frozenset({"status", "header", "text", "empty", "json", "at"})


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` by lower-case name, `document` the JSON of the body or what is `Missing`."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    document: Any
    sent_at: int
    """The target's instant before the request, in milliseconds."""
    request: str
    """Method and path of the request."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def succeeded(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    def kept(self, path: str) -> Any:
        """Return what a step keeps: a value of the body's JSON, `header.<name>`, or `text.`; or what is `Missing`."""
        if path.startswith("header."):
            return self.headers.get(path[7:].lower(), Missing(path))
        if path == "text.":
            return self.text
        return self.document if isinstance(self.document, Missing) else find(self.document, path)


def has_status(answer: Answer, wanted: int | Sequence[int] | None) -> bool:
    """Whether an answer has the status, one of the statuses, or without any, a status of success."""
    if wanted is None:
        return answer.succeeded
    return answer.status in (wanted if isinstance(wanted, list | tuple) else [wanted])


def check(step: Step, expect: Mapping[str, Sequence[Mapping[str, Any]]], answer: Answer) -> Iterator[Check]:
    """Give what became of each rule that a step expects something of; `expect` has its names filled in.

    Where the status is not the one that the rest relies on, only the rule that tells of the status differs.
    """
    wanted = step.wanted_status
    met = has_status(answer, wanted)
    for rule, expectations in expect.items():
        if met or any("status" in expected for expected in expectations):
            yield _checked(rule, expectations, answer)
        else:
            yield not_reachable(rule, f"answered {answer.status}{_beginning(answer)} and not {wanted or 'a success'}")


def _checked(rule: str, expectations: Sequence[Mapping[str, Any]], answer: Answer) -> Check:
    findings: list[Finding] = []
    for expected in expectations:
        for aspect, value in expected.items():
            findings += _ASPECTS[aspect](value, answer)
    if difference := next((finding for finding in findings if finding.kind == "differs"), None):
        return differed(rule, difference.where, difference.expected, difference.found)
    if lack := next((finding for finding in findings if finding.kind == "missing"), None):
        return differed(rule, lack.where, lack.expected, lack.found, lacks=lack.found.member)
    if nothing := next((finding for finding in findings if finding.kind == "nothing"), None):
        return not_reachable(rule, f"{nothing.where or 'the list'} has too few items to tell by")
    return agreed(rule)


def _status(expected: Any, answer: Answer) -> list[Finding]:
    return [] if has_status(answer, expected) else [Finding("differs", "status", expected, answer.status)]


def _header(expected: Mapping[str, Any], answer: Answer) -> list[Finding]:
    findings = []
    for name, value in expected.items():
        found = answer.headers.get(name.lower(), Missing(name))
        findings += [_as_difference(one) for one in compare(value, found, f"header {name}", now=answer.sent_at)]
    return findings


def _as_difference(finding: Finding) -> Finding:
    return Finding("differs", finding.where, finding.expected, finding.found)


def _text(expected: Any, answer: Answer) -> list[Finding]:
    return compare(expected, answer.text, "text")


def _empty(expected: bool, answer: Answer) -> list[Finding]:
    if expected == (not answer.content):
        return []
    return [Finding("differs", "body", "nothing" if expected else "something", answer.text)]


def _json(expected: Any, answer: Answer) -> list[Finding]:
    if isinstance(answer.document, Missing):
        return [Finding("differs", "body", "JSON", answer.text)]
    return compare(expected, answer.document, now=answer.sent_at)


def _at(expected: Mapping[str, Any], answer: Answer) -> list[Finding]:
    if isinstance(answer.document, Missing):
        return [Finding("differs", "body", "JSON", answer.text)]
    findings = []
    for path, value in expected.items():
        findings += compare(value, find(answer.document, path), path, now=answer.sent_at)
    return findings


_ASPECTS: Final = {"status": _status, "header": _header, "text": _text, "empty": _empty, "json": _json, "at": _at}


def _beginning(answer: Answer) -> str:
    return f" ({answer.text[:100]})" if answer.content else ""
