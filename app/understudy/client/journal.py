"""The journal: what was asked of a sandbox and what it answered. Patterns and entries are WireMock's."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from understudy.client.connection import Connection, segment

Row = Mapping[str, Any]

LONGEST_URL: Final = 200

# The members of a pattern in which matchers stand: by name, in a list, alone.
BY_NAME: Final = frozenset({"headers", "queryParameters", "pathParameters", "formParameters", "cookies"})
IN_A_LIST: Final = frozenset({"bodyPatterns"})
ALONE: Final = frozenset({"host", "clientIp"})

# WireMock's matchers and their options, as far as their names are of more than one word; those that the control plane
# doesn't have are among them, for it says so of them by their names.
WORDS: Final = (
    "equalTo", "caseInsensitive", "binaryEqualTo", "doesNotContain", "doesNotMatch", "hasExactly",
    "equalToJson", "ignoreArrayOrder", "ignoreExtraElements", "matchesJsonPath", "matchesJsonSchema",
    "equalToDateTime", "equalToXml", "matchesXPath", "matchesName", "customMatcher",
    "equalToNumber", "greaterThanNumber", "greaterThanEqualNumber", "lessThanNumber", "lessThanEqualNumber",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A request and, where it is told, its answer; secrets are masked.

    `url` is path and query as the vendor knows them, `absolute_url` what the client sent; `at` is the sandbox's instant.
    `operation` is None where the vendor offers nothing, `status` where only requests are told (`find`, `unmatched`, near misses).
    `faults` are the ids of those that had a part, `rules` the ids of those that the answer followed, `changes` the rows that it
    changed. `raw` is all that the control plane tells.
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
    rules: Sequence[str]
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

    def __str__(self) -> str:
        """Say it in one line."""
        asked = f"{self.request.method} {self.request.url[:LONGEST_URL]}"
        return f"{asked} comes near {self.request.vendor} {self.operation} ({self.distance:.2f}): {' '.join(self.differences)}"


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

        A pattern is WireMock's, in snake case (`url_path="/…"`, `query_parameters={"limit": "5"}`,
        `body_patterns=[{"matches_json_path": "$.name"}]`), or with matchers as WireMock writes them; where a matcher may stand,
        a text is one for that text.
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
    return {(member := _camel(name)): _as_member(member, value) for name, value in pattern.items()}


def _as_member(member: str, value: Any) -> Any:
    if member in BY_NAME and isinstance(value, Mapping):
        return {name: _as_matcher(matcher) for name, matcher in value.items()}
    if member in IN_A_LIST and isinstance(value, list | tuple):
        return [_as_matcher(matcher) for matcher in value]
    return _as_matcher(value) if member in ALONE else value


def _as_matcher(matcher: Any) -> Any:
    if isinstance(matcher, str):
        return {"equalTo": matcher}
    if not isinstance(matcher, Mapping):
        return matcher
    named = {str(MATCHERS.get(name, name)): operand for name, operand in matcher.items()}
    return {name: _as_operand(name, operand) for name, operand in named.items()}


def _as_operand(matcher: str, operand: Any) -> Any:
    """Return what a matcher is given: matchers too, a path with one, or data, which stay as they are."""
    if matcher in ("and", "or", "hasExactly", "includes") and isinstance(operand, list | tuple):
        return [_as_matcher(part) for part in operand]
    if matcher == "not" or (matcher == "matchesJsonPath" and isinstance(operand, Mapping)):
        return _as_matcher(operand)
    return operand


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0]}", name).lower()


MATCHERS: Final = {_snake(name): name for name in WORDS}


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
        rules=[rule["id"] for rule in request["rules"]],
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
