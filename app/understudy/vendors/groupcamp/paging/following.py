"""GroupCamp's paging mechanism `next`: nothing is stored between two pages, so each shows the data of its own moment.

A page says where the next one begins only if there is one (the paging page's look-ahead). Its address repeats the parameters and
adds a cursor, which marks the last item shown by its place in the order; so nothing that is added or deleted before it makes an
item come twice or never.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from string import punctuation
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from understudy.core.provenance import follow
from understudy.core.vendor import Call
from understudy.vendors.groupcamp.auth import raw_path
from understudy.vendors.groupcamp.errors import BadParameter

ADDRESS = (
    "groupcamp.paging.size",
    "groupcamp.paging.address",
    "groupcamp.paging.address-host",
    "groupcamp.paging.address-signed",
    "groupcamp.paging.address-without-secrets",
    "groupcamp.paging.address-query",
)
PLACE = re.compile(r"(-?[0-9]{1,15})/([0-9]{1,18})")


class Place(NamedTuple):
    """Where an item stands in a list ordered by creation: its instant and its number."""

    created: int
    id: int


def cursor_of(place: Place) -> str:
    """Return a place as a token that needs no escaping in a URL."""
    return urlsafe_b64encode(f"{place.created}/{place.id}".encode()).rstrip(b"=").decode()


def cursor(name: str, value: str) -> Place:
    """Read a cursor; raise `BadParameter` for one that was not made here."""
    try:
        text = urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        raise BadParameter(name, "invalid").by("groupcamp.paging.bad-cursor") from None
    found = PLACE.fullmatch(text)
    if found is None or cursor_of(place := Place(int(found[1]), int(found[2]))) != value:
        raise BadParameter(name, "invalid").by("groupcamp.paging.bad-cursor")
    follow("groupcamp.paging.cursor-place", "groupcamp.paging.next-live", "groupcamp.paging.next-never-gone")
    return place


def next_page(call: Call, last: Place) -> str:
    """Return the address of the page after `last`."""
    follow("groupcamp.paging.cursor-name")
    return page_address(call, cursor=cursor_of(last))


def page_address(call: Call, **paging: str) -> str:
    """Return the address of a page under scheme, host and path of the request, with its parameters but for those of `paging`."""
    follow(*ADDRESS)
    kept = [part for part in call.scope["query_string"].split(b"&") if part and _name(part) not in paging]
    query = b"&".join([*kept, *(f"{name}={value}".encode() for name, value in paging.items())])
    return f"{call.scope['scheme']}://{_host(call)}{_ascii(raw_path(call))}?{_ascii(query)}"


def _name(parameter: bytes) -> str:
    return unquote_plus(parameter.partition(b"=")[0].decode("latin-1"))


def _host(call: Call) -> str:
    if host := call.header(b"host"):
        return host
    server = call.scope.get("server") or ("localhost", None)
    return server[0] if server[1] is None else f"{server[0]}:{server[1]}"


def _ascii(text: bytes) -> str:
    """Escape what may not stand in a URL and leave the rest as it was sent."""
    return text.decode() if text.isascii() else quote(text, safe=punctuation)
