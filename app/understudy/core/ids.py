"""Ids that vendors with a document database give out, made so that the same world has the same ones."""

from functools import lru_cache
from hashlib import blake2b

from understudy.core.store import Session


def object_id(session: Session, *, seed: int, instant: int) -> str:
    """Return a new 24-digit hexadecimal id: four bytes of time (seconds of `instant`), five of the seed, three of a counter.

    It is the layout of MongoDB's ObjectId, with the seed in the place of the machine.
    """
    seconds = (instant // 1000) & 0xFFFFFFFF
    return f"{seconds:08x}{_machine(seed)}{session.number('object_id') & 0xFFFFFF:06x}"


@lru_cache
def _machine(seed: int) -> str:
    return blake2b(f"machine {seed}".encode(), digest_size=5).hexdigest()
