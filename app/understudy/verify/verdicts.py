"""What became of each check, and of each rule that the checks are about."""

from collections.abc import Iterable, Mapping, Sequence
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
    rule may tell; `reason` is why the rule was not reachable.
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


def outcomes(checks: Iterable[Check]) -> Mapping[str, Outcome]:
    """Return the outcome of each rule that the checks are about.

    A member that is missing is told by the rule that lists members, if one does; the others could not be looked at, then.
    """
    every = list(checks)
    told = {check.found for check in every if check.result == "differed" and not check.lacks and check.found.startswith("no '")}
    by_rule: dict[str, list[Check]] = {}
    for check in every:
        if check.lacks and check.found in told:
            check = replace(check, result="not-reachable", reason=f"the answer has {check.found}, of which another rule tells")
        by_rule.setdefault(check.rule, []).append(check)
    return {rule: Outcome(rule, _result(found), found) for rule, found in by_rule.items()}


def _result(checks: Iterable[Check]) -> Result:
    results = {check.result for check in checks}
    return "differed" if "differed" in results else "agreed" if "agreed" in results else "not-reachable"
