"""Sends the requests of cases: to one vendor's address, with credentials that go nowhere else, and no faster than is polite."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from understudy.client import Sandbox
from understudy.core.vendor import Vendor
from understudy.verify.expecting import Answer
from understudy.verify.paths import Missing
from understudy.verify.secrets import PUBLIC_KINDS, Secrets

Credential = Mapping[str, str]
PATIENCE: Final = 60.0
"""The longest wait that a vendor may ask for, in seconds."""
TRIES: Final = 3
OURS: Final = "X-Understudy-Request"
NEVER_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class CannotReach(Exception):
    """The target doesn't answer. `may_have_read` is whether the request may have come to it all the same."""

    def __init__(self, message: str, *, may_have_read: bool) -> None:
        super().__init__(message)
        self.may_have_read = may_have_read


class StopsUs(Exception):
    """The target wants fewer requests than are possible."""


@dataclass(kw_only=True)
class Target:
    """One vendor at one address. `sandbox` is set where it is an Understudy's, which is then put back for every case."""

    vendor: Vendor
    url: str
    http: httpx2.Client
    credentials: Mapping[str, Credential]
    secrets: Secrets
    sandbox: Sandbox | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings that this server of our own was started with."""
    admin_token: str | None = None
    """Token of the Understudy's control plane."""
    delay: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    is_understudy: bool = False
    """Whether the target is one of ours, whatever the user says; its answers tell."""
    _last: float = 0.0

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        for credential in self.credentials.values():
            self.keep_secret(credential)

    @property
    def host(self) -> str:
        """Where it is, without credentials or path."""
        parts = urlsplit(self.url)
        return (parts.hostname or "") + (f":{parts.port}" if parts.port else "")

    def keep_secret(self, credential: Credential) -> None:
        """Mask the values of a credential wherever something is written."""
        self.secrets.add(value for kind, value in credential.items() if kind not in PUBLIC_KINDS)

    def now(self) -> int:
        """Return the target's instant in milliseconds: that of an Understudy's clock, else ours."""
        return int((time.time() if self.sandbox is None else self.sandbox.clock.now().timestamp()) * 1000)

    def address(self, path: str) -> str:
        """Return the address of what a case requests: below the target, unless an answer gave a whole URL."""
        return path if path.startswith(("http://", "https://")) else f"{self.url}/{path.lstrip('/')}"

    def is_ours(self, address: str) -> bool:
        """Whether an address is below the target, which alone is shown credentials."""
        return address.startswith(f"{self.url}/")

    def send(self, request: httpx2.Request, *, patient: bool) -> httpx2.Response:
        """Send a request; with `patient`, wait and try again where the target says that there were too many.

        Raises `CannotReach` and `StopsUs`.
        """
        for attempt in range(1, TRIES + 1):
            self._pause()
            try:
                response = self.http.send(request)
            except httpx2.HTTPError as error:
                told = self.secrets.mask(f"{type(error).__name__}: {error}")
                raise CannotReach(told, may_have_read=not isinstance(error, NEVER_SENT)) from None
            self.is_understudy |= OURS in response.headers
            if response.status_code != 429 or not patient:
                return response
            wait = _asked_for(response, attempt)
            if wait > PATIENCE or attempt == TRIES:
                break
            self.sleep(wait)
        raise StopsUs("answered 429, too many requests, again and again")

    def read(self, request: httpx2.Request, response: httpx2.Response, sent_at: int) -> Answer:
        """Return an answer with its body read; `sent_at` is the target's instant before the request."""
        try:
            document: Any = orjson.loads(response.content)
        except ValueError:
            document = Missing("JSON")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.content, document, sent_at, self.shown(request))

    def shown(self, request: httpx2.Request) -> str:
        """Return method and path of a request as a report shows them."""
        return self.secrets.mask(f"{request.method} {str(request.url).removeprefix(self.url)}")

    def _pause(self) -> None:
        if self.delay:
            self.sleep(max(0.0, self._last + self.delay - time.monotonic()))
            self._last = time.monotonic()


def _asked_for(response: httpx2.Response, attempt: int) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 20.0 * attempt
