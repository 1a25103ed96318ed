"""Who is calling GroupCamp, and through which application.

A request is signed with the secret of a key: HMAC-SHA1 over verb, path and body, without time or nonce (Authentication page; the
hash and the form of the path from the vendor's clients). Everything that fails gives one answer, and it comes before any other.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from hmac import compare_digest, digest

from sqlalchemy import bindparam, select
from starlette.responses import Response

from understudy.core.provenance import follow
from understudy.core.store import Prepared, Row, table_of
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.cors import preflight_group_tasks
from understudy.vendors.groupcamp.errors import Unauthorized
from understudy.vendors.groupcamp.tables import Account, ApiKey

# An application and the methods it may call; the two sets are disjoint (list of methods by application).
OFFERED = {
    "reporting-1": (
        "GET /task/v1/group/[Group]/tasks",
        "GET /task/v1/milestone/[Milestone]",
        "GET /task/v1/task/[Task]",
        "GET /task/v1/task_list/[TaskList]",
        "GET /task/v1/tasks",
        "GET /task/v1/user/[User]/assigned_tasks",
        "GET /track/v1/budget/[GroupUuid]",
        "GET /track/v1/group/[Group]/timelogs",
        "GET /track/v1/report",
        "GET /track/v1/timelogs",
    ),
    "provisioning-1": (
        "GET /core/v1/group/[Group]",
        "GET /core/v1/groups",
        "GET /core/v1/orga/[Orga]",
        "GET /core/v1/orgas/invited",
        "GET /core/v1/user/[User]/teams",
        "GET /core/v1/users",
        "POST /core/v1/group/project",
        "POST /core/v1/group/project/[Group]",
        "POST /core/v1/orga/invited",
        "POST /core/v1/orga/invited/[Orga]",
        "PUT /core/v1/group/[Group]/user/[User]",
        "DELETE /core/v1/group/[Group]/user/[User]",
    ),
}

OFFERS = {"reporting-1": "groupcamp.auth.reporting-methods", "provisioning-1": "groupcamp.auth.provisioning-methods"}
ADMITTED = (
    "groupcamp.auth.three-headers",
    "groupcamp.auth.application-of-key",
    "groupcamp.auth.acting-opens-nothing",
    "groupcamp.signature.header",
    "groupcamp.signature.text",
    "groupcamp.signature.hmac-sha1",
    "groupcamp.signature.path",
    "groupcamp.signature.path-undecoded",
    "groupcamp.signature.query-unsigned",
    "groupcamp.signature.body",
    "groupcamp.signature.replay",
    "groupcamp.protocol.modules",
)


def _pattern(methods: tuple[str, ...]) -> re.Pattern[bytes]:
    """Match `VERB path` of any of the methods, with a slash at the end or without."""
    forms = (re.sub(r"\\\[\w+\\\]", "[^/]+", re.escape(method)) for method in methods)
    return re.compile(f"(?:{'|'.join(forms)})/?".encode())


METHODS = {application: _pattern(methods) for application, methods in OFFERED.items()}

_keys, _accounts = table_of(ApiKey).c, table_of(Account).c
ONE_KEY = Prepared(
    select(_keys.secret, _keys.application, _keys.account, _accounts.api_enabled).where(
        _keys.key == bindparam("which"), _accounts.number == _keys.account
    )
)


class SignedCall(Call):
    """A request with its key and account; `acting` is only an author for the account's history and opens or closes nothing."""

    key: str
    account: int
    acting: str


