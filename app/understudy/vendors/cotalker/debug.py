"""What `debug=true` adds to an answer: how the server understood the request.

The vendor documents it for some of its version 2 routes, as "error notifications and query values" beside `data`, and for the
task groups of version 1. The login is none of them.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from understudy.core.clock import iso
from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.cotalker.paging import Keywords, Span


class CotalkerCall(Call):
    """A request to Cotalker; `understood` is `{"query": …}` or `{"body": …}` once that has been looked at."""

    understood: Mapping[str, Any] = {}


def wants_debug(call: Call) -> bool:
    """Whether a request to version 2, or to the task groups of version 1, says `debug=true`."""
    raw: bytes = call.scope["query_string"]
    if b"debug" not in raw and b"%" not in raw:  # nearly every request
        return False
    if ("debug", "true") not in parse_qsl(raw.decode("latin-1")):
        return False
    return _path(call).startswith(("/api/v2/", "/api/v1/tasks/group", "/api/tasks/group"))


def _path(call: Call) -> str:
    path: str = call.scope["path"].removeprefix(call.scope.get("root_path", ""))
    return path.lower()


def debug_member(call: CotalkerCall, **more: str) -> str:
    """Return `,"debug":{…}`, to be put behind the other members of an answer, or nothing when it is not asked for."""
    if not wants_debug(call):
        return ""
    if more:
        follow("cotalker.debug.refusals", "cotalker.debug.message")
    else:
        listed = not _path(call).startswith("/api/v2/task")
        follow(
            "cotalker.debug.beside-data" if listed else "cotalker.debug.all-of-version-2",
            "cotalker.debug.body" if "body" in call.understood else "cotalker.debug.query",
        )
    understood = dict(call.understood)
    if "query" in understood:
        # A path refused before the query was read shows `debug` as read all the same.
        understood["query"] = {**understood["query"], "debug": True}
    return f',"debug":{orjson.dumps({"data": understood, **more}, default=_shown).decode()}'


def _shown(value: object) -> str:
    assert isinstance(value, Span | Keywords)
    return value.text if isinstance(value, Keywords) else iso(value.first)
