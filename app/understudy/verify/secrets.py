"""Keeps credentials out of everything that is written: whatever a text says, they are masked in it."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "***"
PUBLIC_KINDS: Final = frozenset({"application"})
"""Kinds of credential that tell nobody anything."""


class Secrets:
    """All that must not be shown; grows with what a login gives."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, values: Iterable[object]) -> None:
        """Mask these from now on, however a URL, JSON or a header writes them."""
        for value in values:
            if isinstance(value, str) and value:
                escaped = value.replace("\\", "\\\\").replace('"', '\\"')
                ascii_only = value.encode("ascii", "backslashreplace").decode()
                self._texts += {value, quote(value), quote(value, safe=""), quote_plus(value), escaped, ascii_only}
        self._texts = sorted(set(self._texts), key=len, reverse=True)

    @property
    def texts(self) -> list[str]:
        """All that is masked, the longest first."""
        return self._texts

    def mask(self, text: str) -> str:
        """Return a text without secrets."""
        for secret in self._texts:
            if secret in text:
                text = text.replace(secret, MASK)
        return text
