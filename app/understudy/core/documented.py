"""What a contract file documents, an entry for each operation, emulated or not: what near misses are measured against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from understudy.core.contract import contract

VERBS: Final = ("get", "put", "post", "delete", "options", "patch")


@dataclass(frozen=True)
class Documented:
    """An operation of a contract file.

    `operation` is its operationId, None of one that is not emulated. `query` are the names of its query parameters, `required`
    what has to be there: headers by their names, query parameters by theirs. `scheme` is that of `Authorization`,
    where HTTP has it.
    """

    vendor: str
    operation: str | None
    method: str
    path: str
    query: frozenset[str] = frozenset()
    required_headers: tuple[str, ...] = ()
    required_query: tuple[str, ...] = ()
    scheme: str | None = None
    needs_body: bool = False
    media_types: tuple[str, ...] = ()
    summary: str = ""

    @cached_property
    def id(self) -> str:
        """An id of UUID form, the same at every run."""
        return str(uuid5(NAMESPACE_URL, f"understudy:{self.vendor}:{self.method}:{self.path}"))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path's segments in lower case; one that stands for anything is `{}`."""
        return tuple("{}" if "{" in part else part.lower() for part in self.path.strip("/").split("/"))


@cache
def documented(vendor: str) -> tuple[Documented, ...]:
    """Return every operation that the contract of a vendor tells of, in its order."""
    return (*_emulated(vendor), *_not_emulated(vendor))


@cache
def by_operation(vendor: str) -> Mapping[str, Documented]:
    """Return the emulated operations by operationId."""
    return {one.operation: one for one in documented(vendor) if one.operation is not None}


def _emulated(vendor: str) -> Iterator[Documented]:
    for path, item in contract(vendor)["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield _read(vendor, path, verb, item[verb], item.get("parameters", []))


def _not_emulated(vendor: str) -> Iterator[Documented]:
    for entry in contract(vendor).get("x-not-emulated", []):
        for path in (entry["path"], entry.get("also")):
            if path is not None:
                yield Documented(vendor, None, entry["method"], path, summary=entry.get("summary", ""))


def _read(vendor: str, path: str, verb: str, operation: Mapping[str, Any], shared: list[Any]) -> Documented:
    parameters = [_resolved(vendor, one) for one in (*shared, *operation.get("parameters", []))]
    body = _resolved(vendor, operation.get("requestBody", {}))
    credential, scheme = _credential(vendor, operation.get("security", []))
    required = {
        place: tuple(one["name"] for one in parameters if one["in"] == place and one.get("required"))
        for place in ("header", "query")
    }
    return Documented(
        vendor=vendor,
        operation=operation["operationId"],
        method=verb.upper(),
        path=path,
        query=frozenset(one["name"].partition("[")[0] for one in parameters if one["in"] == "query"),
        required_headers=(*credential, *(name for name in required["header"] if name not in credential)),
        required_query=required["query"],
        scheme=scheme,
        needs_body=bool(body.get("required")),
        media_types=tuple(body.get("content", {})),
        summary=operation.get("summary", ""),
    )


def _credential(vendor: str, security: list[Mapping[str, Any]]) -> tuple[tuple[str, ...], str | None]:
    """Return the header that a credential has to come in, and its scheme; none where an operation is open to all."""
    if not security or any(not one for one in security):
        return (), None
    scheme = contract(vendor)["components"]["securitySchemes"][next(iter(security[0]))]
    if scheme["type"] == "http":
        return ("Authorization",), str(scheme["scheme"])
    return ((scheme["name"],), None) if scheme.get("in") == "header" else ((), None)


def _resolved(vendor: str, node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = contract(vendor)
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node
