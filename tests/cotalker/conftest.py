"""Clients of Cotalker, and what most of its tests ask."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

GROUP = "61a8b233685ed3562e7cfdeb"
GUARDED_GROUP = "62bf5e03654e96017e00e46a"


@pytest.fixture
def cotalker(server) -> TestClient:
    """An administrator who asks for the administrative version."""
    return server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")


@pytest.fixture
def agent(server) -> TestClient:
    """An ordinary user."""
    return server.client("/cotalker", Authorization="Bearer cotalker-agent")


@pytest.fixture
def anonymous(server) -> TestClient:
    """Somebody without credentials."""
    return server.client("/cotalker")


@pytest.fixture
def become(server, act) -> Callable[..., TestClient]:
    """Return a function that gives a client of any user, with other permissions if some are named."""

    def client(user: str, *permissions: str, **headers: str) -> TestClient:
        if permissions:
            act("cotalker", "set-permissions", user=user, permissions=list(permissions))
        token = act("cotalker", "create-token", user=user)["token"]
        return server.client("/cotalker", Authorization=f"Bearer {token}", **headers)

    return client


Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def rows() -> Rows:
    """Return a function that gives the rows of a list: `rows(client, path, limit=3)`."""

    def read(client: TestClient, path: str, **params: Any) -> list[dict[str, Any]]:
        response = client.get(path, params={"limit": 10_000, **params})
        assert response.status_code == 200, response.text
        values: list[dict[str, Any]] = response.json()["data"]["values"]
        return values

    return read


@pytest.fixture
def assert_refused() -> Callable[..., None]:
    """Return a function that checks a refusal whole: status, headers and body."""

    def check(response: Any, status: int, error: str) -> None:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.headers["content-length"] == str(len(response.content))
        assert response.json() == {"error": error}

    return check


MakeTask = Callable[..., dict[str, Any]]


@pytest.fixture
def make_task(cotalker: TestClient) -> MakeTask:
    """Return a function that makes a task as the administrator: `make_task(group, name="Visit")`."""

    def make(group: str = GROUP, **fields: Any) -> dict[str, Any]:
        response = cotalker.post(f"/api/v1/tasks/{group}/task/create", json={"name": "Task", **fields})
        assert response.status_code == 200, response.text
        task: dict[str, Any] = response.json()["task"]
        return task

    return make
