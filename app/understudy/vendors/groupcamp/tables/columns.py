"""The kind of column that ids, instants and lengths of time need."""

from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field

# 64 bits; in SQLite every integer has them, and only one declared so can be the table's own key.
BIG = BigInteger().with_variant(Integer(), "sqlite")


def big(**options: Any) -> Any:
    """Return a field of 64 bits."""
    return Field(sa_type=BIG, **options)
