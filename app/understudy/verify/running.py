"""Runs the cases against a target: preparations, steps, checks, and the removal of what they made."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import httpx2
import orjson
from pydantic import TypeAdapter

from understudy.client import UnderstudyError
from understudy.verify.cleaning import Made, Traces
from understudy.verify.expecting import Answer, check, has_status
from understudy.verify.filling import Names, Unfilled, fill
from understudy.verify.form import Case, Step, Suite, Undo
from understudy.verify.loading import expanded, is_write
from understudy.verify.paths import Missing
from understudy.verify.requests import NoCredentials, credential_of, path_of, request_for
from understudy.verify.target import CannotReach, Credential, StopsUs, Target
from understudy.verify.verdicts import Check, not_reachable

TOO_MANY: Final = 429


class NotReachable(Exception):
    """The rules of a case, from some step on, can't be looked at; the message says why."""


@dataclass(kw_only=True)
class Run:
    """One run of a vendor's cases. `writes` lets cases change things, `lasting` even where they can't be removed again."""

    suite: Suite
    target: Target
    writes: bool = False
    lasting: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the user knows: `--set group=…`."""
    limit: int = 500
    """How many records may be made at a real vendor."""
    left: list[Made] = field(default_factory=list)
    """What could not be removed."""
    made: int = 0
    silent: int = 0
    """How many requests in a row were not answered at all."""
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What preparations found at a real vendor, where the next case finds the same."""

    def checks(self, case: Case) -> list[Check]:
        """Return what a case says about each of its rules. Whatever happens, what it made is removed."""
        running = _Running(self, case)
        try:
            found = list(running.checks())
        finally:
            try:
                running.traces.remove()
            finally:
                self.left += running.traces.left
        return [replace(one, case=case.name, file=case.file, rests=tuple(case.rests)) for one in found]

    @property
    def is_understudy(self) -> bool:
        """Whether the target does what no vendor can."""
        return self.target.sandbox is not None


