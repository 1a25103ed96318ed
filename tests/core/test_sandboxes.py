"""Sandboxes put aside while nobody uses them, and kept over a restart."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from understudy.config import Settings
from understudy.core.sandbox import DEFAULT, Sandbox, UnknownSandbox
from understudy.core.sandboxes import Sandboxes
from understudy.core.store import StoreUnusable, table_of
from understudy.main import open_sandboxes
from understudy.vendors.cubicl.tables import Task

PROJECT = "64b7f0c2a1d3e4f5a6b7c900"
DAILY = {"type": "daily", "period": 1, "createWhen": "after-deadline", "active": True, "stopCondition": "none"}


def cubicl(server: Any, name: str) -> Any:
    """Return a client of Cubicl in a sandbox."""
    return server.client(f"/s/{name}/cubicl/api/v1", Authorization="Bearer cubicl-owner")


def task_names(server: Any, name: str) -> set[str]:
    """Return the names of the newest tasks of the root project."""
    return {task["name"] for task in cubicl(server, name).get("/tasks", params={"group": PROJECT, "limit": 100}).json()}


class TestParking:
    """At most `sandboxes_in_memory` sandboxes are in memory."""

    def test_loses_nothing(self, serve: Callable[..., Any]) -> None:
        """Ten sandboxes take turns in the room of three, and each has what was done in it: rows, ids, clock, files and faults."""
        server = serve(sandboxes_in_memory=3)
        names = [f"box-{number}" for number in range(10)]
        for name in names:
            server.admin.post("/sandboxes", json={"name": name})
        for turn in range(4):
            for name in names:
                made = cubicl(server, name).post("/tasks", json={"group": PROJECT, "name": f"{name} {turn}"})
                assert made.status_code == 200

        assert server.app.sandboxes.in_memory == 3 + 1  # and `default`
        for name in names:
            assert {task for task in task_names(server, name) if task.startswith("box")} == {
                f"{name} {turn}" for turn in range(4)
            }

    def test_puts_aside_what_was_used_least_lately(self, serve: Callable[..., Any]) -> None:
        """Whoever is used stays; `default` always does."""
        server = serve(sandboxes_in_memory=2)
        for name in ("a", "b", "c"):
            server.admin.post("/sandboxes", json={"name": name})
        for name in ("a", "b", "a", "c"):
            task_names(server, name)

        parked = {entry["name"] for entry in server.admin.get("/sandboxes").json()["sandboxes"] if entry["parked"]}

        assert parked == {"b"}

    def test_a_new_one_takes_no_memory(self, serve: Callable[..., Any]) -> None:
        """It is not opened before its first request, whatever is asked about it."""
        server = serve()
        before = server.app.sandboxes.in_memory
        for number in range(20):
            server.admin.post("/sandboxes", json={"name": f"box-{number}"})
            server.client(f"/s/box-{number}/__admin").get("/env")

        assert server.app.sandboxes.in_memory == before

    def test_goes_on_with_what_is_due(self, serve: Callable[..., Any]) -> None:
        """What falls due in a sandbox that was put aside happens as in one that was not."""
        server = serve(sandboxes_in_memory=1)
        for name in ("box", "other"):
            server.admin.post("/sandboxes", json={"name": name})
        task = {"group": PROJECT, "name": "daily", "recurrent": True, "recurrence": DAILY, "deadline": 1_780_300_800_000}

        def series(name: str) -> list[Any]:
            found = cubicl(server, name).get("/tasks", params={"group": PROJECT, "search": "daily"}).json()
            return [(task["_id"], task["deadline"], task["createdAt"]) for task in found]

        for name in (DEFAULT, "box"):
            server.client(f"/s/{name}/__admin").put("/clock", json={"action": "freeze", "instant": "2026-06-01T08:00:00Z"})
            assert cubicl(server, name).post("/tasks", json=task).status_code == 200
        before = series("box")
        task_names(server, "other")
        assert server.app.sandboxes["box"].store.parked

        for name in (DEFAULT, "box"):
            server.client(f"/s/{name}/__admin").put("/clock", json={"action": "advance", "by": "P3D"})

        assert series("box") == series(DEFAULT) != before

    def test_a_full_disk_keeps_it_in_memory(self, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """What can't be written stays where it is, and is not lost."""
        server = serve(sandboxes_in_memory=1)
        for name in ("a", "b"):
            server.admin.post("/sandboxes", json={"name": name})

        def full(path: Path, content: bytes) -> int:
            raise OSError(28, "No space left on device")

        cubicl(server, "a").post("/tasks", json={"group": PROJECT, "name": "kept"})
        monkeypatch.setattr(Path, "write_bytes", full)

        assert "kept" not in task_names(server, "b")
        assert "kept" in task_names(server, "a")


