"""Every statement compiles for PostgreSQL too, so that a second backend needs no second set of them.

The statements that are built at import are found in the modules; those that are built on the way are caught while the rooms'
own tests run (`conftest.py` compiles each new one for both dialects).
"""

import importlib
import pkgutil

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import understudy
from understudy.core.store import Prepared
from understudy.core.vendor import tables_of
from understudy.vendors import VENDORS

DIALECT = postgresql.dialect()
MODULES = [
    name for _, name, _ in pkgutil.walk_packages(understudy.__path__, "understudy.") if not name.endswith(("__main__", ".sqlite"))
]
PREPARED = {
    f"{module}.{name}": statement
    for module in MODULES
    for name, statement in vars(importlib.import_module(module)).items()
    if isinstance(statement, Prepared)
}


@pytest.mark.parametrize("name", PREPARED)
def test_prepared_statement(name: str) -> None:
    """A statement of a module has a text for PostgreSQL."""
    statement = PREPARED[name]
    lists = {key: ["x"] for key, bound in statement.statement.compile().binds.items() if bound.expanding and not bound.value}

    assert statement.compile(DIALECT, lists)[0]


@pytest.mark.parametrize("table", tables_of(VENDORS), ids=lambda table: table.name)
def test_table(table) -> None:
    """A table and its indexes can be made there."""
    assert str(CreateTable(table).compile(dialect=DIALECT))
    for index in table.indexes:
        assert str(CreateIndex(index).compile(dialect=DIALECT))
