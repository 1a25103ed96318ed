"""A request taken apart, each part when it is first asked for: what patterns and near misses look at and a listing shows."""

from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from understudy.core.exchange import Exchange, Headers

NO_JSON: Final = object()
"""Stands for a body that is no JSON; null is JSON."""

Values = dict[str, list[str]]
FORM: Final = "application/x-www-form-urlencoded"
USUAL_PORTS: Final = {"http": 80, "https": 443}


class Asked:
    """What an exchange asked. Nothing is masked here."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.method = exchange.method

    @cached_property
    def query_string(self) -> str:
        """The query with its question mark; empty where there is none."""
        query = self.exchange.query.decode("latin-1")
        return f"?{query}" if query else ""

    @cached_property
    def path(self) -> str:
        """The path as the vendor knows it."""
        return self.exchange.own_path

    @cached_property
    def url(self) -> str:
        """Path and query as the vendor knows them."""
        return self.path + self.query_string

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The path as the vendor knows it, and as it was received, with and without what named the sandbox."""
        received = self.exchange.path.decode("latin-1")
        if received == self.path:
            return (received,)
        if received.startswith("/s/") and self.exchange.root.count("/") > 2:
            return (self.path, received, "/" + received.split("/", 3)[3])
        return (self.path, received)

    @cached_property
    def urls(self) -> tuple[str, ...]:
        """The same with the query."""
        return tuple(path + self.query_string for path in self.paths)

    @cached_property
    def headers(self) -> Values:
        """Every value of each header, by its name in lower case."""
        return headers_of(self.exchange.request_headers)

    @cached_property
    def query(self) -> Values:
        """Every value of each query parameter, decoded."""
        return _pairs(self.query_string[1:])

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies; the last one of a name counts."""
        try:
            morsels = SimpleCookie("; ".join(self.headers.get("cookie", [])))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in morsels.items()}

    @cached_property
    def form(self) -> Values:
        """Every value of each field of an HTML form; empty for a body that is none."""
        if not self.content_type.startswith(FORM):
            return {}
        return _pairs(self.exchange.request_body.decode("utf-8", "replace") if self.exchange.request_body else "")

    @property
    def content_type(self) -> str:
        """The content type in lower case; empty where there is none."""
        return self.headers.get("content-type", [""])[0].lower()

    @cached_property
    def text(self) -> str | None:
        """The body as text, its broken characters replaced; None where there is no body."""
        return self.exchange.request_body.decode("utf-8", "replace") if self.exchange.request_body else None

    @cached_property
    def json(self) -> Any:
        """The body as JSON, `NO_JSON` if it is none."""
        return json_of(self.exchange.request_body or b"")

    @cached_property
    def host(self) -> str:
        """The host that the client named, without its port."""
        return self._authority[0]

    @cached_property
    def port(self) -> int:
        """The port that the client named, or the usual one of the scheme."""
        port = self._authority[1]
        return int(port) if port.isascii() and port.isdecimal() else USUAL_PORTS.get(self.exchange.scheme, 0)

    @cached_property
    def absolute_url(self) -> str:
        """The URL as received."""
        authority = self.headers.get("host", ["localhost"])[0]
        return f"{self.exchange.scheme}://{authority}{self.exchange.path.decode('latin-1')}{self.query_string}"

    @cached_property
    def _authority(self) -> tuple[str, str]:
        authority = self.headers.get("host", [""])[0]
        host, colon, port = authority.rpartition(":")
        return (host, port) if colon and not port.endswith("]") else (authority, "")


def headers_of(headers: Headers) -> Values:
    """Return every value of each header, by its name in lower case."""
    found: Values = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def json_of(body: bytes | str) -> Any:
    """Return what a JSON text says, `NO_JSON` if it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return NO_JSON


def _pairs(text: str) -> Values:
    found: Values = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found
