"""Paging faults: a list changes between two of its pages, and a client that counts rows meets one twice or never.

Cotalker's pages are counted by rows, so a record that comes in before them moves all others on, and one that goes moves them
back. New records usually come last by `_id`; the one that a fault makes is therefore given an id from between the others.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Table

from understudy.core.vendor import Call
from understudy.vendors.cotalker.finding import Findable, find
from understudy.vendors.cotalker.paging import Conditions, Listing, Page, documents
from understudy.vendors.cotalker.rules.copying import COPIERS
from understudy.vendors.cotalker.rules.removing import REMOVERS

NEAR: Final = 50
"""How many of the rows already read a fault may choose from."""

Document = dict[str, Any]
Read = Callable[[int, int], Sequence[str]]


def page_of(call: Call, listing: Listing, conditions: Conditions, page: Page) -> list[str]:
    """Return the documents of one page, after what a fault does to the list; with `duplicate` it is a row longer."""
    if call.injection is None:
        return documents(call, listing, conditions, page)

    def read(offset: int, limit: int) -> list[str]:
        return documents(call, listing, conditions, page.part(offset, limit))

    again = disturb(call, listing.table, read, offset=page.offset, descending=page.descending)
    return read(page.offset - again, page.limit + again)


def found_page(
    call: Call, findable: Findable, conditions: Conditions, query: Mapping[str, Any], *, skip: int, limit: int | None
) -> list[str]:
    """Return what a search finds, from `skip` on, after what a fault does to it."""

    def read(offset: int, limit: int) -> list[str]:
        return find(call, findable, conditions, query, skip=offset, limit=limit)

    again = 0 if call.injection is None else disturb(call, findable.table, read, offset=skip)
    return find(call, findable, conditions, query, skip=skip - again, limit=limit and limit + again)


def disturb(call: Call, table: Table, read: Read, *, offset: int, descending: bool = False) -> int:
    """Do what a fault wants before the rows of a list from `offset` on are read; return how many more are to be read before them.

    `read` gives documents of the list by offset and limit. Nothing is done for a first page, or one beyond the end.
    """
    if not 0 < offset < 1 << 62:
        return 0
    near = min(offset, NEAR)
    before: list[Document] = [orjson.loads(text) for text in read(offset - near, near)]
    fault = call.paging_fault() if len(before) == near else None
    if fault == "insert":
        COPIERS[table.name](call, before[-1], descending)
    elif fault == "delete":
        _remove_one(call, table, before)
    return int(fault == "duplicate")


def _remove_one(call: Call, table: Table, before: Sequence[Document]) -> None:
    """Remove the last of some records that nothing hangs on; where something hangs on each, nothing is removed."""
    is_free, remove = REMOVERS[table.name]
    last = next((document for document in reversed(before) if is_free(call, document)), None)
    if last is not None:
        remove(call, last)
