"""What became of each check, and of each rule that the checks are about."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from understudy.verify.paths import Missing

Result = Literal["agreed", "differed", "not-reachable"]
LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class Check:
    """What one case says about one rule.

    `where`, `expected` and `found` tell what differed; `lacks` is the member that was not there to be compared, of which another
    rule may tell; `rests` are the rules that the case rests on; `reason` is why the rule was not reachable.
    """

    rule: str
    result: Result
    case: str = ""
    file: str = ""
    request: str = ""
    where: str = ""
    expected: str = ""
    found: str = ""
    lacks: str = ""
    rests: tuple[str, ...] = ()
    reason: str = ""

    @property
    def explanation(self) -> str:
        """What differed, or why it could not be looked at, in one line."""
        told = self.reason or f"{self.where or 'the body'} is {self.found} and not {self.expected}"
        return f"{told} [{self.request}]" if self.request else told


@dataclass(frozen=True)
class Outcome:
    """What became of a rule: it differed if one check did, and was reached if one was."""

    rule: str
    result: Result
    checks: Sequence[Check]


def agreed(rule: str) -> Check:
    """Return a check that found what it expected."""
    return Check(rule=rule, result="agreed")


def not_reachable(rule: str, reason: str) -> Check:
    """Return a check that could not be made."""
    return Check(rule=rule, result="not-reachable", reason=reason)


def differed(rule: str, where: str, expected: Any, found: Any, *, lacks: str = "") -> Check:
    """Return a check that found something else."""
    return Check(rule=rule, result="differed", where=where, expected=shown(expected), found=shown(found), lacks=lacks)


def shown(value: Any) -> str:
    """Return a value as people read it, in one line of bounded length."""
    if isinstance(value, Missing):
        return repr(value)
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def outcomes(checks: Iterable[Check], *, general: Collection[str] = ()) -> Mapping[str, Outcome]:
    """Return the outcome of each rule that the checks are about.

    One change is told of one rule: what another rule tells already is not reachable, and not different once more. That is a
    member that is missing, where a rule that lists members says so; what differs just as a `general` rule does; and what differs
    in a case that rests on a rule that differs.
    """
    by_rule: dict[str, list[Check]] = {}
    for check in _without_echoes(list(checks), general):
        by_rule.setdefault(check.rule, []).append(check)
    return {rule: Outcome(rule, _result(found), found) for rule, found in by_rule.items()}


def _without_echoes(checks: Sequence[Check], general: Collection[str]) -> Iterator[Check]:
    tellers = _Tellers([check for check in checks if check.result == "differed"], general)
    for check in checks:
        teller = tellers.of(check) if check.result == "differed" else None
        if teller is None:
            yield check
        else:
            yield replace(check, result="not-reachable", reason=f"{check.explanation}, of which {teller} tells", request="")


class _Tellers:
    """Which rule tells already of what differs somewhere."""

    def __init__(self, differing: Sequence[Check], general: Collection[str]) -> None:
        self.general = general
        self.members = {check.found: check.rule for check in differing if not check.lacks and check.found.startswith("no '")}
        self.ways = {self.way(check): check.rule for check in differing if check.rule in general}
        self.bases = {check.rule for check in differing if not check.rests}
        for check in differing:
            if not self.bases.intersection(check.rests):
                self.bases.add(check.rule)

    @staticmethod
    def way(check: Check) -> tuple[str, str, str]:
        """In which way a check differs."""
        return check.where, check.expected, check.found

    def of(self, check: Check) -> str | None:
        """Return the rule that tells of a difference already; None where it is this one's own."""
        if check.lacks and check.found in self.members:
            return self.members[check.found]
        if check.rule not in self.general and self.way(check) in self.ways:
            return self.ways[self.way(check)]
        return next((rule for rule in check.rests if rule in self.bases and rule != check.rule), None)


def _result(checks: Iterable[Check]) -> Result:
    results = {check.result for check in checks}
    return "differed" if "differed" in results else "agreed" if "agreed" in results else "not-reachable"
