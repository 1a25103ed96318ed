"""Request patterns: which requests of a journal are meant, said as WireMock says it.

Every member that a pattern has must hold. Beside WireMock's members a pattern may name `vendor` and `operation`. A URL fits if it
is the vendor's own or the one received, so that a test may write `/api/v1/tasks` however the vendor was reached.
Refused, and never passed over: members that are not known, more than one way to say the URL, `customMatcher` and
`multipartPatterns`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from understudy.core.asked import Asked
from understudy.core.fault_rules import METHODS
from understudy.core.java_regex import Patience, compiled, fits
from understudy.core.matchers import BadPattern, ManyTest, read_bytes_test, read_many_test, read_test, text_of
from understudy.core.nearest import meant

Condition = Callable[[Asked, Patience], bool]

_URLS: Final = ("url", "urlPattern", "urlPath", "urlPathPattern", "urlPathTemplate")
_VARIABLE: Final = re.compile(r"\{(\w+)\}")


class RequestPattern:
    """A pattern, ready to be held against requests; `conditions` are its members, by name."""

    def __init__(self, body: Any) -> None:
        """Raises `BadPattern` for a body that is no pattern."""
        if not isinstance(body, dict):
            raise BadPattern("body", "must be a JSON object")
        wishes = {name: wish for name, wish in body.items() if wish is not None}
        urls = [name for name in _URLS if name in wishes]
        if len(urls) > 1:
            raise BadPattern(urls[1], f"can't stand beside `{urls[0]}`")
        if "pathParameters" in wishes and "urlPathTemplate" not in wishes:
            raise BadPattern("pathParameters", "needs `urlPathTemplate`")
        self.conditions: list[tuple[str, Condition]] = []
        for name, wish in wishes.items():
            if name not in _MEMBERS:
                raise BadPattern(name, "is not supported here" if name in _NOT_SUPPORTED else "is not known")
            self.conditions.extend(_MEMBERS[name](name, wish, wishes))

    def matches(self, asked: Asked, patience: Patience) -> bool:
        """Whether a request fits; raise `TooSlow`."""
        patience.begin()
        try:
            for _, condition in self.conditions:  # noqa: SIM110  # a generator costs as much again as most conditions
                if not condition(asked, patience):
                    return False
            return True
        finally:
            patience.pause()

    def missed(self, asked: Asked, patience: Patience) -> list[str]:
        """Return the names of the members that don't hold; raise `TooSlow`."""
        patience.begin()
        try:
            return [name for name, condition in self.conditions if not condition(asked, patience)]
        finally:
            patience.pause()


Named = Iterator[tuple[str, Condition]]
_NOT_SUPPORTED: Final = frozenset({"customMatcher", "multipartPatterns"})


