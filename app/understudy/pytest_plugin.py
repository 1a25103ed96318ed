"""The pytest plugin: a sandbox for each test, and what is in it.

It is loaded in every suite of an environment that has the package, so it imports nothing but pytest until a test asks for one
of its fixtures, or the environment has settings of ours to check; `-p no:understudy` leaves it out. Under pytest-xdist each
worker runs a server of its own, or all of them use the one at `UNDERSTUDY_URL`, in which their sandboxes don't meet either.
"""

import os
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from understudy.client import Clock, Entry, Faults, Journal, Sandbox, Understudy, Vendor

MARKER: Final = "understudy"
ARGUMENTS: Final = ("seed", "world", "freeze", "unverified", "accept")
IDLE_SECONDS: Final = 3600.0  # after which a server forgets the sandbox of a test that never ended
SHOWN: Final = 20
LONGEST_URL: Final = 200
PATIENCE: Final = 10.0  # seconds that the server at UNDERSTUDY_URL is waited for
OF_THE_PLUGIN: Final = frozenset({"UNDERSTUDY_URL", "UNDERSTUDY_ADMIN_TOKEN", "UNDERSTUDY_CA"})

SANDBOX: Final = pytest.StashKey["Sandbox"]()


class UnverifiedWarning(UserWarning):
    """A test relied on inferred rules."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "understudy(seed=None, world=None, freeze=None, unverified=None, accept=None): what the sandbox of the test is like. "
        "`seed` and `world` (a recipe, or a YAML file with one, seen from the root directory) make another world; `freeze` stops "
        "the clock at an instant; `unverified` (`off`, `warn` or `fail`) is what becomes of an answer that relied on an inferred "
        "rule, but for the rules that fit a pattern of `accept`.",
    )


def pytest_report_header() -> list[str]:
    """Name the variables that look like settings of ours and are none; a warning would break suites that allow none."""
    if all(name in OF_THE_PLUGIN or not name.upper().startswith("UNDERSTUDY_") for name in os.environ):
        return []
    from understudy.variables import unknown

    return [f"understudy: {line}" for line in unknown(os.environ)]


@pytest.fixture(scope="session")
def understudy_server() -> "Iterator[Understudy]":
    """The server: the one at UNDERSTUDY_URL (with UNDERSTUDY_ADMIN_TOKEN), or one in this process, on free ports."""
    url = os.environ.get("UNDERSTUDY_URL")
    with ExitStack() as stack:
        yield _server_at(url, stack) if url else _own_server(stack)


def _server_at(url: str, stack: ExitStack) -> "Understudy":
    from understudy.client import Understudy, UnderstudyError

    try:
        server = stack.enter_context(Understudy(url, token=os.environ.get("UNDERSTUDY_ADMIN_TOKEN")))
        server.wait(PATIENCE)
    except UnderstudyError as error:
        _fail([f"UNDERSTUDY_URL: {error}"])
    return server


def _own_server(stack: ExitStack) -> "Understudy":
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from understudy.core.store import StoreUnusable
    from understudy.core.world import BadRecipe
    from understudy.server import CannotListen
    from understudy.testing import serve
    from understudy.tls import BadAuthority
    from understudy.variables import problems

    try:
        return stack.enter_context(serve())
    except ValidationError as error:
        _fail(problems(error))
    except (SettingsError, CannotListen, BadRecipe, StoreUnusable, BadAuthority) as error:
        _fail([str(error)])


def _fail(lines: Iterable[str]) -> NoReturn:
    """Fail what asks for the server, without a traceback or what was raised before: the fault is not in the code."""
    raise pytest.fail.Exception("\n".join(f"understudy: {line}" for line in lines), pytrace=False) from None


@pytest.fixture
def understudy(request: pytest.FixtureRequest, understudy_server: "Understudy") -> "Iterator[Sandbox]":
    """A sandbox of the test's own: a fresh world, deleted afterwards. `@pytest.mark.understudy` says what it is like."""
    wishes = _wishes(request.node)
    name = f"{os.environ.get('PYTEST_XDIST_WORKER', 'test')}-{token_hex(8)}"
    world = _world(wishes.get("world"), request.config.rootpath)
    given = {argument: wishes.get(argument) for argument in ("seed", "unverified", "accept")}
    with understudy_server.create_sandbox(name, world=world, ttl=IDLE_SECONDS, **given) as sandbox:
        request.node.stash[SANDBOX] = sandbox
        if "freeze" in wishes:
            sandbox.clock.freeze(wishes["freeze"])
        yield sandbox
        del request.node.stash[SANDBOX]
        if sandbox.unverified != "off":
            _tell_unproven(sandbox)


