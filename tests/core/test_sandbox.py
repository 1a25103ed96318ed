"""Sandboxes: isolation, ids, and the work that waits for time."""

from dataclasses import replace

import pytest

from understudy.core.sandbox import NEVER, Sandbox
from understudy.core.store import Session, SQLiteStore
from understudy.core.world import make_world
from understudy.vendors import VENDORS


@pytest.fixture(scope="module")
def image() -> bytes:
    """A fresh world."""
    return make_world(vendors=VENDORS, path=None, seed=5)


def sandbox(name: str, image: bytes, vendors=VENDORS) -> Sandbox:
    """Return a sandbox that is a copy of `image`."""
    return Sandbox.as_stored(name, store=SQLiteStore.in_memory(image), vendors=vendors)


def test_two_sandboxes_share_nothing(image: bytes) -> None:
    """Clock and numbers of one leave the other alone."""
    one, other = sandbox("one", image), sandbox("other", image)

    one.freeze_clock(0)
    with one.session() as session:
        ids = [one.object_id(session) for _ in range(3)]

    assert other.clock.frozen_at is None
    with other.session() as session:
        assert other.object_id(session)[8:] == ids[0][8:]
    assert len(set(ids)) == 3


def test_a_failure_takes_back_what_was_written(image: bytes) -> None:
    """An exception that leaves a session rolls it back."""
    box = sandbox("box", image)

    def fail() -> None:
        with box.session() as session:
            session.number("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with box.session() as session:
        assert session.number("half") == 1


class TestDueWork:
    """Work that falls due when the clock moves."""

    def test_runs_in_order_each_at_its_instant(self, image: bytes) -> None:
        """A jump of the clock runs everything on the way, in order of time, with the clock standing where it was due."""
        waiting, seen = [300, 100, 200], []

        def next_due(session: Session) -> int | None:
            return min(waiting, default=None)

        def run_due(box: Sandbox, session: Session) -> None:
            seen.append(box.clock.now())
            waiting.remove(box.clock.now())

        box = sandbox("box", image, [replace(VENDORS[0], next_due=next_due, run_due=run_due)])
        box.freeze_clock(50)
        assert seen == []
        assert box.next_due == 100

        box.move_clock(250)
        assert (seen, box.next_due, box.clock.now()) == ([100, 200], 300, 250)

        box.move_clock(10_000)
        assert (seen, box.next_due) == ([100, 200, 300], NEVER)

    def test_a_long_backlog_stops_nobody_for_long(self, image: bytes) -> None:
        """Endless work is done in portions."""
        runs = []

        def run_due(box: Sandbox, session: Session) -> None:
            runs.append(box.clock.now())
            session.number("something written")

        box = sandbox("box", image, [replace(VENDORS[0], next_due=lambda session: len(runs), run_due=run_due)])
        box.run_due()

        assert len(runs) == 1000