@contextmanager
def opened(directory: Path, cache: Path, **settings: Any) -> Iterator[Sandboxes]:
    """Open what a data directory holds, as a start of the server does."""
    sandboxes = open_sandboxes(Settings(data=directory, cache=cache, **settings))
    try:
        yield sandboxes
    finally:
        sandboxes.close()


def summaries(sandbox: Sandbox) -> list[str]:
    """Return all Cubicl tasks of a sandbox as a list shows them."""
    with sandbox.session() as session:
        return [row["summary"] for row in session.all(select(table_of(Task).c.summary))]


class TestRestart:
    """With a data directory."""

    def test_keeps_every_sandbox(self, tmp_path: Path, cache: Path) -> None:
        """Rows, numbers, clock, time to live and files are as they were; the deleted one is not."""
        with opened(tmp_path, cache) as sandboxes:
            box = sandboxes.create("box", ttl_seconds=77)
            sandboxes.create("gone")
            box.freeze_clock(1_000_000_000_000)
            with box.session() as session:
                assert session.number("mine") == 1
            sandboxes.delete("gone")

        with opened(tmp_path, cache) as sandboxes:
            assert sorted(sandbox.name for sandbox in sandboxes) == ["box", DEFAULT]
            box = sandboxes["box"]
            assert (box.ttl_seconds, box.clock.now()) == (77, 1_000_000_000_000)
            with box.session() as session:
                assert session.number("mine") == 2
            with pytest.raises(UnknownSandbox):
                sandboxes["gone"]

    def test_finds_its_world_again(self, tmp_path: Path, cache: Path) -> None:
        """A sandbox of another seed goes back to that world after a restart too, and so does its copy."""
        with opened(tmp_path, cache) as sandboxes:
            seven = asyncio.run(sandboxes.origins.make(seed=7, recipe=None))
            world = summaries(sandboxes.create("box", origin=seven))
            sandboxes.clone(sandboxes["box"], "copy", ttl_seconds=5)

        with opened(tmp_path, cache) as sandboxes:
            assert sandboxes["copy"].ttl_seconds == 5
            for name in ("box", "copy"):
                sandboxes.reset(name)
                assert sandboxes[name].seed == 7
                assert summaries(sandboxes[name]) == world
            assert summaries(sandboxes[DEFAULT]) != world
            assert sandboxes[DEFAULT].seed == 42

    def test_leaves_nothing_of_the_deleted(self, tmp_path: Path, cache: Path) -> None:
        """Neither rows nor files are left in the directory."""
        with opened(tmp_path, cache) as sandboxes:
            box = sandboxes.create("box")
            with box.session() as session:
                session.number("mine")
            before = {path.name for path in (tmp_path / "sandboxes").iterdir()}
            sandboxes.delete("box")

            assert any(name.startswith("box") for name in before)
            assert not [path for path in (tmp_path / "sandboxes").iterdir() if path.name.startswith("box")]

    def test_many_take_turns(self, tmp_path: Path, cache: Path) -> None:
        """More sandboxes than may be open at once lose nothing either."""
        with opened(tmp_path, cache, sandboxes_in_memory=2) as sandboxes:
            for number in range(6):
                sandboxes.create(f"box-{number}")
            for turn in range(1, 4):
                for number in range(6):
                    with sandboxes[f"box-{number}"].session() as session:
                        assert session.number("turn") == turn
            assert sandboxes.in_memory <= 3

    def test_a_file_that_is_none_of_ours(self, tmp_path: Path, cache: Path) -> None:
        """A database that can't be opened ends the start with one line that names it."""
        (tmp_path / "sandboxes").mkdir()
        (tmp_path / "sandboxes" / "box.sqlite").write_bytes(b"not a database at all" * 300)

        with pytest.raises(StoreUnusable, match=r"box\.sqlite is not a database of Understudy"), opened(tmp_path, cache):
            pass
