"""The part of a file that a Range header asks for.

Nothing is known of the vendor's file server. What is no range of bytes is ignored (RFC 9110, section 14.2, allows it, and demands
it for units that a server does not know), and so are several ranges at once, as object stores have it.
"""

import re
import sys
from typing import Final

UNIT: Final = "bytes"
RANGE: Final = re.compile(r"([0-9]*)-([0-9]*)")
MOST_DIGITS: Final = 18


def part_of(header: str | None, size: int) -> range | None:
    """Return the bytes that `header` asks for of a file with `size` bytes, or None for the whole file.

    The range is empty when the file ends before everything that was asked for.
    """
    unit, _, ranges = (header or "").partition("=")
    wanted = [_bytes(one, size) for text in ranges.split(",") if (one := text.strip(" \t"))]
    if unit.strip(" \t").lower() != UNIT or not wanted or None in wanted:
        return None
    parts = [part for part in wanted if part]
    if len(parts) > 1:
        return None
    return parts[0] if parts else range(0)


def _bytes(text: str, size: int) -> range | None:
    """Return one range, empty when it is beyond the end, or None when the text is none."""
    found = RANGE.fullmatch(text)
    if found is None or text == "-":
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size - _number(last)), size)
    if last and _number(last) < _number(first):
        return None
    return range(_number(first), min(_number(last) + 1, size) if last else size)


def _number(digits: str) -> int:
    """Return a number, or one beyond every file for any that is too long to be read."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= MOST_DIGITS else sys.maxsize
