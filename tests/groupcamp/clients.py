"""How tests talk to GroupCamp: signing as its own clients do, following pages, checking refusals whole."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx2
from starlette.testclient import TestClient

GROUP = "1cGVyc29uOmdyb3VwLzc3MzA5NDExMzQ5"
TASKS = f"/task/v1/group/{GROUP}/tasks"
SECRETS = {"rk-demo-1": "5up3r-s3cret-reporting", "pk-demo-1": "5up3r-s3cret-provisioning", "nk-demo-1": "5up3r-s3cret-neighbour"}

Task = dict[str, Any]


def uuid(kind: str, item: int, account: int = 18) -> str:
    """Return the Uuid of an item, made here anew and not by the code under test."""
    return "1" + b64encode(f"{kind}/{(account << 32) + item}".encode()).decode().rstrip("=")


def signature(secret: str, text: bytes) -> str:
    """Return the base64 of an HMAC-SHA1."""
    return b64encode(hmac.new(secret.encode(), text, hashlib.sha1).digest()).decode()


def headers(key: str = "rk-demo-1", signed: str = "", application: str = "reporting-1") -> dict[str, str]:
    """Return the three headers of a request."""
    return {
        "X-Gcmp-Application": application,
        "X-Gcmp-Acting": "big.boss@localhost",
        "Authorization": f"GCMP {key}:{signed}",
    }


class Signing(httpx2.Auth):
    """Signs every request over the path it is sent to, without a last slash, as the vendor's clients do."""

    requires_request_body = True

    def __init__(self, key: str, secret: str, application: str, hidden: str = "") -> None:
        self.key, self.secret, self.application = key, secret, application
        self.hidden = hidden.encode()

    def auth_flow(self, request: httpx2.Request) -> Iterator[httpx2.Request]:
        """Add the three headers."""
        path = request.url.raw_path.split(b"?")[0].removeprefix(self.hidden).removesuffix(b"/")
        body = request.content if request.method == "POST" else b""
        text = b"::".join((request.method.encode(), path, body))
        request.headers.update(headers(self.key, signature(self.secret, text), self.application))
        yield request


def signing(server: Any, key: str = "rk-demo-1", secret: str | None = None, application: str = "reporting-1") -> TestClient:
    """Return a client that signs with a key."""
    client: TestClient = server.client("/groupcamp", **headers(key, application=application))
    client.auth = Signing(key, secret or SECRETS[key], application)
    return client


def walk(client: TestClient, path: str, **parameters: str) -> list[Task]:
    """Follow `next_page` from the first page to the last, and return all tasks."""
    response = client.get(path, params=parameters or None)
    found: list[Task] = []
    while True:
        assert response.status_code == 200, response.text
        body = response.json()
        found += body["result"]
        if "next_page" not in body:
            return found
        response = client.get(body["next_page"])


def refused(response: httpx2.Response, status: int, body: dict[str, Any]) -> None:
    """Check a refusal whole: status, type, length, CORS and body; and that there is no challenge."""
    assert response.status_code == status
    assert response.json() == body
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers["access-control-allow-origin"] == "*"
    assert "www-authenticate" not in response.headers


UNAUTHORIZED = {"error": "unauthorized"}
NOT_FOUND = {"error": "not_found"}
GONE = {"error": "gone", "detail": "gone"}
ERROR_JSON = {"error": "bad_request", "detail": "error_json", "errors": [{"field": "body", "error": "invalid"}]}
FORBIDDEN = {"error": "forbidden", "detail": "access_forbidden"}
ERROR_ID = {"error": "bad_request", "detail": "error_id", "errors": [{"field": "Group", "error": "invalid"}]}


def error_id(field: str = "Group") -> dict[str, Any]:
    """Return the body for an id in the path that is wrong."""
    return {"error": "bad_request", "detail": "error_id", "errors": [{"field": field, "error": "invalid"}]}


def bad_field(field: str, code: str) -> dict[str, Any]:
    """Return the body for a field of a body that is wrong."""
    return {"error": "bad_request", "detail": "error_body_data", "errors": [{"field": field, "error": code}]}


def bad_parameter(field: str, code: str) -> dict[str, Any]:
    """Return the body for a GET parameter that is wrong."""
    return {"error": "bad_request", "detail": "get_parameter_error", "errors": [{"field": field, "error": code}]}
