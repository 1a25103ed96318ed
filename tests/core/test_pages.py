"""What is kept of a parked database: the pages that differ from its image."""

from hypothesis import given
from hypothesis import strategies as st

from understudy.core.store import pages

databases = st.lists(st.sampled_from([b"\0", b"a", b"b"]), max_size=6).map(
    lambda letters: b"".join(letter * pages.PAGE for letter in letters)
)


class TestChanges:
    """`changes` and `changed`."""

    @given(image=databases, database=databases)
    def test_give_the_database_back(self, image: bytes, database: bytes) -> None:
        """Whatever was added, changed or cut off."""
        changes = pages.changes(image, database)

        assert (pages.changed(image, changes) if changes else image) == database

    def test_are_nothing_for_a_copy(self) -> None:
        """A database that nobody has written to leaves nothing to keep."""
        assert pages.changes(b"a" * pages.PAGE, b"a" * pages.PAGE) == b""

    def test_are_as_small_as_the_difference(self) -> None:
        """One page of a hundred costs one page."""
        image = b"a" * pages.PAGE * 100
        database = image[: -pages.PAGE] + b"b" * pages.PAGE

        assert len(pages.changes(image, database)) < 2 * pages.PAGE
