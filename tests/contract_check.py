"""Holds every answer that any test gets against the contract file of its vendor, and remembers what was seen.

An answer with a status, content type or body that the contract doesn't have fails the test that got it. After a run of the whole
suite, `unseen` tells which statuses and parameters of the contract no test has met.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import jsonschema_rs

from understudy.core.contract import contract, is_word_of_known_gap
from understudy.vendors import VENDORS

VERBS = ("get", "put", "post", "delete", "options", "patch")
Seen = set[tuple[str, str, str]]
UNVERIFIED = "Understudy answers 501: this request relied on what nobody has proven"
SEEN: Seen = set()
"""Vendor, operationId and a status such as `200` or a parameter such as `?limit`."""


@dataclass(frozen=True)
class Operation:
    """An operation of a contract file."""

    vendor: str
    method: str
    pattern: re.Pattern[str]
    id: str
    parameters: tuple[str, ...]
    responses: dict[str, Any] = field(hash=False)


def resolve(name: str, node: dict[str, Any]) -> dict[str, Any]:
    """Follow `$ref`s inside a contract file."""
    while "$ref" in node:
        found: Any = contract(name)
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/")]
        node = found
    return node


def is_alias(path: str, paths: Mapping[str, Any]) -> bool:
    """Whether a path is that of version 1 of an API with the version left out, where both are served.

    Its operations are those of the other one, named with `Alias` at the end: what a test sees of one, it has seen of both.
    """
    return path.startswith("/api/") and path.replace("/api/", "/api/v1/", 1) in paths


@cache
def operations(name: str) -> list[Operation]:
    """Return the operations of a contract file; paths without parameters come first."""
    found = []
    for path, item in contract(name)["paths"].items():
        shared = item.get("parameters", [])
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "/?", re.IGNORECASE)
        for verb in VERBS:
            if verb not in item:
                continue
            given = [resolve(name, parameter) for parameter in [*shared, *item[verb].get("parameters", [])]]
            query = tuple(f"?{parameter['name']}" for parameter in given if parameter["in"] == "query")
            responses = {status: resolve(name, response) for status, response in item[verb]["responses"].items()}
            operation_id = item[verb]["operationId"]
            if is_alias(path, contract(name)["paths"]):
                operation_id = operation_id.removesuffix("Alias")
            found.append(Operation(name, verb.upper(), pattern, operation_id, query, responses))
    return sorted(found, key=lambda operation: operation.pattern.pattern.count("[^/]+"))


@cache
def validator(operation: Operation, status: str, media_type: str) -> jsonschema_rs.Draft202012Validator:
    """Return what checks the body of an answer."""
    schema = operation.responses[status]["content"][media_type]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": needed(operation.vendor, schema)})


def needed(name: str, schema: Any) -> dict[str, dict[str, Any]]:
    """Return the components that a schema refers to, at any distance; each validator has a copy of all that it is given."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting += node.values()
            kind, key, *_ = [*str(node.get("$ref", "")).removeprefix("#/components/").split("/"), ""]
            if key and key not in found.setdefault(kind, {}):
                found[kind][key] = contract(name)["components"][kind][key]
                waiting.append(found[kind][key])
        elif isinstance(node, list):
            waiting += node
    return found


def check(response: httpx2.Response) -> None:
    """Fail when an answer of a vendor is not as its contract says."""
    response.read()
    request = response.request
    # As it was sent: an encoded slash belongs to its segment.
    sent = re.sub(r"^/s/[^/]*", "", request.url.raw_path.partition(b"?")[0].decode("ascii"))
    name, _, path = sent.removeprefix("/").partition("/")
    if name not in (vendor.name for vendor in VENDORS) or path.split("/")[0] in ("docs", "openapi.json"):
        return
    if "x-understudy-fault" in response.headers and not response.is_success:
        return None
    if response.status_code == 404 and is_ours(response):
        return None
    if response.status_code == 501 and is_word_of_known_gap(name, request.method, f"/{path}"):
        return None
    if response.status_code == 501 and response.text.startswith(UNVERIFIED):
        return None
    for operation in operations(name):
        if operation.method == request.method and operation.pattern.fullmatch(f"/{path}"):
            return check_operation(operation, response)
    if request.method != "HEAD":
        assert response.status_code in (204, 400, 401, 404, 405, 413, 500, 501), (
            f"{request.method} /{path} is not in the contract"
        )
    return None


def is_ours(response: httpx2.Response) -> bool:
    """Whether an answer is the one to a sandbox that is not there, whoever was asked."""
    return response.text.startswith('{"errors":[{"code":"unknown_sandbox"')


def check_operation(operation: Operation, response: httpx2.Response) -> None:
    """Fail when an answer to an operation is not as the contract says."""
    status = str(response.status_code)
    what = f"{operation.vendor} {operation.id} {status}"
    assert status in operation.responses, f"{what} is not in the contract: {response.text[:300]}"
    SEEN.add((operation.vendor, operation.id, status))
    if status == "200":
        given = {key for key, _ in parse_qsl(response.request.url.query.decode("latin-1"), keep_blank_values=True)}
        SEEN.update((operation.vendor, operation.id, name) for name in operation.parameters if name[1:] in given)
    documented = operation.responses[status].get("content")
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if not response.content:
        empty = not documented or "x-empty-body" in operation.responses[status]
        assert empty, f"{what} has an empty body"
        return
    assert documented, f"{what} has a body: {response.text[:300]}"
    kind = media_type if media_type in documented else "*/*"
    assert kind in documented, f"{what} is {media_type}"
    value = response.json() if kind == "application/json" else response.text
    error = next(iter(validator(operation, status, kind).iter_errors(value)), None)
    assert error is None, f"{what}: {error.message} at {'/'.join(map(str, error.instance_path))}"


def unseen(seen: Seen) -> Iterator[str]:
    """Yield what the contract files have and nobody has seen."""
    for vendor in VENDORS:
        for operation in operations(vendor.name):
            for thing in (*operation.responses, *operation.parameters):
                if (vendor.name, operation.id, thing) not in seen:
                    yield f"{vendor.name} {operation.id} {thing}"
