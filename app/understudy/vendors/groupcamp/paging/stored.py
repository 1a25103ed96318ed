"""GroupCamp's paging mechanism `full`: all items are fetched and stored at the first call, and its pages show no later change.

Pages are kept for 24 hours at most; then, or once the cache was cleared, they are gone and the caller has to start again (paging
page). A list of one page leads to no other, so it is not stored.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete, insert, select

from understudy.core.clock import DAY
from understudy.core.provenance import follow
from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.groupcamp.auth import SignedCall, bare_path
from understudy.vendors.groupcamp.errors import BadParameter, Gone
from understudy.vendors.groupcamp.paging.following import page_address
from understudy.vendors.groupcamp.tables import StoredList, StoredPage

LIFETIME: Final = DAY
NUMBER = re.compile("0{0,8}[1-9][0-9]{0,8}")
TOKEN = re.compile("[0-9a-f]{24}")

PAGE = (
    "groupcamp.paging.full",
    "groupcamp.paging.full-keys",
    "groupcamp.paging.full-page-count",
    "groupcamp.paging.full-from-1",
    "groupcamp.paging.full-names",
)

_lists, _pages = table_of(StoredList), table_of(StoredPage)
STORE_PAGE = Prepared(insert(_pages).values(token=bindparam("token"), page=bindparam("page"), content=bindparam("content")))
ONE_PAGE = Prepared(select(_pages.c.content).where(_pages.c.token == bindparam("token"), _pages.c.page == bindparam("page")))
DROP_PAGES_OF = Prepared(delete(_pages).where(_pages.c.token == bindparam("which")))
DROP_LIST = Prepared(delete(_lists).where(_lists.c.token == bindparam("which")))
_old = _lists.c.made < bindparam("oldest")
DROP_PAGES = Prepared(delete(_pages).where(_pages.c.token.in_(select(_lists.c.token).where(_old))))
DROP_LISTS = Prepared(delete(_lists).where(_old))


def cache_token(name: str, value: str) -> str:
    """Read the mark of a stored list; what can't be one is a list that is not there any more, so that is no bad parameter."""
    if not value:
        raise BadParameter(name, "invalid")
    return value if TOKEN.fullmatch(value) else ""


def page_number(name: str, value: str) -> int:
    """Read the number of a page; raise `BadParameter`."""
    if not NUMBER.fullmatch(value):
        raise BadParameter(name, "invalid").by("groupcamp.paging.full-bad-page")
    return int(value)


READERS: Final = {"cache": cache_token, "page": page_number}


def first_page(call: SignedCall, query: Mapping[str, Any], items: Sequence[bytes]) -> bytes:
    """Return the first page of a new list as the whole text of an answer, and store the list if there is more than that."""
    size = call.settings.groupcamp_page_size
    pages = [b",".join(items[start : start + size]) for start in range(0, len(items), size)] or [b""]
    if not items:
        follow("groupcamp.paging.full-nothing")
    if len(pages) == 1:
        return _body(call, "", 1, 1, pages[0])
    drop(call.db, older_than=call.now() - LIFETIME)
    follow("groupcamp.paging.full-snapshot", "groupcamp.paging.full-new-list")
    token = call.new_id()
    call.db.add(StoredList(token=token, request=_request(call, query), made=call.now(), page_count=len(pages)))
    for page, text in enumerate(pages, 1):
        call.db.run(STORE_PAGE, token=token, page=page, content=text)
    return _body(call, token, 1, len(pages), pages[0])


def later_page(call: SignedCall, query: Mapping[str, Any], disturb: Callable[[SignedCall, str, int], bytes]) -> bytes:
    """Return a page of a stored list as the whole text of an answer.

    With faults, `disturb` is told of a page beyond the first one, by the list and its number, and may give an item to begin with.
    Raises `Gone` for a list that is not there for this request any more, and `BadParameter` for a page that it doesn't have.
    """
    stored = _stored_list(call, query)
    page = query.get("page", 1)
    if not 1 <= page <= stored.page_count:
        raise BadParameter("page", "invalid").by("groupcamp.paging.full-bad-page")
    follow("groupcamp.paging.full-snapshot", "groupcamp.paging.full-lifetime")
    if "page" not in query:
        follow("groupcamp.paging.full-first-page")
    again = disturb(call, stored.token, page) if page > 1 and call.injection is not None else b""
    content: bytes = call.db.scalar(ONE_PAGE, token=stored.token, page=page)
    return _body(call, stored.token, page, stored.page_count, again + b"," + content if again else content)


def _stored_list(call: SignedCall, query: Mapping[str, Any]) -> StoredList:
    """Return the list that a request names; raise `Gone`."""
    stored = call.db.get(StoredList, query["cache"])
    if stored is None:
        raise Gone().by("groupcamp.paging.full-unknown")
    if stored.request != _request(call, query):
        raise Gone().by("groupcamp.paging.full-bound")
    if call.now() - stored.made > LIFETIME:
        raise Gone().by("groupcamp.paging.full-lifetime")
    return stored


def items_of(call: SignedCall, token: str, page: int) -> list[Any]:
    """Return the items on a page of a stored list; there is at least one."""
    items: list[Any] = orjson.loads(b"[" + call.db.scalar(ONE_PAGE, token=token, page=page) + b"]")
    return items


def drop_list(db: Session, token: str) -> None:
    """Forget one list."""
    db.run(DROP_PAGES_OF, which=token)
    db.run(DROP_LIST, which=token)


def drop(db: Session, *, older_than: int) -> None:
    """Forget the lists that were stored before an instant."""
    db.run(DROP_PAGES, oldest=older_than)
    db.run(DROP_LISTS, oldest=older_than)


def _request(call: SignedCall, query: Mapping[str, Any]) -> str:
    """Say which request a list answers: key, path and parameters."""
    parameters = {name: value for name, value in query.items() if name not in READERS}
    path = bare_path(call).decode("latin-1").removesuffix("/")
    return orjson.dumps([call.key, path, parameters], option=orjson.OPT_SORT_KEYS).decode()


def _body(call: SignedCall, token: str, page: int, page_count: int, items: bytes) -> bytes:
    follow(*PAGE)
    around = {"next_page": page + 1, "previous_page": page - 1}
    links = {
        name: page_address(call, cache=token, page=str(number)) for name, number in around.items() if 1 <= number <= page_count
    }
    return b'{"result":[' + items + b"]," + orjson.dumps(links | {"page_count": page_count, "current_page": page})[1:]
