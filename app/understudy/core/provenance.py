"""Notes which rules of a vendor's ledger an answer follows, where they are followed.

Every behaviour of a vendor stands as a rule in `openapi/<vendor>.rules.yaml`, with how it is known (`ledger.py`). The code that
decides names it: a refusal by its class or with `.by(…)`, an operation with `@follows(…)`, a filter, a default, an order or a
permission with `follow(…)`.

Decision: the rules of the answer under way are a list of the thread. Why: what decides is often a function of plain values, far
from the request; a request runs in one thread from the credentials to the last write, without waiting, so the list is its own.
A call costs a tenth of a microsecond, and a request has a handful.
Refused: a context variable, which costs more; working the rules out afterwards from request and answer, which would be a second
account of the behaviour, and the code could move away from it.
"""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

ATTRIBUTE: Final = "__understudy_rules__"
REMEMBERED: Final = 4096

_seen: dict[tuple[str, ...], tuple[str, ...]] = {}


class Noted(threading.local):
    """The rules that the answer under way in this thread follows, in the order in which they were met."""

    kind: ClassVar[type[list[str]]] = list

    def __init__(self) -> None:
        self.rules = self.kind()


_noted = Noted()


def follow(*rules: str) -> None:
    """Note that the answer under way follows these rules."""
    _noted.rules.extend(rules)


def follows(*rules: str) -> Callable[[F], F]:
    """Name, at an operation's function, the rules that it follows whenever it answers; its refusals name their own."""

    def name(function: F) -> F:
        setattr(function, ATTRIBUTE, rules)
        return function

    return name


def following(function: Callable[P, R], *rules: str) -> Callable[P, R]:
    """Return a function that does the same, and follows these rules whenever it is called."""

    def noted(*args: P.args, **kwargs: P.kwargs) -> R:
        _noted.rules.extend(rules)
        return function(*args, **kwargs)

    return noted


def rules_at(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the rules that `follows` named at a function."""
    rules: tuple[str, ...] = getattr(function, ATTRIBUTE, ())
    return rules


def begin() -> None:
    """Forget what was followed: another answer is under way, or this one becomes a refusal."""
    _noted.rules.clear()


def followed() -> tuple[str, ...]:
    """Return the rules that were followed since `begin`, each once."""
    met = tuple(_noted.rules)
    found = _seen.get(met)
    if found is None:
        if len(_seen) >= REMEMBERED:
            _seen.clear()
        found = _seen[met] = tuple(dict.fromkeys(met))
    return found
