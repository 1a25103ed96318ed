"""Who is calling Cubicl: the user that the bearer token belongs to (API introduction).

Every request is checked before its path is looked at, so that an unknown path without a token is a 401 (inferred).
"""

import re

from sqlalchemy import bindparam, select
from starlette.responses import Response

from understudy.core.provenance import follow
from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import TooManyRequests, Unauthorized
from understudy.vendors.cubicl.tables import Token

_tokens = table_of(Token).c
LINK = re.compile(r"/(downloads|thumbnails)/[^/]+/?", re.IGNORECASE)
SECRET_PATHS = re.compile(r"/(?:downloads|thumbnails)/([^/?#\s\"'\\<>]+)", re.IGNORECASE)
USER_OF_TOKEN = Prepared(select(_tokens.user).where(_tokens.token == bindparam("token")))


class CubiclCall(Call):
    """A request to Cubicl; `caller` is the id of the user behind its token, empty where none is needed."""

    caller: str


def admit(call: CubiclCall) -> Response | None:
    """Find out who is calling.

    Raises `Unauthorized` without a token or with one that is unknown or was removed, and `TooManyRequests`. The links that the
    API gives out need no token.
    """
    scheme, _, token = (call.header(b"authorization") or "").partition(" ")
    user: str | None = call.db.scalar(USER_OF_TOKEN, token=token.strip()) if scheme.lower() == "bearer" else None
    if user is None and not _is_link(call):
        raise Unauthorized
    if user is not None:
        _let_in(call, scheme, token.strip())
    else:
        follow("cubicl.files.link-without-token")
    call.caller = user or ""
    return None


def _let_in(call: CubiclCall, scheme: str, token: str) -> None:
    follow("cubicl.auth.bearer-token", "cubicl.auth.acts-as-user")
    if scheme != "Bearer":
        follow("cubicl.auth.scheme-in-any-case")
    if call.settings.rate_limits:
        _count(call, token)


def _count(call: CubiclCall, token: str) -> None:
    """Refuse more requests of a token within a minute than the API introduction allows."""
    budget = call.settings.cubicl_requests_per_minute
    if call.sandbox.limiter.sliding(("cubicl", token), now=call.now(), window=60_000, budget=budget) is not None:
        raise TooManyRequests().by("cubicl.limits.per-token", "cubicl.limits.sliding-minute", "cubicl.limits.no-headers")


def _is_link(call: CubiclCall) -> bool:
    return call.method in ("GET", "HEAD") and LINK.fullmatch(call.segments_path()) is not None
