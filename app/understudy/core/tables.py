"""Every table of a sandbox's database: those of the core and those of the vendors."""

from collections.abc import Iterable

from sqlalchemy import Table

from understudy.core.sandbox import SandboxState
from understudy.core.store import Counter, table_of
from understudy.core.vendor import Vendor, tables_of
from understudy.core.webhooks import Delivery


def all_tables(vendors: Iterable[Vendor]) -> list[Table]:
    """Return the tables in the order in which they can be created and filled."""
    return [table_of(SandboxState), table_of(Counter), table_of(Delivery), *tables_of(vendors)]
