"""Snapshots of a sandbox: kept by name, or moved as files to another sandbox, another server, a later version."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from understudy.client.connection import Connection, segment


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot that is kept: its size in bytes, and where it can be loaded, what it is of.

    `problem` says why one can't be loaded; of such a one nothing else is known.
    """

    name: str
    bytes: int
    problem: str | None
    created_at: datetime | None
    seed: int | None
    instant: datetime | None


class State:
    """The snapshots of one sandbox; they go when it goes, unless they were exported."""

    def __init__(self, connection: Connection, *, changed: Callable[[], None]) -> None:
        """`changed` is called after the sandbox has become another one."""
        self._connection = connection
        self._changed = changed

    def save(self, name: str) -> Snapshot:
        """Keep what is in the sandbox now: rows, files, seed and clock; in the place of what had the name."""
        return _snapshot(self._connection.post("/state/save", {"name": name}))

    def load(self, name: str) -> None:
        """Make the sandbox what it was when the snapshot was made; its journal and faults stay."""
        self._connection.post("/state/load", {"name": name})
        self._changed()

    def list(self) -> list[Snapshot]:
        """List the snapshots, by name."""
        return [_snapshot(row) for row in self._connection.get("/state")["states"]]

    def export(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Write a snapshot into a file; without a name, what is in the sandbox now."""
        if name is not None:
            return self._connection.download(f"/state/{segment(name)}", Path(path))
        passing = f"export-{token_hex(8)}"
        self.save(passing)
        try:
            return self.export(path, passing)
        finally:
            self.delete(passing)

    def import_(self, path: str | os.PathLike[str], name: str) -> Snapshot:
        """Keep what is in a file as a snapshot of this name; `load` it then."""
        return _snapshot(self._connection.upload(f"/state/{segment(name)}", Path(path)))

    def delete(self, name: str) -> None:
        """Forget a snapshot."""
        self._connection.delete(f"/state/{segment(name)}")


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        name=row["name"],
        bytes=row["bytes"],
        problem=row.get("problem"),
        created_at=_moment(row.get("createdAt")),
        seed=row.get("seed"),
        instant=_moment(row.get("instant")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
