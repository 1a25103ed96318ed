"""Asks a running server, with the standard library alone: a command that asks must not take longer to start than to answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from understudy.tls import BadAuthority, client_context

LONGEST_ANSWER: Final = 5.0  # in seconds, where nothing else is said
LONGEST_ERROR: Final = 64 * 1024
BLOCK: Final = 256 * 1024


class NoServer(Exception):
    """There is no server of ours at an address, or it refuses; the message is one line."""


# URLError and what sockets raise are OSErrors; bad JSON and odd URLs are ValueErrors.
FAILURES = (OSError, ValueError, HTTPException, BadAuthority)


@dataclass(frozen=True)
class Server:
    """Where a server is, and how it is asked: `url` is its main address, `sandbox` the name of the sandbox that is meant."""

    url: str
    token: str | None = None
    ca: Path | None = None
    sandbox: str | None = None

    def ask(self, method: str, path: str, *, body: object = None, seconds: float = LONGEST_ANSWER) -> dict[str, Any]:
        """Return the JSON that the control plane answers at `path` (below `/__admin`); raise `NoServer`."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        content = None if body is None else json.dumps(body).encode()
        with self.open(method, path, body=content, headers=headers, seconds=seconds) as response:
            try:
                found = json.load(response)
            except FAILURES as error:
                raise NoServer(f"no server of Understudy at {self.url}{hint(error)}") from error
        if not isinstance(found, dict):
            raise NoServer(f"no server of Understudy at {self.url}")
        return found

    def open(
        self,
        method: str,
        path: str,
        *,
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = LONGEST_ANSWER,
    ) -> HTTPResponse:
        """Return the answer at `path`, unread; raise `NoServer`, with the server's own words where it has some."""
        require_scheme(self.url)
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.sandbox is not None:
            own["X-Understudy-Sandbox"] = self.sandbox
        try:
            address = f"{self.url.rstrip('/')}/__admin{path}"
            request = Request(address, method=method, data=body, headers={**own, **(headers or {})})
            return open_url(request, self.ca, seconds=seconds)
        except HTTPError as error:
            with error:
                raise NoServer(self._refusal(error)) from error
        except FAILURES as error:
            raise NoServer(f"no server of Understudy at {self.url}{hint(error)}") from error

    def blocks(self, answer: HTTPResponse) -> Iterator[bytes]:
        """Yield the body of an answer as it comes; raise `NoServer` when it stops before its end."""
        try:
            while block := answer.read(BLOCK):
                yield block
        except (OSError, HTTPException) as error:
            raise NoServer(f"{self.url} stopped in the middle of its answer") from error
        if answer.length:
            raise NoServer(f"{self.url} stopped in the middle of its answer")

    def _refusal(self, error: HTTPError) -> str:
        if error.code == 401:
            sent = "the admin token that was sent is wrong" if self.token else "does it need UNDERSTUDY_ADMIN_TOKEN?"
            return f"{self.url} answers 401; {sent}"
        try:
            return " ".join(str(json.loads(error.read(LONGEST_ERROR))["errors"][0]["detail"]).split())
        except (*FAILURES, LookupError, TypeError):
            return f"{self.url} answers {error.code}; is it the main address of an Understudy?"


def require_scheme(url: str) -> None:
    """Raise `NoServer` for an address without `http://` or the like, with the one that is probably meant."""
    if "://" not in url:
        raise NoServer(f"{url!r} has no scheme; is http://{url} meant?")


def open_url(request: Request, ca: Path | None, *, seconds: float) -> HTTPResponse:
    """Send a request without a proxy: a container may have one in its environment and yet ask itself."""
    trust = client_context(ca) if request.type == "https" else None
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trust))
    response: HTTPResponse = opener.open(request, timeout=seconds)
    return response


def hint(error: Exception) -> str:
    """Say what is odd about an HTTPS server that is there all the same."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ": its certificate is not of the authority of `understudy ca`; is UNDERSTUDY_CA set as for the server?"
    if "SSL" in str(error):
        return ": what is there does not speak HTTPS"
    return ""
