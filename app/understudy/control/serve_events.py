"""Exchanges as WireMock writes them: logged requests, serve events and near misses, with secrets masked.

What is ours stands in the request, where listings of events and of requests both have it: `id`, `vendor`, `operation`, `sandbox`,
`instant`, `faults`, `rules`, `changes`, of a near miss `differences`, and `bodyKept: false` where a body was never whole in
memory. Not beside WireMock's members of an event, where one would look first: its Java client refuses an event or a near miss
with a member that it doesn't know.
Servers see header names in lower case; they are shown as Go writes them (`Content-Type`).
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final

from understudy.core.asked import Asked, headers_of
from understudy.core.clock import iso
from understudy.core.documented import Documented, by_operation
from understudy.core.exchange import Exchange
from understudy.core.ledger import rule_named
from understudy.core.near_misses import NearMiss
from understudy.core.redaction import Redaction
from understudy.core.store import Change
from understudy.core.vendor import Vendor
from understudy.core.webhooks import Delivery

TOLD_OF_CORE: Final = Delivery.__tablename__
_NAMES: dict[str, str] = {}


class Rendering:
    """Writes exchanges."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._redactions = {
            name: Redaction(vendor.secret_paths, {table.name: table.primary_key.columns.keys() for table in vendor.tables})
            for name, vendor in vendors.items()
        }
        self._nobody = Redaction()

    def request(self, asked: Asked) -> dict[str, Any]:
        """Return a logged request."""
        exchange = asked.exchange
        redaction = self._redactions.get(exchange.vendor, self._nobody)
        body, encoded = _body(exchange.request_body, asked.content_type, redaction)
        return {
            "url": redaction.url(asked.url),
            "absoluteUrl": redaction.url(asked.absolute_url),
            "method": asked.method,
            "clientIp": exchange.client,
            "headers": _headers(asked.headers, redaction),
            "cookies": dict.fromkeys(asked.cookies, "***"),
            "browserProxyRequest": False,
            "loggedDate": exchange.at,
            "bodyAsBase64": encoded,
            "body": body,
            "scheme": exchange.scheme,
            "host": asked.host,
            "port": asked.port,
            "loggedDateString": iso(exchange.at),
            "queryParams": _parameters(asked.query, redaction),
            "formParams": _parameters(asked.form, redaction),
            **_own(exchange, redaction),
        }

    def event(self, exchange: Exchange) -> dict[str, Any]:
        """Return a serve event."""
        redaction = self._redactions.get(exchange.vendor, self._nobody)
        headers = headers_of(exchange.response_headers)
        body, encoded = _body(exchange.response_body, headers.get("content-type", [""])[0].lower(), redaction)
        shown = _headers(headers, redaction)
        took = round(exchange.seconds * 1000)
        event = {
            "id": exchange.id,
            "request": self.request(Asked(exchange)),
            "responseDefinition": {"status": exchange.status, "headers": shown, "body": body},
            "response": {"status": exchange.status, "headers": shown, "bodyAsBase64": encoded, "body": body},
            "wasMatched": exchange.matched,
            "timing": {
                "addedDelay": exchange.delay_ms,
                "processTime": took,
                "responseSendTime": 0,
                "serveTime": took,
                "totalTime": took + exchange.delay_ms,
            },
            "subEvents": [],
        }
        if (mapping := self.mapping_of(exchange)) is not None:
            event["stubMapping"] = mapping
        return event

    def mapping_of(self, exchange: Exchange) -> dict[str, Any] | None:
        """Return what stands for the operation that was asked for, in the place of WireMock's stub; None if there is none."""
        operation = by_operation(exchange.vendor).get(exchange.operation) if exchange.operation else None
        return None if operation is None else stub_mapping(operation)

    def near_miss(self, request: dict[str, Any], miss: NearMiss) -> dict[str, Any]:
        """Return how near a request, already written, comes to an operation."""
        return {
            "request": {**request, "differences": list(miss.differences)},
            "stubMapping": stub_mapping(miss.documented),
            "matchResult": {"distance": miss.distance},
        }


def stub_mapping(operation: Documented) -> dict[str, Any]:
    """Return a documented operation in the form of a stub mapping."""
    status = 200 if operation.operation is not None else 501
    return {
        "id": operation.id,
        "name": operation.operation or operation.summary,
        "request": {"urlPathTemplate": operation.path, "method": operation.method},
        "response": {"status": status},
        "metadata": {"vendor": operation.vendor, "operation": operation.operation, "summary": operation.summary},
        "uuid": operation.id,
    }


def _body(body: bytes | None, content_type: str, redaction: Redaction) -> tuple[str, str]:
    """Return a body as text and as base64; of one that is no text nothing can be masked but what looks like text in it."""
    if not body:
        return "", ""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        masked = redaction.body(body.decode("latin-1"), content_type).encode("latin-1", "replace")
        return masked.decode("utf-8", "replace"), b64encode(masked).decode()
    shown = redaction.body(text, content_type)
    return shown, b64encode(body if shown == text else shown.encode()).decode()


def _headers(headers: Mapping[str, list[str]], redaction: Redaction) -> dict[str, str | list[str]]:
    shown: dict[str, str | list[str]] = {}
    for name, values in headers.items():
        masked = [redaction.header(name, value) for value in values]
        shown[_shown_name(name)] = masked[0] if len(masked) == 1 else masked
    return shown


def _shown_name(name: str) -> str:
    shown = _NAMES.get(name)
    if shown is None:
        shown = "-".join(part.capitalize() for part in name.split("-"))
        if len(_NAMES) < 1000:  # clients choose names, so not all of them can be remembered
            _NAMES[name] = shown
    return shown


def _parameters(values: Mapping[str, list[str]], redaction: Redaction) -> dict[str, Any]:
    return {name: {"key": name, "values": redaction.values(name, given)} for name, given in values.items()}


def _own(exchange: Exchange, redaction: Redaction) -> dict[str, Any]:
    """Return what WireMock's clients don't know of."""
    own = {
        "id": exchange.id,
        "vendor": exchange.vendor,
        "operation": exchange.operation,
        "sandbox": exchange.sandbox,
        "instant": iso(exchange.at),
        "faults": list(exchange.faults),
        "rules": [{"id": rule, "grade": rule_named(rule).grade} for rule in exchange.rules],
        "changes": [_change(change, redaction) for change in exchange.changes if _is_told(change)],
    }
    return own if exchange.request_body is not None and exchange.response_body is not None else {**own, "bodyKept": False}


def _is_told(change: Change) -> bool:
    return change.table == TOLD_OF_CORE or not change.table.startswith("core_")


def _change(change: Change, redaction: Redaction) -> dict[str, Any]:
    key: Iterable[Any] | None = None if change.key is None else redaction.key(change.table, change.key)
    return {"change": change.change, "table": change.table, "key": key, "rows": change.rows}
