"""Who is calling Cotalker, and what they may do.

Two kinds of bearer: API tokens, permanent until revoked, and the JWT of a login, which lives thirty days (Authentication page).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.store import Prepared, Row, table_of
from understudy.core.vendor import Call
from understudy.vendors.cotalker.errors import Forbidden, LoginRefused, TooManyRequests, Unauthorized
from understudy.vendors.cotalker.tables import ApiToken, User

TOKEN_LIFE_SECONDS = 2_592_000
RATE_WINDOW = 5_000
REQUESTS_PER_WINDOW = 50

_users, _tokens = table_of(User).c, table_of(ApiToken).c
_WHO = (_users.id, _users.company, _users.permissions, _users.is_active, _users.is_read_only)
USER_BY_TOKEN = Prepared(select(*_WHO).where(_tokens.user == _users.id, _tokens.token == bindparam("token")))
USER_BY_ID = Prepared(select(*_WHO).where(_users.id == bindparam("id")))
USER_BY_EMAIL = Prepared(
    select(_users.id, _users.company, _users.password, _users.is_active).where(_users.email == bindparam("email"))
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a token."""

    id: str
    company: str
    permissions: frozenset[str]
    read_only: bool

    def has_any(self, permissions: Sequence[str]) -> bool:
        """Whether one of `permissions` is the caller's; one suffices wherever Cotalker gives a list."""
        return not self.permissions.isdisjoint(permissions)


def authenticate(call: Call) -> Caller:
    """Return who sent the request; raise `Unauthorized`, or `Forbidden` for a `Company` header that names another company."""
    scheme, _, token = (call.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    row = _user_of(call, token.strip())
    if row is None or not row["is_active"]:
        raise Unauthorized
    company = _joined(call, b"company")
    if company is not None and company.lower() != row["company"]:
        raise Forbidden
    if call.settings.rate_limits:
        _count(call, row["company"])
    permissions = frozenset(orjson.loads(row["permissions"]))
    return Caller(row["id"], row["company"], permissions, bool(row["is_read_only"]))


def _count(call: Call, company: str) -> None:
    """Refuse more than 50 requests of a company in a window of 5 seconds (500 points, of which a request takes 10).

    The figures are of a client's notes; that windows begin at whole multiples of 5 seconds is inferred.
    """
    left = call.sandbox.limiter.fixed(("cotalker", company), now=call.now(), window=RATE_WINDOW, budget=REQUESTS_PER_WINDOW)
    if left is not None:
        raise TooManyRequests(seconds=-(-left // 1000))


def is_admin_call(call: Call) -> bool:
    """Whether the administrative version of an operation is asked for; any value but `true` counts as no header."""
    return _joined(call, b"admin") == "true"


def require_admin(call: Call, caller: Caller, area: str, *, write: bool = False) -> None:
    """Refuse a call without `Admin: true`, or whose caller lacks the admin permission for `area`, such as `tasks`.

    `admin-*-write` includes reading, and the older names `web-admin-*` equal `admin-*-*` (Access roles page). Raises `Forbidden`.
    """
    if not is_admin(call, caller, area, write=write):
        raise Forbidden


def is_admin(call: Call, caller: Caller, area: str, *, write: bool = False) -> bool:
    """Whether the administrative version is asked for by somebody who has a right to it (see `require_admin`)."""
    if not is_admin_call(call):
        return False
    if not call.settings.cotalker_permission_checks:
        return True
    enough = ["admin-*-write", "web-admin-write"]
    enough += [f"admin-{area}-write"] if write else [f"admin-{area}-read", "admin-*-read", "web-admin-read"]
    return caller.has_any(enough) and not (write and caller.read_only)


def require_writer(call: Call, caller: Caller) -> None:
    """Refuse a write by a user who may only read; raise `Forbidden`."""
    if call.settings.cotalker_permission_checks and caller.read_only:
        raise Forbidden


def log_in(call: Call, *, email: str, password: str) -> str:
    """Return a JWT for a user's address and password; raise `LoginRefused`."""
    row = call.db.first(USER_BY_EMAIL, email=email.strip().lower())
    if row is None or row["password"] is None or row["password"] != password or not row["is_active"]:
        raise LoginRefused
    return _issue(call, row)


def _issue(call: Call, user: Row) -> str:
    # Claims, and `date` in milliseconds beside `iat` in seconds, are those of tokens printed in the vendor's pages.
    import jwt

    now = call.now()
    claims = {
        "_id": user["id"],
        "role": "user",
        "company": user["company"],
        "date": now,
        "irt": True,
        "iat": now // 1000,
        "exp": now // 1000 + TOKEN_LIFE_SECONDS,
    }
    return jwt.encode(claims, _secret(call), algorithm="HS256")


def _joined(call: Call, name: bytes) -> str | None:
    """Return a header without the spaces around it; a repeated one is no longer what each of them was.

    Node joins what comes twice with commas, `Authorization` and a few others excepted.
    """
    values = [value.strip(b" \t") for key, value in call.scope["headers"] if key == name]
    return b", ".join(values).decode("latin-1") if values else None


def _user_of(call: Call, token: str) -> Row | None:
    if token.count(".") != 2:
        return call.db.first(USER_BY_TOKEN, token=token)
    claims = _claims(call, token)
    user = claims.get("_id")
    expires = claims.get("exp", 0)
    if not isinstance(user, str) or not isinstance(expires, int) or call.now() >= expires * 1000:
        return None
    return call.db.first(USER_BY_ID, id=user)


def _claims(call: Call, token: str) -> dict[str, Any]:
    """Return what a genuine JWT says; its life is judged by the sandbox's clock, so not here."""
    import jwt

    unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        return jwt.decode(token, _secret(call), algorithms=["HS256"], options=unchecked)  # type: ignore[arg-type]  # TypedDict
    except jwt.PyJWTError:
        raise Unauthorized from None


def _secret(call: Call) -> bytes:
    """The sandbox's signing key: the same for the same seed, so that a token outlives a restart."""
    return sha256(f"cotalker {call.sandbox.name} {call.sandbox.seed}".encode()).digest()
