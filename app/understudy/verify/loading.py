"""Reads `fixtures/<vendor>/evidence/*.yaml`, and says in one line what is wrong with a file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import yaml

from understudy.core.resources import resource
from understudy.verify.expecting import ASPECTS
from understudy.verify.filling import BUILT_IN, names_in
from understudy.verify.form import NOBODY, SAFE, Case, Given, Ground, Login, Step, Suite, Undo, Wish
from understudy.verify.matching import misspelt

GROUND: Final = "_given.yaml"
RULE: Final = re.compile(r"[a-z]+(\.[a-z0-9-]+){2}")
WISH: Final = re.compile(r"([\w-]+)(?: as (\w+))?")
STEP_KEYS: Final = {one.name for one in fields(Step)} - {"has_json", "role", "shared"} | {"as"}
KINDS_OF_STEP: Final = ("request", "setup", "clock", "admin")
CASE_KEYS: Final = STEP_KEYS | {"case", "source", "given", "then", "settings", "rests"}
FILE_KEYS: Final = {"source", "cases", "as", "headers", "given", "settings"}
GROUND_KEYS: Final = {"credentials", "values", "asked", "given", "undo", "harmless", "general"}


class BadEvidence(ValueError):
    """A file of evidence that can't be understood; the message says where and why."""


_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc]  # the parser in C, where there is one, is ten times as fast
    """YAML in which only `true` and `false` are truth values, nothing is a date, and 12:30 is no number."""


_REPLACED: Final = {
    "tag:yaml.org,2002:bool": (re.compile(r"true|false"), "tf"),
    "tag:yaml.org,2002:int": (re.compile(r"-?\d+"), "-0123456789"),
    "tag:yaml.org,2002:float": (re.compile(r"-?\d+\.\d+"), "-0123456789"),
    "tag:yaml.org,2002:timestamp": (None, ""),
}
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, (_pattern, _letters) in _REPLACED.items():
    if _pattern is not None:
        _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern.pattern})$"), list(_letters))


def vendors_with_evidence() -> list[str]:
    """Return the vendors of whom there is evidence."""
    return sorted(path.parents[1].name for path in resource("fixtures").glob(f"*/evidence/{GROUND}"))


def load(vendor: str, folder: Path | None = None) -> Suite:
    """Return all evidence about a vendor, in the order of files and cases; raise `BadEvidence`."""
    place = folder or resource(f"fixtures/{vendor}/evidence")
    ground = _ground(_read(place / GROUND))
    cases: list[Case] = []
    for path in sorted(place.glob("*.yaml")):
        if not path.name.startswith("_"):
            cases += _Reader(vendor, ground, path).cases()
    return Suite(vendor=vendor, ground=ground, cases=cases)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_bytes(), _Loader)
    except (OSError, yaml.YAMLError) as error:
        raise BadEvidence(f"{path.name}: {error}") from error
    if not isinstance(document, dict):
        raise BadEvidence(f"{path.name}: a mapping is expected")
    return document


def _ground(document: Mapping[str, Any]) -> Ground:
    known(document, GROUND_KEYS, GROUND)
    credentials = document["credentials"]
    given = {name: _given(name, entry) for name, entry in document.get("given", {}).items()}
    login = credentials.get("login")
    return Ground(
        roles=credentials["roles"],
        kinds=credentials["needs"],
        login=login and Login(kinds=login["needs"], step=step(without(login, "needs"), f"{GROUND}: login")),
        defaults=credentials.get("defaults", {}),
        check=_check(credentials),
        values=document.get("values", {}),
        asked=document.get("asked", {}),
        given=given,
        undo=[_undo(template, entry) for template, entry in document.get("undo", {}).items()],
        general=document.get("general", ()),
        harmless=[_template(one) for one in document.get("harmless", [])],
    )


def _check(credentials: Mapping[str, Any]) -> dict[str, Step]:
    asked = credentials.get("check", {})
    by_role = asked if isinstance(asked, dict) else dict.fromkeys(credentials["roles"], asked)
    return {role: step({"request": request}, f"{GROUND}: check") for role, request in by_role.items()}


def _given(name: str, entry: Mapping[str, Any]) -> Given:
    where = f"{GROUND}: {name}"
    before, steps = _preparation(entry, where)
    if "understudy" not in entry:
        return Given(name=name, before=before, steps=steps, before_understudy=before, for_understudy=steps)
    before_understudy, for_understudy = _preparation(entry["understudy"], where)
    return Given(name=name, before=before, steps=steps, before_understudy=before_understudy, for_understudy=for_understudy)


def _preparation(entry: Any, where: str) -> tuple[list[Wish], list[Step]]:
    if isinstance(entry, list):
        return [], [step(one, where) for one in entry]
    steps = entry.get("steps")
    own = without(entry, "given", "understudy", "steps")
    read = [step(one, where) for one in steps] if steps else [step(own, where)] if own else []
    return _wishes(entry.get("given", []), where), read


