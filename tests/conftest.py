"""What every test needs: a server with a fresh world, and a client for each vendor and the control plane.

Requests go through the whole application as HTTP, without a socket. `server` is shared within a process and put back to the
start for each test; a test about a setting makes a server of its own with `serve`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy.config import Settings
from understudy.main import create_app


class Server:
    """One application and clients that talk to it."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.app = create_app(settings)
        self.stack = stack
        self.admin = self.client("/__admin")

    def client(self, path: str, **headers: str) -> TestClient:
        """Return a client whose paths start at `path`, with headers for every request."""
        client = TestClient(self.app, base_url=f"http://testserver{path}", headers=headers)
        return self.stack.enter_context(client)

    def reset(self) -> None:
        """Put the world back to the start."""
        assert self.admin.post("/reset").status_code == 200


class Clock:
    """The sandbox's clock, steered through the control plane."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def freeze(self, instant: str) -> None:
        """Stop at an ISO 8601 instant."""
        self._put(action="freeze", instant=instant)

    def set(self, instant: str) -> None:
        """Go to an ISO 8601 instant."""
        self._put(action="set", instant=instant)

    def advance(self, by: str) -> None:
        """Move on by an ISO 8601 duration, such as `PT25H` or `P31D`."""
        self._put(action="advance", by=by)

    def _put(self, **body: str) -> None:
        assert self.server.admin.put("/clock", json=body).status_code == 200


Act = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where worlds that tests made are kept, so that each is made once in a process."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def shared_server(cache: Path) -> Iterator[Server]:
    """The server of all tests that ask for no setting."""
    with ExitStack() as stack:
        yield Server(Settings(cache=cache), stack)


@pytest.fixture
def server(shared_server: Server) -> Server:
    """A server with a fresh world."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def serve(cache: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that makes a server of its own with the settings it is given."""
    with ExitStack() as stack:
        yield lambda **settings: Server(Settings(cache=cache, **settings), stack)


@pytest.fixture
def admin(server: Server) -> TestClient:
    """A client of the control plane."""
    return server.admin


@pytest.fixture
def clock(server: Server) -> Clock:
    """The clock of the sandbox."""
    return Clock(server)


@pytest.fixture
def act(server: Server) -> Act:
    """Return a function that runs a set-up action: `act("cubicl", "archive", task=...)`."""

    def run(vendor: str, action: str, **body: Any) -> dict[str, Any]:
        response = server.admin.post(f"/actions/{vendor}/{action}", json=body)
        assert response.status_code == 200, response.text
        changed: dict[str, Any] = response.json()
        return changed

    return run
