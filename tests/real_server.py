"""A real server in a process of its own, for what can't be seen without one."""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx2

UNDERSTUDY = Path(sys.executable).with_name("understudy")


@dataclass
class Running:
    """A server that has said it is ready."""

    process: subprocess.Popen[str]
    url: str
    output: str
    seconds: float

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the main port."""
        host, _, port = self.url.partition("://")[2].partition(":")
        return host, int(port)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Get a path of the main port."""
        return httpx2.get(f"{self.url}{path}", headers=headers)

    def post(self, path: str, json: object, **headers: str) -> httpx2.Response:
        """Post JSON to a path of the main port."""
        return httpx2.post(f"{self.url}{path}", json=json, headers=headers)


def environment(directory: Path, **variables: str) -> dict[str, str]:
    """Return an environment without settings of ours but the given ones, with a cache in `directory`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSTUDY_")}
    return kept | {"UNDERSTUDY_CACHE": str(directory / "cache"), "UNDERSTUDY_CA": str(directory / "ca")} | variables


@cache
def worlds() -> Path:
    """Return the directory where the servers of this process find their worlds, so that not each has to make its own.

    What they keep in temporary directories is there, too, for those that are killed leave it behind.
    """
    directory = Path(tempfile.mkdtemp(prefix="understudy-worlds-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def run(directory: Path, *words: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself; `stdin` is what it reads."""
    return subprocess.run(
        [UNDERSTUDY, *words],
        cwd=directory,
        env=environment(directory, **variables),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(directory: Path, *options: str, **variables: str) -> Iterator[Running]:
    """Run `understudy serve` on a free port, in `directory`, until the block ends; its worlds are kept for other servers."""
    flags = options if "--port" in options else ("--port", "0", "--vendor-ports", "none", *options)
    started = time.monotonic()
    with subprocess.Popen(
        [UNDERSTUDY, "serve", *flags],
        cwd=directory,
        env=environment(directory, **{"UNDERSTUDY_CACHE": str(worlds()), "TMPDIR": str(worlds())} | variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if found := re.match(r"understudy ready on (\S+)", line):
                    yield Running(process, found[1], "".join(lines), time.monotonic() - started)
                    return
            assert process.stderr is not None
            raise AssertionError(f"the server ended before it was ready: {process.stderr.read()}")
        finally:
            process.kill()
            process.wait()
