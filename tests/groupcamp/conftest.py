"""Clients of GroupCamp: those that sign as the vendor's own do, and one that sends what it is given."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from groupcamp.clients import GROUP, Task, signing, walk


@pytest.fixture
def reporting(server) -> TestClient:
    """A client of the reporting application."""
    return signing(server)


@pytest.fixture
def provisioning(server) -> TestClient:
    """A client of the provisioning application."""
    return signing(server, "pk-demo-1", application="provisioning-1")


@pytest.fixture
def plain(server) -> TestClient:
    """A client that adds nothing to a request."""
    return server.client("/groupcamp")


List = Callable[..., list[Task]]


@pytest.fixture
def tasks(reporting) -> List:
    """Return a function that lists all tasks of a group: `tasks(state="open")`, `tasks(group=...)`."""

    def all_pages(group: str = GROUP, **parameters: str) -> list[Task]:
        return walk(reporting, f"/task/v1/group/{group}/tasks", **parameters)

    return all_pages
