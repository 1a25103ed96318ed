"""Values that stand in queries and in bodies alike."""

import re
from collections.abc import Callable
from typing import Any

from understudy.core.provenance import follow
from understudy.vendors.cotalker.errors import CotalkerRefusal, InvalidValue

OBJECT_ID = re.compile(r"[a-fA-F0-9]{24}")

Reader = Callable[[str, str], Any]
Check = Callable[[str, Any], Any]


def one_of(*allowed: str, by: str | None = None) -> Check:
    """Return a reader of one of `allowed`; `by` is the rule that says which there are."""
    rules = (by,) if by else ()
    must = f"be [{allowed[0]}]" if len(allowed) == 1 else f"be one of [{', '.join(allowed)}]"

    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            wording = "cotalker.errors.one-allowed" if len(allowed) == 1 else "cotalker.errors.several-allowed"
            raise InvalidValue(name, must, value).by(wording, *rules)
        follow(*rules)
        return value

    return read


def object_id(name: str, value: object) -> str:
    """Read an ObjectId; upper and lower case are one."""
    if not isinstance(value, str) or not OBJECT_ID.fullmatch(value):
        raise InvalidValue(name, "be a valid ObjectId", value).by("cotalker.errors.object-id")
    if value != (kept := value.lower()):
        follow("cotalker.protocol.letters-of-object-ids")
    return kept


def ruled(check: Check, *rules: str) -> Check:
    """Return a reader that does as `check` does, and follows these rules with what it reads and with what it refuses."""

    def read(name: str, value: Any) -> Any:
        try:
            found = check(name, value)
        except CotalkerRefusal as refusal:
            refusal.by(*rules)
            raise
        follow(*rules)
        return found

    return read
