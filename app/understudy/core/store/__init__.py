"""Where a sandbox keeps its rows.

Decision: SQLAlchemy writes the SQL, the driver runs it. Tables are declared once with SQLModel and statements are SQLAlchemy
Core expressions, so that a second backend needs no second set of either; but a statement is compiled once per
dialect and then handed to the driver as text, because running it through SQLAlchemy's own connection costs 26 µs a query where
the driver costs 8 (measured, ten rows), and a request makes three. Refused: entities through an ORM session (323 µs).
What only one database can do stands in a module of its own (`sqlite.py`).
"""

from understudy.core.store.prepared import Prepared
from understudy.core.store.session import Change, Counter, RecordExists, Row, Session, table_of
from understudy.core.store.sqlite import SQLiteStore, StoreUnusable

__all__ = ["Change", "Counter", "Prepared", "RecordExists", "Row", "SQLiteStore", "Session", "StoreUnusable", "table_of"]