def _method(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    wanted = text_of(name, wish).upper()
    if wanted not in ("ANY", *METHODS):
        raise BadPattern(name, f"{wanted[:20]!r} is no method of HTTP{meant(wanted, METHODS)}")
    if wanted != "ANY":
        yield name, lambda asked, patience: asked.method == wanted


def _url(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    wanted = text_of(name, wish)
    yield name, lambda asked, patience: asked.url == wanted or wanted in asked.urls


def _url_path(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    wanted = text_of(name, wish)
    yield name, lambda asked, patience: asked.path == wanted or wanted in asked.paths


def _url_pattern(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    expression = _expression(name, wish)
    yield name, lambda asked, patience: any(fits(expression, url, patience) for url in asked.urls)


def _url_path_pattern(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    expression = _expression(name, wish)
    yield name, lambda asked, patience: any(fits(expression, path, patience) for path in asked.paths)


def _url_path_template(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    template = _template(name, wish)
    yield name, lambda asked, patience: any(template.fullmatch(path) for path in asked.paths)
    for variable, matcher in _object("pathParameters", wishes.get("pathParameters", {})).items():
        yield f"pathParameters.{variable}", _path_parameter(template, variable, matcher)


def _template(name: str, wish: Any) -> re.Pattern[str]:
    """Read `/things/{id}`; a variable takes one segment, `**` at the end takes the rest."""
    text = text_of(name, wish)
    rest = text.endswith("/**")
    parts = _VARIABLE.split(text.removesuffix("/**"))
    names = parts[1::2]
    if len(set(names)) < len(names) or any(set(part) & set("{}*") for part in parts[::2]):
        raise BadPattern(name, "must be a path with distinct variables, such as /things/{id}")
    pieces = [f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)]
    try:
        return re.compile("".join(pieces) + ("(?:/.*)?" if rest else ""), re.DOTALL)
    except re.error as error:
        raise BadPattern(name, "must be a path with variables, such as /things/{id}") from error


def _path_parameter(template: re.Pattern[str], variable: str, matcher: Any) -> Condition:
    test = read_test(f"pathParameters.{variable}", matcher)

    def condition(asked: Asked, patience: Patience) -> bool:
        found = next((found for path in asked.paths if (found := template.fullmatch(path))), None)
        return found is not None and test(found.groupdict().get(variable), patience)

    return condition


def _path_parameters(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    """Path parameters are read with their template."""
    return iter(())


def _values(read: Callable[[Asked], Mapping[str, list[str]]], *, lower: bool = False) -> Callable[..., Named]:
    def conditions(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
        for key, matcher in _object(name, wish).items():
            test = read_many_test(f"{name}.{key}", matcher)
            yield f"{name}.{key}", _has_values(read, key.lower() if lower else key, test)

    return conditions


def _has_values(read: Callable[[Asked], Mapping[str, list[str]]], key: str, test: ManyTest) -> Condition:
    return lambda asked, patience: test(read(asked).get(key, ()), patience)


def _cookies(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    for key, matcher in _object(name, wish).items():
        yield f"{name}.{key}", _has_cookie(key, read_test(f"{name}.{key}", matcher), "absent" in matcher)


def _has_cookie(key: str, test: Callable[[str | None, Patience], bool], may_be_absent: bool) -> Condition:
    def condition(asked: Asked, patience: Patience) -> bool:
        value = asked.cookies.get(key)
        return (value is not None or may_be_absent) and test(value, patience)

    return condition


def _basic_auth(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    from base64 import b64encode

    members = _object(name, wish)
    if members.keys() != {"username", "password"}:
        raise BadPattern(name, "must have `username` and `password` and nothing else")
    pair = ":".join(text_of(f"{name}.{key}", members[key]) for key in ("username", "password"))
    wanted = f"Basic {b64encode(pair.encode()).decode()}"
    yield name, lambda asked, patience: wanted in asked.headers.get("authorization", ())


def _body_patterns(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    if not isinstance(wish, list):
        raise BadPattern(name, "must be an array of matchers")
    for index, matcher in enumerate(wish):
        field = f"{name}.{index}"
        if isinstance(matcher, dict) and "binaryEqualTo" in matcher:
            yield field, _has_bytes(read_bytes_test(field, matcher))
        else:
            yield field, _has_body(read_test(field, matcher))


def _has_body(test: Callable[[str | None, Patience], bool]) -> Condition:
    return lambda asked, patience: test(asked.text, patience)


def _has_bytes(test: Callable[[bytes], bool]) -> Condition:
    return lambda asked, patience: test(asked.exchange.request_body or b"")


def _port(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
    text = str(wish)
    if isinstance(wish, bool) or not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise BadPattern(name, "must be a number")
    wanted = int(text)
    yield name, lambda asked, patience: asked.port == wanted


def _said(read: Callable[[Asked], str | None]) -> Callable[..., Named]:
    def conditions(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
        wanted = text_of(name, wish)
        yield name, lambda asked, patience: read(asked) == wanted

    return conditions


def _tested(read: Callable[[Asked], str]) -> Callable[..., Named]:
    def conditions(name: str, wish: Any, wishes: Mapping[str, Any]) -> Named:
        test = read_test(name, wish)
        yield name, lambda asked, patience: test(read(asked), patience)

    return conditions


def _object(name: str, wish: Any) -> dict[str, Any]:
    if not isinstance(wish, dict):
        raise BadPattern(name, "must be a JSON object")
    return wish


def _expression(name: str, wish: Any) -> Any:
    try:
        return compiled(text_of(name, wish))
    except BadPattern:
        raise
    except ValueError as error:
        raise BadPattern(name, str(error)) from None


_MEMBERS: Final[Mapping[str, Callable[[str, Any, Mapping[str, Any]], Named]]] = {
    "vendor": _said(lambda asked: asked.exchange.vendor),
    "operation": _said(lambda asked: asked.exchange.operation),
    "method": _method,
    "url": _url,
    "urlPattern": _url_pattern,
    "urlPath": _url_path,
    "urlPathPattern": _url_path_pattern,
    "urlPathTemplate": _url_path_template,
    "pathParameters": _path_parameters,
    "queryParameters": _values(lambda asked: asked.query),
    "headers": _values(lambda asked: asked.headers, lower=True),
    "cookies": _cookies,
    "basicAuthCredentials": _basic_auth,
    "basicAuth": _basic_auth,
    "formParameters": _values(lambda asked: asked.form),
    "bodyPatterns": _body_patterns,
    "scheme": _said(lambda asked: asked.exchange.scheme),
    "host": _tested(lambda asked: asked.host),
    "port": _port,
    "clientIp": _tested(lambda asked: asked.exchange.client),
}
