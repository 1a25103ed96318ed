"""Counts requests against a budget, on the sandbox's clock.

Decision: two counters of our own.
Refused: the library `limits`, whose windows follow the system's clock alone, where a test must be able to stop and move it.
"""

from collections import defaultdict, deque
from collections.abc import Hashable


class Limiter:
    """What each caller has used up lately; a refused request uses up nothing.

    Instants and windows are milliseconds. Counts live in memory: a restart forgives.
    """

    def __init__(self) -> None:
        self._windows: dict[Hashable, tuple[int, int]] = {}
        self._instants: dict[Hashable, deque[int]] = defaultdict(deque)

    def fixed(self, key: Hashable, *, now: int, window: int, budget: int) -> int | None:
        """Count a request in the window that `now` lies in; when its budget is used up, return how long it still lasts."""
        number, passed = divmod(now, window)
        last, used = self._windows.get(key, (number, 0))
        if last != number:
            used = 0
        if used >= budget:
            return window - passed
        self._windows[key] = (number, used + 1)
        return None

    def sliding(self, key: Hashable, *, now: int, window: int, budget: int) -> int | None:
        """Count a request in the `window` that ends `now`; when its budget is used up, return when there is room again."""
        instants = self._instants[key]
        # What lies after `now` was counted before the clock went back.
        while instants and instants[-1] > now:
            instants.pop()
        while instants and instants[0] <= now - window:
            instants.popleft()
        if len(instants) >= budget:
            return instants[len(instants) - budget] + window - now
        instants.append(now)
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._windows.clear()
        self._instants.clear()
