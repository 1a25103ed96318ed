"""Faults: rules that make a sandbox answer otherwise than its vendor would just now."""

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, Never

from understudy.client.clock import Instant, iso
from understudy.client.connection import Connection, segment

Status = int | Literal["rateLimit", "unauthorized", "forbidden", "timeout"]
Rule = Mapping[str, Any]

LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A rule of a sandbox: which requests it is for, when, and what then.

    `eligible` is how many requests it was for so far, `fired` how many of them it struck.
    """

    id: str
    match: Rule
    when: Rule
    then: Rule
    eligible: int
    fired: int

    def __str__(self) -> str:
        """Say it in one line, in the words of `Faults.add()`; the token that it is for is not told."""
        words = (
            f"{_keyword(name)}={_shown(name, value)}"
            for part in (self.then, self.match, self.when)
            for name, value in part.items()
        )
        return f"{self.id}: {self.eligible} eligible, {self.fired} fired  {' '.join(words)}"


class Faults:
    """The faults of one sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        *,
        match: Rule | None = None,
        when: Rule | None = None,
        then: Rule | None = None,
        vendor: str | None = None,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        token: str | None = None,
        skip: int | None = None,
        times: int | None = None,
        probability: float | None = None,
        from_: Instant | None = None,
        until: Instant | None = None,
        status: Status | None = None,
        delay_ms: int | None = None,
        delay_jitter_ms: int | None = None,
        bytes_per_second: int | None = None,
        connection: Literal["reset", "empty", "truncate", "malformed"] | None = None,
        paging: Literal["insert", "delete", "duplicate", "expire"] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **unknown: Never,
    ) -> Fault:
        """Add a rule, written out (`match`, `when`, `then` as the control plane has them) or by keywords, which go on top.

        `faults.add(operation="createTask", status=500, times=3)` fails the next three calls of one operation. Raises `TypeError`
        for a keyword that there is not, and `ValueError` for a rule that does nothing.
        """
        for name in unknown:
            raise TypeError(_no_keyword(name))
        wishes: dict[str, Rule] = {
            "match": {"vendor": vendor, "operation": operation, "method": method, "path": path, "token": token},
            "when": {
                "skip": skip,
                "times": times,
                "probability": probability,
                "from": from_ and iso(from_),
                "until": until and iso(until),
            },
            "then": {
                "status": status,
                "delayMs": delay_ms,
                "delayJitterMs": delay_jitter_ms,
                "bytesPerSecond": bytes_per_second,
                "connection": connection,
                "paging": paging,
                "body": body,
                "headers": headers,
            },
        }
        written = {"match": match, "when": when, "then": then}
        rule = {part: {**(written[part] or {}), **_given(wishes[part])} for part in written}
        if not _given(rule["then"]):
            raise ValueError(f"a fault does something: give it {_either(map(_keyword, wishes['then']))}")
        return _fault(self._connection.post("/faults", {part: fields for part, fields in rule.items() if fields}))

    def list(self) -> list[Fault]:
        """List the rules, in the order in which they were added."""
        return [_fault(row) for row in self._connection.get("/faults")["faults"]]

    def assert_all_fired(self) -> None:
        """Raise `AssertionError` if there are rules that never struck; it names them."""
        silent = [fault for fault in self.list() if not fault.fired]
        if silent:
            raise AssertionError("\n".join(["these faults never fired:", *map(str, silent)]))

    def remove(self, number: str) -> None:
        """Remove one rule by its id."""
        self._connection.delete(f"/faults/{segment(number)}")

    def clear(self) -> None:
        """Remove all rules."""
        self._connection.delete("/faults")


def _no_keyword(name: str) -> str:
    known = [one for one in inspect.signature(Faults.add).parameters if one not in ("self", "unknown")]
    near = get_close_matches(name, known, n=1)
    return f"a fault has no {name!r}; " + (f"is {near[0]!r} meant?" if near else f"there is {', '.join(known)}")


def _keyword(name: str) -> str:
    """Return the keyword of `Faults.add()` for a name of the control plane's."""
    return "from_" if name == "from" else re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _shown(name: str, value: Any) -> str:
    text = "***" if name == "token" else " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _either(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"


def _given(wishes: Rule) -> dict[str, Any]:
    return {name: value for name, value in wishes.items() if value is not None}


def _fault(row: Rule) -> Fault:
    return Fault(
        id=row["id"],
        match=row["match"],
        when=row["when"],
        then=row["then"],
        eligible=row["eligible"],
        fired=row["fired"],
    )
