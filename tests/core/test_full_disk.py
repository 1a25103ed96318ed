"""What a disk that takes no more leaves behind: nothing of what failed, and a server that goes on."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from understudy.config import Settings
from understudy.core.files import Upload
from understudy.core.sandbox import Sandbox
from understudy.core.webhooks import Webhook, send
from understudy.main import create_app

OWNER = {"Authorization": "Bearer cubicl-owner"}
UPLOAD = "/cubicl/api/v1/files/upload"


@pytest.fixture
def client(tmp_path: Path, cache: Path) -> Iterator[TestClient]:
    """A client of a server that keeps its state."""
    with TestClient(create_app(Settings(cache=cache, data=tmp_path))) as one:
        yield one


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes for the length of a block."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_upload(client: TestClient, tmp_path: Path) -> None:
    """An upload that can't be written whole leaves no part of it."""
    with no_file_larger_than(100_000):
        answer = client.post(UPLOAD, headers=OWNER, files={"file": ("a.txt", b"line\r\n--" * 50_000)})

    assert (answer.status_code, answer.headers["x-understudy-bug"]) == (500, "OSError")
    assert list((tmp_path / "sandboxes/default.files").iterdir()) == []
    assert client.post(UPLOAD, headers=OWNER, files={"file": ("a.txt", b"line")}).status_code == 200


def test_commit(client: TestClient, tmp_path: Path) -> None:
    """A transaction that can't be committed leaves neither files nor messages, and the next one works."""
    sandbox: Sandbox = client.app.sandboxes["default"]  # type: ignore[attr-defined]  # the type of ASGI applications

    def keep(text: str) -> None:
        with sandbox.session() as session:
            path, file = sandbox.files.new_part()
            file.close()
            sandbox.files.keep(Upload("a.txt", None, 0, path), "kept")
            send(sandbox, session, Webhook("vendor", "w", "e", "ftp://nowhere"), {"text": text})

    log = tmp_path / "sandboxes/default.sqlite-wal"
    with no_file_larger_than(log.stat().st_size), pytest.raises(sqlite3.OperationalError):
        keep("x" * 100_000)

    assert not sandbox.outbox.filled
    assert list((tmp_path / "sandboxes/default.files").iterdir()) == []
    keep("x")
    assert len(list((tmp_path / "sandboxes/default.files").iterdir())) == 1
