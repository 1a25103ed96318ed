"""Snapshots, kept and moved by a test."""

from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from understudy.client import Refused, Sandbox, Understudy

NAME = "before-the-change"
TASKS = "/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900&recursive=true"


def create_task(cubicl: httpx2.Client) -> None:
    """Change something."""
    body = {"group": "64b7f0c2a1d3e4f5a6b7c900", "name": "One"}
    assert cubicl.post("/api/v1/tasks", json=body).status_code == 200


class TestSaveAndLoad:
    """`state.save()`, `load()`, `list()` and `delete()`."""

    def test_comes_back(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """What was saved is there again, whatever has been done since; credentials are asked for anew."""
        before = cubicl.get(TASKS).json()
        sandbox.state.save(NAME)
        create_task(cubicl)
        sandbox.act("cubicl", "remove-token", token="cubicl-member")
        assert "member" not in sandbox.cubicl.credentials

        sandbox.state.load(NAME)

        assert cubicl.get(TASKS).json() == before
        assert "member" in sandbox.cubicl.credentials

    def test_list(self, sandbox: Sandbox) -> None:
        """A snapshot is listed with what it is of, until it is deleted."""
        sandbox.clock.freeze("2026-06-01T08:00:00Z")

        saved = sandbox.state.save(NAME)

        assert sandbox.state.list() == [saved]
        assert (saved.name, saved.seed, saved.problem) == (NAME, 42, None)
        assert saved.instant == datetime(2026, 6, 1, 8, tzinfo=UTC)
        assert saved.created_at is not None
        assert saved.bytes > 0
        sandbox.state.delete(NAME)
        assert sandbox.state.list() == []

    def test_unknown(self, sandbox: Sandbox) -> None:
        """One that isn't there can't be loaded or deleted."""
        for use in (sandbox.state.load, sandbox.state.delete):
            with pytest.raises(Refused) as caught:
                use("none")

            assert (caught.value.status, caught.value.code) == (404, "not_found")


class TestFiles:
    """`state.export()` and `import_()`."""

    @pytest.mark.parametrize("name", [NAME, None])
    def test_moves(self, live: Understudy, sandbox: Sandbox, cubicl: httpx2.Client, tmp_path: Path, name: str | None) -> None:
        """A snapshot goes as a file from one sandbox to another; without a name it is of the sandbox as it stands."""
        create_task(cubicl)
        after = cubicl.get(TASKS).json()
        if name:
            sandbox.state.save(name)

        sandbox.state.export(tmp_path / "file.zip", name)

        assert [kept.name for kept in sandbox.state.list()] == ([name] if name else [])
        with live.create_sandbox() as other:
            imported = other.state.import_(tmp_path / "file.zip", "imported")
            other.state.load("imported")
            found = httpx2.get(f"{other.cubicl.url}{TASKS}", headers={"Authorization": "Bearer cubicl-owner"}).json()
            assert other.state.list() == [imported]
        assert found == after

    def test_unknown(self, sandbox: Sandbox, tmp_path: Path) -> None:
        """Of a snapshot that isn't there no file is written."""
        with pytest.raises(Refused) as caught:
            sandbox.state.export(tmp_path / "file.zip", "none")

        assert (caught.value.status, caught.value.code) == (404, "not_found")
        assert not (tmp_path / "file.zip").exists()

    def test_not_a_snapshot(self, sandbox: Sandbox, tmp_path: Path) -> None:
        """Another file is refused, and nothing is kept."""
        (tmp_path / "file.zip").write_bytes(b"hello")

        with pytest.raises(Refused, match="422 invalid_body: body"):
            sandbox.state.import_(tmp_path / "file.zip", "imported")

        assert sandbox.state.list() == []
