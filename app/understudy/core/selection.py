"""Which sandbox a request is for.

Four ways to say it, the first one that is used decides: a path that begins `/s/<name>`, the header `X-Understudy-Sandbox`, a host
name `<name>.<vendor>.localhost`, and a credential `<token>@<name>`. Without any it is `default`.
"""

import re
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from understudy.core.sandbox import DEFAULT

HEADER: Final = b"x-understudy-sandbox"
ROOT: Final = "/s/"

# A credential of any vendor: `<scheme> <credential>@<name>`, with or without a signature after a colon.
WITH_SUFFIX: Final = re.compile(rb"(\S+ [^\s:]+)@([a-z0-9-]{1,63})((?::.*)?)")

LONGEST_HOST: Final = 300  # a name has 253 letters at most
SELECTING: Final = frozenset({b"host", HEADER, b"authorization"})


def select(scope: Scope, parents: frozenset[str]) -> tuple[str, str]:
    """Return the name of the sandbox that a request selects, and the host it is for without that name, in lower case.

    `parents` are the hosts under which a sandbox is a name more. What led here is taken off the request: the path's beginning
    becomes part of `root_path`, and a suffix that names the sandbox is cut off the credential. One that names another sandbox
    than an earlier way did stays, for it is no selector then, and the vendor refuses it.
    """
    headers: dict[bytes, bytes] = {}
    for key, value in scope["headers"]:
        if key in SELECTING:
            headers.setdefault(key, value)
    by_host, host = _split(headers.get(b"host", b"")[:LONGEST_HOST], parents)
    by_path = _take_path(scope) if scope["path"].startswith(ROOT) else None
    by_header = headers[HEADER].decode("latin-1") if HEADER in headers else None
    credential = headers.get(b"authorization", b"")
    suffix = WITH_SUFFIX.fullmatch(credential) if b"@" in credential and not _is_for_control(scope) else None
    by_credential = suffix[2].decode() if suffix else None
    scope["understudy.by_address"] = by_path is not None or (by_header is None and by_host is not None)
    name = next((way for way in (by_path, by_header, by_host, by_credential) if way is not None), DEFAULT)
    if suffix and by_credential == name:
        cut = (b"authorization", suffix[1] + suffix[3])
        scope["headers"] = [cut if header == (b"authorization", credential) else header for header in scope["headers"]]
    return name, host


@lru_cache(maxsize=1024)
def _split(host: bytes, parents: frozenset[str]) -> tuple[str | None, str]:
    """Return the sandbox that a `Host` header names, if any, and the host itself without port."""
    name = host.decode("latin-1").lower().partition(":")[0]
    first, _, parent = name.partition(".")
    return (first, parent) if parent in parents else (None, name)


def _take_path(scope: Scope) -> str:
    path: str = scope["path"]
    name = path.removeprefix(ROOT).partition("/")[0]
    scope["root_path"] = f"{ROOT}{name}"
    if raw := scope.get("raw_path"):  # whose letters may be percent-encoded
        scope["raw_path"] = b"/".join([b"", b"s", name.encode(), *raw.split(b"/")[3:]])
    return name


def _is_for_control(scope: Scope) -> bool:
    """Whether a credential is the admin token, which may hold an `@` and selects nothing; no vendor has such a path."""
    path: str = scope["path"]
    segments = path.split("/", 4)
    return segments[3 if path.startswith(ROOT) else 1 :][:1] == ["__admin"]
