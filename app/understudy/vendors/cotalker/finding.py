"""Searches with a query in the manner of MongoDB, which the routes `…/task/all`, `…/users/find` and `…/properties/find` take.

A query is judged in two steps. What of it is an equality on a column (or `$in`) narrows the rows in the database; the whole of it
is then matched against the documents here, unless the database has said all there is to say.

Decision: `$regex` runs on the `regex` package, which takes a time limit. MongoDB uses PCRE; of the engines for Python this one
is closest to it (lookaround, atomic groups, recursion), and has wheels for every platform. Refused: `re`, which a short pattern
can keep busy for ever; RE2, which needs no limit but knows neither lookaround nor back references.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from time import thread_time
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ColumnElement, Table, bindparam, select

from understudy.core.provenance import follow
from understudy.core.store import Prepared
from understudy.core.vendor import Call
from understudy.vendors.cotalker.errors import InvalidValue
from understudy.vendors.cotalker.paging import Conditions
from understudy.vendors.cotalker.schemas.values import Check

if TYPE_CHECKING:
    import regex

LONGEST_PATTERN = 1000
LONGEST_LIST = 10_000
DEEPEST_QUERY = 20
MOST_CONDITIONS = 1000
PATTERN_SECONDS = 0.2
"""How long all patterns of one request may run together."""

POSITION = re.compile(r"[0-9]{1,9}")

ABSENT = object()
Test = Callable[[Mapping[str, Any]], bool]
Values = Sequence[Any]
Operand = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Findable:
    """A table whose documents can be searched.

    `clauses` has the conditions that limit a search to what the caller may find, such as those of the company. `columns` maps
    fields of the document to the columns that hold the same text, `checks` maps them to what a value of the field has to be;
    a check also brings the value into the form in which it is stored. Fields of the document without a check take any value.
    `lists` are the fields that hold several values.
    """

    table: Table
    clauses: Mapping[str, ColumnElement[bool]]
    columns: Mapping[str, ColumnElement[str]] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()


def misfit(name: str, must: str, value: object) -> InvalidValue:
    """Return the refusal of what can't be understood."""
    return InvalidValue(name, must, value).by("cotalker.search.misfit")


def excess(name: str, must: str, value: object) -> InvalidValue:
    """Return the refusal of more than is looked at."""
    return InvalidValue(name, must, value).by("cotalker.search.at-most")


def too_slow(name: str, pattern: str) -> InvalidValue:
    """Return the refusal of a pattern that takes too long."""
    refusal = InvalidValue(f"{name}.$regex", "be a pattern that can be matched in time", pattern)
    return refusal.by("cotalker.search.pattern-time")


@dataclass(slots=True)
class Patience:
    """What is left of the time for patterns, and how many conditions a query may still have."""

    seconds: float = PATTERN_SECONDS
    conditions: int = MOST_CONDITIONS

    def left(self, name: str, pattern: str) -> float:
        """Return how long a pattern may still run; raise `InvalidValue` when all of the time is used up."""
        if self.seconds <= 0:
            raise too_slow(name, pattern)
        return self.seconds

    def spend(self, conditions: int = 1) -> None:
        """Count conditions; raise `InvalidValue` when there are too many."""
        self.conditions -= conditions
        if self.conditions < 0:
            raise excess("value", f"hold at most {MOST_CONDITIONS} conditions", "…")


def find(
    call: Call, findable: Findable, conditions: Conditions, query: Mapping[str, Any], *, skip: int = 0, limit: int | None = None
) -> list[str]:
    """Return the documents that meet `conditions` and match `query`, by `_id`, as JSON texts; raise `InvalidValue`.

    A field is named by its path (`name.code`). A value is matched by an equal one and by an array that contains it, null by null
    and by absence; an object whose keys begin with `$` is a set of operators, all of which must hold.
    """
    matches = matcher(findable, query)
    narrowed = dict(_narrowing(findable, query))
    names = (*conditions.names, *(f"field {name}" for name in narrowed))
    values = {f"find_{name}": wanted for name, wanted in narrowed.items()}
    rows = call.db.all(_statement(findable, names), **conditions.values, **{_key(n): v for n, v in values.items()})
    texts: Iterator[str] = (row["document"] for row in rows)
    if len(narrowed) < len(query):
        texts = (text for text in texts if matches(orjson.loads(text)))
    end = None if limit is None else skip + limit
    return [text for position, text in enumerate(texts) if position >= skip and (end is None or position < end)]


