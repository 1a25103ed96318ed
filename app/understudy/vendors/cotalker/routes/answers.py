"""The envelopes of Cotalker's answers."""

from typing import Any

from starlette.responses import Response

from understudy.vendors.cotalker.debug import CotalkerCall, debug_member
from understudy.vendors.cotalker.errors import JSON
from understudy.vendors.cotalker.paging import Conditions, Listing, Page, count, documents


def listed(
    call: CotalkerCall,
    listing: Listing,
    conditions: Conditions,
    page: Page,
    query: dict[str, Any],
    *,
    key: str = "values",
    counters: tuple[str, ...] = ("count",),
) -> Response:
    """Answer with one page and, with `count=true`, the number of matches on all pages.

    The Tasks (v2) page names that number `counter` for task groups and `count` for tasks; every client reads `count`.
    """
    values = ",".join(documents(call, listing, conditions, page))
    counts = ""
    if query.get("count"):
        matches = count(call, listing, conditions)
        counts = "".join(f',"{counter}":{matches}' for counter in counters)
    return wrapped(call, f'"data":{{"{key}":[{values}]{counts}}}')


def wrapped(call: CotalkerCall, members: str) -> Response:
    """Answer with a JSON object of `members`, and `debug` when it is asked for."""
    return bare(f"{{{members}{debug_member(call)}}}")


def bare(body: str) -> Response:
    """Answer with a JSON text as it stands."""
    return Response(body.encode(), media_type=JSON)
