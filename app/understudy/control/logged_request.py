"""Reads a request as WireMock's clients describe one (`LoggedRequest`), for near misses to something that was never sent."""

from base64 import b64decode
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from understudy.core.exchange import Exchange
from understudy.core.matchers import BadPattern, text_of

# What a logged request has and a near miss does not depend on.
OF_NO_ACCOUNT: Final = frozenset(
    {
        "clientIp", "cookies", "browserProxyRequest", "loggedDate", "loggedDateString", "scheme", "host", "port", "formParams",
        "basicAuthCredentials", "protocol", "id", "parts", "multipart", "formParameters",
        "operation", "sandbox", "instant", "faults", "rules", "changes", "differences", "bodyKept",
    }
)  # fmt: skip
KNOWN: Final = OF_NO_ACCOUNT | {
    "url", "absoluteUrl", "method", "headers", "body", "bodyAsBase64", "queryParams", "queryParameters", "vendor",
}  # fmt: skip


def exchange_of_logged(logged: Any, vendors: Collection[str]) -> tuple[Exchange, dict[str, Any]]:
    """Return an exchange of that request, which has no answer, and the request as it is to be shown; raise `BadPattern`.

    Its vendor is the one that `vendor` names, or that `absoluteUrl` or `url` lead to by their paths; otherwise it is empty.
    """
    if not isinstance(logged, dict):
        raise BadPattern("body", "must be a JSON object")
    members = {name: value for name, value in logged.items() if value is not None}
    for name in members:
        if name not in KNOWN:
            raise BadPattern(name, "is not known")
    vendor = text_of("vendor", members.get("vendor", ""))
    if vendor and vendor not in vendors:
        raise BadPattern("vendor", f"there is none named {vendor!r}")
    path, query = _address(members)
    found = next((name for name in (vendor, _vendor_in(_absolute_path(members), vendors), _vendor_in(path, vendors)) if name), "")
    exchange = Exchange(
        id="",
        sandbox="",
        vendor=found,
        operation=None,
        method=text_of("method", members.get("method", "GET")).upper(),
        path=_bytes(path),
        root=_root(path, vendors),
        query=_bytes(query),
        scheme="http",
        client="",
        request_headers=_headers(members.get("headers", {})),
        request_body=_body(members),
        status=0,
        response_headers=[],
        response_body=b"",
        at=0,
        seconds=0,
    )
    return exchange, members


def _address(members: dict[str, Any]) -> tuple[str, str]:
    name = "url" if "url" in members else "absoluteUrl"
    if name not in members:
        raise BadPattern("url", "it is needed")
    path, query = _split(name, members[name])
    given = members.get("queryParams", members.get("queryParameters"))
    if given is None or query:
        return path, query
    if not isinstance(given, dict):
        raise BadPattern("queryParams", "must be a JSON object")
    return path, urlencode([(name, value) for name, values in given.items() for value in _values(name, values)])


def _values(name: str, given: Any) -> list[str]:
    """Read the values of a parameter, as the journal shows them, or as one text or an array of texts."""
    values = given.get("values") if isinstance(given, dict) else given
    values = [values] if isinstance(values, str) else values
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadPattern(f"queryParams.{name}", "must have values")
    return values


def _absolute_path(members: dict[str, Any]) -> str:
    return _split("absoluteUrl", members["absoluteUrl"])[0] if "absoluteUrl" in members else ""


def _split(name: str, url: Any) -> tuple[str, str]:
    try:
        parts = urlsplit(text_of(name, url))
    except BadPattern:
        raise
    except ValueError as error:
        raise BadPattern(name, "must be a URL") from error
    return parts.path or "/", parts.query


def _root(path: str, vendors: Collection[str]) -> str:
    """Return what of a path leads to the sandbox and the vendor."""
    parts = path.split("/")
    start = 3 if parts[1:2] == ["s"] and len(parts) > 3 else 1
    return "/".join(parts[: start + 1]) if _at(parts, start) in vendors else ""


def _vendor_in(path: str, vendors: Collection[str]) -> str:
    root = _root(path, vendors)
    return root.rpartition("/")[2] if root else ""


def _at(parts: list[str], index: int) -> str:
    return parts[index] if index < len(parts) else ""


def _headers(given: Any) -> list[tuple[bytes, bytes]]:
    if not isinstance(given, dict):
        raise BadPattern("headers", "must be a JSON object")
    headers = []
    for name, value in given.items():
        for text in value if isinstance(value, list) else [value]:
            headers.append((_bytes(name).lower(), _bytes(text_of(f"headers.{name}", text))))
    return headers


def _body(members: dict[str, Any]) -> bytes:
    if "bodyAsBase64" not in members:
        return text_of("body", members.get("body", "")).encode("utf-8", "replace")
    try:
        return b64decode(text_of("bodyAsBase64", members["bodyAsBase64"]), validate=True)
    except BadPattern:
        raise
    except ValueError as error:
        raise BadPattern("bodyAsBase64", "must be base64") from error


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
