"""The journal as such: how much it keeps, and what its ids are."""

from uuid import UUID

import pytest

from understudy.core.exchange import OVERHEAD, Exchange
from understudy.core.journal import Journal, Space


def exchange(journal: Journal, body: bytes = b"") -> Exchange:
    """Note a request in a journal."""
    noted = Exchange(
        id=journal.next_id(), sandbox="x", vendor="acme", operation=None, method="GET", path=b"/s/x/acme/a%20b", root="/s/x/acme",
        query=b"", scheme="http", client="", request_headers=[], request_body=body, status=200, response_headers=[],
        response_body=b"", at=0, seconds=0.0,
    )  # fmt: skip
    journal.add(noted)
    return noted


class TestIds:
    """What an exchange is called."""

    def test_are_uuids_and_the_same_at_every_run(self) -> None:
        """Two journals of one name give the same ids; another name gives others."""
        one, again, other = Journal("one"), Journal("one"), Journal("other")

        ids = [one.next_id(), one.next_id()]

        assert ids == [again.next_id(), again.next_id()]
        assert other.next_id() not in ids
        assert [str(UUID(number)) for number in ids] == ids


class TestKeep:
    """How many a journal keeps."""

    def test_the_newest(self) -> None:
        """Beyond the bound the oldest goes."""
        journal = Journal("x", keep=2)

        noted = [exchange(journal) for _ in range(3)]

        assert list(journal) == noted[1:]
        assert journal.get(noted[0].id) is None

    def test_none(self) -> None:
        """A journal that keeps none still gives ids."""
        journal = Journal("x", keep=0)

        exchange(journal)

        assert len(journal) == 0
        assert journal.next_id().endswith("2")

    def test_clear(self) -> None:
        """After it is cleared, ids begin anew."""
        journal = Journal("x")
        first = exchange(journal)

        journal.clear()

        assert len(journal) == 0
        assert exchange(journal).id == first.id


class TestSpace:
    """How much all journals hold together."""

    def test_the_oldest_of_all_goes(self) -> None:
        """When the space is full, the oldest exchange goes, whichever journal it is in."""
        space = Space(3 * OVERHEAD + 100)
        one, other = Journal("one", space=space), Journal("other", space=space)
        first, second = exchange(one), exchange(other)

        third, fourth = exchange(other), exchange(other)

        assert list(one) == []
        assert list(other) == [second, third, fourth]
        assert first.id not in {noted.id for noted in other}

    def test_one_that_is_too_large_for_all(self) -> None:
        """What is larger than the whole space is not kept, and everything older goes before it."""
        space = Space(2 * OVERHEAD)
        journal = Journal("x", space=space)
        exchange(journal)

        exchange(journal, body=b"x" * 3 * OVERHEAD)

        assert len(journal) == 0

    def test_what_is_removed_gives_its_space_back(self) -> None:
        """Removing and clearing make room."""
        space = Space(2 * OVERHEAD + 100)
        journal, other = Journal("x", space=space), Journal("y", space=space)
        journal.remove(exchange(journal).id)
        exchange(other)
        other.clear()

        kept = [exchange(journal), exchange(journal)]

        assert list(journal) == kept

    def test_a_cleared_journal_owes_nothing(self) -> None:
        """What was noted before a journal was cleared is not taken for what has the same id now."""
        space = Space(2 * OVERHEAD + 100)
        cleared, other = Journal("x", space=space), Journal("y", space=space)
        exchange(cleared)
        cleared.clear()
        old = exchange(other)

        kept = exchange(cleared)
        exchange(other)

        assert list(cleared) == [kept]
        assert old not in list(other)


class TestOwnPath:
    """The path as the vendor knows it."""

    @pytest.mark.parametrize(("root", "own"), [("/s/x/acme", "/a%20b"), ("", "/s/x/acme/a%20b"), ("/s/x/acme/a%20b", "/")])
    def test_is_without_what_led_to_the_vendor(self, root: str, own: str) -> None:
        """Sandbox and prefix are no part of it; it stays percent-encoded."""
        noted = exchange(Journal("x"))
        noted.root = root

        assert noted.own_path == own
