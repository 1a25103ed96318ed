"""How the control plane takes requests, whatever they are about: bodies, methods, and what is not there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from control_routes import control_routes

NAMED = b'{"seed": 7}'
SEED = {"sandbox": "default", "seed": 7}


def refusal(status: int, code: str, detail: str) -> tuple[int, dict[str, Any]]:
    """Return status and body of a refusal."""
    return status, {"errors": [{"code": code, "title": code.replace("_", " ").capitalize(), "detail": detail}]}


def told(response: Any) -> tuple[int, Any]:
    """Return status and body of an answer."""
    return response.status_code, response.json()


class TestContentType:
    """A body is JSON, whatever it calls itself."""

    @pytest.mark.parametrize(
        "content_type",
        [
            None, "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain", "nonsense",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        ],
    )  # fmt: skip
    def test_any(self, admin: TestClient, content_type: str | None) -> None:
        """`curl -d` calls everything a form, and many clients say nothing."""
        headers = {} if content_type is None else {"Content-Type": content_type}

        response = admin.put("/clock", content=b'{"action": "freeze", "instant": "2031-01-01T00:00:00Z"}', headers=headers)

        assert told(response) == (200, {"instant": "2031-01-01T00:00:00.000Z", "frozen": True})

    def test_forms_are_no_json(self, admin: TestClient) -> None:
        """A form is refused for what it is."""
        response = admin.put("/clock", data={"action": "freeze"})

        status, body = told(response)
        assert (status, body["errors"][0]["code"]) == (422, "invalid_body")
        assert body["errors"][0]["detail"].startswith("body: not JSON: ")


class TestJSON:
    """What is not JSON as everybody reads it."""

    @pytest.mark.parametrize(
        ("content", "detail"),
        [
            (b"{", "body: not JSON: unexpected end of data: line 1 column 2 (char 1)"),
            (b"\xff", "body: not UTF-8"),
            ('{"action": "freeze"}'.encode("utf-16"), "body: not UTF-8"),
            (b'{"action": "freeze", "action": "reset"}', "body: the key 'action' is there twice"),
            (b'{"action": "reset", "more": {"a": 1, "a": 1}}', "body: the key 'a' is there twice"),
            (b'{"action": ' + b"[" * 101 + b"]" * 101 + b"}", "body: nested more than 100 levels deep"),
            (b"[" * 900 + b"]" * 900, "body: nested more than 100 levels deep"),
            (
                b'{"seconds": ' + b"9" * 5000 + b"}",
                "body: not JSON: number is infinity when parsed as double: line 1 column 13 (char 12)",
            ),
            (b"[]", "body: it should be an object"),
            (b'"freeze"', "body: it should be an object"),
            (b"null", "body: it should be an object"),
            (b"", "body: it is needed"),
            (b"{}", "action: it is needed"),
            (b'{"action": "freeze", "speed": 2}', "speed: there is no such field"),
        ],
    )
    def test_refused(self, admin: TestClient, content: bytes, detail: str) -> None:
        """422 that says what is wrong, and nothing has happened."""
        response = admin.put("/clock", content=content)

        assert told(response) == refusal(422, "invalid_body", detail)
        assert admin.get("/clock").json()["frozen"] is False

    @pytest.mark.parametrize("content", [b"NaN", b"Infinity", b"-Infinity", b'"\\ud800"', b"\x00", b"'x'", b"[" * 100_000])
    def test_no_json(self, admin: TestClient, content: bytes) -> None:
        """What only some parsers take is not taken, at any depth."""
        response = admin.put("/clock", content=b'{"action": ' + content + b"}")

        status, body = told(response)
        assert status == 422
        assert body["errors"][0]["code"] == "invalid_body"
        assert body["errors"][0]["detail"].startswith("body: not JSON: ")

    def test_a_hundred_levels(self, admin: TestClient) -> None:
        """What is not nested deeper than anybody needs is read, and refused only for what it says."""
        response = admin.put("/clock", content=b'{"action": "freeze", "speed": ' + b"[" * 98 + b"]" * 98 + b"}")

        assert told(response) == refusal(422, "invalid_body", "speed: there is no such field")


class TestSize:
    """The largest body."""

    LARGE = b'{"seed": 7, "more": "' + b"x" * 2000 + b'"}'
    TOO_LARGE = refusal(413, "body_too_large", "A body has at most 1000 bytes (UNDERSTUDY_MAX_BODY_BYTES).")

    @pytest.fixture
    def small(self, serve: Callable[..., Any]) -> TestClient:
        """A control plane that takes a thousand bytes."""
        admin: TestClient = serve(max_body_bytes=1000).admin
        return admin

    def test_too_large(self, small: TestClient) -> None:
        """413 in our own form."""
        assert told(small.post("/seed", content=self.LARGE)) == self.TOO_LARGE

    def test_too_large_in_pieces(self, small: TestClient) -> None:
        """The same where no length was announced."""

        def pieces() -> Iterator[bytes]:
            yield self.LARGE[:1500]
            yield self.LARGE[1500:]

        assert told(small.post("/seed", content=pieces())) == self.TOO_LARGE

    def test_just_right(self, small: TestClient) -> None:
        """A body of exactly that size is taken."""
        assert told(small.post("/seed", content=NAMED + b" " * (1000 - len(NAMED)))) == (200, SEED)
        assert told(small.post("/seed", content=NAMED + b" " * (1001 - len(NAMED)))) == self.TOO_LARGE

    def test_snapshots_may_be_larger(self, small: TestClient) -> None:
        """A snapshot that is imported is not refused for its size here."""
        assert small.put("/state/imported", content=self.LARGE).status_code != 413


class TestMethods:
    """Paths and methods that are not there, and HEAD."""

    def test_unknown_path(self, admin: TestClient) -> None:
        """404 in our own form."""
        assert told(admin.get("/nothing")) == refusal(
            404, "not_found", "There is nothing at /__admin/nothing; see /__admin/docs."
        )

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/clock", "GET, HEAD, PUT"),
            ("GET", "/reset", "POST"),
            ("HEAD", "/reset", "POST"),
            ("PATCH", "/env", "GET, HEAD"),
        ],
    )
    def test_wrong_method(self, admin: TestClient, method: str, path: str, allowed: str) -> None:
        """405 names every method of the path."""
        response = admin.request(method, path)

        assert response.status_code == 405
        assert response.headers["allow"] == allowed
        if method != "HEAD":
            assert told(response) == refusal(405, "method_not_allowed", f"/__admin{path} has {allowed}.")

    def test_options(self, admin: TestClient) -> None:
        """No page of another origin is told that it may come in."""
        response = admin.options("/reset", headers={"Access-Control-Request-Method": "POST"})

        assert response.status_code == 405
        assert not [name for name in response.headers if name.startswith("access-control")]

    @pytest.mark.parametrize("path", [path for method, path in control_routes() if method == "GET" and "{" not in path])
    def test_head(self, admin: TestClient, path: str) -> None:
        """HEAD is answered like GET, without the body."""
        response = admin.head(path.removeprefix("/__admin"))

        assert response.status_code == 200
        assert response.content == b""
        assert response.headers["content-type"]


class TestBugs:
    """A bug of ours."""

    def test_is_told(self, server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """500 in our own form, marked as a bug; the log has the traceback."""
        monkeypatch.setattr("understudy.control.routes._clock", lambda sandbox: 1 / 0)

        response = server.admin.get("/clock")

        assert told(response) == refusal(500, "bug", "A bug of Understudy; its log tells more.")
        assert response.headers["x-understudy-bug"] == "ZeroDivisionError"
        assert "ZeroDivisionError" in caplog.text

    def test_of_the_client_is_none(self, server, caplog: pytest.LogCaptureFixture) -> None:
        """A client that leaves in the middle of its body, of whatever kind, is no bug."""

        async def leave(method: str, path: str) -> list[Any]:
            answers: list[Any] = []
            messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

            async def receive() -> Any:
                return next(messages, {"type": "http.disconnect"})

            async def send(message: Any) -> None:
                answers.append(message)

            scope = {
                "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
                "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "server": ("127.0.0.1", 8080),
                "headers": [(b"transfer-encoding", b"chunked")],
            }  # fmt: skip
            await server.app(scope, receive, send)
            return answers

        assert server.main.portal.call(leave, "PUT", "/__admin/clock") == []
        server.main.portal.call(leave, "PUT", "/__admin/state/half")
        assert "a bug of Understudy" not in caplog.text
        assert server.admin.get("/state/half").status_code == 404
