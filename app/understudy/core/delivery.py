"""Delivers webhooks: posts what the outboxes hold, tries again, and notes what came of it.

A mock must not be a way to other people's servers: a target is called only at an address that the settings allow, the one that
was checked is the one that is connected to, and redirects are not followed.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM, gaierror
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from understudy import __version__
from understudy.config import Settings
from understudy.core.clock import iso
from understudy.core.sandbox import Sandbox, UnknownSandbox
from understudy.core.sandboxes import Sandboxes
from understudy.core.webhooks import Delivery, State, attempted, due, next_due

if TYPE_CHECKING:
    import httpcore2

log = logging.getLogger("understudy")

AT_THE_SAME_TIME: Final = 32
LARGEST_ANSWER: Final = 64 * 1024
SHOWN_OF_AN_ANSWER: Final = 4 * 1024
SHOWN_HEADERS: Final = 50
LONGEST_SLEEP: Final = 3600.0
SLEEP_AFTER_A_BUG: Final = 10.0

ANYWHERE: Final = "any"
PLAIN_IN_URLS: Final = "".join(map(chr, range(0x21, 0x7F)))


class NotAllowed(Exception):
    """The target is at no address that may be called; the message says why."""


class Targets:
    """The networks that may be called."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """Each is a network such as `10.0.0.0/8`, or `any`."""
        self._anywhere = ANYWHERE in allowed
        self._networks = [ip_network(network) for network in allowed if network != ANYWHERE]

    def allow(self, address: str) -> bool:
        """Whether an IP address may be called; an IPv4 address in IPv6 clothes is what it is."""
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return self._anywhere or any(ip in network for network in self._networks)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be called; raise `NotAllowed`, or `OSError` for an unknown host."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if allowed := [address for address in addresses if self.allow(address)]:
            return allowed
        raise NotAllowed(f"{host} is at {', '.join(addresses)}, which UNDERSTUDY_WEBHOOK_TARGETS does not allow")


# Sandbox and its world, vendor and webhook: deliveries of one lane go out one after the other.
Lane = tuple[str, int, str, str]


class Dispatcher:
    """Carries out what the outboxes of all sandboxes hold: several at the same time, but one after the other for each webhook."""

    def __init__(self, sandboxes: Sandboxes, settings: Settings) -> None:
        self._sandboxes = sandboxes
        self._settings = settings
        self._targets = Targets(settings.webhook_targets)
        self._awake = asyncio.Event()
        self._agenda: dict[Sandbox, float] = {}
        """The sandboxes that have something to send, each with when to look again, by the system's monotonic clock."""
        self._under_way: dict[Lane, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_THE_SAME_TIME)
        self._client: httpcore2.AsyncConnectionPool | None = None

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._sandboxes.outbox_changed = self._look_at
        for sandbox in self._sandboxes:
            self._look_at(sandbox)
        try:
            while True:
                self._awake.clear()
                pause = self._go_round()
                with suppress(TimeoutError):
                    # Not wait_for, which before Python 3.12 loses a cancellation that comes together with the event.
                    async with asyncio.timeout(pause):
                        await self._awake.wait()
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _look_at(self, sandbox: Sandbox) -> None:
        """Look at a sandbox at the next occasion, which is now."""
        self._agenda[sandbox] = 0.0
        self._awake.set()

    def _go_round(self) -> float:
        """Start what is due in the sandboxes that have something to send; return how many seconds nothing will be due."""
        now = time.monotonic()
        for sandbox in [sandbox for sandbox, at in self._agenda.items() if at <= now]:
            del self._agenda[sandbox]
            try:
                pause = self._start_due(sandbox)
            except UnknownSandbox:
                continue
            except Exception:
                log.exception("a bug of Understudy: no webhook of %s is sent for %g s", sandbox.name, SLEEP_AFTER_A_BUG)
                pause = SLEEP_AFTER_A_BUG
            if pause is not None:
                self._agenda[sandbox] = now + pause
        return max(min(self._agenda.values(), default=now + LONGEST_SLEEP) - time.monotonic(), 0.0)

    def _start_due(self, sandbox: Sandbox) -> float | None:
        """Start the attempts that are due; return in how many seconds the next one is, None when none will be by itself."""
        now = sandbox.clock.now()
        with sandbox.session() as session:
            for delivery in due(session, now):
                lane = (sandbox.name, sandbox.outbox.world, delivery.vendor, delivery.webhook)
                if lane not in self._under_way:
                    self._under_way[lane] = asyncio.create_task(self._attempt(sandbox, delivery, lane))
            later = next_due(session, now)
        if later is None or sandbox.clock.frozen_at is not None:
            return None  # until somebody asks again: a new delivery, a clock that moves, an attempt that ends
        return min((later - now) / 1000, LONGEST_SLEEP)

    async def _attempt(self, sandbox: Sandbox, delivery: Delivery, lane: Lane) -> None:
        try:
            async with self._room:
                if sandbox.outbox.world != lane[1]:
                    return
                at, started = sandbox.clock.now(), time.monotonic()
                outcome, state = await self._outcome(delivery)
                attempt = {"at": iso(at), "durationMs": round((time.monotonic() - started) * 1000), **outcome}
            if sandbox.outbox.world == lane[1]:  # or there was a reset, and the number may be of another delivery
                self._note(sandbox, delivery, attempt, state)
        except Exception:
            log.exception("a bug of Understudy: delivery %s of %s", delivery.number, sandbox.name)
            await asyncio.sleep(SLEEP_AFTER_A_BUG)  # it is still due, and must not be sent again and again
        finally:
            del self._under_way[lane]
            self._look_at(sandbox)

    def _note(self, sandbox: Sandbox, delivery: Delivery, attempt: Mapping[str, Any], state: State | None) -> None:
        with sandbox.session() as session:
            current = session.get(Delivery, delivery.number)
            if current is not None:  # or there have been so many since that it is forgotten
                schedule = self._settings.webhook_retries
                attempted(current, attempt, started_with=delivery.retries, state=state, schedule=schedule)
                session.save(current)
        if current is not None:
            told = {"delivery": current.number, "vendor": current.vendor, "event": current.event, "state": current.state}
            self._sandboxes.events.publish("webhook", sandbox.name, told)

    async def _outcome(self, delivery: Delivery) -> tuple[Mapping[str, Any], State | None]:
        """Post a delivery once; a bug on the way is a failure like any other, or it would be due again at once, forever."""
        try:
            return await self._post(delivery)
        except Exception as bug:
            log.exception("a bug of Understudy: delivery %s", delivery.number)
            return {"error": f"a bug of Understudy: {type(bug).__name__}"}, None

    async def _post(self, delivery: Delivery) -> tuple[Mapping[str, Any], State | None]:
        """Post a delivery once; return what came of it and the state that puts it in."""
        import httpcore2

        timeout = self._settings.webhook_timeout_seconds
        try:
            async with asyncio.timeout(timeout):
                answer = await self._exchange(delivery)
        except NotAllowed as error:
            return {"error": str(error)}, "refused"
        except TimeoutError:
            return {"error": f"no whole answer within {timeout:g} s"}, None
        except gaierror as error:
            return {"error": f"the host has no address: {error.strerror}"}, None
        except (httpcore2.UnsupportedProtocol, httpcore2.LocalProtocolError, UnicodeError, ValueError) as error:
            return {"error": f"not a URL that can be called: {error}"}, "refused"
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            return {"error": str(error) or type(error).__name__}, None
        return answer, "delivered" if 200 <= answer["status"] < 300 else None

    async def _exchange(self, delivery: Delivery) -> Mapping[str, Any]:
        target = urlsplit(delivery.url)
        if target.scheme.lower() not in ("http", "https") or not target.hostname or target.port == 0:
            raise ValueError(delivery.url)
        headers = list(request_headers().items())
        async with self._pool().stream(
            "POST", callable_url(delivery.url), headers=headers, content=delivery.body.encode()
        ) as response:
            body = b""
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    break
            return {
                "status": response.status,
                "headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers[:SHOWN_HEADERS]},
                "body": body[:SHOWN_OF_AN_ANSWER].decode("utf-8", "replace"),
            }

    def _pool(self) -> "httpcore2.AsyncConnectionPool":
        if self._client is None:
            self._client = guarded_pool(self._targets)
        return self._client


