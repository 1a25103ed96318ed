"""What a browser needs before a page of another origin may call GroupCamp, as the vendor's own browser client does.

Its extra headers make every call preflighted, GET too, and it reads answers of any status, so each needs the allowing header.
"""

from starlette.responses import Response

from understudy.core.provenance import follow
from understudy.core.vendor import Call

READABLE = ("groupcamp.cors.every-answer", "groupcamp.cors.any-origin")
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT = {
    **ANY_ORIGIN,
    # A `*` would not cover Authorization.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Gcmp-Acting, X-Gcmp-Application",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Max-Age": "86400",
}


def preflight_group_tasks(call: Call) -> Response:
    """Answer a preflight; it carries no credentials, and every path answers it in this way."""
    follow(
        *READABLE,
        "groupcamp.cors.preflight",
        "groupcamp.cors.preflight-204",
        "groupcamp.cors.allow-headers",
        "groupcamp.cors.allow-methods",
        "groupcamp.cors.max-age",
    )
    return Response(status_code=204, headers=PREFLIGHT)


def allow_any_origin(call: Call, response: Response) -> None:
    """Let pages of every origin read an answer."""
    response.headers.update(ANY_ORIGIN)
