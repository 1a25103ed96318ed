"""One run of `understudy verify`: which cases, against what, and what comes out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import understudy
from understudy.core.ledger import ledger
from understudy.core.vendor import Vendor
from understudy.verify.filling import Names, Unfilled
from understudy.verify.form import Case, Suite
from understudy.verify.reports import Report
from understudy.verify.requests import request_for
from understudy.verify.running import Run
from understudy.verify.secrets import Secrets
from understudy.verify.target import CannotReach, Credential, StopsUs, Target
from understudy.verify.verdicts import Check, not_reachable, outcomes

INTERRUPTED: Final = "interrupted"
SILENCE: Final = 5
"""After how many unanswered requests in a row a target counts as gone."""


class CannotRun(Exception):
    """There is nothing that could be verified, or nothing to do it with; the message is for the user."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user wants of a run."""

    rules: Sequence[str] = ()
    """Patterns of ids; none is all."""
    writes: bool = False
    lasting: bool = False
    limit: int = 500
    given: Mapping[str, Any] = field(default_factory=dict)
    progress: Callable[[int, int, str], None] = lambda done, all_of_them, case: None

    def wants(self, rule: str) -> bool:
        """Whether a rule is asked for."""
        return not self.rules or any(fnmatchcase(rule, pattern) for pattern in self.rules)


def verify(suite: Suite, vendor: Vendor, wishes: Wishes, target_for: Callable[[Case], Target]) -> Report:
    """Run the cases of a vendor; `target_for` gives the target of each.

    Ends early, with what was found so far, when the user interrupts or the target is silent.
    """
    cases = [case for case in suite.cases if any(map(wishes.wants, case.rules))]
    if not cases:
        raise CannotRun(f"no evidence of {vendor.name} tells of {', '.join(wishes.rules) or 'anything'}")
    runs: dict[int, Run] = {}
    checks: list[Check] = []
    secrets = Secrets()
    stopped = ""
    target = target_for(cases[0])
    for index, case in enumerate(cases):
        wishes.progress(index, len(cases), case.name)
        try:
            target = target_for(case)
            run = runs.setdefault(id(target), _run(suite, target, wishes))
            checks += run.checks(case)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        else:
            stopped = "the target does not answer" if run.silent >= SILENCE else ""
        if stopped:
            rest = cases[index + (stopped != INTERRUPTED) :]
            checks += [_unreached(rule, one, stopped) for one in rest for rule in one.rules]
            break
    wishes.progress(len(cases), len(cases), "")
    for run in runs.values():
        secrets.add(run.target.secrets.texts)
    found = {rule: outcome for rule, outcome in outcomes(checks, general=suite.ground.general).items() if wishes.wants(rule)}
    covered = {rule for case in suite.cases for rule in case.rules}
    rules = ledger(vendor.name)
    return Report(
        vendor=vendor.name,
        title=vendor.title,
        target=target.host,
        kind="understudy" if target.sandbox is not None or target.is_understudy else "account",
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        version=understudy.__version__,
        writes=wishes.writes or target.sandbox is not None,
        outcomes=found,
        ledger=rules,
        left=[made for run in runs.values() for made in run.left],
        without_evidence=[rule for rule in rules if wishes.wants(rule) and rule not in covered],
        stopped=stopped,
        secrets=secrets,
    )


def _run(suite: Suite, target: Target, wishes: Wishes) -> Run:
    return Run(suite=suite, target=target, writes=wishes.writes, lasting=wishes.lasting, given=wishes.given, limit=wishes.limit)


def _unreached(rule: str, case: Case, reason: str) -> Check:
    return replace(not_reachable(rule, reason), case=case.name, file=case.file)


def log_in(suite: Suite, target: Target) -> list[str]:
    """Turn credentials that can't be sent as they are into some that can, and leave out those that the target refuses.

    Returns what went wrong, a line for each role.
    """
    login, problems = suite.ground.login, []
    whole: dict[str, Credential] = {}
    for role, credential in target.credentials.items():
        lacking = [kind for kind in suite.ground.kinds if kind not in credential]
        if not lacking:
            whole[role] = credential
            continue
        if login is None or any(kind not in credential for kind in login.kinds):
            problems.append(f"the credentials of {role} lack {', '.join(lacking)}")
        else:
            try:
                whole[role] = _logged_in(suite, target, credential)
            except (CannotReach, StopsUs, Unfilled, CannotRun) as error:
                problems.append(target.secrets.mask(f"the login of {role} failed: {error}"))
    target.credentials = whole
    return problems + _refused(suite, target)


def _refused(suite: Suite, target: Target) -> list[str]:
    """Try each credential, and leave out those that are no good."""
    problems = []
    for role, step in suite.ground.check.items():
        if role not in target.credentials:
            continue
        request = request_for(step, target, Names({}, now=target.now), credential=target.credentials[role], headers={})
        try:
            status = target.send(request, patient=True).status_code
        except (CannotReach, StopsUs) as error:
            raise CannotRun(f"{target.host}: {error}") from error
        if status == 401:
            problems.append(f"the credentials of {role} are refused with 401")
            target.credentials = {name: value for name, value in target.credentials.items() if name != role}
    return problems


def _logged_in(suite: Suite, target: Target, credential: Credential) -> Credential:
    assert suite.ground.login is not None
    step = suite.ground.login.step
    parts = {f"credential.{kind}": value for kind, value in credential.items()}
    request = request_for(step, target, Names(parts, now=target.now), credential=None, headers={})
    answer = target.read(request, target.send(request, patient=True), 0)
    kept = {name: answer.kept(path) for name, path in step.keep.items()}
    if not answer.succeeded or not all(isinstance(value, str) for value in kept.values()):
        raise CannotRun(f"answered {answer.status}")
    whole = {**credential, **kept}
    target.keep_secret(whole)
    return whole
