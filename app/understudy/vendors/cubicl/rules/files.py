"""Uploaded files: room for them, the links to their content, and the thumbnails of pictures.

An address is under whatever address the client came by, so a stored document has a placeholder in its place.
"""

import re
from collections.abc import Mapping
from email.utils import formatdate
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson
from sqlalchemy import bindparam, delete, select
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from understudy.core.files import Upload
from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.vendors.cubicl.auth import CubiclCall
from understudy.vendors.cubicl.errors import BadRequest, LinkWorthless, NotFound, StorageFull
from understudy.vendors.cubicl.rules.ranges import part_of
from understudy.vendors.cubicl.tables import Download, File, Storage

LINK_LIFE: Final = 5 * 60_000
PLAIN: Final = "application/octet-stream"
PICTURES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
"""The pictures that get a thumbnail, by extension."""

# What a body has beside the file: boundaries, headers, and perhaps some small fields.
FORM_OVERHEAD: Final = 64 * 1024
MEDIA_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
SEPARATOR: Final = re.compile(r"[/\\]")

THUMBNAIL: Final = '"thumbnail":"understudy:'
"""How the address of a thumbnail begins in what is stored; no client has a reason to send such a text."""

_downloads, _files = table_of(Download).c, table_of(File).c
FORGET_EXPIRED = Prepared(delete(table_of(Download)).where(_downloads.expires_at <= bindparam("now")))
PICTURE = Prepared(select(_files.id).where(_files.thumbnail == bindparam("thumbnail")))


def require_room(call: CubiclCall) -> None:
    """Refuse an upload that cannot fit by the length it announces, before a byte of it is read.

    The body is longer than the file, so what may just fit is let in and judged by its size. Raises `BadRequest` without a length
    or for a file that is larger than any may be, and `StorageFull`.
    """
    if call.content_length is None:
        raise BadRequest("Content-Length is required").by("cubicl.files.length-required")
    if call.content_length > call.settings.max_upload_bytes + FORM_OVERHEAD:
        refusal = BadRequest(f"file must not have more than {call.settings.max_upload_bytes} bytes")
        raise refusal.by("cubicl.files.largest")
    _storage_with_room(call, max(0, call.content_length - FORM_OVERHEAD))


def broken_upload(text: str) -> BadRequest:
    """Return the refusal of a body that is no form, or not a whole one."""
    return BadRequest(text).by("cubicl.files.bad-upload")


def upload_file(call: CubiclCall) -> dict[str, Any]:
    """Keep the file that came in and return it; raise `BadRequest` for a form without one, and `StorageFull`."""
    upload = call.upload
    if upload is None:
        raise BadRequest("file is required").by("cubicl.files.bad-upload")
    name = SEPARATOR.split(upload.name)[-1]  # some clients send a whole path
    if name != upload.name:
        follow("cubicl.files.name-without-path")
    if not name:
        raise BadRequest("file must have a name").by("cubicl.files.bad-upload")
    storage = _storage_with_room(call, upload.size)
    storage.total_size += upload.size
    call.db.save(storage)
    file = new_file(call.new_id(), name, _media_type(upload, name), size=upload.size, now=call.now(), seed=call.sandbox.seed)
    call.db.add(file)
    call.sandbox.files.keep(upload, file.id)
    return addressed(call, orjson.loads(file.document))


def new_file(file: str, name: str, media_type: str, *, size: int, now: int, seed: int) -> File:
    """Return the row of a file without its content."""
    document = {"_id": file, "name": name}
    thumbnail = None
    if media_type in PICTURES.values():
        follow("cubicl.files.thumbnail", "cubicl.files.pictures")
        thumbnail = _secret(f"thumbnail {file}", seed)
        document["thumbnail"] = f"understudy:{thumbnail}"
    return File(
        id=file,
        media_type=media_type,
        size=size,
        created_at=now,
        thumbnail=thumbnail,
        document=orjson.dumps(document).decode(),
    )


def download_link(call: CubiclCall, file: str) -> str:
    """Return a link to a file's content; raise `NotFound`. Whoever knows the file's id may have one."""
    if call.db.get(File, file) is None:
        raise NotFound().by("cubicl.files.unknown")
    call.db.run(FORGET_EXPIRED, now=call.now())
    number = call.db.number("cubicl_download")
    token = _secret(f"download {file} {number}", call.sandbox.seed)
    call.db.add(Download(token=token, file=file, expires_at=call.now() + LINK_LIFE))
    return call.link(f"downloads/{token}")


