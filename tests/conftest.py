"""What every test needs: a server with a fresh world, and a client for each vendor and the control plane.

Requests go through the whole application as HTTP, without a socket. `server` is shared within a process and put back to the
start for each test; a test about a setting makes a server of its own with `serve`.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import Dialect
from starlette.testclient import TestClient

import contract_check
import rules_check
from understudy.config import Settings
from understudy.core.store import Prepared
from understudy.main import create_app

POSTGRESQL = postgresql.dialect()
TEST_HOSTS = ["testserver"]  # Starlette's test client calls the server so; the control plane is to take it for a name of its own


class Server:
    """One application and clients that talk to it."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.app = create_app(settings)
        self.stack = stack
        self.clients: dict[tuple[str, ...], TestClient] = {}
        # One client starts the application and runs its event loop; the others send their requests through the same loop.
        self.main = stack.enter_context(TestClient(self.app))
        self.admin = self.client("/__admin")

    def client(self, path: str, **headers: str) -> TestClient:
        """Return a client whose paths start at `path`, with headers for every request; the contract checks its answers."""
        key = (path, *(f"{name}: {value}" for name, value in headers.items()))
        if key not in self.clients:
            client = TestClient(self.app, base_url=f"http://testserver{path}", headers=headers)
            client.event_hooks["response"].append(contract_check.check)
            client.portal = self.main.portal
            self.clients[key] = client
        return self.clients[key]

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


@pytest.fixture(scope="session", autouse=True)
def portable_statements() -> Iterator[None]:
    """Compile every statement that a test runs for PostgreSQL as well, the first time it is seen."""
    original = Prepared.compile

    def compile_for_both(self: Prepared, dialect: Dialect, values: Mapping[str, Any]) -> Any:
        if dialect.name != POSTGRESQL.name:
            original(self, POSTGRESQL, values)
        return original(self, dialect, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "compile", compile_for_both)
        yield


@pytest.fixture(scope="session")
def shared_server(cache: Path) -> Iterator[Server]:
    """The server of all tests that ask for no setting."""
    with ExitStack() as stack:
        yield Server(Settings(cache=cache, tls_hosts=TEST_HOSTS), stack)


@pytest.fixture
def server(shared_server: Server) -> Server:
    """A server with a fresh world."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def serve(cache: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that makes a server of its own with the settings it is given."""
    with ExitStack() as stack:
        yield lambda **settings: Server(Settings(cache=cache, **{"tls_hosts": TEST_HOSTS, **settings}), stack)


@pytest.fixture
def limited(serve: Callable[..., Server]) -> Server:
    """A server on which rate limits hold, its clock stopped at the beginning of every window."""
    server = serve(rate_limits=True)
    Clock(server).freeze("2026-03-02T12:00:00Z")
    return server


@pytest.fixture
def limited_clock(limited: Server) -> Clock:
    """The clock of that server."""
    return Clock(limited)


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


rules_check.record()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say which test the rules that are followed from now on belong to."""
    rules_check.running = rules_check.name_of(item)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker saw to the one that collects; there, miss what the whole suite should have seen."""
    workeroutput = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput["seen"] = sorted(contract_check.SEEN)
        workeroutput["elsewhere"] = sorted(rules_check.ELSEWHERE)
        workeroutput["unruled"] = sorted(rules_check.UNRULED)
        workeroutput["followed"] = {rule: sorted(tests) for rule, tests in rules_check.FOLLOWED.items()}
        return
    if path := os.environ.get("RULES_SEEN"):
        Path(path).write_text(json.dumps({rule: sorted(tests) for rule, tests in sorted(rules_check.FOLLOWED.items())}, indent=1))
        Path(f"{path}.elsewhere").write_text("\n".join(sorted(rules_check.ELSEWHERE)))
    if session.exitstatus == 0 and whole_suite(session.config):
        missing = [f"no test has met: {thing}" for thing in contract_check.unseen(contract_check.SEEN)]
        missing += [f"an answer follows no rule: {thing}" for thing in sorted(rules_check.UNRULED)]
        missing += [f"the ledger does not say so: {thing}" for thing in sorted(rules_check.ELSEWHERE)]
        missing += [f"no test that it names has followed the rule {thing}" for thing in rules_check.unheld()]
        if missing:
            session.config.stash[MISSING] = missing
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what a worker of pytest-xdist saw."""
    output = getattr(node, "workeroutput", {})
    contract_check.SEEN.update(tuple(thing) for thing in output.get("seen", ()))
    rules_check.UNRULED.update(output.get("unruled", ()))
    rules_check.ELSEWHERE.update(output.get("elsewhere", ()))
    for rule, tests in output.get("followed", {}).items():
        rules_check.FOLLOWED[rule].update(tests)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which statuses and parameters of the contract files, and which rules of the ledgers, no test has met."""
    for line in config.stash.get(MISSING, []):
        terminalreporter.write_line(line, red=True)


MISSING = pytest.StashKey[list[str]]()


def whole_suite(config: pytest.Config) -> bool:
    """Whether nothing was left out of this run."""
    options = config.option
    chosen = options.keyword or options.markexpr or getattr(options, "lf", False) or options.deselect
    return not chosen and list(config.args) == config.getini("testpaths")
