"""Which record has which of the words that `search` asks for."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select

from understudy.core.store import Prepared, Session, table_of
from understudy.vendors.cotalker.tables import Word

_words = table_of(Word).c
FORGET = Prepared(delete(table_of(Word)).where(_words.record == bindparam("which")))


def keep_words(session: Session, record: str, words: Iterable[str]) -> None:
    """Let a record be found by `words`, each given once, and no others."""
    session.run(FORGET, which=record)
    for word in words:
        session.add(Word(word=word, record=record))


def has_words(record: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a record has each of the words of the parameter `search`; without words none has."""
    found = select(_words.record).where(_words.word.in_(bindparam("search_words", expanding=True)))
    return record.in_(found.group_by(_words.record).having(func.count() == bindparam("search_number")))