class _Running:
    """One case on its way."""

    def __init__(self, run: Run, case: Case) -> None:
        self.run, self.case, self.target = run, case, run.target
        self.ground = run.suite.ground
        known = {**self.ground.values, "unique": f"verify-{secrets.token_hex(5)}", "base": self.target.url}
        self.names = Names({**known, **run.given}, now=self.target.now)
        self.traces = Traces(self.ground, send=self.remove)

    def checks(self) -> Iterator[Check]:
        """Give the checks of all steps; those that are not reached, with the reason."""
        index = 0
        try:
            self.prepare()
            for index, step in enumerate(self.case.steps):
                answer = self.answer(step, self.case.role, self.case.headers)
                reason = self.learn(step, answer)
                yield from self.checked(step, answer)
                if reason:
                    yield from self.unreached(self.case.steps[index + 1 :], reason)
                    return
        except NotReachable as error:
            yield from self.unreached(self.case.steps[index:], str(error))
        except UnderstudyError as error:
            yield from self.unreached(self.case.steps[index:], f"the Understudy says: {error}")

    def unreached(self, steps: Sequence[Step], reason: str) -> Iterator[Check]:
        """Give a check that could not be made for each rule of some steps."""
        for rule in dict.fromkeys(rule for step in steps for rule in step.expect):
            yield not_reachable(rule, self.target.secrets.mask(reason))

    def prepare(self) -> None:
        """Carry out what is given; raise `NotReachable`."""
        if different := {name for name, value in self.case.settings.items() if self.target.settings.get(name) != value}:
            raise NotReachable(f"needs a server of our own with another {', '.join(sorted(different))}")
        steps = list(self.preparations())
        self.admit([*steps, *self.case.steps])
        if self.target.sandbox is not None:
            self.target.sandbox.reset()
        for step in steps:
            self.carry_out_preparation(step)

    def preparations(self) -> Iterator[Step]:
        """Give the steps before the case's own, but for those that find what the user has told."""
        for step in expanded(self.case.given, self.ground, self.run.is_understudy, self.case.name):
            told = step.shared and step.keep and step.keep.keys() <= self.run.given.keys()
            if not told or is_write(step, self.ground) or step.needs_understudy:
                yield step

    def admit(self, steps: Iterable[Step]) -> None:
        """Refuse to begin what can't be brought to its end here."""
        if self.run.is_understudy:
            return
        for step in steps:
            if step.needs_understudy:
                raise NotReachable("only an Understudy can be prepared for it")
            if not is_write(step, self.ground):
                continue
            if not self.run.writes:
                raise NotReachable("it writes, which --write allows")
            undo = self.traces.undo_for(step.method, (step.request or "").partition(" ")[2])
            if undo is not None and undo.request is None and not self.run.lasting:
                raise NotReachable("it makes what the API can't remove, which --lasting allows")

    def carry_out_preparation(self, step: Step) -> None:
        """Carry out a step that a case needs; raise `NotReachable` where it fails."""
        key = self.memory_key(step)
        if key in self.run.found:
            self.names.update(self.run.found[key])
            return
        answer = self.answer(step, None, {})
        if not has_status(answer, step.status):
            text = f" ({answer.text[:100]})" if answer.content else ""
            raise NotReachable(f"its preparation {answer.request} was answered {answer.status}{text}")
        if reason := self.learn(step, answer):
            raise NotReachable(f"its preparation {reason}")
        if key:
            self.run.found[key] = {name: self.names[name] for name in step.keep}

    def memory_key(self, step: Step) -> str:
        """Return by what a finding is remembered for the next case; nothing where it may be another one then."""
        if self.run.is_understudy or is_write(step, self.ground):
            return ""
        try:
            return repr((fill([step.request, step.query, step.headers, step.json], self.names), step.role, step.keep))
        except Unfilled:
            return ""

    def learn(self, step: Step, answer: Answer) -> str:
        """Keep what a step keeps; return why the case can't go on, or nothing."""
        if not has_status(answer, step.wanted_status):
            return f"{answer.request} was answered {answer.status}"
        for name, path in step.keep.items():
            value = answer.kept(fill(path, self.names))
            if isinstance(value, Missing):
                return f"{answer.request}: the answer has {value!r}"
            self.names[name] = value
        return ""

    def checked(self, step: Step, answer: Answer) -> list[Check]:
        """Return what an answer says about the rules of its step, without secrets."""
        try:
            expect = fill(step.expect, self.names)
        except Unfilled as error:
            return [not_reachable(rule, f"{error} is not known") for rule in step.expect]
        mask = self.target.secrets.mask
        return [
            replace(one, request=answer.request, expected=mask(one.expected), found=mask(one.found), reason=mask(one.reason))
            for one in check(step, expect, answer)
        ]

    def answer(self, step: Step, role: Any, headers: Mapping[str, Any]) -> Answer:
        """Carry out a step as its role, or else as another one; raise `NotReachable`."""
        try:
            if step.setup is not None or step.clock is not None:
                return self.steer(step)
            if step.admin is not None:
                return self.look_behind(step)
            who = step.role or role or self.ground.roles[0]
            for _ in range(step.times - 1):
                self.send(step, who, headers)
            return self.send(step, who, headers)
        except Unfilled as error:
            what = self.ground.asked.get(str(error))
            raise NotReachable(f"{error} is not known; --set {error}=… ({what})" if what else f"{error} is not known") from error
        except NoCredentials as error:
            raise NotReachable(f"no credentials of {error}") from error
        except (CannotReach, StopsUs) as error:
            self.run.silent += 1
            raise NotReachable(str(error)) from error

    def steer(self, step: Step) -> Answer:
        """Do what only an Understudy can do."""
        assert self.target.sandbox is not None
        if step.setup is not None:
            body = fill(step.json or {}, self.names)
            document: Any = self.target.sandbox.act(self.target.vendor.name, step.setup, **body)
            return _told(document, f"set-up action {step.setup}")
        clock, text = self.target.sandbox.clock, str(fill(step.clock, self.names))
        if text.startswith("P"):
            clock.advance(TypeAdapter(timedelta).validate_python(text))
        else:
            clock.freeze(text)
        return _told({}, f"clock {text}")

    def look_behind(self, step: Step) -> Answer:
        """Ask the control plane of an Understudy."""
        assert self.target.sandbox is not None
        request = self.target.http.build_request(
            step.method,
            f"{self.target.url.rpartition('/')[0]}/__admin{path_of(step, self.names)}",
            content=orjson.dumps(fill(step.json, self.names)) if step.has_json else None,
            headers={"Content-Type": "application/json"} if step.has_json else {},
        )
        if self.target.admin_token:
            request.headers["Authorization"] = f"Bearer {self.target.admin_token}"
        return self.target.read(request, self.target.send(request, patient=False), self.target.now())

    def send(self, step: Step, role: Any, headers: Mapping[str, Any]) -> Answer:
        """Send the request of a step, and remember what it makes at a real vendor."""
        credential = credential_of(self.target, role, self.names)
        request = request_for(step, self.target, self.names, credential=credential, headers=headers)
        sent_at = self.target.now() if _looks_at_time(step) else 0
        undo = None if self.run.is_understudy else self.watch(step, request)
        shown = self.target.shown(request)
        try:
            response = self.target.send(request, patient=step.wanted_status != TOO_MANY)
        except BaseException as error:
            if undo is not None and not isinstance(error, StopsUs) and getattr(error, "may_have_read", True):
                self.traces.doubt(shown, str(error) or type(error).__name__)
            raise
        answer = self.target.read(request, response, sent_at)
        self.run.silent = 0
        if undo is not None and answer.succeeded:
            self.run.made += 1
            self.traces.note(undo, _path(request, self.target), answer.document, role=role, shown=shown)
        return answer

    def watch(self, step: Step, request: httpx2.Request) -> Undo | None:
        """Return how what a request makes at a real vendor is removed; refuse one that would change what is not ours."""
        path = _path(request, self.target)
        undo = self.traces.undo_for(request.method, path)
        if undo is not None and self.run.made >= self.run.limit:
            raise NotReachable(f"{self.run.limit} records have been made, the most that may be")
        if undo is None and is_write(step, self.ground) and not self.traces.owns(path):
            raise NotReachable("it would change what it has not made itself")
        return undo

    def remove(self, step: Step, role: Any) -> int:
        """Carry out the removal of something made; return the answer's status."""
        credential: Credential | None = credential_of(self.target, role, self.names)
        request = request_for(step, self.target, self.names, credential=credential, headers=self.case.headers)
        return self.target.send(request, patient=True).status_code


def _told(document: Any, request: str) -> Answer:
    return Answer(200, {}, b"", document, 0, request)


def _path(request: httpx2.Request, target: Target) -> str:
    return str(request.url).removeprefix(target.url)


def _looks_at_time(step: Step) -> bool:
    return "$now" in repr(step.expect)
