"""What holds for a request to any vendor."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from answers import vendors_headers
from understudy.config import Settings
from understudy.core.bodies import DRAIN_BYTES
from understudy.core.vendor_app import REMEMBERED_PATHS, VendorApp
from understudy.vendors import VENDORS

NAMES = [vendor.name for vendor in VENDORS]


def break_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every vendor a bug."""

    def explode(self: VendorApp, call: object) -> object:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(VendorApp, "answer", explode)


@pytest.mark.parametrize("name", NAMES)
class TestBug:
    """A bug of ours."""

    def test_never_passes_for_the_vendors_behaviour(
        self, server, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """500 in the vendor's form, marked as ours, with the traceback in the log and nothing of it in the answer."""
        break_routes(monkeypatch)

        response = server.client(f"/{name}").get("/api/v1/tasks")

        assert response.status_code == 500
        assert response.headers["X-Understudy-Bug"] == "ZeroDivisionError"
        assert "secret detail" not in response.text
        assert "secret detail" in caplog.text


def test_a_bug_in_a_refusal_is_a_bug(server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks while a refusal is written is ours as well, and says so."""
    monkeypatch.setattr("understudy.vendors.cotalker.errors.Unauthorized.response", lambda self, call: 1 / 0)

    response = server.client("/cotalker").get("/api/v2/task-groups")

    assert response.status_code == 500
    assert response.headers["X-Understudy-Bug"] == "ZeroDivisionError"
    assert response.json() == {"error": "Internal server error"}


def test_a_bug_in_every_refusal_is_a_bug(server, monkeypatch: pytest.MonkeyPatch) -> None:
    """When not even the vendor's words for a fault can be written, ours are."""
    monkeypatch.setattr("understudy.vendors.cotalker.errors.CotalkerRefusal.response", lambda self, call: 1 / 0)

    response = server.main.get("/cotalker/api/v2/task-groups")

    assert response.status_code == 500
    assert response.headers["X-Understudy-Bug"] == "ZeroDivisionError"
    assert response.text == "A bug of Understudy; its log tells more.\n"


@pytest.mark.parametrize("path", ["/cotalker/api/v2/task-groups%0A", "/cubicl/api/v1/tasks%0A"])
def test_a_line_break_is_no_end_of_a_path(server, path: str) -> None:
    """A path with a line break behind it is another path."""
    headers = {"Authorization": f"Bearer {'cotalker-admin' if 'cotalker' in path else 'cubicl-owner'}"}

    assert server.client("").get(path, headers=headers).status_code == 404


class TestWordInThePlaceOfAnId:
    """An operation that is not emulated, whose path looks like an id's to one that is."""

    EXPORT = "/cotalker/api/v2/properties/export"

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("path", [EXPORT, f"{EXPORT}/", EXPORT.replace("export", "Export")])
    @pytest.mark.parametrize("headers", [{}, {"Admin": "true"}])
    def test_is_not_emulated(self, server, method: str, path: str, headers: dict[str, str]) -> None:
        """It is 501 in our words, not a refusal in the vendor's."""
        client = server.client("", Authorization="Bearer cotalker-admin", **headers)

        response = client.request(method, path)

        assert response.status_code == 501
        assert "Understudy does not emulate" in response.text or method == "HEAD"

    @pytest.mark.parametrize("path", ["/cotalker/api/v2/properties/exports", "/cotalker/api/v2/properties/code/export"])
    def test_other_words_are_refused(self, server, path: str) -> None:
        """Any other word is the operation's to refuse."""
        client = server.client("", Authorization="Bearer cotalker-admin", Admin="true")

        assert client.get(path).status_code in (400, 404)

    def test_other_methods_are_refused(self, server) -> None:
        """So is the word under another method."""
        client = server.client("", Authorization="Bearer cotalker-admin", Admin="true")

        assert client.patch(self.EXPORT, json={}).status_code == 400


class TestBody:
    """Bodies that are too large."""

    @pytest.mark.parametrize("name", NAMES)
    def test_declared_or_not(self, serve: Callable[..., Any], name: str) -> None:
        """413, whether or not the client says how much it sends."""
        client: TestClient = serve(max_body_bytes=1000).client(f"/{name}", Authorization="Bearer cubicl-owner")

        declared = client.post("/api/v2/task-groups", content=b"x" * 1001)
        streamed = client.post("/api/v2/task-groups", content=iter([b"x" * 600, b"x" * 600]))

        assert declared.status_code == streamed.status_code == 413

    def test_a_body_at_the_limit_is_read(self, serve: Callable[..., Any]) -> None:
        """Exactly as many bytes as the setting says are taken."""
        client: TestClient = serve(max_body_bytes=1000).client("/cotalker")

        assert client.post("/auth/local", content=b" " * 1000).status_code == 400

    @pytest.mark.parametrize(("chunks", "taken"), [(5, 5), (100, DRAIN_BYTES // 2**20 + 1)])
    def test_reads_on_so_that_the_client_sees_the_answer(self, server, chunks: int, taken: int) -> None:
        """A body that is too large is taken to its end and thrown away, up to a bound."""
        app = VendorApp(VENDORS[0], Settings(max_body_bytes=1000))
        seen: list[int] = []
        sent: list[dict[str, Any]] = []
        scope = {
            "type": "http", "method": "POST", "path": "/auth/local", "query_string": b"", "root_path": "", "scheme": "http",
            "headers": [(b"transfer-encoding", b"chunked")], "understudy.sandbox": server.app.sandboxes["default"],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            seen.append(1)
            return {"type": "http.request", "body": b"x" * 2**20, "more_body": len(seen) < chunks}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, send))

        assert sent[0]["status"] == 413
        assert len(seen) == taken


class TestJournalling:
    """What is noted of a request, and what is remembered for the next one."""

    def test_a_bug_there_costs_no_answer(self, server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """A request that can't be noted is answered as ever, and the log says that it is missing."""

        def broken(exchange: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(server.app.sandboxes["default"].journal, "add", broken)

        response = server.client("/cubicl", Authorization="Bearer cubicl-owner").get("/api/v1/app/me")

        assert response.status_code == 200
        assert "a request is missing from the journal" in caplog.text

    def test_paths_that_are_remembered_are_few_and_short(self, server) -> None:
        """Whatever clients ask for, memory has a bound."""
        app = server.app.vendors["cubicl"]
        client = server.client("/cubicl", Authorization="Bearer cubicl-owner")

        client.get(f"/api/v1/tasks/{'a' * 5000}")
        for number in range(50):
            client.get(f"/api/v1/tasks/{number:024x}")

        assert 50 <= len(app._found) <= REMEMBERED_PATHS
        assert max(len(path) for _, path in app._found) < 1000


class TestSignpost:
    """Paths of the main port that are nobody's."""

    def test_root_points_the_way(self, server) -> None:
        """It names the vendors' prefixes and the control plane."""
        response = server.client("").get("/")

        assert response.status_code == 200
        assert response.json()["vendors"]["cotalker"] == "http://testserver/cotalker"

    @pytest.mark.parametrize("path", ["/jira", "/cotalkers/api", "/__administrator", "//", "/s/default/jira"])
    def test_unknown_paths_are_ours(self, server, path: str) -> None:
        """404 that no vendor could have sent."""
        response = server.client("").get(f"http://testserver{path}")

        assert response.status_code == 404
        assert "Understudy" in response.json()["error"]


@pytest.mark.parametrize("name", NAMES)
class TestContractPages:
    """<vendor>/openapi.json and <vendor>/docs."""

    def test_contract_is_served_for_this_address(self, server, name: str) -> None:
        """The file as it is, with the prefix as its server."""
        served = server.client(f"/{name}").get("/openapi.json").json()

        assert served["servers"][0]["url"] == f"/{name}"
        assert served["openapi"] == "3.1.0"

    def test_page_loads_nothing_from_a_network(self, server, name: str) -> None:
        """Every address on the page is a path here, and is there."""
        import re

        client = server.client(f"/{name}")
        page = client.get("/docs")
        addresses = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)

        assert page.status_code == 200
        assert "://" not in page.text.replace("http://www.w3.org/2000/svg", "")
        found = [one or other for one, other in addresses]
        assert len(found) >= 4
        for address in found:
            assert server.client("").get(address).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/docs/"), ("GET", "/docs/no-such-file"), ("GET", "/openapi.json/x"), ("PUT", "/docs")]
    )
    def test_what_is_beside_them_is_the_vendors(self, server, name: str, method: str, path: str) -> None:
        """A path or method that is not one of the pages is answered as any unknown path of the vendor."""
        client = server.client(f"/{name}")

        response = client.request(method, path)

        unknown = client.request(method, path.replace("docs", "none").replace("openapi", "none"))
        assert (response.status_code, response.content) == (unknown.status_code, unknown.content)
        assert vendors_headers(response) == vendors_headers(unknown)

    def test_not_under_the_vendors_own_address(self, server, name: str) -> None:
        """With a host name the vendor is alone at /: there is no page of ours."""
        (vendor,) = (vendor for vendor in VENDORS if vendor.name == name)
        headers = {"Host": vendor.hosts[0]}

        assert server.client("").get("/docs", headers=headers).status_code in (401, 404)