def _undo(template: str, entry: Any) -> Undo:
    method, path = _template(template)
    form = {"request": entry} if isinstance(entry, str) else entry
    known(form, {"request", "json", "remark"}, f"{GROUND}: undo {template}")
    return Undo(method=method, path=path, request=form.get("request"), json=form.get("json"), remark=form.get("remark", ""))


def _template(text: str) -> tuple[str, list[str]]:
    method, _, path = text.partition(" ")
    return method, path.strip("/").split("/")


def _wishes(entries: Sequence[Any], where: str) -> list[Wish]:
    return [_wish(entry, where) for entry in entries]


def _wish(entry: Any, where: str) -> Wish:
    if isinstance(entry, dict) and any(kind in entry for kind in KINDS_OF_STEP):
        return Wish(step=step(entry, where))
    text, changed = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
    found = WISH.fullmatch(text)
    if found is None or (isinstance(entry, dict) and len(entry) != 1):
        raise BadEvidence(f"{where}: given {entry!r} is neither a name, `name as other`, `name: {{field: value}}` nor a step")
    return Wish(name=found[1], alias=found[2] or "", fields=changed)


def step(entry: Mapping[str, Any], where: str) -> Step:
    """Return a step as it is written; raise `BadEvidence`."""
    known(entry, STEP_KEYS, where)
    kinds = [kind for kind in KINDS_OF_STEP if kind in entry]
    if len(kinds) != 1:
        raise BadEvidence(f"{where}: a step has one of {', '.join(KINDS_OF_STEP)}, this one has {' and '.join(kinds) or 'none'}")
    if kinds[0] in ("request", "admin") and not re.match(r"[A-Z]+ \S", entry[kinds[0]]):
        raise BadEvidence(f"{where}: {kinds[0]} is a method and a path, such as GET /tasks, and not {entry[kinds[0]]!r}")
    expect = {rule: checks if isinstance(checks, list) else [checks] for rule, checks in entry.get("expect", {}).items()}
    _check_expectations(expect, where)
    values = without(entry, "as", "expect")
    return Step(**values, role=entry.get("as"), has_json="json" in entry, expect=expect)


def _check_expectations(expect: Mapping[str, Sequence[Any]], where: str) -> None:
    """Refuse what can't be understood, and what two rules of one step both claim: a change there would be told of both."""
    owners: dict[str, str] = {}
    for rule, checks in expect.items():
        if not RULE.fullmatch(rule):
            raise BadEvidence(f"{where}: {rule!r} is no id of a rule, such as cubicl.state.same-state")
        for one in checks:
            if not isinstance(one, dict) or not one:
                raise BadEvidence(f"{where}: {rule} expects nothing; one of {', '.join(sorted(ASPECTS))} is wanted")
            known(one, ASPECTS, f"{where}: {rule}")
            if wrong := next(misspelt(one), None):
                raise BadEvidence(f"{where}: {rule}: there is no matcher {wrong}")
            for aspect in _claims(one):
                if owners.setdefault(aspect, rule) != rule:
                    raise BadEvidence(f"{where}: {rule} and {owners[aspect]} both expect something of {aspect}; let one of them")


def _claims(check: Mapping[str, Any]) -> Iterator[str]:
    yield from (aspect for aspect in ("status", "text", "empty") if aspect in check)
    yield from (f"header {name}" for name in check.get("header", {}))
    yield from (f"{path} {_kinds(value)}" for path, value in check.get("at", {}).items())
    value = check.get("json")
    if isinstance(value, dict):
        yield from (f"{name} {_kinds(one)}" for name, one in value.items() if not name.startswith("$"))
        yield from (f". {name}" for name in value if name.startswith("$"))
    elif "json" in check:
        yield ". value"


def _kinds(value: Any) -> str:
    """Tell apart rules that look at different things of one value: its members, its length, its order…"""
    return " ".join(sorted(value)) if isinstance(value, dict) else "value"


