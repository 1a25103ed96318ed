"""Runs the application on its ports: the main one and one for each vendor."""

import re
import socket
from collections.abc import Callable
from errno import EADDRINUSE
from secrets import token_urlsafe
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from understudy.config import Settings
from understudy.core.environment import Environment, describe
from understudy.core.events import Events
from understudy.core.routing import Entrance
from understudy.core.sandbox import DEFAULT
from understudy.environment import print_table
from understudy.main import create_app
from understudy.tls import is_host, server_context
from understudy.vendors import VENDORS


class CannotListen(Exception):
    """A port can't be opened, or is meant for a vendor that is none of ours; the message is one line."""


OFFERS_UPGRADE = re.compile(rb"^upgrade:", re.IGNORECASE | re.MULTILINE)


class Reader(HttpToolsProtocol):
    """Reads the requests of one connection.

    A client that offers to change to another protocol goes on in HTTP/1.1, as the standard has it for a server that does not want
    to. Java's HTTP client offers HTTP/2 with its every request, and httptools drops the body of such a request; h11 does not.
    """

    started = False

    def data_received(self, data: bytes) -> None:
        """Take what has come; the first of it tells who reads the connection."""
        first, self.started = not self.started, True
        if not (first and OFFERS_UPGRADE.search(data)):
            return super().data_received(data)
        self.connections.discard(self)
        patient = H11Protocol(self.config, self.server_state, self.app_state)
        patient.connection_made(self.transport)
        self.transport.set_protocol(patient)
        return patient.data_received(data)


class Ready(uvicorn.Server):
    """A uvicorn server that says when it serves."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], events: Events) -> None:
        super().__init__(config)
        self.announce = announce
        self.events = events

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, then say so."""
        await super().startup(sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on everybody, those who are still sending a request included; answers that are made still leave."""
        await self.events.end()
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End on Ctrl-C and SIGTERM, as something that went well."""
        self.should_exit = True


def listen(settings: Settings) -> tuple[Settings, list[socket.socket]]:
    """Open the ports of `settings`; return them with the ports that were found free in the place of 0.

    Who asks for any free main port and says nothing of the vendors' gets free ones there too. Raises `CannotListen`.
    """
    if settings.port == 0 and "vendor_ports" not in settings.model_fields_set:
        settings = settings.model_copy(update={"vendor_ports": dict.fromkeys(settings.vendor_ports, 0)})
    for name in settings.vendor_ports:
        if name not in (vendor.name for vendor in VENDORS):
            raise CannotListen(f"vendor_ports: there is no vendor {name!r}")
    sockets = []
    try:
        main = _opened_for("port", settings.host, settings.port)
        sockets.append(main)
        vendor_ports = {}
        for name, port in settings.vendor_ports.items():
            opened = _opened_for("vendor-ports", settings.host, port)
            sockets.append(opened)
            vendor_ports[name] = opened.getsockname()[1]
    except CannotListen:
        for opened in sockets:
            opened.close()
        raise
    return settings.model_copy(update={"port": main.getsockname()[1], "vendor_ports": vendor_ports}), sockets


def run(settings: Settings, sockets: list[socket.socket]) -> None:
    """Print what is where, and serve until told to end.

    Raises what `create_app` raises, and `BadAuthority`.
    """
    settings = guarded(settings)
    app = create_app(settings)
    line = f"understudy ready on {settings.url()}"
    server = server_of(app, settings, lambda: print(line, flush=True))  # noqa: T201  the line that scripts wait for
    introduce(settings, describe(app.sandboxes[DEFAULT], VENDORS, lambda vendor: f"{settings.url()}/{vendor.name}"))
    server.run(sockets=sockets)


def guarded(settings: Settings) -> Settings:
    """Return the settings with a token for the control plane, if it needs one that is not set."""
    if settings.on_loopback or settings.admin_token is not None:
        return settings
    return settings.model_copy(update={"admin_token": token_urlsafe(24)})


def server_of(app: Entrance, settings: Settings, announce: Callable[[], None]) -> Ready:
    """Return what serves an application; it calls `announce` once it does. Raises `BadAuthority`."""
    tls = server_context(settings.ca, certificate_hosts(settings)) if settings.tls else None
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # seconds for what is left to send
        http=Reader,
        ws="none",
        ssl_context_factory=(lambda config, default: tls) if tls else None,
    )
    return Ready(config, announce, app.sandboxes.events)


def introduce(settings: Settings, environment: Environment) -> None:
    """Print the addresses and credentials of the server."""
    print_table(environment)
    if settings.vendor_ports:
        ports = ", ".join(f"{name} {settings.url(port)}" for name, port in settings.vendor_ports.items())
        print(f"Each vendor at /: {ports}")  # noqa: T201  for the person at the terminal
    if not settings.on_loopback:
        print(f"Control plane token: {settings.admin_token}")  # noqa: T201  as above


def certificate_hosts(settings: Settings) -> list[str]:
    """Return what the certificate stands for: every vendor's hosts, this machine by its names, and what the settings add."""
    vendors = [host for vendor in VENDORS for host in vendor.hosts]
    sandboxes = [f"*.{host}" for host in vendors if host.endswith(".localhost")]
    here = ["localhost", "127.0.0.1", "::1", "understudy", socket.gethostname(), settings.host]
    return [*vendors, *sandboxes, *(host for host in here if is_host(host)), *settings.tls_hosts]


def try_port(host: str, port: int) -> None:
    """Raise `CannotListen` where a port can't be opened."""
    _open(host, port).close()


def _opened_for(flag: str, host: str, port: int) -> socket.socket:
    try:
        return _open(host, port)
    except CannotListen as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno != EADDRINUSE:
            raise
        setting = f"--{flag} (UNDERSTUDY_{flag.replace('-', '_').upper()})"
        raise CannotListen(f"{error}; {setting} sets another, `--port 0` takes free ones for all") from error


def _open(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(2048)
    except (OSError, OverflowError) as error:
        opened.close()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotListen(f"can't listen on {host}:{port}: {reason}") from error
    return opened
