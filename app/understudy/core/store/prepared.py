"""Statements that are compiled once and run as text."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

# How many texts a statement keeps: lists come in any length, and a text of a long one is long.
MOST_TEXTS = 32

Text = tuple[str, tuple[str, ...], dict[str, Any]]


class Prepared:
    """A SQLAlchemy statement together with its text in each dialect that ran it.

    Its parameters are `bindparam`s, given by name when it runs; constants of the statement need not be given. A list stands
    for an expanding parameter (`column.in_(bindparam("ids", expanding=True))`); there is one text for each length.
    """

    __slots__ = ("_texts", "statement")

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._texts: dict[tuple[str, tuple[tuple[str, int], ...]], Text] = {}

    def bind(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Return the text for a driver with positional parameters, and the parameters in their order."""
        lists = tuple((name, len(value)) for name, value in values.items() if type(value) is list)
        found = self._texts.get((dialect.name, lists))
        if found is None:
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            found = self._texts[dialect.name, lists] = self.compile(dialect, values)
        text, names, constants = found
        if constants:
            values = constants | dict(values)
        if lists:
            items = {f"{name}_{i}": item for name, _ in lists for i, item in enumerate(values[name], 1)}
            values = dict(values) | items
        return text, [values[name] for name in names]

    def compile(self, dialect: Dialect, values: Mapping[str, Any]) -> Text:
        """Return the text, the names of its parameters in order, and the constants among them."""
        compiled = cast(SQLCompiler, self.statement.compile(dialect=dialect))
        lists = {name: value for name, value in values.items() if type(value) is list}
        state = compiled.construct_expanded_state({**compiled.params, **lists})
        names = tuple(state.positiontup or state.parameters)
        given = {item for name in lists for item in state.parameter_expansion[name]}
        # A parameter without a value is to be given; that it has to be is what tells a forgotten one from a NULL.
        constants = {name: state.parameters[name] for name in names if name not in given}
        return state.statement, names, {name: value for name, value in constants.items() if value is not None}
