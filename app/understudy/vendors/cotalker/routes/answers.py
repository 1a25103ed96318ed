"""The envelopes of Cotalker's answers."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from understudy.core.provenance import follow
from understudy.vendors.cotalker.debug import CotalkerCall, debug_member
from understudy.vendors.cotalker.errors import JSON
from understudy.vendors.cotalker.finding import Findable
from understudy.vendors.cotalker.paging import Conditions, Listing, Page, count
from understudy.vendors.cotalker.rules.disturbances import found_page, page_of
from understudy.vendors.cotalker.schemas.searches import project, search

COUNT = {"count": "cotalker.count.tasks"}
BOTH_COUNTERS = {"count": "cotalker.count.beside-counter", "counter": "cotalker.count.counter"}
"""The names of the number of matches, each with its rule, where the vendor's page says `counter`: every client reads `count`."""


def listed(
    call: CotalkerCall,
    listing: Listing,
    conditions: Conditions,
    page: Page,
    query: dict[str, Any],
    *,
    key: str = "values",
    counters: Mapping[str, str] = COUNT,
) -> Response:
    """Answer with one page and, with `count=true`, the number of all matches; `counters` are its names, each with its rule."""
    values = ",".join(page_of(call, listing, conditions, page))
    counts = ""
    if query.get("count"):
        matches = count(call, listing, conditions)
        follow("cotalker.count.all-pages", *counters.values())
        counts = "".join(f',"{counter}":{matches}' for counter in counters)
    else:
        follow("cotalker.count.not-asked-for")
    return wrapped(call, f'"data":{{"{key}":[{values}]{counts}}}')


def wrapped(call: CotalkerCall, members: str) -> Response:
    """Answer with a JSON object of `members`, and `debug` when it is asked for."""
    return bare(f"{{{members}{debug_member(call)}}}")


def bare(body: str) -> Response:
    """Answer with a JSON text as it stands."""
    follow("cotalker.protocol.json", "cotalker.protocol.content-type")
    return Response(body.encode(), media_type=JSON)


def found(call: CotalkerCall, findable: Findable, conditions: Conditions, body: Mapping[str, Any]) -> Response:
    """Answer with an array of what a search finds; raise `InvalidValue` for a body that can't be understood."""
    query, paging = search(body)
    follow("cotalker.search.mongo-query")
    if paging:
        follow("cotalker.search.limit-and-skip-elsewhere")
    texts = found_page(call, findable, conditions, query, skip=paging.get("skip", 0), limit=paging.get("limit") or None)
    if len(texts) > 1:
        follow("cotalker.search.order")
    return bare_list([project(text, paging["fields"]) for text in texts] if "fields" in paging else texts)


def bare_list(documents: list[str]) -> Response:
    """Answer with an array of JSON texts."""
    return bare(f"[{','.join(documents)}]")
