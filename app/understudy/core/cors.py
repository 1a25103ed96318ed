"""What a browser needs before a page of another origin may call a vendor.

For vendors of whom no source tells what they answer here: the usual answer of a Node server (inferred), given only to who asks
with an `Origin`. A vendor of whom it is known answers for itself.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE"


def preflight(call: Request) -> Response | None:
    """Return the answer to a browser's question whether it may send a request, or None when the request is no such question."""
    if call.method != "OPTIONS" or "access-control-request-method" not in call.headers:
        return None
    headers = {**ANY_ORIGIN, "Access-Control-Allow-Methods": METHODS, "Vary": "Access-Control-Request-Headers"}
    if wanted := call.headers.get("access-control-request-headers"):
        headers["Access-Control-Allow-Headers"] = wanted  # a `*` would not cover Authorization
    return Response(status_code=204, headers=headers)
