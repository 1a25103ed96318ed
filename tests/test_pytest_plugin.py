"""The pytest plugin, in suites of its users: each test here writes a suite and runs pytest on it in a process of its own."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import httpx2
import pytest

from real_server import environment, running
from understudy.vendors import VENDORS

# After each test `pytester` forgets the modules that were first loaded in it, and what is loaded twice is two things: exceptions
# of the one are none of the other's. So what is loaded late by those who call a server is loaded here.
httpx2.HTTPTransport().close()

pytest_plugins = ["pytester"]

STRICT = ("-W", "error", "--strict-markers", "--strict-config", "-p", "no:cacheprovider")

CLIENT = """
import httpx2
import pytest

def tasks(vendor, **names):
    headers = {"Authorization": f"Bearer {vendor.credentials['owner'].token}"}
    if names:
        return httpx2.post(f"{vendor.url}/api/v1/tasks", headers=headers, json={"group": "64b7f0c2a1d3e4f5a6b7c900"} | names)
    return httpx2.get(f"{vendor.url}/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900&recursive=true", headers=headers)
"""

Suite = Callable[..., pytest.RunResult]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a server for what is the same with any: a suite that starts none of its own is done sooner."""
    with running(tmp_path_factory.mktemp("shared")) as server:
        yield {"UNDERSTUDY_URL": server.url}


