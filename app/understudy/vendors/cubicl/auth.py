"""Who is calling Cubicl: the user that the bearer token belongs to (API introduction).

Every request is checked before its path is looked at, so that an unknown path without a token is a 401 (inferred).
"""

from sqlalchemy import bindparam, select
from starlette.responses import Response

from understudy.core.store import Prepared, table_of
from understudy.core.vendor import Call
from understudy.vendors.cubicl.errors import Unauthorized
from understudy.vendors.cubicl.tables import Token

_tokens = table_of(Token).c
USER_OF_TOKEN = Prepared(select(_tokens.user).where(_tokens.token == bindparam("token")))


class CubiclCall(Call):
    """A request to Cubicl; `caller` is the id of the user behind its token."""

    caller: str


def admit(call: CubiclCall) -> Response | None:
    """Find out who is calling; raise `Unauthorized` without a token or with one that is unknown or was removed."""
    scheme, _, token = (call.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    user = call.db.scalar(USER_OF_TOKEN, token=token.strip())
    if user is None:
        raise Unauthorized
    call.caller = user
    return None
