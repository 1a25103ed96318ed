"""The Dockerfile, as far as it can be tried without an engine."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"


def instructions(tmp_path: Path) -> list[dict[str, str]]:
    """Return the instructions of the Dockerfile."""
    parser = DockerfileParser(path=str(tmp_path / "Dockerfile"))
    parser.content = DOCKERFILE.read_text()
    parsed: list[dict[str, str]] = parser.structure
    return [step for step in parsed if step["instruction"] != "COMMENT"]


def last_stage(steps: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the instructions of the image that is run."""
    start = max(number for number, step in enumerate(steps) if step["instruction"] == "FROM")
    return steps[start:]


def health_check(steps: list[dict[str, str]]) -> list[str]:
    """Return the command of the image's health check."""
    (value,) = (step["value"] for step in steps if step["instruction"] == "HEALTHCHECK")
    command: list[str] = json.loads(value.partition("CMD ")[2])
    return command


def test_linter_is_content() -> None:
    """hadolint has nothing to say, not even as a hint."""
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert hadolint, "hadolint comes with the extra `test`"

    done = subprocess.run(
        [hadolint, "--failure-threshold", "style", str(DOCKERFILE)], capture_output=True, text=True, check=False
    )

    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_image_that_is_run(tmp_path: Path) -> None:
    """It has no build tools and no sources, an ordinary user, a volume, a health check and the four ports."""
    steps = last_stage(instructions(tmp_path))
    values = {step["instruction"]: step["value"] for step in steps}

    assert values["FROM"].endswith("-slim")
    assert not any("pip" in step["value"] or "apt" in step["value"] for step in steps)
    assert [step["value"] for step in steps if step["instruction"] == "COPY"] == ["--from=build /opt/understudy /opt/understudy"]
    assert values["USER"] == "10001"
    assert values["VOLUME"] == "/data"
    assert values["EXPOSE"].split() == ["8080", "8081", "8082", "8083"]
    assert health_check(steps)[:2] == ["understudy", "wait"]


def test_context_holds_what_is_copied(tmp_path: Path) -> None:
    """.dockerignore lets through what the build copies, and nothing else."""
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source.removeprefix("./")
        for step in instructions(tmp_path)
        if step["instruction"] == "COPY" and "--from" not in step["value"]
        for source in step["value"].split()[:-1]
    }

    assert copied == allowed


class Scratch:
    """Carries out the steps of the Dockerfile below a directory: what is /x there is <directory>/x here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workdir = root
        self.variables: dict[str, str] = {}
        tools = root / "tools"
        tools.mkdir()
        # The user and the owner of the volume can't be made outside a container.
        for name, script in {"useradd": "exit 0", "install": 'mkdir -p "${@: -1}"'}.items():
            (tools / name).write_text(f"#!/bin/bash\n{script}\n")
            (tools / name).chmod(0o755)
        (tools / "python").symlink_to(sys.executable)
        self.path = f"{tools}:{os.environ['PATH']}"

    def inside(self, text: str) -> str:
        """Put the absolute paths of a text below the directory."""
        return re.sub(r"(?<![\w.])/(opt|src|data)\b", rf"{self.root}/\1", text)

    def environment(self) -> dict[str, str]:
        """Return the variables of a process in the container."""
        return (
            {"PATH": self.path, "HOME": str(self.root)}
            | {name: self.inside(value).replace("$PATH", self.path) for name, value in self.variables.items()}
            | {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_", "HTTP"))}
        )

    def carry_out(self, step: dict[str, str]) -> None:
        """Carry out one step; those that only describe the image do nothing."""
        value = step["value"]
        match step["instruction"]:
            case "WORKDIR":
                self.workdir = Path(self.inside(value))
                self.workdir.mkdir(parents=True, exist_ok=True)
            case "ENV":
                self.variables |= dict(re.findall(r"(\w+)=(\S+)", value))
            case "RUN":
                subprocess.run(
                    ["bash", "-euc", self.inside(value)], cwd=self.workdir, env=self.environment(), check=True, timeout=600
                )
            case "COPY" if "--from" not in value:
                *sources, target = value.split()
                for source in sources:
                    self.copy(ROOT / source, self.workdir / target if not target.startswith("/") else Path(self.inside(target)))

    def copy(self, source: Path, target: Path) -> None:
        """Copy as COPY does: a file into a directory, a directory's content onto another."""
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


@pytest.mark.slow
def test_installed_server_starts(tmp_path: Path) -> None:
    """The steps, carried out in a scratch directory, end in a server that needs neither the sources nor to make a world."""
    steps = instructions(tmp_path)
    scratch = Scratch(tmp_path)
    for step in steps:
        scratch.carry_out(step)
    shutil.rmtree(tmp_path / "src")
    made = list((tmp_path / "opt/understudy/cache/worlds").iterdir())

    command = tmp_path / "opt/understudy/bin/understudy"
    with subprocess.Popen(
        [command, "serve", "--port", "0", "--vendor-ports", "none"],
        env=scratch.environment(),
        cwd=tmp_path / "data",
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = next(line.split()[-1] for line in process.stdout if line.startswith("understudy ready on "))
            ready = httpx2.get(f"{url}/__admin/ready").status_code
            guarded = httpx2.get(f"{url}/__admin/env").status_code
            healthy = subprocess.run(
                health_check(steps), env=scratch.environment() | {"UNDERSTUDY_PORT": url.rpartition(":")[2]}, check=False
            ).returncode
            groups = httpx2.get(f"{url}/cotalker/api/v2/task-groups", headers={"Authorization": "Bearer cotalker-admin"})
        finally:
            process.kill()

    assert (ready, guarded, healthy, groups.status_code) == (200, 401, 0, 200)
    assert made == list((tmp_path / "opt/understudy/cache/worlds").iterdir())
    assert (tmp_path / "data/sandboxes/default.sqlite").exists()
