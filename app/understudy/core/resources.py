"""Finds the files that are part of the product but are not code: the contracts and the worlds.

In a wheel they lie inside the package; in a checkout (an editable install) they lie at its top.
"""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CHECKOUT = Path(__file__).parents[3]


def resource(path: str) -> Path:
    """Return where `path` (such as `openapi/<vendor>.yaml`) lies; raise `FileNotFoundError` when it is nowhere."""
    for root in (PACKAGE, CHECKOUT):
        if (found := root / path).exists():
            return found
    raise FileNotFoundError(f"{path} is missing from this installation of Understudy")
