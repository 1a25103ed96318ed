"""Who is calling Cotalker, and what they may do.

Two kinds of bearer: API tokens, permanent until revoked, and the JWT of a login, which lives thirty days (Authentication page).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from understudy.core.provenance import follow
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
        """Whether one of `permissions` is the caller's."""
        if permissions:
            follow("cotalker.admin.one-suffices", "cotalker.admin.permissions-of-the-roles")
        return not self.permissions.isdisjoint(permissions)


def authenticate(call: Call) -> Caller:
    """Return who sent the request; raise `Unauthorized`, or `Forbidden` for a `Company` header that names another company."""
    row = _user_of(call, _token(call))
    if row is None:
        raise Unauthorized().by("cotalker.auth.bad-token")
    if not row["is_active"]:
        raise Unauthorized().by("cotalker.auth.inactive-user")
    follow("cotalker.auth.bearer", "cotalker.auth.company-of-the-token", "cotalker.auth.rights-of-the-user")
    _check_company(call, row["company"])
    if call.settings.rate_limits:
        _count(call, row["company"])
    permissions = frozenset(orjson.loads(row["permissions"]))
    return Caller(row["id"], row["company"], permissions, bool(row["is_read_only"]))


def _token(call: Call) -> str:
    header = call.header(b"authorization")
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized().by("cotalker.auth.other-scheme" if header else "cotalker.auth.no-credentials")
    if scheme != "Bearer":
        follow("cotalker.auth.scheme-in-any-case")
    return token.strip()


def _check_company(call: Call, company: str) -> None:
    named = _joined(call, b"company")
    if named is None:
        return
    if named.lower() != company:
        raise Forbidden().by("cotalker.auth.foreign-company-header")
    follow("cotalker.auth.own-company-header")


def _count(call: Call, company: str) -> None:
    """Refuse more than 50 requests of a company in a window of 5 seconds (500 points, of which a request takes 10)."""
    left = call.sandbox.limiter.fixed(("cotalker", company), now=call.now(), window=RATE_WINDOW, budget=REQUESTS_PER_WINDOW)
    if left is not None:
        raise TooManyRequests(seconds=-(-left // 1000))


def require_admin(call: Call, caller: Caller, area: str, *, write: bool = False) -> None:
    """Refuse a call without `Admin: true`, or whose caller lacks the admin permission for `area`, such as `tasks`.

    Raises `Forbidden`.
    """
    value = _joined(call, b"admin")
    if value != "true":
        raise Forbidden().by("cotalker.admin.absent", *_misread(value))
    _require_permission(call, caller, area, write=write)
    follow("cotalker.admin.required", "cotalker.admin.needs-a-permission")


def asks_as_admin(call: Call, caller: Caller, area: str) -> bool:
    """Whether `Admin: true` asks for the administrative version where that is optional; raise `Forbidden` as `require_admin`."""
    if not _says_admin(call):
        return False
    _require_permission(call, caller, area, write=False)
    follow("cotalker.admin.optional", "cotalker.admin.needs-a-permission")
    return True


def is_admin(call: Call, caller: Caller, area: str, *, write: bool = False) -> bool:
    """Whether the administrative version is asked for by somebody who has a right to it; others are not refused."""
    if not _says_admin(call):
        return False
    if _is_permitted(call, caller, area, write=write):
        return True
    follow("cotalker.visibility.admin-without-permission")
    return False


def require_writer(call: Call, caller: Caller) -> None:
    """Refuse a write by a user who may only read; raise `Forbidden`."""
    if call.settings.cotalker_permission_checks and caller.read_only:
        raise Forbidden().by("cotalker.admin.read-only-user", "cotalker.admin.read-only-status")


def _says_admin(call: Call) -> bool:
    value = _joined(call, b"admin")
    follow(*_misread(value))
    return value == "true"


def _misread(value: str | None) -> tuple[str, ...]:
    """Return the rules by which a value of the header `Admin` that looks like `true` is not."""
    if value is None or value == "true":
        return ()
    return ("cotalker.admin.repeated",) if ", " in value else ("cotalker.admin.other-values",)


def _require_permission(call: Call, caller: Caller, area: str, *, write: bool) -> None:
    if write:
        require_writer(call, caller)
    if not _is_permitted(call, caller, area, write=write):
        raise Forbidden().by("cotalker.admin.permission-missing")


def _is_permitted(call: Call, caller: Caller, area: str, *, write: bool) -> bool:
    if not call.settings.cotalker_permission_checks:
        follow("cotalker.admin.checks-off")
        return True
    if write and caller.read_only:
        return False
    for permission, rule in _opening(area, write).items():
        if permission in caller.permissions:
            follow(rule, "cotalker.admin.permissions-of-the-roles")
            return True
    return False


@cache
def _opening(area: str, write: bool) -> Mapping[str, str]:
    """Return the permissions of which one opens the administrative version, each with the rule that says so."""
    if write:
        return {
            f"admin-{area}-write": "cotalker.admin.permission-of-the-area",
            "admin-*-write": "cotalker.admin.permission-for-all-areas",
            "web-admin-write": "cotalker.admin.older-permissions",
        }
    return {
        f"admin-{area}-read": "cotalker.admin.permission-of-the-area",
        "admin-*-read": "cotalker.admin.permission-for-all-areas",
        "admin-*-write": "cotalker.admin.writing-includes-reading",
        "web-admin-read": "cotalker.admin.older-permissions",
        "web-admin-write": "cotalker.admin.older-permissions",
    }


def log_in(call: Call, *, email: str, password: str) -> str:
    """Return a JWT for a user's address and password; raise `LoginRefused`."""
    if email != (address := email.strip().lower()):
        follow("cotalker.login.address-in-any-spelling")
    row = call.db.first(USER_BY_EMAIL, email=address)
    if row is None or row["password"] is None or row["password"] != password or not row["is_active"]:
        raise LoginRefused
    return _issue(call, row)


def _issue(call: Call, user: Row) -> str:
    import jwt

    follow("cotalker.login.token-form", "cotalker.login.claims", "cotalker.login.date-claim")
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
        follow("cotalker.login.api-tokens")
        return call.db.first(USER_BY_TOKEN, token=token)
    follow("cotalker.login.token-life")
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
        raise Unauthorized().by("cotalker.auth.bad-token") from None


def _secret(call: Call) -> bytes:
    """The sandbox's signing key: the same for the same seed, so that a token outlives a restart."""
    return sha256(f"cotalker {call.sandbox.name} {call.sandbox.seed}".encode()).digest()
