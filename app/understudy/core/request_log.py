"""One log line for each request to a vendor.

The line's fields are on the record, as `record.msg.fields()`, for whoever writes JSON; `str(record.msg)` is for people. Neither
is made unless the line is written. No query, header or body is in it: they may hold secrets, and so may what a vendor answers,
which is why a refusal is told by its name in our code.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from understudy.core.exchange import Exchange
from understudy.core.redaction import Redaction

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

LONGEST_PATH: Final = 512

log = logging.getLogger("understudy.request")


def printable(text: str, at_most: int = LONGEST_PATH) -> str:
    """Return text as it may stand in a log line: no control characters, no spaces, not too long."""
    if len(text) > at_most:
        text = f"{text[:at_most]}..."
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return text.encode("unicode_escape").decode().replace(" ", "\\x20")


class RequestLine:
    """What is told of one request."""

    __slots__ = ("_exchange", "_shown")

    def __init__(self, exchange: Exchange, shown: Callable[[str], str]) -> None:
        """`shown` masks what of a path is as good as a token."""
        self._exchange = exchange
        self._shown = shown

    def fields(self) -> dict[str, Any]:
        """Return what is told, by name; of a refusal its name as well, and of faults their ids."""
        exchange = self._exchange
        fields = {
            "sandbox": exchange.sandbox,
            "vendor": exchange.vendor,
            "method": printable(exchange.method),
            "path": printable(self._shown(exchange.own_path)),
            "status": exchange.status,
            "milliseconds": round(exchange.seconds * 1000, 3),
            "operation": exchange.operation,
            "request": exchange.id,
        }
        if exchange.refusal is not None:
            fields["refusal"] = exchange.refusal
        if exchange.faults:
            fields["faults"] = list(exchange.faults)
        return fields

    def __str__(self) -> str:
        exchange = self._exchange
        line = (
            f"{exchange.sandbox} {exchange.vendor} {printable(exchange.method)} {printable(self._shown(exchange.own_path))}"
            f" {exchange.status} {exchange.seconds * 1000:.1f}ms {exchange.operation or '-'} {exchange.id}"
        )
        if exchange.refusal is not None:
            line += f" refusal={exchange.refusal}"
        if exchange.faults:
            line += f" faults={','.join(exchange.faults)}"
        return line


def request_log(vendors: Iterable["Vendor"]) -> Callable[[Exchange], None]:
    """Return the observer that writes the lines.

    The handler that `logs.py` sets up takes them as they are (`gather`); without it they are records like any others.
    """
    shown = {vendor.name: Redaction(vendor.secret_paths).path for vendor in vendors}
    direct = next((handler.gather for handler in logging.getLogger().handlers if hasattr(handler, "gather")), None)
    name, level, enabled, now = log.name, logging.INFO, log.isEnabledFor, time.time

    def observe(exchange: Exchange) -> None:
        if not enabled(level):
            return
        line = RequestLine(exchange, shown[exchange.vendor])
        if direct is not None:
            direct(now(), level, name, line)
        else:
            log.info(line)

    return observe
