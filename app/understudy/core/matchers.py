"""The matchers of request patterns: `{"equalTo": "x"}` and the like, each a test of one value, which may be absent.

They are WireMock's and mean what they mean there (compared with version 3.13). What WireMock passes over in silence is refused
here, for a verification must not be wrong unnoticed: several matchers in one object, a member that the matcher doesn't take,
`"absent": false`, a date that is none. So are the matchers that this server has not: those of XML and JSON schemas.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from json import dumps
from typing import Any, Final

from understudy.core.asked import NO_JSON, json_of
from understudy.core.clock import instant_of
from understudy.core.java_regex import Patience, TooSlow, compiled, fits
from understudy.core.json_matching import Expected, Path, each_has_its_own

Test = Callable[[str | None, Patience], bool]
"""Tells whether a text, or None for one that is absent, is as wanted; raises `TooSlow`."""
ManyTest = Callable[[Sequence[str], Patience], bool]
"""The same for every value of a header or parameter; none at all if it is absent."""

DEEPEST: Final = 20
NOT_SUPPORTED: Final = frozenset({"equalToXml", "matchesXPath", "matchesJsonSchema", "equalToNumber", "greaterThanNumber"}) | {
    "greaterThanEqualNumber", "lessThanNumber", "lessThanEqualNumber", "matchesName", "customMatcher",
}  # fmt: skip


class BadPattern(ValueError):
    """A pattern that can't be understood or is not supported: `field` says where, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")


def read_test(field: str, wish: Any, depth: int = 0) -> Test:
    """Return the test that a matcher describes; raise `BadPattern`."""
    name, operand, options = _parts(field, wish, depth)
    if name in _JOINED:
        tests = [read_test(f"{field}.{name}.{index}", part, depth + 1) for index, part in enumerate(_list(field, name, operand))]
        return partial(_JOINED[name], tests)
    if name == "not":
        inner = read_test(f"{field}.not", operand, depth + 1)
        return lambda value, patience: not inner(value, patience)
    if name not in _MATCHERS:
        raise BadPattern(f"{field}.{name}", "is not supported here")
    try:
        return _MATCHERS[name](f"{field}.{name}", operand, options)
    except BadPattern:
        raise
    except ValueError as error:
        raise BadPattern(f"{field}.{name}", str(error)) from None


def read_many_test(field: str, wish: Any) -> ManyTest:
    """Return the test of a header's or parameter's values; raise `BadPattern`. One value that fits is enough, unless
    `hasExactly` or `includes` says how many are wanted."""
    name, operand, _ = _parts(field, wish, 0)
    if name not in ("hasExactly", "includes"):
        test = read_test(field, wish)
        return lambda values, patience: any(test(value, patience) for value in values or (None,))
    if not isinstance(operand, list):
        raise BadPattern(f"{field}.{name}", "must be an array of matchers")
    tests = [read_test(f"{field}.{name}.{index}", part) for index, part in enumerate(operand)]
    return partial(_several, tests, exactly=name == "hasExactly")


def _several(tests: list[Test], values: Sequence[str], patience: Patience, *, exactly: bool) -> bool:
    if not values or (exactly and len(values) != len(tests)):
        return False
    if not exactly:
        return all(patience.left() > 0 and any(test(value, patience) for value in values) for test in tests)
    try:
        return each_has_its_own(tests, list(values), lambda test, value: patience.left() > 0 and bool(test(value, patience)))
    except RecursionError:  # thousands of values, of which each fits many
        raise TooSlow from None


# The options that matchers take beside themselves.
_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "equalTo": frozenset({"caseInsensitive"}),
    "equalToJson": frozenset({"ignoreArrayOrder", "ignoreExtraElements"}),
}


def _parts(field: str, wish: Any, depth: int) -> tuple[str, Any, Mapping[str, bool]]:
    """Return the one matcher of an object: its name, its operand and its options."""
    if depth > DEEPEST:
        raise BadPattern(field, f"nested more than {DEEPEST} deep")
    if not isinstance(wish, dict):
        raise BadPattern(field, 'must be a matcher, such as {"equalTo": "x"}')
    for name in wish:
        if name in NOT_SUPPORTED:
            raise BadPattern(f"{field}.{name}", "is not supported here")
    names = [name for name in wish if name in _MATCHERS or name in _JOINED or name in ("not", "hasExactly", "includes")]
    if not names:
        known = ", ".join([*_MATCHERS, *_JOINED, "not"])
        raise BadPattern(field, f"has no matcher that is known here: {known}")
    if len(names) > 1:
        raise BadPattern(field, f"has several matchers ({', '.join(names)}); join them with `and`")
    for option, value in wish.items():
        if option != names[0] and option not in _OPTIONS.get(names[0], ()):
            raise BadPattern(f"{field}.{option}", f"is not taken by `{names[0]}`")
        if option != names[0] and not isinstance(value, bool):
            raise BadPattern(f"{field}.{option}", "must be true or false")
    return names[0], wish[names[0]], wish


def _list(field: str, name: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list) or not operand:
        raise BadPattern(f"{field}.{name}", "must be an array of matchers that is not empty")
    return operand


_JOINED: Final[Mapping[str, Callable[[list[Test], str | None, Patience], bool]]] = {
    "and": lambda tests, value, patience: all(test(value, patience) for test in tests),
    "or": lambda tests, value, patience: any(test(value, patience) for test in tests),
}


