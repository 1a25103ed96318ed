"""Clients of Cubicl: one for each token of the default world, and the office where a test makes its own people and projects."""

import pytest
from starlette.testclient import TestClient

from cubicl.office import NOW, Office


def _client(server, **headers: str) -> TestClient:
    return server.client("/cubicl/api/v1", **headers)


@pytest.fixture
def owner(server) -> TestClient:
    """The admin of the root project, who may do everything."""
    return _client(server, Authorization="Bearer cubicl-owner")


@pytest.fixture
def member(server) -> TestClient:
    """A member of some projects."""
    return _client(server, Authorization="Bearer cubicl-member")


@pytest.fixture
def viewer(server) -> TestClient:
    """A member of nothing but the root project."""
    return _client(server, Authorization="Bearer cubicl-viewer")


@pytest.fixture
def anonymous(server) -> TestClient:
    """Somebody without a token."""
    return _client(server)


@pytest.fixture
def office(server, act, owner) -> Office:
    """Whoever makes what a test needs."""
    return Office(server, act, owner)


@pytest.fixture
def project(office) -> str:
    """A new project with the default states and without members."""
    return office.project()


@pytest.fixture
def stopped(clock) -> None:
    """The clock stands still at `NOW`."""
    clock.freeze(NOW)