def matcher(findable: Findable, query: Mapping[str, Any]) -> Test:
    """Return the test whether a document matches `query`; raise `InvalidValue` for a query that can't be understood."""
    return _all_of(_conditions(findable, query, Patience(), depth=0))


def _narrowing(findable: Findable, query: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the conditions that a column decides: a value or `$in`, texts only."""
    for name, operand in query.items():
        if name not in findable.columns:
            continue
        wanted = operand["$in"] if isinstance(operand, dict) and list(operand) == ["$in"] else [operand]
        if isinstance(wanted, list) and all(isinstance(value, str) for value in wanted):
            check = findable.checks.get(name)
            yield name, list(dict.fromkeys(check(name, value) if check else value for value in wanted))


@lru_cache(maxsize=256)
def _statement(findable: Findable, names: tuple[str, ...]) -> Prepared:
    clauses: list[ColumnElement[bool]] = []
    for name in names:
        if name.startswith("field "):
            path = name.removeprefix("field ")
            clauses.append(findable.columns[path].in_(bindparam(_key(f"find_{path}"), expanding=True)))
        else:
            clauses.append(findable.clauses[name])
    table = findable.table
    return Prepared(select(table.c.document).where(*clauses).order_by(table.c.id))


def _key(name: str) -> str:
    return name.replace(".", "_")


def _conditions(findable: Findable, query: Mapping[str, Any], patience: Patience, *, depth: int) -> list[Test]:
    if depth > DEEPEST_QUERY:
        raise excess("value", f"be nested at most {DEEPEST_QUERY} deep", "…")
    tests: list[Test] = []
    patience.spend(len(query))
    for name, operand in query.items():
        if name in ("$and", "$or", "$nor"):
            branches = [_all_of(_conditions(findable, part, patience, depth=depth + 1)) for part in _parts(name, operand)]
            tests.append(partial(_JOINED[name], branches))
            follow("cotalker.search.other-operators")
        elif name.startswith("$"):
            raise misfit("value", "hold only known operators", name)
        else:
            if name in findable.lists:
                follow("cotalker.search.within-lists")
            test = _field_test(name, operand, findable.checks.get(name), patience, depth)
            path = tuple(name.split("."))
            if len(path) > 1:
                follow("cotalker.search.paths")
            tests.append(partial(_held, name, test) if len(path) == 1 else partial(_reached, path, test))
    return tests


def _all_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda document: all(test(document) for test in tests)


_JOINED: Mapping[str, Callable[[Sequence[Test], Mapping[str, Any]], bool]] = {
    "$and": lambda branches, document: all(branch(document) for branch in branches),
    "$or": lambda branches, document: any(branch(document) for branch in branches),
    "$nor": lambda branches, document: not any(branch(document) for branch in branches),
}


def _parts(name: str, operand: object) -> list[dict[str, Any]]:
    if not isinstance(operand, list) or not operand or not all(isinstance(part, dict) for part in operand):
        raise misfit(name, "be a non-empty array of objects", operand)
    return operand


def _held(name: str, test: Callable[[Values], bool], document: Mapping[str, Any]) -> bool:
    return test((document.get(name, ABSENT),))


def _reached(path: tuple[str, ...], test: Callable[[Values], bool], document: Mapping[str, Any]) -> bool:
    return test(list(_values(document, path)))


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield what a path leads to: through arrays it leads to each of their items."""
    if not path:
        yield value
    elif isinstance(value, dict):
        yield from _values(value.get(path[0], ABSENT), path[1:])
    elif isinstance(value, list):
        if POSITION.fullmatch(path[0]) and int(path[0]) < len(value):
            yield from _values(value[int(path[0])], path[1:])
        for item in value:
            if isinstance(item, dict):
                yield from _values(item, path)
    else:
        yield ABSENT


def _field_test(name: str, operand: Any, check: Check | None, patience: Patience, depth: int) -> Callable[[Values], bool]:
    """Return the test of what a path leads to in a document."""

    def read(value: Any) -> Any:
        return _read(name, value, check)

    if not _is_operators(operand):
        return partial(_has_equal, read(operand) if not isinstance(operand, list) else [read(item) for item in operand])
    if depth > DEEPEST_QUERY:
        raise excess("value", f"be nested at most {DEEPEST_QUERY} deep", "…")
    tests: list[Callable[[Values], bool]] = []
    patience.spend(len(operand))
    for operator, argument in operand.items():
        follow(_OPERATOR_RULES.get(operator, "cotalker.search.other-operators"))
        if operator == "$options" and "$regex" in operand:
            continue
        if operator == "$regex":
            tests.append(_pattern_test(name, argument, operand.get("$options", ""), patience))
        elif operator == "$not":
            if not _is_operators(argument):
                raise misfit(f"{name}.$not", "be an object of operators", argument)
            tests.append(_negated(_field_test(name, argument, check, patience, depth + 1)))
        elif operator in _OPERATORS:
            tests.append(_OPERATORS[operator](f"{name}.{operator}", argument, read))
            if operator == "$all":
                patience.spend(len(argument))
        else:
            raise misfit(name, f"hold only known operators ({', '.join((*_OPERATORS, '$not', '$regex'))})", operator)
    return tests[0] if len(tests) == 1 else lambda values: all(test(values) for test in tests)


def _is_operators(operand: Any) -> bool:
    return isinstance(operand, dict) and any(key.startswith("$") for key in operand)


def _read(name: str, value: Any, check: Check | None) -> Any:
    """Return a value that is searched for, in the form in which it is stored."""
    if value is None:
        follow("cotalker.search.null")
    if value is None or check is None:
        return value
    try:
        return check(name, value)
    except InvalidValue as refusal:
        raise refusal.by("cotalker.search.misfit") from None


def _negated(test: Callable[[Values], bool]) -> Callable[[Values], bool]:
    return lambda values: not test(values)


def _same(wanted: Any, value: Any) -> bool:
    # To Python True is 1; to MongoDB, as to JSON, it is not.
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _has_equal(wanted: Any, values: Values) -> bool:
    for value in values:
        if wanted is None:
            if value is ABSENT or value is None or (isinstance(value, list) and None in value):
                return True
        elif _same(wanted, value) or (isinstance(value, list) and any(_same(wanted, item) for item in value)):
            return True
    return wanted is None and not values


def _among(name: str, argument: Any, read: Operand) -> Callable[[Values], bool]:
    wanted = [read(item) for item in _items(name, argument)]
    # Nearly every list holds ids or numbers: a set answers at once where a list would be walked for every document.
    scalars = {_scalar(item) for item in wanted if isinstance(item, str | int | float)}
    others = [item for item in wanted if not isinstance(item, str | int | float)]
    if len(others) > MOST_CONDITIONS:
        raise excess(name, f"hold at most {MOST_CONDITIONS} items that are neither strings nor numbers", "…")

    def is_wanted(value: Any) -> bool:
        return isinstance(value, str | int | float) and _scalar(value) in scalars

    def test(values: Values) -> bool:
        for value in values:
            if is_wanted(value) or (isinstance(value, list) and any(is_wanted(item) for item in value)):
                return True
        return any(_has_equal(item, values) for item in others)

    return test


def _scalar(value: str | int | float) -> tuple[bool, str | int | float]:
    """Return a key that tells True from 1."""
    return isinstance(value, bool), value


def _all_among(name: str, argument: Any, read: Operand) -> Callable[[Values], bool]:
    wanted = [read(item) for item in _items(name, argument)]
    return lambda values: bool(wanted) and all(_has_equal(item, values) for item in wanted)


def _items(name: str, argument: Any) -> list[Any]:
    if not isinstance(argument, list):
        raise misfit(name, "be an array", argument)
    if len(argument) > LONGEST_LIST:
        raise excess(name, f"contain less than or equal to {LONGEST_LIST} items", "…")
    return argument


def _exists(name: str, argument: Any, read: Operand) -> Callable[[Values], bool]:
    if not isinstance(argument, bool):
        raise misfit(name, "be a boolean", argument)
    return lambda values: any(value is not ABSENT for value in values) is argument


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[str, Any, Operand], Callable[[Values], bool]]:
    def make(name: str, argument: Any, read: Operand) -> Callable[[Values], bool]:
        bound = read(argument)
        if isinstance(bound, bool) or not isinstance(bound, str | int | float):
            raise misfit(name, "be a string or a number", argument)
        kind: Any = str if isinstance(bound, str) else (int, float)

        def fits(value: Any) -> bool:
            return isinstance(value, kind) and not isinstance(value, bool) and holds(value, bound)

        return lambda values: any(fits(v) or (isinstance(v, list) and any(fits(item) for item in v)) for v in values)

    return make


