"""What tells a database from the image it was made from: the pages that differ, which are few in a sandbox of one test."""

from struct import Struct
from typing import Final

PAGE: Final = 4096
HEADER: Final = Struct("<Q")  # how many bytes the database has
NUMBER: Final = Struct("<I")  # of a page


def changes(image: bytes, database: bytes) -> bytes:
    """Return the pages of `database` that differ from those of `image`, each after its number; nothing where none does."""
    different = [
        NUMBER.pack(start // PAGE) + page.ljust(PAGE, b"\0")
        for start in range(0, len(database), PAGE)
        if (page := database[start : start + PAGE]) != image[start : start + PAGE]
    ]
    if not different and len(database) == len(image):
        return b""
    return HEADER.pack(len(database)) + b"".join(different)


def changed(image: bytes, changes: bytes) -> bytes:
    """Return the database that `changes` were taken of."""
    (size,) = HEADER.unpack_from(changes)
    database = bytearray(image[:size].ljust(size, b"\0"))
    step = NUMBER.size + PAGE
    for at in range(HEADER.size, len(changes), step):
        (number,) = NUMBER.unpack_from(changes, at)
        start = number * PAGE
        database[start : start + PAGE] = changes[at + NUMBER.size : at + step]
    del database[size:]
    return bytes(database)
