"""The failures that the fuzzer finds and that stay, because the vendor behaves so; data that the run itself goes by.

`exceptions.yaml` has an entry for each: of which vendor and operations, which check fails, on what condition, and why. All that an
entry says must hold; a failure that no entry fits is red.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("exceptions.yaml")
CONDITIONS = ("status", "method", "answer", "request", "failure")


@dataclass(frozen=True)
class Found:
    """A failure as far as an entry may ask about it."""

    vendor: str
    operation: str
    checks: tuple[str, ...]
    status: int
    method: str
    answer: str
    request: str
    failure: str


@dataclass(frozen=True)
class Entry:
    """A failure that stays. `operations` are ids; without any it is every operation of the vendor."""

    number: int
    vendor: str
    check: str
    reason: str
    operations: tuple[str, ...] = ()
    status: int | None = None
    method: str | None = None
    answer: str | None = None
    """A regular expression that is found in the body of the answer."""
    request: str | None = None
    """A regular expression that is found in the request: its target, and after a line break its body."""
    failure: str | None = None
    """A regular expression that is found in what schemathesis says."""

    def fits(self, found: Found) -> bool:
        """Whether the failure is this one."""
        return (
            self.vendor == found.vendor
            and self.check in found.checks
            and (not self.operations or found.operation in self.operations)
            and self.status in (None, found.status)
            and self.method in (None, found.method)
            and _has(self.answer, found.answer)
            and _has(self.request, found.request)
            and _has(self.failure, found.failure)
        )

    def condition(self) -> str:
        """Say when a failure is this one, for people."""
        parts = [
            f"{self.status}" if self.status else "",
            f"to `{self.method}`" if self.method else "",
            "with an empty body" if self.answer == EMPTY else f"with {_code(self.answer)}" if self.answer else "",
            f"where the request has {_code(self.request)}" if self.request else "",
            f"where the report has {_code(self.failure)}" if self.failure else "",
        ]
        return " ".join(filter(None, parts))


EMPTY = r"\A\Z"


def _has(expression: str | None, text: str) -> bool:
    return expression is None or re.search(expression, text, re.DOTALL) is not None


def _code(expression: str) -> str:
    return f"`{expression.replace('|', chr(92) + '|')}`"


@cache
def entries() -> tuple[Entry, ...]:
    """Return the entries in the order of the file."""
    return tuple(_read(yaml.safe_load(FILE.read_text())))


def _read(listed: list[dict[str, Any]]) -> Iterator[Entry]:
    for number, entry in enumerate(listed):
        when = entry.pop("when", {})
        if unknown := when.keys() - set(CONDITIONS):
            raise ValueError(f"exceptions.yaml: {min(unknown)!r} is no condition")
        yield Entry(number=number, operations=tuple(entry.pop("operations", ())), **entry, **when)


def entry_for(found: Found) -> Entry | None:
    """Return the first entry that fits."""
    return next((entry for entry in entries() if entry.fits(found)), None)


def table() -> str:
    """Return the list as the README shows it."""
    lines = ["| Vendor | Operations | Check | What is answered | Why |", "|---|---|---|---|---|"]
    for entry in entries():
        operations = ", ".join(f"`{operation}`" for operation in entry.operations) or "all"
        lines.append(
            f"| {entry.vendor} | {operations} | `{entry.check}` | {entry.condition()} | {' '.join(entry.reason.split())} |"
        )
    return "\n".join(lines)