_OPERATORS: Mapping[str, Callable[[str, Any, Operand], Callable[[Values], bool]]] = {
    "$eq": lambda name, argument, read: partial(_has_equal, read(argument)),
    "$ne": lambda name, argument, read: _negated(partial(_has_equal, read(argument))),
    "$in": _among,
    "$nin": lambda name, argument, read: _negated(_among(name, argument, read)),
    "$all": _all_among,
    "$exists": _exists,
    "$gt": _compared(lambda value, bound: value > bound),
    "$gte": _compared(lambda value, bound: value >= bound),
    "$lt": _compared(lambda value, bound: value < bound),
    "$lte": _compared(lambda value, bound: value <= bound),
}

_OPERATOR_RULES: Mapping[str, str] = {
    "$in": "cotalker.search.in",
    "$ne": "cotalker.search.not-equal",
    **dict.fromkeys(("$gt", "$gte", "$lt", "$lte"), "cotalker.search.bounds"),
    "$regex": "cotalker.search.regex",
    "$options": "cotalker.search.regex-options",
}
"""The rules of the operators that clients are known to send, and of the letters beside a pattern; the others share one."""

_OPTIONS = ("i", "m", "s", "x")


def _pattern_test(name: str, pattern: Any, options: Any, patience: Patience) -> Callable[[Values], bool]:
    compiled = _compiled(name, pattern, options)

    def fits(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        begun = thread_time()  # not by the clock on the wall: a machine that is busy otherwise makes no pattern slow
        try:
            return compiled.search(value, timeout=patience.left(name, pattern)) is not None
        except (TimeoutError, RecursionError, MemoryError):
            raise too_slow(name, pattern) from None
        finally:
            patience.seconds -= thread_time() - begun

    return lambda values: any(fits(v) or (isinstance(v, list) and any(fits(item) for item in v)) for v in values)


def _compiled(name: str, pattern: Any, options: Any) -> "regex.Pattern[str]":
    if not isinstance(pattern, str):
        raise misfit(f"{name}.$regex", "be a string", pattern)
    if len(pattern) > LONGEST_PATTERN:
        raise excess(f"{name}.$regex", f"be at most {LONGEST_PATTERN} characters long", pattern[:100])
    if not isinstance(options, str) or not set(options) <= set(_OPTIONS):
        raise misfit(f"{name}.$options", f"hold only the letters {', '.join(_OPTIONS)}", options)
    import regex  # takes a while, and most servers never see a pattern

    flags = regex.V0
    for letter in options:
        flags |= regex.RegexFlag[letter.upper()]
    try:
        return regex.compile(pattern, flags)
    except (regex.error, RecursionError, OverflowError, ValueError, KeyError, IndexError, MemoryError):
        raise misfit(f"{name}.$regex", "be a valid regular expression", pattern) from None
