"""The control plane's description of itself."""

import re

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from control_routes import control_app, control_routes, undescribed_routes
from understudy.control.description import summaries
from understudy.core import matchers, patterns
from understudy.vendors import VENDORS


@pytest.fixture
def document(admin: TestClient) -> dict:
    """The OpenAPI document."""
    return admin.get("/openapi.json").json()


class TestOpenAPI:
    """GET /__admin/openapi.json."""

    def test_valid(self, document: dict) -> None:
        """It is a valid OpenAPI document."""
        validate(document)

    def test_every_route(self, document: dict) -> None:
        """Every route is in it, the one that runs actions as each of its actions."""
        general = ("POST", "/__admin/actions/{vendor}/{action}")
        actions = {("POST", f"/__admin/actions/{vendor.name}/{name}") for vendor in VENDORS for name in vendor.actions}

        described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

        assert general in control_routes()
        assert described == {*control_routes(), *actions} - {general}
        assert set(undescribed_routes()) == {"/__admin/docs"}  # what the page loads

    @pytest.mark.parametrize(("method", "path", "summary"), [entry[:3] for entry in summaries(control_app())])
    def test_summaries(self, method: str, path: str, summary: str) -> None:
        """Every route says in a line what it does."""
        assert re.fullmatch(r"[A-Z].{10,}[^.]", summary), f"{method} {path}: {summary!r}"

    def test_actions_have_their_bodies(self, document: dict) -> None:
        """An action's body is described as the list of actions describes it."""
        (vendor,) = (vendor for vendor in VENDORS if vendor.name == "cubicl")
        operation = document["paths"]["/__admin/actions/cubicl/archive"]["post"]

        assert operation["summary"] == vendor.actions["archive"].summary.removesuffix(".")
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/cubicl.archive"}
        assert document["components"]["schemas"]["cubicl.archive"]["properties"].keys() == {"task"}

    def test_every_body(self, document: dict) -> None:
        """No body is described as just anything."""
        for path, item in document["paths"].items():
            for operation in item.values():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    assert content["schema"].keys() & {"$ref", "anyOf"}, path

    def test_patterns_have_their_members(self, document: dict) -> None:
        """The members of a pattern and the matchers are those that are read."""
        schemas = document["components"]["schemas"]
        options = {"caseInsensitive", "ignoreArrayOrder", "ignoreExtraElements"}
        elsewhere = {"and", "or", "not", "hasExactly", "includes", "binaryEqualTo"}

        assert schemas["RequestPattern"]["properties"].keys() == patterns._MEMBERS.keys()
        assert schemas["Matcher"]["properties"].keys() == matchers._MATCHERS.keys() | elsewhere | options
        body = document["paths"]["/__admin/requests/count"]["post"]["requestBody"]["content"]["application/json"]
        assert body == {"schema": {"$ref": "#/components/schemas/RequestPattern"}}

    def test_tags(self, document: dict) -> None:
        """Every operation stands under one heading."""
        tags = {tuple(operation["tags"]) for item in document["paths"].values() for operation in item.values()}

        steered = {"Server", "Sandboxes", "State", "Clock", "Faults", "Journal", "Webhooks", "Actions", "Observe", "Provenance"}
        assert tags == {(tag,) for tag in steered | {f"Actions of {vendor.title}" for vendor in VENDORS}}

    def test_errors_have_their_form(self, document: dict) -> None:
        """Every operation may refuse, in the one form of error, and in no other."""
        for path, item in document["paths"].items():
            for operation in item.values():
                refused = operation["responses"]["default"]["content"]["application/json"]["schema"]
                assert refused == {"$ref": "#/components/schemas/Error"}, path
                assert "422" not in operation["responses"], path
        assert "HTTPValidationError" not in document["components"]["schemas"]

    def test_server_is_the_sandbox(self, server) -> None:
        """Asked for through a sandbox's path, its requests go to that sandbox."""
        assert server.client("").get("/__admin/openapi.json").json()["servers"] == [{"url": "/"}]
        assert server.client("").get("/s/default/__admin/openapi.json").json()["servers"] == [{"url": "/s/default"}]


class TestDocs:
    """GET /__admin/docs."""

    @pytest.mark.parametrize("root", ["", "/s/default"])
    def test_loads_nothing_from_a_network(self, server, root: str) -> None:
        """The page is there, and everything that it loads is below it."""
        client = server.client("")

        page = client.get(f"{root}/__admin/docs")

        assert page.headers["content-type"].startswith("text/html")
        loaded = re.findall(r"""(?:src|href|url)(?:=|: )["']([^"']+)["']""", page.text)
        assert len(loaded) == 4
        for address in loaded:
            assert address.startswith(f"{root}/__admin/")
            assert client.get(address).status_code == 200