def _tell_unproven(sandbox: "Sandbox") -> None:
    """Warn of what the test relied on though nobody has proven it, or fail for it: code may well swallow a 501."""
    rules = [f"- {rule}" for rule in sandbox.provenance.unproven()]
    if not rules:
        return
    text = "\n".join(["the test relied on what nobody has proven:", *rules])
    if sandbox.unverified == "fail":
        _fail([text])
    warnings.warn(UnverifiedWarning(f"understudy: {text}"), stacklevel=2)


@pytest.fixture
def understudy_clock(understudy: "Sandbox") -> "Clock":
    """The clock of the test's sandbox."""
    return understudy.clock


@pytest.fixture
def understudy_faults(understudy: "Sandbox") -> "Faults":
    """The faults of the test's sandbox."""
    return understudy.faults


@pytest.fixture
def understudy_journal(understudy: "Sandbox") -> "Journal":
    """The journal of the test's sandbox: what was asked and what it answered."""
    return understudy.journal


@pytest.fixture
def understudy_cotalker(understudy: "Sandbox") -> "Vendor":
    """Cotalker in the test's sandbox: `url` and `credentials`."""
    return understudy.vendors["cotalker"]


@pytest.fixture
def understudy_cubicl(understudy: "Sandbox") -> "Vendor":
    """Cubicl in the test's sandbox: `url` and `credentials`."""
    return understudy.vendors["cubicl"]


@pytest.fixture
def understudy_groupcamp(understudy: "Sandbox") -> "Vendor":
    """GroupCamp in the test's sandbox: `url` and `credentials`."""
    return understudy.vendors["groupcamp"]


@pytest.hookimpl(hookwrapper=True)  # the older form, for a suite with an older pytest must not fail for having this plugin
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Show with a failed test what its sandbox was asked, and the faults in force there, those that never struck too."""
    outcome = yield
    sandbox = item.stash.get(SANDBOX, None)
    if sandbox is None:
        return
    report: pytest.TestReport = outcome.get_result()
    if report.failed:
        report.sections.append((f"Understudy: last requests of {sandbox.name}", _last_requests(sandbox)))
        if faults := _faults(sandbox):
            report.sections.append((f"Understudy: faults of {sandbox.name}", faults))


def _last_requests(sandbox: "Sandbox") -> str:
    """Return a line for each of the last requests, oldest first; whatever goes wrong with it, the test has failed already."""
    try:
        entries = sandbox.journal.requests(limit=SHOWN)
    except Exception as error:
        return f"(not to be had: {error})"
    return "\n".join(map(_line, reversed(entries))) or "(none)"


def _faults(sandbox: "Sandbox") -> str:
    """Return a line for each fault; whatever goes wrong with it went wrong with the requests before."""
    try:
        return "\n".join(map(str, sandbox.faults.list()))
    except Exception as error:
        return f"(not to be had: {error})"


def _line(entry: "Entry") -> str:
    faults = f" (fault {', '.join(entry.faults)})" if entry.faults else ""
    operation = f"{entry.vendor} {entry.operation}" if entry.operation else f"{entry.vendor}: no such operation"
    return f"{entry.method} {entry.url[:LONGEST_URL]} -> {entry.status} [{operation}]{faults}"


def _wishes(node: pytest.Item) -> dict[str, Any]:
    """Return the arguments of the marks at a test; the nearest mark has the last word on each."""
    wishes: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(MARKER))):
        strange = [repr(value) for value in mark.args] + [name for name in mark.kwargs if name not in ARGUMENTS]
        if strange:
            pytest.fail(
                f"@pytest.mark.{MARKER} takes {', '.join(f'{name}=' for name in ARGUMENTS)} and not {', '.join(strange)}",
                pytrace=False,
            )
        wishes |= mark.kwargs
    return wishes


def _world(world: Mapping[str, Any] | str | Path | None, root: Path) -> Mapping[str, Any] | Path | None:
    """Return a recipe, or the file in which it stands."""
    return root / world if isinstance(world, str | Path) else world
