"""Base URLs and credentials of a server, for people, shells and programs: asked for over HTTP, printed in several forms."""

import json
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from understudy.tls import BadAuthority, client_context

if TYPE_CHECKING:
    from understudy.core.environment import Environment


LONGEST_ANSWER = 5.0
SHORTEST_CHANCE = 1.0  # in seconds, also where nobody wants to wait


class NoServer(Exception):
    """There is no server of ours at an address; the message is one line."""


# URLError and what sockets raise are OSErrors; bad JSON and odd URLs are ValueErrors.
FAILURES = (OSError, ValueError, HTTPException, BadAuthority)


def ask(url: str, token: str | None, ca: Path | None = None) -> "Environment":
    """Return the environment of the server at `url`, trusting our own certificate authority too; raise `NoServer`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        found = _get(f"{url.rstrip('/')}/__admin/env", headers, ca, seconds=LONGEST_ANSWER)
        if not (isinstance(found, dict) and isinstance(found.get("vendors"), list)):
            raise ValueError("this is another server's JSON")
        return found
    except HTTPError as error:
        hint = "does it need UNDERSTUDY_ADMIN_TOKEN?" if error.code == 401 else "is it the main address of an Understudy?"
        raise NoServer(f"{url} answers {error.code}; {hint}") from error
    except FAILURES as error:
        raise NoServer(f"no server of Understudy at {url}{_hint(error)}") from error


def _hint(error: Exception) -> str:
    """Say what is odd about an HTTPS server that is there all the same."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ": its certificate is not of the authority of `understudy ca`; is UNDERSTUDY_CA set as for the server?"
    if "SSL" in str(error):
        return ": what is there does not speak HTTPS"
    return ""


def wait(url: str, ca: Path | None = None, *, seconds: float) -> None:
    """Return once the server at `url` is ready; raise `NoServer` when it isn't in time."""
    end = time.monotonic() + seconds
    while True:
        try:
            left = max(end - time.monotonic(), SHORTEST_CHANCE)
            _get(f"{url.rstrip('/')}/__admin/ready", {}, ca, seconds=min(left, LONGEST_ANSWER))
            return
        except FAILURES as error:
            if time.monotonic() >= end:
                raise NoServer(f"no server of Understudy is ready at {url}{_hint(error)}") from error
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


def _get(url: str, headers: Mapping[str, str], ca: Path | None, *, seconds: float) -> Any:
    """Return the JSON at a URL, fetched without a proxy: a container may have one in its environment and yet ask itself."""
    trust = client_context(ca) if url.startswith("https:") else None
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trust))
    with opener.open(Request(url, headers=dict(headers)), timeout=seconds) as response:
        return json.load(response)


def _variables(environment: "Environment") -> Iterator[tuple[str, str]]:
    for vendor in environment["vendors"]:
        name = vendor["name"].upper()
        yield f"{name}_URL", vendor["baseUrl"]
        for credential in vendor["credentials"]:
            for kind, value in _values(credential):
                yield f"{name}_{credential['name']}_{kind}".upper(), value


def _values(credential: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((kind, value) for kind, value in credential.items() if kind not in ("name", "who"))
