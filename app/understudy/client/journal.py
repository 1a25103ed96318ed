"""The journal: what was asked of a sandbox and what it answered. Patterns and entries are WireMock's."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from understudy.client.connection import Connection, segment

Row = Mapping[str, Any]

MATCHED: Final = frozenset({"headers", "queryParameters", "pathParameters", "formParameters", "cookies"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A request and, where it is told, its answer; secrets are masked.

    `url` is path and query as the vendor knows them, `absolute_url` what the client sent; `at` is the sandbox's instant.
    `operation` is None where the vendor offers nothing, `status` where only requests are told (`find`, `unmatched`, near misses).
    `faults` are the ids of those that had a part, `changes` the rows that it changed. `raw` is all that the control plane tells.
    """

    id: str
    vendor: str
    operation: str | None
    method: str
    url: str
    absolute_url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    status: int | None
    faults: Sequence[str]
    changes: Sequence[Row] = field(repr=False)
    raw: Row = field(repr=False)

    def json(self) -> Any:
        """Return the request's body, read as JSON; raise `ValueError`."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A request that no operation is there for, an operation that it comes near to, and what differs.

    `distance` is 0 for what is the same and 1 for what has nothing in common. `raw` is all that the control plane tells.
    """

    request: Entry
    operation: str
    distance: float
    differences: Sequence[str]
    raw: Row = field(repr=False)


class Journal:
    """The journal of one sandbox."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def requests(self, *, limit: int | None = None) -> list[Entry]:
        """List the requests, newest first, at most `limit` of them."""
        return [_entry(row) for row in self._connection.get("/requests", limit=limit)["requests"]]

    def get(self, number: str) -> Entry:
        """Return the entry that an answer's header `X-Understudy-Request` names."""
        return _entry(self._connection.get(f"/requests/{segment(number)}"))

    def find(self, **pattern: Any) -> list[Entry]:
        """List the requests that fit a pattern, oldest first: `find(vendor="cubicl", operation="createTask")`.

        A pattern is WireMock's, in snake case (`url_path="/…"`, `query_parameters={"limit": "5"}`, `body_patterns=[{…}]`);
        where a matcher may stand, a text is one for that text.
        """
        return [_entry(row) for row in self._connection.post("/requests/find", as_pattern(pattern))["requests"]]

    def count(self, **pattern: Any) -> int:
        """Return how many requests fit a pattern."""
        return int(self._connection.post("/requests/count", as_pattern(pattern))["count"])

    def remove(self, **pattern: Any) -> int:
        """Forget the requests that fit a pattern; return how many there were."""
        return len(self._connection.post("/requests/remove", as_pattern(pattern))["serveEvents"])

    def unmatched(self) -> list[Entry]:
        """List the requests that no operation of a vendor is there for, oldest first."""
        return [_entry(row) for row in self._connection.get("/requests/unmatched")["requests"]]

    def near_misses(self) -> list[NearMiss]:
        """List the operations that each of those comes nearest to."""
        return [_near_miss(row) for row in self._connection.get("/requests/unmatched/near-misses")["nearMisses"]]

    def clear(self) -> None:
        """Forget every request."""
        self._connection.delete("/requests")


def as_pattern(pattern: Row) -> dict[str, Any]:
    """Return a pattern as WireMock writes it: names in camel case, a plain text for a matcher meaning `equalTo`."""
    written = {_camel(name): value for name, value in pattern.items()}
    for member in MATCHED & written.keys():
        written[member] = {
            name: {"equalTo": value} if isinstance(value, str) else value for name, value in written[member].items()
        }
    return written


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _entry(row: Row) -> Entry:
    """Read an entry of the journal, or a request that stands alone."""
    request: Row = row.get("request", row)
    return Entry(
        id=request["id"],
        vendor=request["vendor"],
        operation=request["operation"],
        method=request["method"],
        url=request["url"],
        absolute_url=request["absoluteUrl"],
        headers={name: value if isinstance(value, str) else ", ".join(value) for name, value in request["headers"].items()},
        body=base64.b64decode(request["bodyAsBase64"]),
        at=datetime.fromisoformat(request["instant"]),
        status=row["response"]["status"] if "response" in row else None,
        faults=request["faults"],
        changes=request["changes"],
        raw=row,
    )


def _near_miss(row: Row) -> NearMiss:
    result = row["matchResult"]
    return NearMiss(
        request=_entry(row["request"]),
        operation=row["stubMapping"]["name"],
        distance=result["distance"],
        differences=row["request"]["differences"],
        raw=row,
    )
