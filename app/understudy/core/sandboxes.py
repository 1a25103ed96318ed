"""The sandboxes of a server: made, copied, found, put aside while nobody uses them, and removed.

Decision: a new sandbox is nothing but a name until somebody uses it; then its database is a copy of an image, in memory. At most
`UNDERSTUDY_SANDBOXES_IN_MEMORY` are; of the others the pages that differ from the image are kept in a file, which costs
a millisecond to write and another to read. So thousands may be alive, and memory has a bound.
Refused: files for all of them (a copy of the world costs 3 ms and as much disk), and one database for all, whose every
query would have to name the sandbox and whose reset would have to find its rows.
"""

import asyncio
import atexit
import copy
import logging
import re
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from understudy.config import Settings
from understudy.core.events import Events
from understudy.core.files import FileStore
from understudy.core.journal import Journal, Space
from understudy.core.origins import OWN, Origin, Origins
from understudy.core.sandbox import DEFAULT, Sandbox, UnknownSandbox
from understudy.core.snapshots import Snapshots
from understudy.core.store import SQLiteStore
from understudy.core.unverified import Policy
from understudy.core.webhooks import forget_pending

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

log = logging.getLogger("understudy")

NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
SECONDS_BETWEEN_LOOKS: Final = 1.0


class NotPossible(ValueError):
    """What is asked of the sandboxes can't be done; the message is one line. One of the four below."""


class BadName(NotPossible):
    """A name that can't be that of a sandbox."""


class NameTaken(NotPossible):
    """There is a sandbox of this name."""


class TooMany(NotPossible):
    """There are as many sandboxes as there may be."""


class DefaultStays(NotPossible):
    """The sandbox `default` can't be deleted."""


