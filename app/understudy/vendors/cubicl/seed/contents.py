"""What the files of a new world hold: something small that is of the kind their names say, as far as that is small."""

from base64 import b64decode
from typing import Final

PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle cx="5" cy="5" r="4"/></svg>\n'
# One pixel.
JPEG: Final = b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
EMPTY_ZIP: Final = b"PK\x05\x06" + bytes(18)

OFFICE: Final = "application/vnd.openxmlformats-officedocument"
CONTENTS: Final = {
    "pdf": ("application/pdf", PDF),
    "svg": ("image/svg+xml", SVG),
    "jpg": ("image/jpeg", JPEG),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", EMPTY_ZIP),
    "docx": (f"{OFFICE}.wordprocessingml.document", EMPTY_ZIP),
}
OTHER: Final = ("text/plain", b"This file came with the world.\n")


def content_of(name: str) -> tuple[str, bytes]:
    """Return media type and content of a file by its name."""
    return CONTENTS.get(name.rpartition(".")[2].lower(), OTHER)