@pytest.fixture
def suite(pytester: pytest.Pytester, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return a function that runs a suite with options, as strictly as pytest can."""

    def run(text: str, *options: str, **variables: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=f"{CLIENT}\n{dedent(text)}")
        for name in ("UNDERSTUDY_URL", "UNDERSTUDY_ADMIN_TOKEN", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"UNDERSTUDY_CACHE": str(cache), **variables}.items():
            monkeypatch.setenv(name, value)
        return pytester.runpytest_subprocess(*STRICT, *options)

    return run


class TestLoading:
    """The plugin in suites that don't use it."""

    def test_imports_nothing(self, pytester: pytest.Pytester) -> None:
        """A suite that asks for none of its fixtures loads neither the client nor the server."""
        pytester.makepyfile(
            """
            import sys

            def test_nothing_is_loaded(pytestconfig):
                assert pytestconfig.pluginmanager.hasplugin("understudy")
                ours = {name for name in sys.modules if name.startswith("understudy")}
                assert ours == {"understudy", "understudy.pytest_plugin"}
                assert not {"httpx2", "fastapi", "pydantic", "sqlalchemy", "uvicorn", "testcontainers"} & set(sys.modules)
            """
        )

        pytester.runpytest_subprocess(*STRICT).assert_outcomes(passed=1)

    def test_can_be_left_out(self, suite: Suite) -> None:
        """With `-p no:understudy` there are no fixtures, and all else works."""
        result = suite("def test_plain(): pass\n\ndef test_it(understudy): pass", "-p", "no:understudy")

        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*fixture 'understudy' not found*"])

    def test_tells_what_it_offers(self, suite: Suite) -> None:
        """`--fixtures` lists every fixture with a line of help, `--markers` the marker."""
        fixtures = suite("", "--fixtures", "-q").stdout.str()

        names = ["server", "clock", "faults", "journal", *(vendor.name for vendor in VENDORS)]
        for name in ["understudy", *(f"understudy_{name}" for name in names)]:
            assert re.search(rf"\n{name} .*\n    [A-Z]", fixtures), name
        marker = "@pytest.mark.understudy(seed=None, world=None, freeze=None, unverified=None, accept=None): "
        assert marker in suite("", "--markers").stdout.str()


class TestSandboxes:
    """A sandbox for each test."""

    ISOLATED = """
    SEEN = []

    @pytest.mark.parametrize("number", range(6))
    def test_isolated(understudy, understudy_cubicl, number):
        assert understudy.name not in SEEN
        SEEN.append(understudy.name)
        assert "One more" not in tasks(understudy_cubicl).text
        assert tasks(understudy_cubicl, name="One more").status_code == 200
        assert "One more" in tasks(understudy_cubicl).text
        assert len(understudy.journal.requests()) == 3

    def test_deleted_afterwards(understudy_server):
        left = [info.name for info in understudy_server.sandboxes() if info.name in SEEN]
        assert left == []
    """

    def test_each_has_its_own(self, suite: Suite) -> None:
        """No test sees what another did, and nothing is left of a sandbox after its test."""
        suite(self.ISOLATED).assert_outcomes(passed=7)

    def test_in_parallel(self, suite: Suite) -> None:
        """Under pytest-xdist it is the same."""
        suite(self.ISOLATED, "-n", "2").assert_outcomes(passed=7)

    def test_names_tell_the_worker(self, suite: Suite, shared: dict[str, str]) -> None:
        """The name of a sandbox begins with the worker it is of; it goes by itself when its run never ends."""
        text = """
    def test_name(understudy, understudy_server, request):
        worker = getattr(request.config, "workerinput", {"workerid": "test"})["workerid"]
        assert understudy.name.startswith(f"{worker}-")
        (info,) = [info for info in understudy_server.sandboxes() if info.name == understudy.name]
        assert info.ttl == 3600
    """
        suite(text, **shared).assert_outcomes(passed=1)
        suite(text, "-n", "2", **shared).assert_outcomes(passed=1)

    def test_every_fixture(self, suite: Suite, shared: dict[str, str]) -> None:
        """Clock, faults, journal and vendors are those of the test's sandbox."""
        names = ", ".join(f"understudy_{vendor.name}" for vendor in VENDORS)
        text = f"""
    def test_parts(understudy, understudy_clock, understudy_faults, understudy_journal, {names}):
        assert understudy_clock is understudy.clock
        assert understudy_faults is understudy.faults
        assert understudy_journal is understudy.journal
        for vendor in ({names}):
            assert vendor is understudy.vendors[vendor.name]
            assert f"/s/{{understudy.name}}/" in vendor.url
    """

        suite(text, **shared).assert_outcomes(passed=1)

    def test_nothing_on_standard_output(self, suite: Suite) -> None:
        """The server in the process says nothing on standard output or in the log."""
        text = """
    def test_quiet(understudy_server, understudy_cubicl, capfd, caplog):
        tasks(understudy_cubicl)
        assert capfd.readouterr() == ("", "")
    """

        suite(text, "-s").stdout.no_fnmatch_line("*ready on*")

    def test_settings_of_the_environment(self, suite: Suite, tmp_path: Path) -> None:
        """Its settings come from the environment, but for address and data directory."""
        text = """
    def test_seed(understudy_server):
        assert [(info.name, info.seed) for info in understudy_server.sandboxes()] == [("default", 7)]
        assert not understudy_server.url.endswith(":1")
    """
        data = tmp_path / "data"

        suite(
            text, UNDERSTUDY_SEED="7", UNDERSTUDY_PORT="1", UNDERSTUDY_VENDOR_PORTS="cubicl=1", UNDERSTUDY_HOST="192.0.2.1",
            UNDERSTUDY_DATA=str(data),
        ).assert_outcomes(passed=1)  # fmt: skip

        assert not data.exists()


class TestMarker:
    """`@pytest.mark.understudy`."""

    def test_arguments(self, suite: Suite, shared: dict[str, str], pytester: pytest.Pytester) -> None:
        """Seed, world and frozen clock; the mark next to the test has the last word on each."""
        recipe = (Path(__file__).parents[1] / "fixtures/worlds/default.yaml").read_text()
        pytester.makefile(".yaml", world=recipe)
        text = """
    from datetime import UTC, datetime

    @pytest.mark.understudy(seed=7, freeze="2026-06-01T08:00:00Z")
    class TestMarked:
        def test_both(self, understudy, understudy_server):
            assert {info.seed for info in understudy_server.sandboxes() if info.name == understudy.name} == {7}
            assert understudy.clock.now() == datetime(2026, 6, 1, 8, tzinfo=UTC)
            assert understudy.clock.frozen

        @pytest.mark.understudy(seed=8)
        def test_nearest(self, understudy, understudy_server):
            assert {info.seed for info in understudy_server.sandboxes() if info.name == understudy.name} == {8}
            assert understudy.clock.frozen

        @pytest.mark.understudy(seed=9, world="world.yaml", freeze=datetime(2027, 1, 1, tzinfo=UTC))
        def test_world(self, understudy, understudy_server):
            assert {info.seed for info in understudy_server.sandboxes() if info.name == understudy.name} == {9}
            assert understudy.clock.now() == datetime(2027, 1, 1, tzinfo=UTC)

    def test_unmarked(understudy):
        assert not understudy.clock.frozen
    """

        suite(text, **shared).assert_outcomes(passed=4)

    def test_refused(self, suite: Suite, shared: dict[str, str]) -> None:
        """What the marker doesn't know, or the server doesn't take, is an error of the test that says so."""
        messages = {
            "sed=7": "takes seed=, world=, freeze=, unverified=, accept= and not sed",
            "7, 'x'": "takes seed=, world=, freeze=, unverified=, accept= and not 7, 'x'",
            "seed='many'": "422 invalid_body: seed",
            "unverified='perhaps'": "422 invalid_body: unverified",
            "accept=['cubicl.lists.*']": "422 invalid_body: acceptedRules",
            "freeze='tomorrow'": "422 invalid_body: instant",
            "world='no/such.yaml'": "No such file or directory: '*/no/such.yaml'",
        }
        tests = [
            f"@pytest.mark.understudy({mark})\ndef test_{number}(understudy): pass\n" for number, mark in enumerate(messages)
        ]

        result = suite("\n".join(tests), **shared)

        result.assert_outcomes(errors=len(messages))
        result.stdout.fnmatch_lines([f"*{message}*" for message in messages.values()])


class TestUnverified:
    """Tests that insist on what is proven."""

    HALF = """
    def half_an_interval(vendor):
        headers = {"Authorization": f"Bearer {vendor.credentials['owner'].token}"}
        return httpx2.get(f"{vendor.url}/api/v1/tasks?startDate=1", headers=headers).status_code
    """

    def test_fail(self, suite: Suite, shared: dict[str, str]) -> None:
        """A test that relied on an inferred rule fails, though nothing in it minds the 501; the rule is named."""
        text = f"""{self.HALF}
    @pytest.mark.understudy(unverified="fail")
    def test_relies(understudy_cubicl):
        assert half_an_interval(understudy_cubicl) == 501

    @pytest.mark.understudy(unverified="fail", accept=["cubicl.list.interval-*"])
    def test_accepts(understudy_cubicl):
        assert half_an_interval(understudy_cubicl) == 400

    @pytest.mark.understudy(unverified="fail")
    def test_documented(understudy_cubicl):
        assert httpx2.get(f"{{understudy_cubicl.url}}/api/v1/tasks").status_code == 401

    def test_at_ease(understudy_cubicl):
        assert half_an_interval(understudy_cubicl) == 400
    """

        result = suite(text, **shared)

        result.assert_outcomes(passed=4, errors=1)
        result.stdout.fnmatch_lines(
            ["understudy: the test relied on what nobody has proven:", "- cubicl.list.interval-half (inferred): *"]
        )

    def test_warn(self, suite: Suite, shared: dict[str, str]) -> None:
        """With `warn` the test passes, with a warning."""
        text = f"""{self.HALF}
    pytestmark = pytest.mark.understudy(unverified="warn")

    @pytest.mark.filterwarnings("default")
    def test_relies(understudy_cubicl):
        assert half_an_interval(understudy_cubicl) == 400
    """

        result = suite(text, **shared)

        result.assert_outcomes(passed=1, warnings=1)
        result.stdout.fnmatch_lines(["*UnverifiedWarning: understudy: the test relied on what nobody has proven:*"])

    def test_setting(self, suite: Suite) -> None:
        """For a server in the process the setting is the environment's."""
        text = f"{self.HALF}\n    def test_relies(understudy_cubicl):\n        half_an_interval(understudy_cubicl)\n"

        suite(text, UNDERSTUDY_UNVERIFIED="fail").assert_outcomes(passed=1, errors=1)


class TestReport:
    """What a failing test shows."""

    def test_last_requests(self, suite: Suite, shared: dict[str, str]) -> None:
        """Method, URL, status and operation of each request, oldest first, with its faults; and no secret."""
        text = """
    def test_fails(understudy, understudy_cubicl, understudy_faults):
        tasks(understudy_cubicl)
        understudy_faults.add(operation="createTask", status=503)
        tasks(understudy_cubicl, name="One")
        httpx2.delete(f"{understudy_cubicl.url}/api/v1/nothing", headers={"Authorization": "Bearer cubicl-owner"})
        assert not "this"
    """
        result = suite(text, **shared)

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "*- Understudy: last requests of test-* -*",
                "GET /api/v1/tasks?group=* -> 200 ?cubicl getTasks]",
                "POST /api/v1/tasks -> 503 ?cubicl createTask] (fault *)",
                "DELETE /api/v1/nothing -> 404 ?cubicl: no such operation]",
            ],
            consecutive=True,
        )

    def test_in_parallel(self, suite: Suite, shared: dict[str, str]) -> None:
        """The section finds its way from a worker."""
        result = suite("def test_fails(understudy_cubicl):\n    tasks(understudy_cubicl)\n    assert 0", "-n", "2", **shared)

        result.stdout.fnmatch_lines(["*- Understudy: last requests of gw* -*", "GET * -> 200 ?cubicl getTasks]"])

    def test_only_of_failures(self, suite: Suite, shared: dict[str, str]) -> None:
        """Neither what passes, nor what is expected to fail, nor what has no sandbox shows a section."""
        text = """
    def test_passes(understudy): pass

    @pytest.mark.xfail
    def test_expected(understudy): assert 0

    def test_without(): assert 0
    """
        result = suite(text, "-rA", **shared)

        result.assert_outcomes(passed=1, xfailed=1, failed=1)
        result.stdout.no_fnmatch_line("*last requests*")
        result.stdout.no_fnmatch_line("*faults of*")

    def test_faults(self, suite: Suite, shared: dict[str, str]) -> None:
        """The faults in force, with how often each was eligible and fired, also where nothing was asked."""
        text = """
    def test_silent(understudy, understudy_cubicl, understudy_faults):
        understudy_faults.add(operation="getTasks", paging="insert")
        understudy_faults.add(operation="createTask", status=503, times=1)
        tasks(understudy_cubicl, name="One")
        assert 0

    def test_unasked(understudy_faults):
        understudy_faults.add(delay_ms=5)
        assert 0
    """
        result = suite(text, **shared)

        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(
            [
                "*- Understudy: faults of test-* -*",
                "fault-1: ? eligible, 0 fired  paging=insert operation=getTasks",
                "fault-2: 1 eligible, 1 fired  status=503 operation=createTask times=1",
            ],
            consecutive=True,
        )
        result.stdout.fnmatch_lines(["(none)", "*- Understudy: faults of test-* -*", "fault-1: 0 eligible, 0 fired  delay_ms=5"])

    def test_never_breaks_the_report(self, suite: Suite, shared: dict[str, str]) -> None:
        """Where the requests are not to be had, the test's own failure is what is reported."""
        result = suite("def test_fails(understudy):\n    understudy.delete()\n    assert 'me' == 'you'", **shared)

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*assert 'me' == 'you'*", "(not to be had: 404 unknown_sandbox: *"])


class TestSharedServer:
    """With UNDERSTUDY_URL."""

    def test_is_used(self, suite: Suite, tmp_path: Path) -> None:
        """Workers share the server at the address, with its token, and each test still has a sandbox of its own."""
        with running(tmp_path, UNDERSTUDY_HOST="0.0.0.0", UNDERSTUDY_ADMIN_TOKEN="steer") as server:
            text = f"""
    def test_address(understudy_server):
        assert understudy_server.url == "{server.url}"
    """
            shared = {"UNDERSTUDY_URL": server.url, "UNDERSTUDY_ADMIN_TOKEN": "steer"}

            suite(f"{TestSandboxes.ISOLATED}\n{text}", "-n", "2", **shared).assert_outcomes(passed=8)

            left = server.get("/__admin/sandboxes", Authorization="Bearer steer").json()["sandboxes"]
        assert [sandbox["name"] for sandbox in left] == ["default"]

    def test_without_its_token(self, suite: Suite, tmp_path: Path) -> None:
        """A guarded server without its token is an error that says so."""
        with running(tmp_path, UNDERSTUDY_HOST="0.0.0.0", UNDERSTUDY_ADMIN_TOKEN="steer") as server:
            result = suite("def test_it(understudy): pass", UNDERSTUDY_URL=server.url)

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*401 unauthorized: *UNDERSTUDY_ADMIN_TOKEN*"])

    @pytest.mark.parametrize("address", ["127.0.0.1:8080", "ftp://127.0.0.1:8080"])
    def test_no_address(self, suite: Suite, address: str) -> None:
        """What is no address is refused at once, in one line."""
        result = suite("def test_it(understudy): pass", UNDERSTUDY_URL=address)

        result.assert_outcomes(errors=1)
        lines = [line for line in result.outlines if line.startswith("understudy: ")]
        assert lines == [
            f"understudy: UNDERSTUDY_URL: '{address}' is no address of a server: it begins with neither http:// nor https://"
        ]
        result.stdout.no_fnmatch_line("*Traceback*")
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")

    def test_nobody_there(self, suite: Suite, pytester: pytest.Pytester) -> None:
        """A server that is not there is waited for once, and then said in one line to each test that wants it."""
        pytester.makeconftest(
            """
            from understudy import pytest_plugin

            assert pytest_plugin.PATIENCE == 10
            pytest_plugin.PATIENCE = 0.2
            """
        )
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"

            result = suite("def test_it(understudy): pass\n\ndef test_too(understudy): pass", UNDERSTUDY_URL=url)

        result.assert_outcomes(errors=2)
        lines = [line for line in result.outlines if line.startswith("understudy: ")]
        assert len(lines) == 2
        assert all(line.startswith(f"understudy: UNDERSTUDY_URL: no Understudy answers at {url}") for line in lines)
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")


class TestSettings:
    """Variables of the environment that are no good."""

    def test_bad_value(self, suite: Suite) -> None:
        """A value that does not fit is told as the command tells it, a line for each and no traceback; other tests go on."""
        text = "def test_it(understudy): pass\n\ndef test_other(): pass"

        result = suite(text, UNDERSTUDY_SEED="abc", UNDERSTUDY_TLS="perhaps")

        result.assert_outcomes(passed=1, errors=1)
        told = [line for line in result.outlines if line.startswith("understudy: ")]  # in CI the summary tells it again
        assert list(dict.fromkeys(told)) == [
            "understudy: seed: 'abc' is not a whole number",
            "understudy: tls: 'perhaps' is neither true nor false",
        ]
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")
        result.stdout.no_fnmatch_line("*pydantic*")

    def test_bad_world(self, suite: Suite) -> None:
        """So is what only shows when the server starts."""
        result = suite("def test_it(understudy): pass", UNDERSTUDY_WORLD="no/such.yaml")

        result.assert_outcomes(errors=1)
        assert any("no/such.yaml" in line for line in result.outlines if line.startswith("understudy: "))
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")

    @pytest.mark.parametrize("options", [(), ("-n", "2")])
    def test_misspelt(self, suite: Suite, shared: dict[str, str], options: tuple[str, ...]) -> None:
        """A name that is no setting stands in the header once, with the one that is meant, and is no warning."""
        result = suite("def test_it(understudy): pass", *options, UNDERSTUDY_SEDE="7", **shared)

        result.assert_outcomes(passed=1)
        lines = [line for line in result.outlines if "UNDERSTUDY_SEDE" in line]
        assert lines == ["understudy: UNDERSTUDY_SEDE is no setting of Understudy; is UNDERSTUDY_SEED meant?"]


def test_without_pytest(tmp_path: Path) -> None:
    """Client and server in the process need no pytest."""
    script = "import sys; sys.modules['pytest'] = None; import understudy.client, understudy.testing"

    subprocess.run([sys.executable, "-W", "error", "-c", script], env=environment(tmp_path), check=True, timeout=60)