class Sandboxes:
    """The sandboxes by name; `default` is always there."""

    def __init__(self, image: bytes, *, vendors: Sequence["Vendor"], settings: Settings, events: Events | None = None) -> None:
        """`image` is the server's own world. Raises `StoreUnusable` for what the data directory holds."""
        self.events = events or Events()
        self.outbox_changed: Callable[[Sandbox], None] = lambda sandbox: None
        """Hears of each sandbox whose webhooks should be looked at."""
        self._vendors = vendors
        self._settings = settings
        self._keeps = settings.data is not None
        self._place = settings.data / "sandboxes" if settings.data else _temporary_directory()
        worlds = settings.data / "worlds" if settings.data else self._place
        self.origins = Origins(image, vendors=vendors, path=settings.world, cache=settings.cache, directory=worlds)
        self._space = Space(settings.journal_bytes)
        self._sandboxes: dict[str, Sandbox] = {}
        self._in_memory: OrderedDict[str, Sandbox] = OrderedDict()
        for name in sorted({DEFAULT, *self._kept()}):
            self._sandboxes[name] = self._make(name, self.origins.own)

    def __iter__(self) -> Iterator[Sandbox]:
        """Go through the sandboxes as they are now."""
        return iter(list(self._sandboxes.values()))

    def __len__(self) -> int:
        return len(self._sandboxes)

    def __getitem__(self, name: str) -> Sandbox:
        """Return a sandbox, which is now in use; raise `UnknownSandbox`."""
        try:
            sandbox = self._sandboxes[name]
        except KeyError:
            raise UnknownSandbox(name) from None
        sandbox.used_at = time.monotonic()
        if name in self._in_memory:
            self._in_memory.move_to_end(name)
        return sandbox

    @property
    def in_memory(self) -> int:
        """How many are not parked."""
        return sum(not sandbox.store.parked for sandbox in self._sandboxes.values())

    def create(self, name: str | None = None, *, origin: Origin | None = None, ttl_seconds: float | None = None) -> Sandbox:
        """Make a sandbox; without a name it gets one. Raises `NotPossible`."""
        self.require_new(name)
        name = name or f"s-{token_hex(5)}"
        sandbox = self._make(name, origin or self.origins.own)
        sandbox.ttl_seconds = ttl_seconds
        if self._keeps and (ttl_seconds is not None or sandbox.origin.digest != OWN):
            self._write_state(sandbox)
        self._sandboxes[name] = sandbox
        self.events.publish("sandbox", name, {"change": "created"})
        return sandbox

    def clone(self, source: Sandbox, name: str | None = None, *, ttl_seconds: float | None = None) -> Sandbox:
        """Make a sandbox that is what another one is now, but for its journal and the webhooks that the other has yet to send.

        A reset takes it back to the world of the other. Raises `NotPossible`.
        """
        sandbox = self.create(name, origin=source.origin, ttl_seconds=ttl_seconds)
        try:
            sandbox.restore(source.image())
            sandbox.ttl_seconds = ttl_seconds
            with sandbox.session() as session:
                forget_pending(session)
            if self._keeps:
                self._write_state(sandbox)
            sandbox.files.copy(source.files)
        except BaseException:
            self.delete(sandbox.name)
            raise
        sandbox.limiter = copy.deepcopy(source.limiter)
        sandbox.faults = copy.deepcopy(source.faults)
        sandbox.policy = Policy(source.policy.mode, source.policy.accepted)
        return sandbox

    def reset(self, name: str, *, origin: Origin | None = None) -> None:
        """Take a sandbox back to the start: world (its own, or another one), clock, numbers, faults, journal."""
        sandbox = self[name]
        before, sandbox.origin = sandbox.origin, origin or sandbox.origin
        ttl_seconds = sandbox.ttl_seconds
        sandbox.restore(sandbox.origin.image())
        sandbox.forget()
        sandbox.ttl_seconds = ttl_seconds
        if self._keeps and (ttl_seconds is not None or sandbox.origin.digest != OWN):
            self._write_state(sandbox)
        self._release(before)
        self.events.publish("sandbox", name, {"change": "reset"})

    def delete(self, name: str, *, change: str = "deleted") -> None:
        """Remove a sandbox and all that is its; raise `UnknownSandbox` or `DefaultStays`."""
        if name == DEFAULT:
            raise DefaultStays("the sandbox `default` can't be deleted; POST /__admin/reset takes it back to the start")
        sandbox = self[name]
        del self._sandboxes[name]
        self._in_memory.pop(name, None)
        sandbox.discard()
        if self._keeps:
            for suffix in ("", "-wal", "-shm"):
                (self._place / f"{name}.sqlite{suffix}").unlink(missing_ok=True)
        self.snapshots(name).discard()
        self._release(sandbox.origin)
        self.events.publish("sandbox", name, {"change": change})

    def snapshots(self, name: str) -> Snapshots:
        """Return where the snapshots of a sandbox are kept."""
        return Snapshots(self._place / f"{name}.snapshots")

    def delete_expired(self) -> None:
        """Remove the sandboxes that nobody has used for their time to live."""
        now = time.monotonic()
        for sandbox in self:
            if sandbox.ttl_seconds is not None and now - sandbox.used_at > sandbox.ttl_seconds:
                try:
                    self.delete(sandbox.name, change="expired")
                except OSError as error:
                    log.warning("something of the sandbox %s is left over: %s", sandbox.name, error)

    async def watch(self) -> None:
        """Remove what has expired, until cancelled."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            self.delete_expired()

    def close(self) -> None:
        """Close every store."""
        for sandbox in self:
            sandbox.store.close()
            sandbox.files.close()
        if not self._keeps:
            shutil.rmtree(self._place, ignore_errors=True)

    def require_new(self, name: str | None) -> None:
        """Raise `NotPossible` where no sandbox of this name, or none at all, can be made."""
        if len(self._sandboxes) >= self._settings.max_sandboxes:
            raise TooMany(f"there are {len(self._sandboxes)} sandboxes, as many as UNDERSTUDY_MAX_SANDBOXES allows; delete some")
        if name is None:
            return
        if not NAME.fullmatch(name):
            raise BadName(f"{name!r} can't be the name of a sandbox: up to 63 of a-z, 0-9 and -, the last not at either end")
        if name in self._sandboxes:
            raise NameTaken(f"there is a sandbox {name!r} already")

    def _release(self, origin: Origin) -> None:
        self.origins.release(origin, used=lambda: (sandbox.origin for sandbox in self._sandboxes.values()))

    def _make(self, name: str, origin: Origin) -> Sandbox:
        sandbox = Sandbox(
            name,
            store=self._store(name, origin),
            vendors=self._vendors,
            files=FileStore(self._place / f"{name}.files"),
            opened=self._opened,
            journal=Journal(name, keep=self._settings.journal_size, space=self._space),
        )
        sandbox.origin = origin
        sandbox.policy = Policy(self._settings.unverified, self._settings.accepted_rules)
        sandbox.outbox.listener = lambda: self.outbox_changed(sandbox)
        if sandbox.store.parked:
            sandbox.start(origin)
            return sandbox
        self._opened(sandbox)
        sandbox.read_state()
        sandbox.origin = self.origins.of(sandbox.origin_digest) if sandbox.origin_digest else origin
        return sandbox

    def _store(self, name: str, origin: Origin) -> SQLiteStore:
        if self._keeps:
            return SQLiteStore.in_file(self._place / f"{name}.sqlite", origin.image(), durable=name == DEFAULT)
        return SQLiteStore.parkable(origin.image, self._place / f"{name}.changes")

    def _kept(self) -> list[str]:
        """Return the names of the sandboxes that an earlier run left."""
        return [path.stem for path in self._place.glob("*.sqlite") if NAME.fullmatch(path.stem)] if self._keeps else []

    def _write_state(self, sandbox: Sandbox) -> None:
        with sandbox.session() as session:
            state = sandbox.state(session)
            state.origin, state.ttl_seconds = sandbox.origin.digest, sandbox.ttl_seconds
            session.save(state)

    def _opened(self, sandbox: Sandbox) -> None:
        """Note that a sandbox is in memory; park the one that was used least lately when there are too many."""
        if sandbox.name == DEFAULT:
            return
        self._in_memory[sandbox.name] = sandbox
        if len(self._in_memory) > self._settings.sandboxes_in_memory:
            name, oldest = self._in_memory.popitem(last=False)
            try:
                oldest.store.park()
            except OSError as error:  # a full disk: it stays where it is
                log.warning("the sandbox %s stays in memory, for it can't be written: %s", name, error)
                self._in_memory[name] = oldest


def _temporary_directory() -> Path:
    place = Path(tempfile.mkdtemp(prefix="understudy-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place
