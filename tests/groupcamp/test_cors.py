"""What a browser needs of GroupCamp before a page of another origin can use it."""

import logging

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import GROUP, TASKS, headers, refused, signing
from understudy.core.vendor_app import VendorApp

PREFLIGHT = {
    "Origin": "https://app.example",
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization,content-type,x-gcmp-acting,x-gcmp-application",
}


class TestPreflightGroupTasks:
    """OPTIONS on any path."""

    @pytest.mark.parametrize("path", [TASKS, "/", "", "/nowhere", "/core/v1/groups", "/task/v1/group/nonsense/tasks/"])
    @pytest.mark.parametrize("sent", [PREFLIGHT, {}])
    def test_is_answered_without_credentials(self, plain: TestClient, path: str, sent: dict[str, str]) -> None:
        """A preflight carries no Authorization; the answer allows what the browser client sends."""
        response = plain.options(path, headers=sent)

        assert response.status_code == 204
        assert response.content == b""
        assert {name: value for name, value in response.headers.items() if name.startswith("access-control")} == {
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "Authorization, Content-Type, X-Gcmp-Acting, X-Gcmp-Application",
            "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
            "access-control-max-age": "86400",
        }

    def test_credentials_make_no_difference(self, reporting: TestClient) -> None:
        """A signed OPTIONS gets the same answer."""
        response = reporting.options(TASKS)

        assert response.status_code == 204


class TestEveryAnswer:
    """The header without which a browser reports a network error."""

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (TASKS, 200),
            (f"{TASKS}?state=x", 400),
            ("/nowhere", 401),
            (TASKS.replace(GROUP, "1cGVyc29uOmdyb3VwLzc3MzA5NDExMzUx"), 403),
            (TASKS.replace(GROUP, "1cGVyc29uOmdyb3VwLzgxNjA0Mzc4NjQ1"), 404),
            ("/core/v1/groups", 401),
        ],
    )
    def test_may_be_read_by_any_origin(self, reporting: TestClient, path: str, status: int) -> None:
        """Answers of every status carry the header, and their bodies are JSON."""
        response = reporting.get(path, headers={"Origin": "https://app.example"})

        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert isinstance(response.json(), dict)

    def test_too_large_a_body(self, serve) -> None:
        """A body beyond the server's limit is refused before its signature is looked at."""
        client = serve(max_body_bytes=10).client("/groupcamp")

        response = client.post("/core/v1/group/project", content=b"x" * 11, headers=headers())

        refused(response, 413, {"error": "request_too_large"})

    def test_bug(self, server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """A bug of ours is readable too, and says whose it is."""

        def explode(self: VendorApp, call: object) -> object:
            raise ZeroDivisionError

        monkeypatch.setattr(VendorApp, "answer", explode)

        with caplog.at_level(logging.CRITICAL, "understudy"):
            response = signing(server).get(TASKS)

        refused(response, 500, {"error": "internal_error"})
        assert response.headers["x-understudy-bug"] == "ZeroDivisionError"
