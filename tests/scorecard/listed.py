"""The failures that the fuzzer finds and that stay, because the vendor behaves so; data that the run itself goes by.

`exceptions.yaml` has an entry for each: of which vendor and operations, which check fails, on what condition, and why. All that
an entry says must hold; a failure that no entry fits is red.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("exceptions.yaml")
CONDITIONS = {"status", "method", "answer", "failure"}
EMPTY = r"\A\Z"


@dataclass(frozen=True)
class Found:
    """A failure, as far as an entry may ask about it."""

    vendor: str
    operation: str
    checks: tuple[str, ...]
    status: int
    method: str
    answer: str
    failure: str


@dataclass(frozen=True)
class Entry:
    """A failure that stays. `operations` are ids; without any it is every operation of the vendor.

    `answer` and `failure` are regular expressions, found in the body of the answer and in what schemathesis says.
    """

    vendor: str
    check: str
    reason: str
    operations: tuple[str, ...] = ()
    status: int | None = None
    method: str | None = None
    answer: str | None = None
    failure: str | None = None

    def fits(self, found: Found) -> bool:
        """Whether the failure is this one."""
        return (
            self.vendor == found.vendor
            and self.check in found.checks
            and (not self.operations or found.operation in self.operations)
            and self.status in (None, found.status)
            and self.method in (None, found.method)
            and _has(self.answer, found.answer)
            and _has(self.failure, found.failure)
        )

    def condition(self) -> str:
        """Say when a failure is this one."""
        parts = [
            f"{self.status}" if self.status else "",
            f"to `{self.method}`" if self.method else "",
            "with an empty body" if self.answer == EMPTY else f"with {_code(self.answer)}" if self.answer else "",
            f"where schemathesis says {_code(self.failure)}" if self.failure else "",
        ]
        return " ".join(filter(None, parts))


@cache
def entries() -> tuple[Entry, ...]:
    """Return the entries in the order of the file."""
    return tuple(map(entry, yaml.safe_load(FILE.read_text())))


def entry(written: Mapping[str, Any]) -> Entry:
    """Read an entry; raise `TypeError` or `ValueError` for what is none."""
    fields = dict(written)
    when = fields.pop("when", {})
    if not when or when.keys() - CONDITIONS:
        raise ValueError(f"exceptions.yaml: `when` needs some of {', '.join(sorted(CONDITIONS))}, and nothing else")
    return Entry(operations=tuple(fields.pop("operations", ())), **fields, **when)


def entry_for(found: Found) -> int | None:
    """Return the place of the first entry that fits."""
    return next((place for place, entry in enumerate(entries()) if entry.fits(found)), None)


def report(vendor: str, met: Mapping[str, int]) -> Iterator[str]:
    """Tell how often each entry of a vendor was met, by its place in the file; one that was never met may have become idle."""
    yield f"{vendor}: failures that are listed"
    for place, entry in enumerate(entries()):
        if entry.vendor == vendor:
            yield f"  {met.get(str(place), 0) or 'NEVER':>6}  {entry.check}, {_operations(entry)}: {entry.condition()}"


def table() -> str:
    """Return the list as the README shows it."""
    lines = ["| Vendor | Operations | Check | Where | Why |", "|---|---|---|---|---|"]
    for entry in entries():
        cells = entry.vendor, _operations(entry), f"`{entry.check}`", entry.condition(), " ".join(entry.reason.split())
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _has(expression: str | None, text: str) -> bool:
    return expression is None or re.search(expression, text) is not None


def _operations(entry: Entry) -> str:
    return ", ".join(f"`{operation}`" for operation in entry.operations) or "all"


def _code(expression: str) -> str:
    return f"`` {expression} ``" if "`" in expression else f"`{expression}`"
