"""The examples of the README for test suites, run as they stand: the blocks behind a comment `<!-- example: <name> -->`."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from client.engine import ID, engine
from real_server import UNDERSTUDY, Running, environment, running
from understudy.config import Settings
from understudy.tls import authority
from understudy.vendors import VENDORS

README = (Path(__file__).parents[2] / "README.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```\w+\n(.*?)```", README, re.DOTALL))
LOCAL = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server on a free port."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


def free_port() -> int:
    """A port at which nobody listens just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def run(directory: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory, with the tools of this environment first, and expect it to go well."""
    path = variables.pop("PATH", f"{UNDERSTUDY.parent}:{os.environ['PATH']}")
    done = subprocess.run(
        command, cwd=directory, env=environment(directory, PATH=path, **variables),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_suite(directory: Path, *options: str, **variables: str) -> str:
    """Run the README's suite; return what pytest says."""
    (directory / "test_example.py").write_text(EXAMPLES["pytest"])
    return run(directory, sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", *options, **variables).stdout


def run_script(directory: Path, script: str, **variables: str) -> str:
    """Run lines of a shell that start a server in the background; end that server; return what they print."""
    script = script.replace("understudy.log 2>&1 &\n", "understudy.log 2>&1 &\necho $! > server.pid\n")
    try:
        return run(directory, "bash", "-euo", "pipefail", "-c", script, **variables).stdout
    finally:
        if (pid := directory / "server.pid").exists():
            os.kill(int(pid.read_text()), 9)


class TestSuite:
    """The example for pytest."""

    @pytest.mark.parametrize("options", [(), ("-n", "2")])
    def test_passes(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        """It passes with nothing else than the package, in parallel too, with warnings as errors."""
        assert f"{EXAMPLES['pytest'].count('def test_')} passed" in run_suite(tmp_path, *options)

    def test_every_fixture_is_there(self, tmp_path: Path) -> None:
        """The table of fixtures is that of the plugin."""
        listed = set(re.findall(r"^(understudy\w*)", run_suite(tmp_path, "--fixtures", "-q"), re.MULTILINE))
        table = re.findall(r"^\| (`understudy[^|]*) \|", README, re.MULTILINE)

        assert {name for row in table for name in re.findall(r"`(\w+)`", row)} == listed
        assert {f"understudy_{vendor.name}" for vendor in VENDORS} <= listed


class TestUnverified:
    """The example of a test that insists on what is proven."""

    @pytest.mark.parametrize(("left_out", "outcome"), [("never", "1 passed"), (r", accept=\[.*?\]", "1 error")])
    def test_outcome(self, tmp_path: Path, left_out: str, outcome: str) -> None:
        """It passes, and does not without what it accepts."""
        (tmp_path / "test_example.py").write_text(re.sub(left_out, "", EXAMPLES["unverified"]))

        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider"], cwd=tmp_path,
            env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

        assert outcome in done.stdout


class TestShell:
    """The example for other languages."""

    def test_lines(self, tmp_path: Path) -> None:
        """Every line works, in this order; each of the three selectors leads to the sandbox."""
        port = free_port()
        script = EXAMPLES["shell"].replace(LOCAL, f"http://127.0.0.1:{port}").replace("curl ", "curl -fsS -w '\\n' ")

        said = run_script(tmp_path, script, UNDERSTUDY_PORT=str(port), UNDERSTUDY_VENDOR_PORTS="none")

        assert '"count":3' in said


class TestWorkflow:
    """The example for GitHub Actions."""

    @pytest.fixture
    def steps(self) -> list[dict[str, Any]]:
        """The steps of the job."""
        workflow = yaml.load(EXAMPLES["workflow"], yaml.BaseLoader)  # which takes `on` for no boolean
        assert {"name", "on", "jobs"} == workflow.keys()
        (job,) = workflow["jobs"].values()
        steps: list[dict[str, Any]] = job["steps"]
        return steps

    def test_actions(self, steps: list[dict[str, Any]]) -> None:
        """A step runs something or uses an action of a stated version, and the Python is one that the package takes."""
        assert all(("run" in step) != ("uses" in step) for step in steps)
        assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
        (version,) = (step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {}))
        assert tuple(map(int, version.split("."))) >= (3, 11)

    def test_commands(self, steps: list[dict[str, Any]], tmp_path: Path) -> None:
        """Every command runs after the others, but for installing and the user's own suite, which are only noted."""
        tools = tmp_path / "tools"
        tools.mkdir()
        for name in ("pip", "npm"):
            (tools / name).write_text(f'#!/bin/bash\necho "{name} $@" >> "{tmp_path}/noted"\n')
            (tools / name).chmod(0o755)
        (tmp_path / "test_example.py").write_text(EXAMPLES["pytest"])
        script = "\n".join(step["run"] for step in steps if "run" in step)

        run_script(
            tmp_path, script, PATH=f"{tools}:{UNDERSTUDY.parent}:{os.environ['PATH']}", GITHUB_ENV=str(tmp_path / "env"),
            UNDERSTUDY_PORT=str(free_port()), UNDERSTUDY_VENDOR_PORTS="none", PYTEST_ADDOPTS="-p no:cacheprovider",
        )  # fmt: skip

        assert (tmp_path / "noted").read_text() == "pip install ./understudy pytest pytest-xdist\nnpm test\n"
        assert "CUBICL_OWNER_TOKEN=cubicl-owner\n" in (tmp_path / "env").read_text()
        assert re.search(r"^CUBICL_URL=http://127.0.0.1:\d+/cubicl$", (tmp_path / "env").read_text(), re.MULTILINE)


class TestCompose:
    """The example for compose, as far as it can be tried without an engine."""

    def test_tests_pass(self, tmp_path: Path) -> None:
        """With the variables of the service `tests` the README's suite passes against a server with those of `understudy`."""
        services = yaml.safe_load(EXAMPLES["compose"])["services"]
        place = str(tmp_path / "ca")
        of_server = services["understudy"]["environment"]
        settings = {name: value for name, value in of_server.items() if name != "UNDERSTUDY_PORT"}
        assert {name.removeprefix("UNDERSTUDY_").lower() for name in settings} <= Settings.model_fields.keys()
        assert services["understudy"]["volumes"] == ["understudy-ca:/data/ca"]
        assert services["tests"]["volumes"] == ["understudy-ca:/ca:ro"]
        authority(tmp_path / "ca")

        with running(tmp_path, UNDERSTUDY_HOST="0.0.0.0", **settings) as server:
            of_tests = {
                name: value.replace("https://understudy", server.url).replace("/ca", place, 1)
                for name, value in services["tests"]["environment"].items()
            }
            said = run_suite(tmp_path, *services["tests"]["command"].split()[1:], **of_tests)

        assert of_server["UNDERSTUDY_PORT"] == "443"
        assert "passed" in said


class TestPython:
    """The snippets."""

    def test_client(self, tmp_path: Path, running_server: Running) -> None:
        """The client's snippet runs, and leaves a file but no sandbox."""
        said = run(tmp_path, sys.executable, "-W", "error", "-c", EXAMPLES["client"].replace(LOCAL, running_server.url)).stdout

        assert "/cubicl cubicl-owner\n2026-06-02 09:00:00+00:00 0\n" in said
        assert (tmp_path / "sandbox.zip").exists()
        assert running_server.get("/__admin/sandboxes").json()["meta"]["total"] == 1

    def test_wiremock(self, tmp_path: Path, running_server: Running) -> None:
        """WireMock's client finds the one task that was created, and not a second one."""
        script = EXAMPLES["wiremock"].replace(LOCAL, running_server.url)
        task = {"group": "64b7f0c2a1d3e4f5a6b7c900", "name": "Paint"}
        created = running_server.post("/cubicl/api/v1/tasks", task, Authorization="Bearer cubicl-owner")
        assert created.status_code == 200

        run(tmp_path, sys.executable, "-c", script)

        running_server.post("/cubicl/api/v1/tasks", task, Authorization="Bearer cubicl-owner")
        with pytest.raises(AssertionError, match="AssertionError"):
            run(tmp_path, sys.executable, "-c", script)

    def test_testcontainers(self, tmp_path: Path) -> None:
        """The snippet for Testcontainers runs on an engine that is none."""
        with engine(tmp_path) as docker:
            said = run(
                tmp_path, sys.executable, "-c", EXAMPLES["testcontainers"], DOCKER_HOST=docker.url, DOCKER_CONFIG=str(tmp_path),
                TESTCONTAINERS_RYUK_DISABLED="true", TESTCONTAINERS_CONNECTION_MODE="docker_host",
            ).stdout  # fmt: skip

        assert re.fullmatch(rf"http://\S+:{docker.ports['8080/tcp']}/s/s-\w+/cubicl cubicl-owner\n", said)
        assert docker.asked[-1] == f"DELETE /containers/{ID}"
