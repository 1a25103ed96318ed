"""Opens what can be verified: a server of our own, somebody's Understudy, an account at a vendor."""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

from understudy.client import Sandbox, Understudy
from understudy.core.vendor import Vendor
from understudy.verify.secrets import Secrets
from understudy.verify.target import Credential, Target

TIMEOUT: Final = 30.0
IDLE: Final = 3600.0
"""After how many idle seconds an Understudy forgets the sandbox of a run that never ended."""


class OwnServers:
    """Servers in this process, one for each set of settings that cases need, each with one sandbox; all end with the block."""

    def __init__(self, stack: ExitStack, **base: Any) -> None:
        """`base` are settings of them all."""
        self._stack = stack
        self._base = base
        self._sandboxes: dict[str, Sandbox] = {}
        self._targets: dict[tuple[str, str], Target] = {}
        # They speak plain HTTP; loading every authority of this machine for it would take longer than most cases.
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = stack.enter_context(httpx2.Client(trust_env=False, timeout=TIMEOUT, verify=trust))

    def target(self, vendor: Vendor, settings: Mapping[str, Any]) -> Target:
        """Return a vendor in the server with these settings, which is started when it is first asked for."""
        key = vendor.name, repr(sorted(settings.items()))
        if key not in self._targets:
            self._targets[key] = in_sandbox(vendor, self._sandbox(key[1], settings), self._http, settings=settings)
        return self._targets[key]

    def _sandbox(self, key: str, settings: Mapping[str, Any]) -> Sandbox:
        from understudy.testing import serve

        if key not in self._sandboxes:
            server = self._stack.enter_context(serve(**{**self._base, **settings}))
            self._sandboxes[key] = self._stack.enter_context(server.create_sandbox())
        return self._sandboxes[key]


def usual_settings() -> dict[str, Any]:
    """Return the settings of a server as they are where nobody says otherwise, but for addresses and places of files."""
    from understudy.config import Settings

    places = {"host", "port", "vendor_ports", "data", "cache", "ca"}
    fields = {name: field for name, field in Settings.model_fields.items() if name not in places}
    return {name: field.get_default(call_default_factory=True, validated_data={}) for name, field in fields.items()}


@contextmanager
def understudy_target(vendors: list[Vendor], server: Understudy, *, timeout: float = TIMEOUT) -> Iterator[dict[str, Target]]:
    """Give a target for each vendor, in a sandbox of a running server that is deleted afterwards."""
    trust: Any = _trust() if server.url.startswith("https:") else True
    with server.create_sandbox(ttl=IDLE) as sandbox, httpx2.Client(trust_env=False, timeout=timeout, verify=trust) as http:
        yield {vendor.name: in_sandbox(vendor, sandbox, http, admin_token=server.token) for vendor in vendors}


def _trust() -> Any:
    from understudy.tls import client_context

    place = os.environ.get("UNDERSTUDY_CA")
    return client_context(Path(place) if place else None)


def in_sandbox(
    vendor: Vendor,
    sandbox: Sandbox,
    http: httpx2.Client,
    *,
    settings: Mapping[str, Any] | None = None,
    admin_token: str | None = None,
) -> Target:
    """Return a vendor in a sandbox, with the credentials that the sandbox tells."""
    there = sandbox.vendors[vendor.name]
    return Target(
        vendor=vendor,
        url=there.url,
        http=http,
        credentials={name: credential.values for name, credential in there.credentials.items()},
        secrets=Secrets(),
        sandbox=sandbox,
        settings=settings or {},
        admin_token=admin_token,
    )


@contextmanager
def account_target(
    vendor: Vendor, url: str, credentials: Mapping[str, Credential], *, timeout: float = TIMEOUT, delay: float = 0.0
) -> Iterator[Target]:
    """Give a vendor at an address where nothing can be put back."""
    with httpx2.Client(timeout=timeout, headers={"User-Agent": "understudy-verify"}) as http:
        yield Target(vendor=vendor, url=url, http=http, credentials=credentials, secrets=Secrets(), delay=delay)
