"""The HTTP side of the client: one connection pool for a server, and the control plane of one sandbox in it."""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2

from understudy.client.errors import Refused, Unreachable

TIMEOUT: Final = 30.0  # in seconds; another world takes the server some of them
LONGEST_DETAIL: Final = 200


def pool(url: str, *, token: str | None, ca: str | os.PathLike[str] | None) -> httpx2.Client:
    """Return the connections to a server; proxies of the environment are left aside, for the server is a near one."""
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"{url!r} is no address of a server: it begins with neither http:// nor https://")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    trust = _trust(ca) if url.startswith("https:") else True
    return httpx2.Client(base_url=url, headers=headers, verify=trust, trust_env=False, timeout=TIMEOUT)


class Connection:
    """Sends requests to the control plane of one sandbox."""

    def __init__(self, http: httpx2.Client, sandbox: str | None = None) -> None:
        """Without a sandbox it is that of the server, whose sandbox is `default`."""
        self.http = http
        self.prefix = "/__admin" if sandbox is None else f"/s/{segment(sandbox)}/__admin"

    def of(self, sandbox: str) -> "Connection":
        """Return a connection to another sandbox of the server."""
        return Connection(self.http, sandbox)

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON at a path; parameters that are None are left out."""
        return self._json("GET", path, params={name: value for name, value in params.items() if value is not None})

    def try_get(self, path: str, *, seconds: float) -> None:
        """Get a path, and wait at most so many seconds for each part of it."""
        self._json("GET", path, timeout=min(seconds, TIMEOUT))

    def post(self, path: str, body: Any = None) -> Any:
        """Post JSON, or nothing; return the answer's."""
        return self._json("POST", path, json=body)

    def put(self, path: str, body: Any) -> Any:
        """Put JSON; return the answer's."""
        return self._json("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """Delete; return the answer's JSON, or None."""
        return self._json("DELETE", path)

    def download(self, path: str, target: Path) -> None:
        """Write what is at a path into a file, which is left alone when there is nothing."""
        with _translated(self.http), self.http.stream("GET", f"{self.prefix}{path}") as response:
            if not response.is_success:
                response.read()
                raise _refused(response)
            with target.open("wb") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)

    def upload(self, path: str, source: Path) -> Any:
        """Put a file; return the answer's JSON."""
        with source.open("rb") as file:
            return self._json("PUT", path, content=file)

    def _json(self, method: str, path: str, **what: Any) -> Any:
        with _translated(self.http):
            response = self.http.request(method, f"{self.prefix}{path}", **what)
        if not response.is_success:
            raise _refused(response)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise Unreachable(f"what answers at {self.http.base_url} is no Understudy") from error


def is_final(error: BaseException | None) -> bool:
    """Whether it is of no use to try again: the other side speaks no TLS, or has a certificate that is not trusted."""
    while error is not None:
        if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "CERTIFICATE_VERIFY_FAILED"):
            return True
        error = error.__cause__ or error.__context__
    return False


def segment(name: str) -> str:
    """Return a name as one segment of a path."""
    return quote(name, safe="")


@contextmanager
def _translated(http: httpx2.Client) -> Iterator[None]:
    try:
        yield
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise Unreachable(f"no Understudy answers at {http.base_url}: {error or type(error).__name__}") from error


def _refused(response: httpx2.Response) -> Refused:
    """Return what an answer with an error says; of somebody else's errors the beginning of the text."""
    try:
        body = response.json()
        error: Mapping[str, str] = body["errors"][0]
        return Refused(response.status_code, error["code"], error["detail"])
    except (ValueError, KeyError, TypeError, IndexError):
        return Refused(response.status_code, "unknown", " ".join(response.text[:LONGEST_DETAIL].split()))


def _trust(ca: str | os.PathLike[str] | None) -> ssl.SSLContext:
    from understudy.tls import BadAuthority, client_context

    place = ca or os.environ.get("UNDERSTUDY_CA") or None
    try:
        if place is not None and not Path(place).is_dir():
            return ssl.create_default_context(cafile=place)
        return client_context(None if place is None else Path(place))
    except (OSError, BadAuthority) as error:
        raise Unreachable(f"the certificate authority {place} can't be read: {error}") from error
