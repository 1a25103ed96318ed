"""What holds for the bodies of requests, whoever reads them."""

from typing import Final

DRAIN_BYTES: Final = 64 * 1024 * 1024
"""How much of a body that is too large is read and thrown away, so that a client still sending it sees the answer."""
