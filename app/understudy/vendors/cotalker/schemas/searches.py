"""The bodies of searches: a query in the manner of MongoDB, and which of what it finds is wanted."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue
from understudy.vendors.cotalker.schemas.bodies import strings
from understudy.vendors.cotalker.schemas.shapes import known, number


def search(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the query of a search and, apart from it, `limit`, `skip` and `fields`; raise `InvalidValue`.

    A limit of 0 is none.
    """
    paging = known(body, {"limit": whole_number, "skip": whole_number, "fields": strings})
    if not paging.get("limit"):
        follow("cotalker.search.no-limit")
    if "_id" not in paging.get("fields", ("_id",)):
        follow("cotalker.search.fields-keep-id")
    return {name: value for name, value in body.items() if name not in ("limit", "skip", "fields")}, paging


def project(document: str, fields: Sequence[str]) -> str:
    """Return a document with only these of its top-level fields, and `_id`."""
    whole = orjson.loads(document)
    kept = {name: value for name, value in whole.items() if name == "_id" or name in fields}
    return orjson.dumps(kept).decode()


def whole_number(name: str, value: Any) -> int:
    """Read a whole number from 0 up."""
    if number(name, value) % 1:
        raise InvalidValue(name, "be an integer", value)
    if value < 0:
        raise InvalidValue(name, "be greater than or equal to 0", value)
    return int(value)
