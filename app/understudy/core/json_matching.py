"""Matching JSON as request patterns do: against an expected document, and by JSONPath.

What an expected document means is WireMock's (which takes it from JsonUnit); what a path means is Jayway's, where WireMock and
RFC 9535 differ: a filter on an object asks about that object, not about its members, and `.length()` and `.size()` count.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from understudy.core.java_regex import Patience, TooSlow, compiled, fits

if TYPE_CHECKING:
    from jsonpath import JSONPath

PLACEHOLDER: Final = re.compile(r"[$#]\{json-unit\.([a-z-]+)(?::[^}]*)?\}(.*)", re.DOTALL)
DEEPEST: Final = 100
COUNTED: Final = re.compile(r"(@(?:\.\w+|\[[^\]]*\])*)\.(?:size|length)\(\)")
ENDS_IN_COUNT: Final = re.compile(r"\.(?:size|length)\(\)\s*$")

Kinds = tuple[type, ...]
_ANY: Final[dict[str, Kinds]] = {"any-string": (str,), "any-number": (int, float), "any-boolean": (bool,)}
_BARE: Final = frozenset({"ignore", "ignore-element", *_ANY})


class Expected:
    """An expected document. Numbers are equal by value; arrays in their order, unless it is ignored.

    Where extra elements are ignored, an object may have more members and an array more items, at its end if the order counts.
    `${json-unit.ignore}`, `ignore-element`, `any-string`, `any-number`, `any-boolean` and `regex` stand for values.
    """

    def __init__(self, document: Any, *, any_order: bool = False, extra: bool = False) -> None:
        """Raises `ValueError` for a placeholder that is not known, and for one that nests too deep."""
        self.document = document
        self.any_order = any_order
        self.extra = extra
        _check(document, 0)

    def fits(self, value: Any, patience: Patience) -> bool:
        """Whether a document is as expected; raise `TooSlow`."""
        try:
            return self._same(self.document, value, patience)
        except RecursionError:  # arrays of thousands, compared in any order
            raise TooSlow from None

    def _same(self, wanted: Any, value: Any, patience: Patience) -> bool:
        if isinstance(wanted, str) and (found := PLACEHOLDER.fullmatch(wanted)):
            return _stands_for(found[1], found[2], value, patience)
        if isinstance(wanted, dict):
            return isinstance(value, dict) and self._same_members(wanted, value, patience)
        if isinstance(wanted, list):
            return isinstance(value, list) and self._same_items(wanted, value, patience)
        # To Python True is 1; to JSON it is not.
        return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)

    def _same_members(self, wanted: dict[str, Any], value: dict[str, Any], patience: Patience) -> bool:
        ignored = {name for name, item in wanted.items() if _is_ignored_element(item)}
        if not self.extra and value.keys() - wanted.keys():
            return False
        return all(
            name in value and self._same(item, value[name], patience) for name, item in wanted.items() if name not in ignored
        )

    def _same_items(self, wanted: list[Any], value: list[Any], patience: Patience) -> bool:
        if len(wanted) > len(value) or (len(wanted) < len(value) and not self.extra):
            return False
        if not self.any_order:
            return all(self._same(item, other, patience) for item, other in zip(wanted, value, strict=False))
        return each_has_its_own(wanted, value, lambda item, other: patience.left() > 0 and self._same(item, other, patience))


def each_has_its_own(wanted: list[Any], values: list[Any], fit: Callable[[Any, Any], bool]) -> bool:
    """Whether every wanted item can be given a value that fits it, no value twice (bipartite matching)."""
    owner: dict[int, int] = {}

    def settle(index: int, tried: set[int]) -> bool:
        for position, value in enumerate(values):
            if position in tried or not fit(wanted[index], value):
                continue
            tried.add(position)
            if position not in owner or settle(owner[position], tried):
                owner[position] = index
                return True
        return False

    return all(settle(index, set()) for index in range(len(wanted)))


def _is_ignored_element(item: Any) -> bool:
    return isinstance(item, str) and (found := PLACEHOLDER.fullmatch(item)) is not None and found[1] == "ignore-element"


def _stands_for(name: str, argument: str, value: Any, patience: Patience) -> bool:
    if name == "regex":
        return isinstance(value, str) and fits(compiled(argument), value, patience)
    kinds = _ANY.get(name)
    return kinds is None or (isinstance(value, kinds) and isinstance(value, bool) == (kinds == (bool,)))


def _check(document: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"nested more than {DEEPEST} deep")
    if isinstance(document, dict | list):
        for item in document.values() if isinstance(document, dict) else document:
            _check(item, depth + 1)
    elif isinstance(document, str) and document.startswith(("${json-unit.", "#{json-unit.")):
        found = PLACEHOLDER.fullmatch(document)
        if found is None or not (found[1] == "regex" or (found[1] in _BARE and not found[2])):
            raise ValueError(f"the placeholder {document!r} is not supported")
        if found[1] == "regex":
            compiled(found[2])


class Path:
    """A JSONPath expression. `values` finds what it leads to; `definite` tells whether that is one value at most."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError` for one that can't be understood."""
        from jsonpath import JSONPath
        from jsonpath.exceptions import JSONPathError

        text = text.strip()
        self.counts = ENDS_IN_COUNT.search(text) is not None
        plain = ENDS_IN_COUNT.sub("", text).replace("$.[", "$[")
        try:
            path = _environment().compile(COUNTED.sub(r"length(\1)", plain if plain[:1] in ("$", "@") else f"$.{plain}"))
        except (JSONPathError, ValueError, RecursionError) as error:
            raise ValueError(f"not a JSONPath that can be used here: {str(error).splitlines()[0]}") from None
        if not isinstance(path, JSONPath):
            raise ValueError("not a JSONPath that can be used here: more than one path")
        self._path = _as_jayway(path)
        self.definite = path.singular_query()

    def values(self, document: Any, patience: Patience) -> list[Any]:
        """Return every value found, in order; raise `TooSlow`. A document that the path can't be applied to has none."""
        from jsonpath.exceptions import JSONPathError

        found: list[Any] = []
        self._path.env.patience = patience  # type: ignore[attr-defined]  # it is the `_Environment` below
        try:
            for match in self._path.finditer(document):
                found.append(match.obj)
                patience.left()
        except (JSONPathError, RecursionError):
            return []
        return [len(value) for value in found if isinstance(value, list | dict)] if self.counts else found