def admit(call: SignedCall) -> Response | None:
    """Answer a preflight at once; let in what is signed and offered by the key's application; raise `Unauthorized`."""
    if call.method == "OPTIONS":
        return preflight_group_tasks(call)
    application, acting, key, signature = _three_headers(call)
    row = _good_key(call, key)
    if row["application"] != application:
        raise _another_application(application)
    if not _is_signed(call, row, signature):
        raise Unauthorized().by("groupcamp.auth.signature-mismatch")
    path = bare_path(call)
    _refuse_other_methods(call.method.encode() + b" " + path, application)
    if path.endswith(b"/"):
        follow("groupcamp.protocol.last-slash", "groupcamp.signature.last-slash")
    if call.header(b"content-type") != "application/json":
        follow("groupcamp.protocol.content-type-not-needed")
    follow(*ADMITTED, OFFERS[application])
    call.key, call.account, call.acting = key, row["account"], acting
    # From here on the path is the one that was signed, so that an escaped slash in an id makes a bad id and not another path.
    call.scope["path"] = call.scope.get("root_path", "") + path.decode("latin-1")
    return None


def _three_headers(call: SignedCall) -> tuple[str, str, str, str]:
    """Return application, acting user, key and signature; raise `Unauthorized` where a header is missing or can't be read."""
    application = call.header(b"x-gcmp-application") or ""
    acting = (call.header(b"x-gcmp-acting") or "").strip()
    scheme, _, credentials = (call.header(b"authorization") or "").partition(" ")
    key, colon, signature = credentials.partition(":")
    if not acting:
        raise Unauthorized().by("groupcamp.auth.acting-missing")
    if scheme != "GCMP" or not colon:
        raise Unauthorized().by("groupcamp.auth.authorization-malformed")
    if not application.strip():
        raise Unauthorized().by("groupcamp.auth.application-missing")
    return application, acting, key, signature


def _another_application(application: str) -> Unauthorized:
    """Return the refusal of an application that is not that of the key."""
    refusal = Unauthorized().by("groupcamp.auth.application-of-key")
    return refusal.by("groupcamp.auth.old-application-name") if application == "provisionning-1" else refusal


def _good_key(call: SignedCall, key: str) -> Row:
    """Return a key whose account has the API enabled; raise `Unauthorized`."""
    row = call.db.first(ONE_KEY, which=key)
    if row is None:
        raise Unauthorized().by("groupcamp.auth.key-unknown")
    if not row["api_enabled"]:
        raise Unauthorized().by("groupcamp.auth.api-disabled")
    return row


def _refuse_other_methods(method: bytes, application: str) -> None:
    """Raise `Unauthorized` for what this application does not offer."""
    if METHODS[application].fullmatch(method):
        return
    offered = any(methods.fullmatch(method) for methods in METHODS.values())
    raise Unauthorized().by("groupcamp.auth.method-of-other-application" if offered else "groupcamp.auth.unknown-method")


def raw_path(call: Call) -> bytes:
    """Return the path as it stands on the request line, before percent-decoding."""
    path: bytes | None = call.scope.get("raw_path")
    return call.scope["path"].encode() if path is None else path


def bare_path(call: Call) -> bytes:
    """Return the path without what stands before the vendor's own: `/task/v1/...`."""
    return raw_path(call).removeprefix(call.scope.get("root_path", "").encode())


def signed_paths(call: Call) -> Iterator[bytes]:
    """Give the paths that a signature may be made over, the likeliest first.

    The vendor's own path and the one received, for a client may or may not know that there is a prefix; and each without its last
    slash, for the vendor's clients say to sign without one, and one of them signs with it.
    """
    own = bare_path(call)
    yield own
    received = raw_path(call)
    if received != own:
        yield received
    if own.endswith(b"/"):
        yield own[:-1]
        yield received[:-1]


def sign(secret: str, *, method: str, path: bytes, body: bytes) -> bytes:
    """Return the signature: 28 characters of base64."""
    return b64encode(digest(secret.encode(), b"::".join((method.encode(), path, body)), "sha1"))


def _is_signed(call: Call, key: Row, signature: str) -> bool:
    given = signature.encode("latin-1")
    # Only a POST has a body that counts; the clients sign an empty one for every other verb.
    body = call.content if call.method == "POST" else b""
    made = (sign(key["secret"], method=call.method, path=path, body=body) for path in signed_paths(call))
    return any(compare_digest(given, one) for one in made)
