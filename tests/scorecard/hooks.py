"""What schemathesis is told of a vendor: how to sign, when to begin with a fresh world, and which failures stay.

schemathesis loads this module (`SCHEMATHESIS_HOOKS=scorecard.hooks`); `SCORECARD_VENDOR` names the vendor. `fuzzing` sets both.
For a run against a server that is there already, these two and `PYTHONPATH=tests` are all that has to be set.
"""

import atexit
import json
import os
import re
from base64 import b64encode
from collections import Counter
from hmac import digest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis
from requests.auth import AuthBase
from schemathesis.auths import AuthContext
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from scorecard.listed import Found, entry_for

VENDOR = os.environ["SCORECARD_VENDOR"]
ADMIN = os.environ.get("SCORECARD_ADMIN")
"""Where the control plane of the sandbox is, to take it back to its start."""
COUNTS = os.environ.get("SCORECARD_COUNTS")
"""A file for how often each entry was met."""

INSTANT = "2026-06-01T08:00:00Z"
KEYS = {"core": ("pk-demo-1", "5up3r-s3cret-provisioning")}
REPORTING = ("rk-demo-1", "5up3r-s3cret-reporting")

met: Counter[int] = Counter()
"""How often each entry was met, by its place in the file."""


class Signature(AuthBase):
    """Signs a request to GroupCamp with the key of the application that offers it."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, in the place of a made-up one."""
        path = urlsplit(request.url or "").path
        own = path.partition("/groupcamp")[2]
        key, secret = KEYS.get(own.split("/")[1], REPORTING)
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        signed = b"::".join(((request.method or "").encode(), path.encode(), content if request.method == "POST" else b""))
        request.headers["Authorization"] = f"GCMP {key}:{b64encode(digest(secret.encode(), signed, 'sha1')).decode()}"
        return request


class Signed:
    """Signs every request but those from which the signature was left out on purpose."""

    def get(self, case: Case, context: AuthContext) -> AuthBase | None:
        """Return what signs."""
        negative = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
        return None if negative and "Authorization" not in (case.headers or {}) else Signature()

    def set(self, case: Case, data: AuthBase, context: AuthContext) -> None:
        """Sign once the request is as it will be sent."""
        case._auth = data


if VENDOR == "groupcamp":
    schemathesis.auth(refresh_interval=None)(Signed)


class World:
    """The sandbox, which begins each operation as it is at the start, so that none is asked in what another has left behind."""

    def __init__(self) -> None:
        self.last = ""

    def before(self, case: Case) -> None:
        """Begin anew where another operation or phase begins; a chain of operations stays together."""
        phase = case.meta.phase.name.value if case.meta else ""
        now = phase if phase == "stateful" else f"{phase} {case.operation.label}"
        if now != self.last:
            self.last = now
            self.begin()

    def after(self, response: Response) -> None:
        """Begin anew where an administrator of Cotalker has just given the rights away: nothing would be left to ask."""
        request = response.request
        if VENDOR == "cotalker" and request.method == "PATCH" and response.status_code == 200:
            base = (request.url or "").partition("/cotalker/")[0]
            headers = {"Authorization": request.headers["Authorization"], "Admin": "true"}
            if not requests.get(f"{base}/cotalker/api/v2/accessroles", headers=headers, timeout=10).ok:
                self.begin()

    def begin(self) -> None:
        """Take the sandbox back to its start, and stop its clock."""
        if ADMIN:
            requests.post(f"{ADMIN}/reset", timeout=10).raise_for_status()
            requests.put(f"{ADMIN}/clock", json={"action": "freeze", "instant": INSTANT}, timeout=10).raise_for_status()


world = World()


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Begin each operation anew."""
    world.before(case)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Stay an administrator."""
    world.after(response)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Let a failure go that is listed, and count it."""
    place = entry_for(found(failure, case, response))
    if place is not None:
        met[place] += 1
    return place is None


def found(failure: Failure, case: Case, response: Response) -> Found:
    """Describe a failure."""
    return Found(
        vendor=VENDOR,
        operation=operation_id(case),
        checks=failure.checks,
        status=response.status_code,
        method=response.request.method or "",
        answer=response.content.decode(errors="replace"),
        failure=str(failure),
    )


def operation_id(case: Case) -> str:
    """Return the name of the operation; one without a version in its path is that of version 1 once more."""
    name: str = case.operation.definition.raw["operationId"]
    return name if re.match(r"(?!/api/)|/api/v[0-9]/", case.operation.path) else name.removesuffix("Alias")


@atexit.register
def write_counts() -> None:
    """Leave behind how often each entry was met."""
    if COUNTS:
        Path(COUNTS).write_text(json.dumps(met))
