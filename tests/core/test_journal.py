"""The journal as such: how much it keeps, and what its ids are."""

from time import monotonic
from uuid import UUID

import pytest

from understudy.core.exchange import Exchange
from understudy.core.journal import Journal, Space
from understudy.core.store import Change


def exchange(journal: Journal, body: bytes = b"") -> Exchange:
    """Note a request in a journal."""
    noted = Exchange(
        id=journal.next_id(), sandbox="x", vendor="acme", operation=None, method="GET", path=b"/s/x/acme/a%20b", root="/s/x/acme",
        query=b"", scheme="http", client="", request_headers=[], request_body=body, status=200, response_headers=[],
        response_body=b"", at=0, seconds=0.0, noted=monotonic(),
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


class TestRules:
    """The rules of an answer, which are kept as a number."""

    def test_come_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every exchange has its own again, also when there are more sets of rules than have numbers."""
        monkeypatch.setattr("understudy.core.journal._numbers", {})
        monkeypatch.setattr("understudy.core.journal._numbered", [])
        monkeypatch.setattr("understudy.core.journal.NUMBERED", 2)
        journal = Journal("x")
        sets = [(), ("a.b.c", "a.b.d"), ("a.b.d",), ("a.b.c", "a.b.d"), ("a.b.e",)]

        for rules in sets:
            journal.add(exchange(Journal("y"))._replace(id=journal.next_id(), rules=rules))

        assert [noted.rules for noted in journal] == sets


class TestKeep:
    """How many a journal keeps."""

    def test_the_newest(self) -> None:
        """Beyond the bound the oldest goes."""
        journal = Journal("x", keep=2)

        noted = [exchange(journal) for _ in range(3)]

        assert list(journal) == noted[1:]
        assert journal.get(noted[0].id) is None
        assert journal.forgotten == 1

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


BODY = b"x" * 100_000


class TestSpace:
    """How much all journals hold together."""

    def test_the_oldest_of_all_goes(self) -> None:
        """When the space is full, the oldest exchange goes, whichever journal it is in."""
        space = Space(350_000)
        one, other = Journal("one", space=space), Journal("other", space=space)
        exchange(one, BODY)
        second = exchange(other, BODY)

        third, fourth = exchange(one, BODY), exchange(other, BODY)

        assert list(one) == [third]
        assert list(other) == [second, fourth]

    def test_many_take_turns(self, caplog: pytest.LogCaptureFixture) -> None:
        """What is kept are always the newest of all, and all that fit but for a small part; the log says once that some went."""
        space = Space(2_050_000)
        journals = [Journal(f"x{number}", space=space) for number in range(5)]

        noted = [exchange(journals[turn * turn % 5], BODY) for turn in range(100)]

        kept = sorted((exchange for journal in journals for exchange in journal), key=lambda exchange: exchange.noted)
        assert kept == noted[-len(kept) :]
        assert 19 <= len(kept) <= 20
        assert sum(journal.forgotten for journal in journals) == 100 - len(kept)
        assert [record.levelname for record in caplog.records] == ["WARNING"]

    def test_one_that_is_too_large_for_all(self) -> None:
        """What is larger than the whole space is not kept, and everything older goes before it."""
        journal = Journal("x", space=Space(50_000))
        exchange(journal)

        exchange(journal, BODY)

        assert len(journal) == 0

    def test_what_is_removed_gives_its_space_back(self) -> None:
        """Removing, forgetting and clearing leave nothing taken."""
        space = Space(250_000)
        journal, other = Journal("x", space=space), Journal("y", space=space)

        assert journal.remove(exchange(journal, BODY).id)
        exchange(other, BODY)
        other.forget()
        exchange(other, BODY)
        other.clear()

        assert (space.used, space.journals) == (0, set())
        assert not journal.remove("nobody")


CHANGES = (Change("insert", "t", (1, "b", None, True), 1), Change("delete", "t", None, 3))


class TestPacking:
    """What comes out is what was put in."""

    def test_keeps_everything(self) -> None:
        """Every field, and what rows changed, as the same types."""
        journal = Journal("x")
        noted = exchange(journal)._replace(
            id="other", operation="getIt", request_body=None, delay_ms=5, faults=["fault-1"], refusal="Gone",
            request_headers=[(b"a", b"\xff")], changes=CHANGES,
        )  # fmt: skip
        journal.add(noted)

        (_, kept) = journal

        assert kept == journal.get("other") == noted
        assert all(isinstance(change, Change) for change in kept.changes)
        assert list(reversed(journal)) == list(journal)[::-1]

    def test_does_not_mind_what_happens_meanwhile(self) -> None:
        """Going through it shows what was there at the beginning."""
        journal = Journal("x", keep=2)
        exchange(journal)
        seen = 0

        for _ in journal:
            exchange(journal)
            journal.clear()
            seen += 1

        assert seen == 1


class TestOwnPath:
    """The path as the vendor knows it."""

    @pytest.mark.parametrize(("root", "own"), [("/s/x/acme", "/a%20b"), ("", "/s/x/acme/a%20b"), ("/s/x/acme/a%20b", "/")])
    def test_is_without_what_led_to_the_vendor(self, root: str, own: str) -> None:
        """Sandbox and prefix are no part of it; it stays percent-encoded."""
        noted = exchange(Journal("x"))._replace(root=root)

        assert noted.own_path == own
