"""Base URLs and credentials of a server, for people, shells and programs: asked for over HTTP, printed in several forms."""

import json
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.request import Request

from understudy.asking import FAILURES, LONGEST_ANSWER, NoServer, Server, hint, open_url, require_scheme

if TYPE_CHECKING:
    from understudy.core.environment import Environment


SHORTEST_CHANCE = 1.0  # in seconds, also where nobody wants to wait


def ask(url: str, token: str | None, ca: Path | None = None, sandbox: str | None = None) -> "Environment":
    """Return the environment of a sandbox of the server at `url`, trusting our own authority too; raise `NoServer`."""
    found = Server(url, token, ca, sandbox).ask("GET", "/env")
    if not isinstance(found.get("vendors"), list):  # another server's JSON
        raise NoServer(f"no server of Understudy at {url}")
    return cast("Environment", found)


def wait(url: str, ca: Path | None = None, *, seconds: float) -> None:
    """Return once the server at `url` is ready; raise `NoServer` when it isn't in time."""
    require_scheme(url)
    end = time.monotonic() + seconds
    while True:
        try:
            left = max(end - time.monotonic(), SHORTEST_CHANCE)
            with open_url(Request(f"{url.rstrip('/')}/__admin/ready"), ca, seconds=min(left, LONGEST_ANSWER)) as response:
                json.load(response)
            return
        except FAILURES as error:
            if time.monotonic() >= end:
                raise NoServer(f"no server of Understudy is ready at {url}{hint(error)}") from error
        time.sleep(0.1)


def as_json(environment: "Environment") -> str:
    """Return it as indented JSON."""
    return json.dumps(environment, indent=2)


def as_variables(environment: "Environment", *, prefix: str = "") -> str:
    """Return it as lines `NAME=value`, such as `COTALKER_URL` and `COTALKER_ADMIN_TOKEN`."""
    return "\n".join(f"{prefix}{name}={shlex.quote(value)}" for name, value in _variables(environment))


def print_table(environment: "Environment") -> None:
    """Print it for people, on standard output."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("vendor", "base URL", "who"):
        table.add_column(heading, no_wrap=True)
    table.add_column("credentials")
    for vendor in environment["vendors"]:
        name, url = vendor["title"], vendor["baseUrl"]
        for credential in vendor["credentials"]:
            values = ", ".join(f"{kind} {value}" for kind, value in _values(credential))
            table.add_row(name, url, credential["name"], values)
            name = url = ""
    # Where nobody looks, there is no width to fit into: a log or a script gets a line for each row.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _variables(environment: "Environment") -> Iterator[tuple[str, str]]:
    for vendor in environment["vendors"]:
        name = vendor["name"].upper()
        yield f"{name}_URL", vendor["baseUrl"]
        for credential in vendor["credentials"]:
            for kind, value in _values(credential):
                yield f"{name}_{credential['name']}_{kind}".upper(), value


def _values(credential: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((kind, value) for kind, value in credential.items() if kind not in ("name", "who"))
