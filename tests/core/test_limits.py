"""The two counters behind rate limits."""

import pytest

from understudy.core.limits import Limiter


@pytest.fixture
def limiter() -> Limiter:
    """A fresh counter."""
    return Limiter()


class TestFixed:
    """Windows that begin at whole multiples of their length."""

    def test_budget(self, limiter: Limiter) -> None:
        """Once the budget is used up, it tells how long the window still lasts."""
        answers = [limiter.fixed("a", now=10_000 + step, window=5_000, budget=3) for step in range(5)]

        assert answers == [None, None, None, 4_997, 4_996]

    def test_next_window(self, limiter: Limiter) -> None:
        """The next window has a budget of its own, and so has every caller."""
        assert limiter.fixed("a", now=14_999, window=5_000, budget=1) is None
        assert limiter.fixed("a", now=14_999, window=5_000, budget=1) == 1
        assert limiter.fixed("b", now=14_999, window=5_000, budget=1) is None
        assert limiter.fixed("a", now=15_000, window=5_000, budget=1) is None

    def test_clock_goes_back(self, limiter: Limiter) -> None:
        """An earlier window is another window."""
        assert limiter.fixed("a", now=15_000, window=5_000, budget=1) is None
        assert limiter.fixed("a", now=9_000, window=5_000, budget=1) is None


class TestSliding:
    """A window that ends at every request."""

    def test_budget(self, limiter: Limiter) -> None:
        """A request counts for the length of the window; a refused one doesn't count."""
        requests = [0, 10, 20, 30, 999, 1_000, 1_005, 1_010]

        answers = [limiter.sliding("a", now=now, window=1_000, budget=2) for now in requests]

        assert answers == [None, None, 980, 970, 1, None, 5, None]

    def test_clock_goes_back(self, limiter: Limiter) -> None:
        """What was counted in a future that no longer is does not count."""
        assert limiter.sliding("a", now=50_000, window=1_000, budget=1) is None
        assert limiter.sliding("a", now=10_000, window=1_000, budget=1) is None

    def test_clock_goes_back_a_little(self, limiter: Limiter) -> None:
        """Within the window, too; what lies before the new instant still counts."""
        assert [limiter.sliding("a", now=now, window=1_000, budget=2) for now in (100, 900, 950)] == [None, None, 150]

        assert [limiter.sliding("a", now=now, window=1_000, budget=2) for now in (500, 501)] == [None, 599]

    def test_clear(self, limiter: Limiter) -> None:
        """A reset forgives."""
        limiter.sliding("a", now=0, window=1_000, budget=1)
        limiter.clear()

        assert limiter.sliding("a", now=1, window=1_000, budget=1) is None
