"""What all parts of the seed stand on: the session, the cast, the company, and ids that tell their time."""

from dataclasses import dataclass
from typing import Any

import orjson

from understudy.core.ids import object_id
from understudy.core.store import Session
from understudy.core.world import Cast


@dataclass(frozen=True, slots=True)
class Ground:
    """One company's part of the world."""

    session: Session
    cast: Cast
    company: str

    def new_id(self, instant: int) -> str:
        """Return a new id made at `instant`."""
        return object_id(self.session, seed=self.cast.seed, instant=instant)

    def birth(self, known: str | None, first_day: float, last_day: float) -> tuple[str, int]:
        """Return the id of a record and when it was made: the id's own second for a known one, otherwise between two days."""
        instant = self.cast.instant(first_day, last_day) if known is None else int(known[:8], 16) * 1000
        instant += self.cast.random.randrange(1000)
        return known or self.new_id(instant), instant


def text(document: Any) -> str:
    """Return a document as it is stored."""
    return orjson.dumps(document).decode()