def callable_url(url: str) -> str:
    """Return a URL in ASCII, as clients send one with other letters; raise `UnicodeError` for an impossible host."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    where = quote(login, safe=PLAIN_IN_URLS) + at + host.encode("idna").decode()
    path, query = (quote(text, safe=PLAIN_IN_URLS) for text in (parts.path, parts.query))
    return urlunsplit((parts.scheme, where, path, query, ""))


def request_headers() -> dict[str, str]:
    """Return the headers of every delivery; no vendor is known to sign what it sends."""
    return {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": f"understudy/{__version__}"}


def guarded_pool(targets: Targets) -> "httpcore2.AsyncConnectionPool":
    """Return an HTTP client that connects only to what `targets` allows and keeps no connection.

    httpcore2, the lowest layer of httpx2, is used because it lets the connection be made by somebody else, and neither follows
    redirects nor looks for proxies. It is loaded when the first webhook is sent, not at the start.
    """
    import httpcore2

    class Guarded(httpcore2.AnyIOBackend):
        """Connects to the addresses that `targets` gives for a host."""

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.AsyncNetworkStream:
            """Connect to the first address that answers; raise `NotAllowed`, `OSError` or what httpcore2 raises."""
            addresses = await targets.addresses(host, port)
            for address in addresses[:-1]:
                with suppress(httpcore2.ConnectError):
                    return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            return await super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    return httpcore2.AsyncConnectionPool(
        ssl_context=httpcore2.default_ssl_context(),
        max_connections=AT_THE_SAME_TIME,
        max_keepalive_connections=0,
        network_backend=Guarded(),
    )
