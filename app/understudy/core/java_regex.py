r"""Regular expressions as request patterns have them, which are Java's, with an end to how long they may run.

They run on the `regex` package, which takes a time limit. What Java writes otherwise is rewritten: `\Q…\E`, `\Z` and `\z`; `.`
takes line breaks, as in WireMock. What it doesn't know (`\p{javaLowerCase}`) is refused and never guessed.
"""

import re
from functools import lru_cache
from time import thread_time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import regex

LONGEST: Final = 2000
SECONDS: Final = 5.0
AT_ONCE: Final = 0.25
_ESCAPE: Final = re.compile(r"\\(?:Q(?P<quoted>.*?)(?:\\E|\Z)|(?P<letter>.))", re.DOTALL)
_ENDS: Final = {"Z": r"(?=\n?\Z)", "z": r"\Z"}


class TooSlow(ValueError):
    """The patterns of one request to the control plane take too long."""

    def __init__(self) -> None:
        super().__init__("the patterns take too long on what is in the journal")


class Patience:
    """How long the patterns of one request to the control plane may take: `SECONDS` altogether, `AT_ONCE` for one exchange.

    Time is that of the processor: a machine that is busy otherwise makes no pattern slow.
    """

    def __init__(self) -> None:
        self._total = SECONDS
        self.begin()

    def begin(self) -> None:
        """Begin with an exchange; raise `TooSlow` when all of the time is used up."""
        if self._total <= 0:
            raise TooSlow
        self._begun = thread_time()
        self._end = self._begun + min(self._total, AT_ONCE)

    def pause(self) -> None:
        """End with an exchange: what other work takes until the next does not count."""
        self._total -= thread_time() - self._begun

    def left(self) -> float:
        """Return the seconds left; raise `TooSlow` when there are none."""
        seconds = self._end - thread_time()
        if seconds <= 0:
            raise TooSlow
        return seconds


def fits(expression: "regex.Pattern[str]", text: str, patience: Patience) -> bool:
    """Whether an expression takes the whole text; raise `TooSlow`."""
    try:
        return expression.fullmatch(text, timeout=patience.left()) is not None
    except (TimeoutError, RecursionError, MemoryError):
        raise TooSlow from None


@lru_cache(maxsize=256)
def compiled(pattern: str, *, ignore_case: bool = False) -> "regex.Pattern[str]":
    r"""Compile an expression; raise `ValueError` with what is wrong with it.

    As in Java `\w`, `\d` and case without regard are those of ASCII, unless `\p{…}` shows that more is meant.
    """
    if len(pattern) > LONGEST:
        raise ValueError(f"a regular expression may have at most {LONGEST} characters")
    import regex  # takes a while, and most servers never see a pattern

    flags = regex.V1 | regex.DOTALL
    if "\\p" not in pattern and "\\P" not in pattern:
        flags |= regex.ASCII
    if ignore_case:
        flags |= regex.IGNORECASE
    try:
        return regex.compile(_ESCAPE.sub(_rewritten, pattern), flags)
    except (regex.error, RecursionError, OverflowError, ValueError, KeyError, IndexError, MemoryError) as error:
        raise ValueError(f"not a regular expression that can be used here: {error}") from None


def _rewritten(found: re.Match[str]) -> str:
    quoted: str | None = found["quoted"]
    return re.escape(quoted) if quoted is not None else _ENDS.get(found["letter"], found[0])
