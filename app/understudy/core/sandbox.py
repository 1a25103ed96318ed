"""A sandbox: an isolated world, with its own rows, clock, numbers, seed, faults and journal."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from sqlmodel import Field, SQLModel

from understudy.core.clock import Clock
from understudy.core.faults import Faults
from understudy.core.files import FileStore
from understudy.core.ids import object_id
from understudy.core.journal import Journal
from understudy.core.limits import Limiter
from understudy.core.store import Session, SQLiteStore
from understudy.core.unverified import Policy
from understudy.core.webhooks import Outbox

if TYPE_CHECKING:
    from understudy.core.origins import Origin
    from understudy.core.vendor import Credential, Vendor

DEFAULT: Final = "default"
NEVER: Final = 1 << 62
DUE_AT_ONCE: Final = 1000


class SandboxState(SQLModel, table=True):
    """What a sandbox remembers beside its rows, so that it goes on after a restart where it stood.

    `origin` is the digest of the world that a reset goes back to, empty for the server's own; `ttl_seconds` is how long the
    sandbox lives without a request.
    """

    __tablename__ = "core_state"

    id: int = Field(primary_key=True)
    seed: int
    clock_offset: int = 0
    clock_frozen_at: int | None = None
    origin: str = ""
    ttl_seconds: float | None = None


class UnknownSandbox(LookupError):
    """No sandbox has this name, or no longer; the message is the name."""


class Transaction:
    """A session on a sandbox's rows for the length of a block.

    A class and no generator: each request has one, and this one costs half as much.
    """

    __slots__ = ("_sandbox", "_session")

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._session = sandbox.store.session()

    def __enter__(self) -> Session:
        """Begin."""
        return self._session

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Commit, or roll back where an exception is on its way or the commit fails."""
        if kind is not None:
            return self._roll_back()
        try:
            self._session.commit()
        except BaseException:
            self._roll_back()
            raise
        return self._sandbox.committed(self._session)

    def _roll_back(self) -> None:
        self._sandbox.rolled_back()
        self._session.rollback()


class Sandbox:
    """One world: its rows behind `session()`, its clock, the ids it gives out, its faults and journal, and the work that waits.

    `policy` is what becomes of answers that relied on what nobody has proven; a reset keeps it. `origin` is the world that a
    reset goes back to; `used_at` is when it was last asked for, by the system's monotonic clock.
    """

    origin: "Origin"
    seed: int
    next_due: int

    def __init__(
        self,
        name: str,
        *,
        store: SQLiteStore,
        vendors: Sequence["Vendor"],
        files: FileStore | None = None,
        opened: Callable[["Sandbox"], None] = lambda sandbox: None,
        journal: Journal | None = None,
    ) -> None:
        """`opened` hears when the store is opened again after it was parked."""
        self.name = name
        self.store = store
        self.files = files or FileStore()
        self.clock = Clock()
        self.outbox = Outbox()
        self.limiter = Limiter()
        self.faults = Faults()
        self.policy = Policy()
        self.journal = Journal(name) if journal is None else journal  # an empty one counts as false
        self.ttl_seconds: float | None = None
        self.origin_digest = ""
        self.used_at = time.monotonic()
        self.deleted = False
        self.untouched = False
        self._vendors = vendors
        self._opened = opened

    @classmethod
    def as_stored(cls, name: str, **parts: Any) -> Self:
        """Return a sandbox that goes on where its rows say it stood; takes what `__init__` takes."""
        sandbox = cls(name, **parts)
        sandbox.read_state()
        return sandbox

    def session(self) -> "Transaction":
        """Return a transaction: committed at the end of its block, rolled back when an exception leaves it.

        Raises `UnknownSandbox` once the sandbox is deleted: somebody may still have it in hand.
        """
        self._wake()
        return Transaction(self)

    def committed(self, session: Session) -> None:
        """Keep what a transaction did beside its rows, and see what it made waiting for time."""
        self.files.commit()
        if session.wrote:
            self._look_ahead(session)
            self.outbox.committed()

    def rolled_back(self) -> None:
        """Forget what a transaction did beside its rows."""
        self.files.rollback()
        self.outbox.filled = False

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

    def image(self) -> bytes:
        """Return the rows as they are now: a database as bytes."""
        self._wake()
        return self.store.image()

    def restore(self, image: bytes, *, files: FileStore | None = None) -> None:
        """Become a copy of `image`: rows, clock and numbers; files, and what is known of webhooks under way, go.

        With `files`, those take their place. Raises `OSError` where the disk has no room for them, and changes nothing then.
        """
        self._wake()
        brought = [] if files is None else self.files.bring(files)
        self.store.restore(image)
        self.files.clear()
        self.files.take(brought)
        self.outbox.emptied()
        self.read_state()

    def forget(self) -> None:
        """Forget what a sandbox knows beside its rows: journal, faults and the requests that count against rate limits."""
        self.limiter.clear()
        self.faults.clear()
        self.journal.clear()

    def start(self, origin: "Origin") -> None:
        """Begin in a world that nobody has used yet, without opening it: all is as its origin says."""
        self.origin = origin
        self.untouched = True
        self.seed, self.next_due = origin.seed, origin.next_due
        self.faults.seed = origin.seed

    def credentials(self) -> Mapping[str, Sequence["Credential"]]:
        """Return the credentials that open this world, by vendor."""
        if self.untouched:
            return self.origin.credentials
        with self.session() as session:
            return {vendor.name: vendor.credentials(session) for vendor in self._vendors}

    def discard(self) -> None:
        """Delete everything; whoever still has the sandbox in hand gets `UnknownSandbox`."""
        self.deleted = True
        self.outbox.emptied()
        self.journal.clear()
        self.store.close()
        self.files.discard()

    def _wake(self) -> None:
        if self.deleted:
            raise UnknownSandbox(self.name)
        if self.store.parked:
            self.untouched = False
            self._opened(self)

    def _clock_moved(self) -> None:
        self._keep_clock()
        self.run_due()
        self.outbox.time_moved()

    def _keep_clock(self) -> None:
        with self.session() as session:
            state = self.state(session)
            state.clock_offset, state.clock_frozen_at = self.clock.offset, self.clock.frozen_at
            session.save(state)

    def state(self, session: Session) -> SandboxState:
        """Return what the sandbox remembers beside its rows."""
        state = session.get(SandboxState, 1)
        if state is None:
            raise RuntimeError("the database has no row in core_state")
        return state

    def read_state(self) -> None:
        """Take up what the rows say: seed, clock, and what waits for time."""
        with self.session() as session:
            state = self.state(session)
            self.origin_digest = state.origin
            self.seed = self.faults.seed = state.seed
            self.ttl_seconds = state.ttl_seconds
            self.clock.offset, self.clock.frozen_at = state.clock_offset, state.clock_frozen_at
            self._look_ahead(session)

    def _look_ahead(self, session: Session) -> None:
        waiting = (vendor.next_due(session) for vendor in self._vendors)
        self.next_due = min((due for due in waiting if due is not None), default=NEVER)