@cache
def _environment() -> Any:
    from jsonpath import JSONPathEnvironment

    class _Environment(JSONPathEnvironment):
        """Compares with regular expressions as Jayway does: Java's, over the whole text, within the time of the request."""

        patience: Patience

        def setup_function_extensions(self) -> None:
            super().setup_function_extensions()
            for name in ("match", "search"):  # Jayway has none of them, and they may run for ever
                del self.function_extensions[name]

        def compare(self, left: object, operator: str, right: object) -> bool:
            if operator != "=~" or not isinstance(right, re.Pattern):
                return super().compare(left, operator, right)
            expression = compiled(right.pattern, ignore_case=bool(right.flags & re.IGNORECASE))
            return isinstance(left, str) and fits(expression, left, self.patience)

    return _Environment()


def _as_jayway(path: "JSONPath") -> "JSONPath":
    """Make the filters of a path ask about an object itself, where RFC 9535 has them ask about its members."""
    from jsonpath import JSONPathMatch
    from jsonpath.selectors import Filter, FilterContext

    class _OwnFilter(Filter):
        def resolve(self, node: JSONPathMatch) -> Iterable[JSONPathMatch]:
            if not isinstance(node.obj, dict):
                yield from super().resolve(node)
                return
            context = FilterContext(
                env=self.env, current=node.obj, root=node.root, extra_context=node.filter_context(), current_key=None
            )
            if self.expression.evaluate(context):
                yield node

    for segment in path.segments:
        segment.selectors = tuple(
            _OwnFilter(env=one.env, token=one.token, expression=one.expression) if isinstance(one, Filter) else one
            for one in segment.selectors
        )
    return path