class _Reader:
    """Reads one file of cases."""

    def __init__(self, vendor: str, ground: Ground, path: Path) -> None:
        self.vendor, self.ground, self.path = vendor, ground, path
        self.document = _read(path)
        known(self.document, FILE_KEYS, path.name)

    def cases(self) -> Iterator[Case]:
        """Give the cases of the file."""
        names: set[str] = set()
        for entry in self.document.get("cases") or []:
            where = f"{self.path.name}: {entry.get('case', '(a case without a name)')}"
            if entry.get("case") in names or not entry.get("case"):
                raise BadEvidence(f"{where}: each case has a name of its own")
            names.add(entry["case"])
            case = self.case(entry, where)
            self.check(case, where)
            yield case

    def case(self, entry: Mapping[str, Any], where: str) -> Case:
        """Return a case as it is written."""
        known(entry, CASE_KEYS, where)
        first = without(entry, "case", "source", "given", "then", "settings", "rests", "as", "headers")
        steps = [step(first, where)] if first else []
        steps += [step(one, f"{where}: then {index}") for index, one in enumerate(entry.get("then", []), 1)]
        source = entry.get("source", self.document.get("source"))
        if not source:
            raise BadEvidence(f"{where}: it has no source, nor has the file")
        return Case(
            name=entry["case"],
            file=self.path.stem,
            source=source,
            given=_wishes([*self.document.get("given", []), *entry.get("given", [])], where),
            steps=steps,
            role=entry.get("as", self.document.get("as")),
            headers={**self.document.get("headers", {}), **entry.get("headers", {})},
            settings=entry.get("settings", self.document.get("settings", {})),
            rests=entry.get("rests", ()),
        )

    def check(self, case: Case, where: str) -> None:
        """Refuse names, roles and preparations that there are not."""
        if not case.rules:
            raise BadEvidence(f"{where}: it expects nothing of any rule")
        for rule in case.rules:
            if rule.partition(".")[0] != self.vendor:
                raise BadEvidence(f"{where}: {rule} is no rule of {self.vendor}")
        names = {*self.ground.values, *self.ground.asked, *BUILT_IN}
        for understudy in (True, False):  # what only an Understudy can be prepared for is out of reach elsewhere, and no mistake
            roles = [case.role]
            for one in [*expanded(case.given, self.ground, understudy, where), *case.steps]:
                roles.append(one.role)
                self.check_names(one, names, where)
                names |= one.keep.keys()
            if strange := next(
                (role for role in roles if isinstance(role, str) and role not in (*self.ground.roles, NOBODY)), None
            ):
                raise BadEvidence(f"{where}: there is no role {strange!r}, but {', '.join(self.ground.roles)} and {NOBODY}")

    def check_names(self, one: Step, names: set[str], where: str) -> None:
        """Refuse a name in braces that nothing before keeps; an expectation may use what the step itself keeps."""
        sent = [getattr(one, name) for name in ("request", "admin", "clock", "query", "headers", "json", "body", "form", "files")]
        for kind, values, allowed in (("sends", [*sent, one.role], names), ("expects", one.expect, names | one.keep.keys())):
            for name in names_in(values):
                if name not in allowed and not name.startswith("credential."):
                    raise BadEvidence(f"{where}: it {kind} {{{name}}}, which nothing before it keeps")


def expanded(
    wishes: Sequence[Wish], ground: Ground, understudy: bool, where: str, done: set[str] | None = None
) -> Iterator[Step]:
    """Give the steps of preparations in order, each shared one once; raise `BadEvidence` for one that there is not."""
    done = set() if done is None else done
    for wish in wishes:
        if wish.step is not None:
            yield wish.step
            continue
        if wish.name not in ground.given:
            raise BadEvidence(f"{where}: there is no given {wish.name!r} in {GROUND}, but {', '.join(ground.given)}")
        if (key := wish.alias or wish.name) in done:
            continue
        done.add(key)
        given = ground.given[wish.name]
        yield from expanded(given.before_understudy if understudy else given.before, ground, understudy, where, done)
        # What only an Understudy can prepare differently is not what a user tells, so it is out of reach elsewhere.
        steps = given.for_understudy if understudy or (wish.fields and not given.steps) else given.steps
        for index, one in enumerate(steps):
            yield adapted(one, wish, is_last=index == len(steps) - 1)


def adapted(one: Step, wish: Wish, *, is_last: bool) -> Step:
    """Return a step of a shared preparation under the name and with the fields that were wished for."""
    from dataclasses import replace

    if wish.alias:
        renamed = {re.sub(rf"^{wish.name}(?=_|$)", wish.alias, name): path for name, path in one.keep.items()}
        one = replace(one, keep=renamed)
    if wish.fields and is_last:
        return replace(one, json={**(one.json or {}), **wish.fields}, has_json=True)
    return replace(one, shared=True)


def known(entry: Mapping[str, Any], keys: frozenset[str] | set[str], where: str) -> None:
    """Refuse a key that means nothing."""
    if strange := [str(key) for key in entry if key not in keys]:
        raise BadEvidence(f"{where}: {strange[0]!r} means nothing here; there are {', '.join(sorted(keys))}")


def without(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a mapping without some keys."""
    return {key: value for key, value in entry.items() if key not in keys}


def names_to_set(suite: Suite) -> set[str]:
    """Return the names that a user can tell: those that are asked for, and those that preparations find."""
    steps = [step for given in suite.ground.given.values() for step in given.steps]
    return {*suite.ground.asked, *(name for step in steps if not is_write(step, suite.ground) for name in step.keep)}


def is_write(one: Step, ground: Ground) -> bool:
    """Whether a step may change something at a vendor."""
    if one.request is None or one.harmless or one.method in SAFE:
        return False
    path = one.request.partition(" ")[2].partition("?")[0].strip("/").split("/")
    return not any(method == one.method and fits(path, template) for method, template in ground.harmless)


def fits(path: Sequence[str], template: Sequence[str]) -> bool:
    """Whether a path has the form of a template, in which `*` stands for any one segment."""
    return len(path) == len(template) and all(wanted in ("*", found) for found, wanted in zip(path, template, strict=True))
