"""The contract files and the application hold each other: what one has, the other has.

Statuses, bodies and parameters are held against the files by `contract_check`, in every test that sends a request.
"""

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from contract_check import VERBS, Operation, is_alias, operations, resolve
from understudy.core.contract import contract, is_known_gap
from understudy.core.resources import resource
from understudy.core.sandbox import Sandbox
from understudy.vendors import VENDORS

NAMES = [vendor.name for vendor in VENDORS]
GRADES = {"documented", "client", "inferred"}


def declared(name: str) -> set[tuple[str, str, str]]:
    """Return method, path and operationId of every operation of a file."""
    return {
        (verb.upper(), path, item[verb]["operationId"])
        for path, item in contract(name)["paths"].items()
        for verb in VERBS
        if verb in item
    }


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    """openapi/<vendor>.yaml."""

    def test_is_openapi(self, name: str) -> None:
        """The file is OpenAPI 3.1."""
        assert contract(name)["openapi"] == "3.1.0"
        validate(contract(name))

    def test_operations_are_those_served(self, name: str) -> None:
        """Every operation of the file is served, and nothing else is."""
        (vendor,) = (vendor for vendor in VENDORS if vendor.name == name)
        served = {
            (method, route.path, route.operation_id)
            for router in vendor.routers
            for route in router.routes
            for method in route.methods - {"HEAD"}
        }

        assert served == declared(name)

    def test_both_prefixes_of_version_1_have_the_same(self, name: str) -> None:
        """Where a path of version 1 is served without the version too, its operations are the same but for their names."""
        paths = contract(name)["paths"]

        for alias in (path for path in paths if is_alias(path, paths)):
            first = paths[alias.replace("/api/", "/api/v1/", 1)]
            assert paths[alias] == {
                verb: {**operation, "operationId": f"{operation['operationId']}Alias"} for verb, operation in first.items()
            }

    def test_every_part_says_how_it_is_known(self, name: str) -> None:
        """Operations, parameters, headers, bodies, answers and schemas carry a grade and a source."""
        components = contract(name)["components"]
        parts: list[tuple[str, dict[str, Any]]] = [
            (f"components/{kind}/{key}", part)
            for kind in ("parameters", "headers", "requestBodies", "responses", "schemas", "securitySchemes")
            for key, part in components.get(kind, {}).items()
        ]
        for path, item in contract(name)["paths"].items():
            for verb in VERBS:
                if verb in item:
                    parts.append((f"{verb} {path}", item[verb]))
                    parts += [(f"{verb} {path} parameter", part) for part in item[verb].get("parameters", [])]
                    parts += [(f"{verb} {path} {status}", part) for status, part in item[verb]["responses"].items()]

        for where, part in parts:
            whole = resolve(name, part)
            assert whole.get("x-evidence") in GRADES, where
            assert whole.get("x-source"), where

    def test_examples_fit(self, name: str) -> None:
        """Every example of a body fits its schema."""
        components = contract(name)["components"]
        checked = 0
        for item in contract(name)["paths"].values():
            for operation in (item[verb] for verb in VERBS if verb in item):
                bodies = [resolve(name, response) for response in operation["responses"].values()]
                if "requestBody" in operation:
                    bodies.append(resolve(name, operation["requestBody"]))
                for media in (media for body in bodies for media in body.get("content", {}).values()):
                    examples = [resolve(name, example)["value"] for example in media.get("examples", {}).values()]
                    examples += [media["example"]] if "example" in media else []
                    for example in examples:
                        jsonschema_rs.validate({**media["schema"], "components": components}, example)
                        checked += 1

        assert checked > 5

    def test_what_is_not_emulated_is_not_served(self, name: str) -> None:
        """The list of what is not emulated names each operation once, with its source, and none that is served."""
        listed = [(entry["method"], entry["path"]) for entry in contract(name)["x-not-emulated"]]

        assert len(listed) == len(set(listed))
        assert not set(listed) & {operation[:2] for operation in declared(name)}
        assert all(entry["x-source"] and entry["summary"] for entry in contract(name)["x-not-emulated"])
        for method, path in listed:
            assert is_known_gap(name, method, path)

    def test_no_download_address(self, name: str) -> None:
        """The files name no address that a page or a tool would load something from, or send something to."""
        text = resource(f"openapi/{name}.yaml").read_text()
        references = re.findall(r"\$ref: *['\"]?([^'\"\s,}]+)", text)

        assert [server["url"] for server in contract(name)["servers"]] == ["/"]
        assert references
        assert all(reference.startswith("#/") for reference in references)
        assert not re.search(r"externalDocs|externalValue", text)


def listing(status: str) -> list[Any]:
    """Return every operation whose contract has a status, for `parametrize`."""
    found = [operation for name in NAMES for operation in operations(name) if status in operation.responses]
    return [pytest.param(operation, id=f"{operation.vendor}-{operation.id}") for operation in found]


def some_path(operation: Operation) -> str:
    """Return a path of an operation, with something for each parameter."""
    return re.sub(r"\[\^/\]\+", "x", operation.pattern.pattern).removesuffix("/?").replace("\\", "")


class TestEveryOperation:
    """What any operation answers alike, whatever it is asked."""

    @pytest.mark.parametrize("operation", listing("413"))
    def test_large_body(self, serve: Callable[..., Any], operation: Operation) -> None:
        """A body beyond the limit gives the 413 of the contract."""
        client = serve(max_body_bytes=10).client(f"/{operation.vendor}")

        response = client.request(operation.method, some_path(operation), content=b"x" * 11)

        assert response.status_code == 413

    @pytest.mark.parametrize("operation", listing("500"))
    def test_bug(self, server: Any, operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
        """A bug of ours gives the 500 of the contract, marked as ours."""
        monkeypatch.delattr(Sandbox, "run_due")

        response = server.client(f"/{operation.vendor}").request(operation.method, some_path(operation))

        assert response.status_code == 500
        assert response.headers["X-Understudy-Bug"] == "AttributeError"
