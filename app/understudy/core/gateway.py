"""What stands between a client and a vendor, where it speaks instead of the vendor."""

from http import HTTPStatus

from starlette.responses import Response

TIMED_OUT = (
    "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def gateway_timeout() -> Response:
    """Return the 504 of a gateway that got no answer from the vendor in time.

    No source says what stands before the vendors; the page is that of nginx, the commonest (inferred).
    """
    return Response(TIMED_OUT, 504, media_type="text/html")


def phrase(status: int) -> str:
    """Return the standard's words for a status, such as `Bad Gateway`; `Error` for one that it doesn't know."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