def text_of(field: str, operand: Any) -> str:
    """Return a member that must be a string; raise `BadPattern`."""
    if not isinstance(operand, str):
        raise BadPattern(field, "must be a string")
    return operand


def _equal_to(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    wanted = text_of(field, operand)
    if options.get("caseInsensitive"):
        wanted = wanted.casefold()
        return lambda value, patience: value is not None and value.casefold() == wanted
    return lambda value, patience: value == wanted


def _contains(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    wanted = text_of(field, operand)
    return lambda value, patience: value is not None and wanted in value


def _does_not_contain(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    wanted = text_of(field, operand)
    return lambda value, patience: value is None or wanted not in value


def _matches(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    expression = compiled(text_of(field, operand))
    return lambda value, patience: value is not None and fits(expression, value, patience)


def _does_not_match(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    expression = compiled(text_of(field, operand))
    return lambda value, patience: value is None or not fits(expression, value, patience)


def _absent(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    if operand is not True and operand != "(absent)":  # the second is what WireMock writes
        raise BadPattern(field, 'can only be true; {"not": {"absent": true}} says the opposite')
    return lambda value, patience: value is None


def _anything(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    return lambda value, patience: True


def _equal_to_json(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    document = json_of(operand) if isinstance(operand, str) else operand
    if document is NO_JSON:
        raise BadPattern(field, "must be JSON")
    order, extra = options.get("ignoreArrayOrder", False), options.get("ignoreExtraElements", False)
    expected = Expected(document, any_order=order, extra=extra)

    def test(value: str | None, patience: Patience) -> bool:
        found = NO_JSON if value is None else json_of(value)
        return found is not NO_JSON and expected.fits(found, patience)

    return test


def _matches_json_path(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
    if isinstance(operand, dict):
        return _found_value_test(field, operand)
    path = Path(text_of(field, operand))

    def test(value: str | None, patience: Patience) -> bool:
        found = NO_JSON if value is None else json_of(value)
        values = [] if found is NO_JSON else path.values(found, patience)
        if not path.definite:
            return bool(values)
        # As WireMock has it, a path to null, to [] or to {} has found nothing.
        return any(found is not None and found not in ([], {}) for found in values)

    return test


def _found_value_test(field: str, operand: dict[str, Any]) -> Test:
    """Return the test that puts what a path leads to before another matcher: texts as they are, the rest as JSON."""
    path = Path(text_of(f"{field}.expression", operand.get("expression")))
    wish = {name: value for name, value in operand.items() if name != "expression"}
    inner = read_test(field, wish)
    wants_absence, whole_too = "absent" in wish, not wish.keys().isdisjoint(("equalToJson", "matchesJsonPath"))

    def test(value: str | None, patience: Patience) -> bool:
        found = NO_JSON if value is None else json_of(value)
        values: Any = [] if found is NO_JSON else path.values(found, patience)
        if path.definite:
            values = values[0] if values else None
        if values is None or values == []:
            return wants_absence
        candidates = values if isinstance(values, list) else [values]
        if whole_too and isinstance(values, list):
            candidates = [*candidates, values]
        return any(inner(None if one is None else _written(one), patience) for one in candidates)

    return test


def _written(value: Any) -> str:
    """Write a found value as WireMock does: JSON with blanks around colons and line breaks."""
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False, indent=2, separators=(",", " : "))


def _date_test(holds: Callable[[int, int], bool]) -> Callable[[str, Any, Mapping[str, bool]], Test]:
    def read(field: str, operand: Any, options: Mapping[str, bool]) -> Test:
        bound = instant_in(text_of(field, operand))
        if bound is None:
            raise BadPattern(field, "must be an ISO 8601 date or date-time")

        def test(value: str | None, patience: Patience) -> bool:
            instant = None if value is None else instant_in(value)
            return instant is not None and holds(instant, bound)

        return test

    return read


def instant_in(text: str) -> int | None:
    """Return the instant of a date-time of ISO 8601 or of HTTP, None for what is neither; without a zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
            return instant_of(moment.astimezone(UTC) if moment.tzinfo else moment)
        except (ValueError, OverflowError):
            continue
    return None


def read_bytes_test(field: str, wish: Mapping[str, Any]) -> Callable[[bytes], bool]:
    """Return the test of `{"binaryEqualTo": <base64>}`, which only bodies take; raise `BadPattern`."""
    if len(wish) > 1:
        raise BadPattern(field, "`binaryEqualTo` takes nothing beside it")
    try:
        wanted = b64decode(text_of(f"{field}.binaryEqualTo", wish["binaryEqualTo"]), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadPattern(f"{field}.binaryEqualTo", "must be base64") from error
    return lambda body: body == wanted


_MATCHERS: Final[Mapping[str, Callable[[str, Any, Mapping[str, bool]], Test]]] = {
    "equalTo": _equal_to,
    "contains": _contains,
    "doesNotContain": _does_not_contain,
    "matches": _matches,
    "doesNotMatch": _does_not_match,
    "absent": _absent,
    "anything": _anything,
    "equalToJson": _equal_to_json,
    "matchesJsonPath": _matches_json_path,
    "equalToDateTime": _date_test(lambda value, bound: value == bound),
    "before": _date_test(lambda value, bound: value < bound),
    "after": _date_test(lambda value, bound: value > bound),
}
