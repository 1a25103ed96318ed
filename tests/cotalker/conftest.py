"""Clients of Cotalker."""

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
