"""Statements, sessions and images."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from understudy.core.store import Counter, Prepared, Session, SQLiteStore, table_of


class Note(SQLModel, table=True):
    """A table of this test alone."""

    __tablename__ = "test_note"

    id: int = Field(primary_key=True)
    text: str | None
    done: bool


COLUMNS = table_of(Note).c


@pytest.fixture
def store() -> SQLiteStore:
    """A store with the tables of this test."""
    store = SQLiteStore.in_memory()
    store.create([table_of(Note), table_of(Counter)])
    return store


@pytest.fixture
def session(store: SQLiteStore) -> Session:
    """A session on it."""
    return store.session()


class TestSession:
    """What a request does with its rows."""

    def test_records_come_back_as_they_were(self, session: Session) -> None:
        """add, get, save and remove keep every value and its type."""
        session.add(Note(id=1, text="é\x00🙂", done=True))
        note = session.get(Note, 1)
        assert note is not None
        assert (note.text, note.done) == ("é\x00🙂", True)

        note.done, note.text = False, None
        session.save(note)
        assert session.get(Note, 1) == Note(id=1, text=None, done=False)

        session.remove(note)
        assert session.get(Note, 1) is None

    def test_rollback_forgets(self, session: Session) -> None:
        """Nothing of a refused request stays, its numbers included."""
        session.add(Note(id=1, text="kept", done=False))
        assert session.number("n") == 1
        session.commit()

        session.add(Note(id=2, text="lost", done=False))
        assert session.number("n") == 2
        session.rollback()

        assert [row["id"] for row in session.all(select(COLUMNS.id))] == [1]
        assert session.number("n") == 2

    def test_numbers_count_each_sequence(self, session: Session) -> None:
        """A sequence starts at 1 and knows nothing of the others."""
        assert [session.number("a"), session.number("a"), session.number("b"), session.number("a")] == [1, 2, 1, 3]


class TestPrepared:
    """Statements that are compiled once."""

    def test_lists_of_any_length(self, session: Session) -> None:
        """An expanding parameter takes none, one and many values, beside constants of the statement."""
        for number in range(5):
            session.add(Note(id=number, text=str(number), done=False))
        statement = Prepared(
            select(COLUMNS.id).where(COLUMNS.id.in_(bindparam("ids", expanding=True)), COLUMNS.text != "3").order_by(COLUMNS.id)
        )

        for ids, expected in (([], []), ([4], [4]), ([1, 3, 2, 9], [1, 2]), ([0], [0])):
            assert [row["id"] for row in session.all(statement, ids=ids)] == expected

    def test_a_forgotten_parameter_is_no_null(self, session: Session) -> None:
        """A parameter that is not given is a mistake, and nothing runs."""
        with pytest.raises(KeyError):
            session.all(Prepared(select(COLUMNS.id).where(COLUMNS.id == bindparam("which"))))

    def test_compiles_for_both_dialects(self) -> None:
        """The same statement has a text for each."""
        statement = Prepared(select(COLUMNS.id).where(COLUMNS.id == bindparam("which")))

        assert "?" in statement.compile(sqlite.dialect(), {"which": 1})[0]
        assert "%(which)s" in statement.compile(postgresql.dialect(), {"which": 1})[0]


class TestImage:
    """A database as bytes."""

    def test_a_copy_knows_nothing_of_its_model(self, store: SQLiteStore) -> None:
        """Two stores of one image go their own ways."""
        session = store.session()
        session.add(Note(id=1, text="both", done=False))
        session.commit()
        copy = SQLiteStore.in_memory(store.image())

        other = copy.session()
        other.add(Note(id=2, text="copy", done=False))
        other.commit()

        assert store.session().get(Note, 2) is None
        assert copy.session().get(Note, 1) is not None
