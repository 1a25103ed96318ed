"""JSON Patch (RFC 6902), as the `jsonpatch` routes of users and properties take it.

The library applies the operations; what a hostile patch could make it do is bounded here: how much is copied, how deep it gets.
A patch fails as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from jsonpatch import JsonPatch, JsonPatchException, JsonPatchTestFailed
from jsonpointer import EndOfList, JsonPointer, JsonPointerException

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import InvalidValue, MissingField
from understudy.vendors.cotalker.schemas.bodies import within_an_answer
from understudy.vendors.cotalker.schemas.shapes import mapping, text
from understudy.vendors.cotalker.schemas.values import one_of

OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
MOST_OPERATIONS = 1000
LARGEST_PATCH = 512 * 1024
MOST_COPIED = 512 * 1024
"""How many bytes of JSON the copies of a patch may make together."""


def patched(document: Mapping[str, Any], patch: Sequence[Any]) -> dict[str, Any]:
    """Return a document with a patch applied; the one that was given stays as it is. Raises `InvalidValue` or `MissingField`."""
    if (size := len(orjson.dumps(patch))) > LARGEST_PATCH:
        raise _excess("value", f"be at most {LARGEST_PATCH} bytes", size)
    if len(patch) > MOST_OPERATIONS:
        raise _excess("value", f"contain at most {MOST_OPERATIONS} items", len(patch))
    result: Any = orjson.loads(orjson.dumps(document))
    allowance = MOST_COPIED
    for name, operation in _checked(patch):
        if operation["op"] in ("move", "copy"):
            taken = _there(name, operation, result)
            allowance -= _size(name, operation, taken) if operation["op"] == "copy" else 0
            if allowance < 0:
                raise _excess(f"{name}.from", f"copy at most {MOST_COPIED} bytes", operation["from"])
        result = _applied(name, operation, result)
    try:
        orjson.dumps(within_an_answer(result))
    except orjson.JSONEncodeError:
        raise _failure("value", "not be nested so deep", len(patch)) from None
    return mapping("value", result)


def patch_fields(
    document: str, patch: Sequence[Any], fields: Iterable[str], *, always: Iterable[str]
) -> tuple[dict[str, Any], set[str]]:
    """Return which of a document's `fields` a patch sets, with their new values, and which it removes.

    What else it changes has no effect, as in any other body. Raises `MissingField` when it removes what is `always` there.
    """
    before = orjson.loads(document)
    after = patched(before, patch)
    for name in always:
        if name not in after:
            raise MissingField(name).by("cotalker.json-patch.always-there")
    if any(after.get(name) != before.get(name) for name in before.keys() | after.keys() if name not in fields):
        follow("cotalker.json-patch.managed-fields")
    present = [name for name in fields if name in after]
    fresh = {
        name: after[name] for name in present if name not in before or orjson.dumps(before[name]) != orjson.dumps(after[name])
    }
    return fresh, {name for name in fields if name in before and name not in after}


def _failure(name: str, must: str, value: object) -> InvalidValue:
    """Return the refusal of an operation that fails."""
    return InvalidValue(name, must, value).by("cotalker.json-patch.whole")


def _excess(name: str, must: str, value: object) -> InvalidValue:
    """Return the refusal of more than is done."""
    return InvalidValue(name, must, value).by("cotalker.json-patch.at-most")


def _checked(patch: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with the name under which it is refused."""
    for position, item in enumerate(patch):
        name = f"[{position}]"
        operation = mapping(name, item)
        for field in ("op", "path"):
            if field not in operation:
                raise MissingField(f"{name}.{field}").by("cotalker.json-patch.whole")
        kind = one_of(*OPERATIONS, by="cotalker.json-patch.operations")(f"{name}.op", operation["op"])
        _check_pointer(f"{name}.path", operation["path"])
        if kind in ("move", "copy"):
            if "from" not in operation:
                raise MissingField(f"{name}.from").by("cotalker.json-patch.whole")
            _check_pointer(f"{name}.from", operation["from"])
        elif kind != "remove" and "value" not in operation:
            raise MissingField(f"{name}.value").by("cotalker.json-patch.whole")
        yield name, operation


def _check_pointer(name: str, value: object) -> None:
    try:
        JsonPointer(text(name, value))
    except JsonPointerException:
        raise _failure(name, "be a JSON pointer", value) from None


def _there(name: str, operation: Mapping[str, Any], document: Any) -> Any:
    """Return what a move or a copy takes."""
    refusal = _failure(f"{name}.from", "point to something that is there", operation["from"])
    try:
        there = JsonPointer(operation["from"]).resolve(document)
    except (JsonPointerException, ValueError, TypeError):
        raise refusal from None
    if isinstance(there, EndOfList):
        raise refusal
    return there


def _size(name: str, operation: Mapping[str, Any], value: Any) -> int:
    try:
        return len(orjson.dumps(value))
    except orjson.JSONEncodeError:
        raise _failure(f"{name}.from", "not be nested so deep", operation["from"]) from None


def _applied(name: str, operation: dict[str, Any], document: Any) -> Any:
    try:
        return JsonPatch([operation]).apply(document, in_place=True)
    except JsonPatchTestFailed:
        raise _failure(f"{name}.value", "equal what is there", operation.get("value")) from None
    except (JsonPatchException, JsonPointerException, ValueError, TypeError, LookupError):
        raise _failure(f"{name}.path", "point to something that is there", operation["path"]) from None
    except RecursionError:
        raise _failure(f"{name}.path", "not be nested so deep", operation["path"]) from None
