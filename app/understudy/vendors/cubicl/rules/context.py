"""Where rules work: in a request, in a set-up action, or when time makes something happen."""

from dataclasses import dataclass
from typing import Protocol

from understudy.core.sandbox import Sandbox
from understudy.core.store import Session


class Context(Protocol):
    """What a rule needs: the open transaction, the sandbox's time (milliseconds) and new ids."""

    db: Session

    def now(self) -> int:
        """Return the sandbox's instant."""
        ...

    def new_id(self) -> str:
        """Return a new id."""
        ...


class Live(Context, Protocol):
    """The context of whatever webhooks tell of, which the making of a world is not."""

    sandbox: Sandbox


@dataclass
class Errand:
    """The context of whatever is not a request."""

    sandbox: Sandbox
    db: Session

    def now(self) -> int:
        """Return the sandbox's instant."""
        return self.sandbox.clock.now()

    def new_id(self) -> str:
        """Return a new id."""
        return self.sandbox.object_id(self.db)
