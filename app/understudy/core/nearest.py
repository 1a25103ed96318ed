"""Finds the name that was probably meant by one that doesn't exist, so that a refusal can say it."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 100
"""How many characters of a name are looked at; the work grows with their square."""


def meant(name: str, known: Iterable[str]) -> str:
    """Return the end of a refusal, such as `; is createTask meant?`, or nothing where no known name is near."""
    by_letters = {one.lower(): one for one in known}  # a slip is often one of upper and lower case
    near = get_close_matches(name[:LONGEST].lower(), by_letters, n=1, cutoff=0.7)
    return f"; is {by_letters[near[0]]} meant?" if near else ""
