"""Values that stand in queries and in bodies alike."""

import re
from collections.abc import Callable
from typing import Any

from understudy.vendors.cotalker.errors import InvalidValue

OBJECT_ID = re.compile(r"[a-fA-F0-9]{24}")

Reader = Callable[[str, str], Any]
Check = Callable[[str, Any], Any]


def one_of(*allowed: str) -> Check:
    """Return a reader of one of `allowed`."""
    must = f"be [{allowed[0]}]" if len(allowed) == 1 else f"be one of [{', '.join(allowed)}]"

    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InvalidValue(name, must, value)
        return value

    return read


def object_id(name: str, value: object) -> str:
    """Read an ObjectId; upper and lower case are one."""
    if not isinstance(value, str) or not OBJECT_ID.fullmatch(value):
        raise InvalidValue(name, "be a valid ObjectId", value)
    return value.lower()
