"""Which sandbox a request is for.

Four ways to say it, the first one that is used decides: a path that begins `/s/<name>`, the header `X-Understudy-Sandbox`, a host
name `<name>.<vendor>.localhost`, and a credential `<token>@<name>`. Without any it is `default`.
"""

import re
from collections.abc import Collection
from typing import Final

from starlette.types import Scope

from understudy.core.sandbox import DEFAULT

HEADER: Final = b"x-understudy-sandbox"
ROOT: Final = "/s/"

# A credential of any vendor: `<scheme> <credential>@<name>`, with or without a signature after a colon.
WITH_SUFFIX: Final = re.compile(rb"(\S+ [^\s:]+)@([a-z0-9-]{1,63})((?::.*)?)")


def select(scope: Scope, parents: Collection[str]) -> tuple[str, str]:
    """Return the name of the sandbox that a request selects, and the host it is for without that name, in lower case.

    `parents` are the hosts under which a sandbox is a name more. What led here is taken off the request: the path's beginning
    becomes part of `root_path`, and a suffix that names the sandbox is cut off the credential. One that names another sandbox
    than an earlier way did stays, for it is no selector then, and the vendor refuses it.
    """
    by_header = by_host = None
    authorization: tuple[int, re.Match[bytes]] | None = None
    host = ""
    for index, (key, value) in enumerate(scope["headers"]):
        if key == b"host" and not host:
            host = value.decode("latin-1").lower().partition(":")[0]
            first, _, parent = host.partition(".")
            if parent in parents:
                by_host, host = first, parent
        elif key == HEADER and by_header is None:
            by_header = value.decode("latin-1")
        elif key == b"authorization" and b"@" in value and (found := WITH_SUFFIX.fullmatch(value)):
            authorization = index, found
    by_path = _take_path(scope) if scope["path"].startswith(ROOT) else None
    scope["understudy.by_address"] = by_path is not None or (by_header is None and by_host is not None)
    by_credential = authorization[1][2].decode() if authorization else None
    name = next((way for way in (by_path, by_header, by_host, by_credential) if way is not None), DEFAULT)
    if authorization and by_credential == name:
        _cut_suffix(scope, *authorization)
    return name, host


def _take_path(scope: Scope) -> str:
    path: str = scope["path"]
    name = path.removeprefix(ROOT).partition("/")[0]
    scope["root_path"] = f"{ROOT}{name}"
    return name


def _cut_suffix(scope: Scope, index: int, found: re.Match[bytes]) -> None:
    headers = list(scope["headers"])
    headers[index] = (b"authorization", found[1] + found[3])
    scope["headers"] = headers
