"""Logging in."""

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from understudy.core.express import ExpressRoute
from understudy.core.provenance import follows
from understudy.vendors.cotalker.auth import log_in
from understudy.vendors.cotalker.debug import CotalkerCall
from understudy.vendors.cotalker.routes.answers import bare
from understudy.vendors.cotalker.schemas.bodies import read_body, required_string

router = APIRouter(route_class=ExpressRoute)


@router.post("/auth/local", operation_id="login")
@follows("cotalker.login.path", "cotalker.login.body", "cotalker.login.answer")
def login(call: CotalkerCall) -> Response:
    """Give a token for an address and a password."""
    body = read_body(call)
    email, password = required_string(body, "email"), required_string(body, "password")
    return bare(orjson.dumps({"token": log_in(call, email=email, password=password)}).decode())


@router.post("/api/v3/auth/local", operation_id="loginV3")
@follows("cotalker.login.path-of-version-3", "cotalker.login.body", "cotalker.login.answer")
def login_v3(call: CotalkerCall) -> Response:
    """Do as `login` does, at the path that belongs to version 3."""
    return login(call)