def download(call: CubiclCall, token: str) -> Response:
    """Return a file's content; raise `LinkWorthless` once the link has expired, and for one that was never given out."""
    link = call.db.get(Download, token)
    if link is None:
        raise LinkWorthless
    if link.expires_at <= call.now():
        raise LinkWorthless().by("cubicl.files.link-life")
    return _content(call, link.file, "attachment")


def thumbnail(call: CubiclCall, token: str) -> Response:
    """Return the thumbnail of a picture, which is the picture itself; raise `NotFound`."""
    file = call.db.scalar(PICTURE, thumbnail=token)
    if file is None:
        raise NotFound().by("cubicl.files.unknown-thumbnail")
    return _content(call, file, "inline")


def addressed_text(call: CubiclCall, text: str) -> str:
    """Return JSON with addresses in the place of placeholders."""
    if THUMBNAIL not in text:
        return text
    return text.replace(THUMBNAIL, THUMBNAIL.replace("understudy:", call.link("thumbnails/")))


def addressed(call: CubiclCall, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with addresses in the place of placeholders."""
    told: dict[str, Any] = orjson.loads(addressed_text(call, orjson.dumps(document).decode()))
    return told


def _storage_with_room(call: CubiclCall, size: int) -> Storage:
    storage = call.db.get(Storage, 1)
    if storage is None:
        raise RuntimeError("the row about the file storage is missing")
    capacity = call.settings.cubicl_storage_bytes if storage.total_capacity is None else storage.total_capacity
    if storage.total_size + size > capacity:
        refusal = StorageFull(capacity, storage.total_size).by("cubicl.files.storage-counts-uploads")
        raise refusal.by("cubicl.files.storage-size") if storage.total_capacity is None else refusal
    return storage


def _media_type(upload: Upload, name: str) -> str:
    """What the client says it is, or what the name says of a picture."""
    sent = (upload.content_type or "").partition(";")[0].strip().lower()
    if MEDIA_TYPE.fullmatch(sent) and sent != PLAIN:
        return sent
    return PICTURES.get(name.rpartition(".")[2].lower(), PLAIN)


def _secret(purpose: str, seed: int) -> str:
    """A text that nobody finds by trying, and that is the same in the same world."""
    return blake2b(purpose.encode(), key=seed.to_bytes(8, "big"), digest_size=20).hexdigest()


def _content(call: CubiclCall, file: str, disposition: str) -> Response:
    row = call.db.get(File, file)
    if row is None:
        raise RuntimeError(f"the file {file} of a link is missing")
    name: str = orjson.loads(row.document)["name"]
    headers = {
        "Content-Type": row.media_type,  # as it is: the character set of a text is not known here
        "Last-Modified": formatdate(row.created_at / 1000, usegmt=True),
        "ETag": f'"{row.id}"',
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"{disposition}; {_file_name(name)}",
    }
    follow("cubicl.files.download-headers", "cubicl.files.media-type")
    part = part_of(_range_header(call, headers), row.size)
    if call.header(b"range") is not None:
        follow("cubicl.files.ranges")
    if part is not None and not part:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{row.size}"})
    path = call.sandbox.files.path(row.id)
    if path is not None:
        return StoredPart(path, part, headers)
    if row.content is None:
        raise RuntimeError(f"the content of file {file} is missing")
    if part is None:
        return Response(row.content, headers=headers)
    headers["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{row.size}"
    return Response(row.content[part.start : part.stop], 206, headers)


class StoredPart(FileResponse):
    """A file on disk, or a part of it.

    Starlette would read the Range header itself, and answer one that is none with a 400 in its own words.
    """

    def __init__(self, path: Path, part: range | None, headers: Mapping[str, str]) -> None:
        super().__init__(path, headers=headers, stat_result=path.stat())
        self._range = [] if part is None else [(b"range", f"bytes={part[0]}-{part[-1]}".encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        others = [header for header in scope["headers"] if header[0] not in (b"range", b"if-range")]
        await super().__call__({**scope, "headers": others + self._range}, receive, send)


def _range_header(call: CubiclCall, headers: Mapping[str, str]) -> str | None:
    """Return the Range header; it counts for GET alone, and when `If-Range` is given, for this very file."""
    condition = call.header(b"if-range")
    if call.method != "GET" or condition not in (None, headers["ETag"], headers["Last-Modified"]):
        return None
    return call.header(b"range")


def _file_name(name: str) -> str:
    """A file's name as a header can have it (RFC 6266)."""
    quoted = quote(name, safe="")
    return f'filename="{name}"' if quoted == name else f"filename*=utf-8''{quoted}"
