"""Sandboxes: isolated worlds, each with its own rows, clock, numbers and seed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlmodel import Field, SQLModel

from understudy.core.clock import Clock
from understudy.core.files import FileStore
from understudy.core.ids import object_id
from understudy.core.limits import Limiter
from understudy.core.store import Session, SQLiteStore
from understudy.core.webhooks import Outbox

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor

DEFAULT: Final = "default"
NEVER: Final = 1 << 62
DUE_AT_ONCE: Final = 1000


class SandboxState(SQLModel, table=True):
    """What a sandbox remembers beside its rows, so that it goes on after a restart where it stood."""

    __tablename__ = "core_state"

    id: int = Field(primary_key=True)
    seed: int
    clock_offset: int = 0
    clock_frozen_at: int | None = None


class UnknownSandbox(LookupError):
    """No sandbox has this name."""


class Sandbox:
    """One world: its rows behind `session()`, its clock, the ids it gives out, and the work that waits for time."""

    def __init__(self, name: str, *, store: SQLiteStore, vendors: Sequence["Vendor"], files: FileStore | None = None) -> None:
        self.name = name
        self.store = store
        self.files = files or FileStore()
        self.clock = Clock()
        self.outbox = Outbox()
        self.limiter = Limiter()
        self._vendors = vendors
        self._read_state()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a transaction: committed at the end of the block, rolled back when an exception leaves it."""
        session = self.store.session()
        try:
            yield session
            session.commit()
        except BaseException:
            self.files.rollback()
            self.outbox.filled = False
            session.rollback()
            raise
        self.files.commit()
        if session.wrote:
            self._look_ahead(session)
            self.outbox.committed()

    def object_id(self, session: Session) -> str:
        """Return a new 24-digit hexadecimal id."""
        return object_id(session, seed=self.seed, instant=self.clock.now())

    def run_due(self) -> None:
        """Run what has fallen due by now, in order, each piece at its own instant.

        The clock is one for all vendors: work that fails, a bug of ours, stops the sandbox, for time can't pass without it.
        At most `DUE_AT_ONCE` pieces; the rest runs at the next call, so that a daily task due since 1970 stops nobody for long.
        """
        now = self.clock.now()
        for _ in range(DUE_AT_ONCE):
            if (due := self.next_due) > now:
                return
            with self.clock.standing_at(due), self.session() as session:
                for vendor in self._vendors:
                    vendor.run_due(self, session)
                self._look_ahead(session)

    def move_clock(self, instant: int) -> None:
        """Set the clock, and run what falls due on the way there; going back runs nothing."""
        self.clock.set(instant)
        self._clock_moved()

    def freeze_clock(self, instant: int | None) -> None:
        """Stop the clock at `instant`, or where it stands."""
        self.clock.freeze(instant)
        self._clock_moved()

    def reset_clock(self) -> None:
        """Let the clock follow the system's again."""
        self.clock.reset()
        self._clock_moved()

    def restore(self, image: bytes) -> None:
        """Become a copy of `image`: rows, clock and numbers."""
        self.store.restore(image)
        self.files.clear()
        self.limiter.clear()
        self.outbox.emptied()
        self._read_state()

    def _clock_moved(self) -> None:
        self._keep_clock()
        self.run_due()
        self.outbox.time_moved()

    def _keep_clock(self) -> None:
        with self.session() as session:
            state = self._state(session)
            state.clock_offset, state.clock_frozen_at = self.clock.offset, self.clock.frozen_at
            session.save(state)

    def _state(self, session: Session) -> SandboxState:
        state = session.get(SandboxState, 1)
        if state is None:
            raise RuntimeError("the database has no row in core_state")
        return state

    def _read_state(self) -> None:
        with self.session() as session:
            state = self._state(session)
            self.seed = state.seed
            self.clock.offset, self.clock.frozen_at = state.clock_offset, state.clock_frozen_at
            self._look_ahead(session)

    def _look_ahead(self, session: Session) -> None:
        waiting = (vendor.next_due(session) for vendor in self._vendors)
        self.next_due = min((due for due in waiting if due is not None), default=NEVER)


class Sandboxes:
    """The sandboxes of this server, by name, and the image a fresh one is made from."""

    def __init__(self, *, image: bytes, default: Sandbox) -> None:
        self.image = image
        self._sandboxes = {DEFAULT: default}

    def __iter__(self) -> Iterator[Sandbox]:
        """Go through the sandboxes."""
        return iter(self._sandboxes.values())

    def __getitem__(self, name: str) -> Sandbox:
        """Return a sandbox; raise `UnknownSandbox`."""
        try:
            return self._sandboxes[name]
        except KeyError:
            raise UnknownSandbox(name) from None

    def reset(self, name: str) -> None:
        """Take a sandbox back to the start: world, clock and numbers."""
        self[name].restore(self.image)

    def close(self) -> None:
        """Close every store."""
        for sandbox in self._sandboxes.values():
            sandbox.store.close()
            sandbox.files.close()
