"""A server in this process, reached by the client through a socket, and a sandbox of each test's own in it."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from understudy.client import Sandbox, Understudy
from understudy.testing import serve


@pytest.fixture(scope="session")
def live(cache: Path) -> Iterator[Understudy]:
    """A client of a server that runs."""
    with serve(cache=cache) as client:
        yield client


@pytest.fixture
def sandbox(live: Understudy) -> Iterator[Sandbox]:
    """A fresh sandbox."""
    with live.create_sandbox() as made:
        yield made


@pytest.fixture
def cubicl(sandbox: Sandbox) -> Iterator[httpx2.Client]:
    """A vendor's client in that sandbox."""
    vendor = sandbox.cubicl
    headers = {"Authorization": f"Bearer {vendor.credentials['owner'].token}"}
    with httpx2.Client(base_url=vendor.url, headers=headers, trust_env=False) as client:
        yield client
