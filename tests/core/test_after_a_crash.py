"""What was acknowledged is there after the process was killed: uploaded files, and webhooks that were still to be sent."""

import threading
from pathlib import Path

import httpx2
import pytest

from real_server import Running, running
from receiver import receiving, wait_until

OWNER = {"Authorization": "Bearer cubicl-owner"}
PROJECT = "64b7f0c2a1d3e4f5a6b7c900"
API = "/cubicl/api/v1"


def upload(server: Running, name: str, content: bytes) -> str:
    """Upload a file and return its id."""
    answer = httpx2.post(f"{server.url}{API}/files/upload", headers=OWNER, files={"file": (name, content)})
    assert answer.status_code == 200, answer.text
    file: str = answer.json()["_id"]
    return file


def download(server: Running, file: str) -> bytes:
    """Ask for a link to a file and follow it."""
    link = server.get(f"{API}/files/{file}/url", **OWNER).json()
    return httpx2.get(link).content


@pytest.mark.parametrize("kept", [True, False])
def test_files(tmp_path: Path, kept: bool) -> None:
    """With `--data` they are there after the crash; without, the next start has none of them."""
    options = ("--data", "state") if kept else ()
    with running(tmp_path, *options) as server:
        file = upload(server, "report.bin", bytes(range(256)) * 4096)
        assert download(server, file) == bytes(range(256)) * 4096

    with running(tmp_path, *options) as server:
        if kept:
            assert download(server, file) == bytes(range(256)) * 4096
            assert upload(server, "next.bin", b"x") != file
        else:
            assert server.get(f"{API}/files/{file}/url", **OWNER).status_code == 404


def test_unfinished_upload(tmp_path: Path) -> None:
    """What had only come in part is swept away at the next start."""
    place = tmp_path / "state/sandboxes/default.files"
    with running(tmp_path, "--data", "state") as server:
        upload(server, "whole.txt", b"whole")
    (place / "half.part").write_bytes(b"half")

    with running(tmp_path, "--data", "state"):
        assert [path.suffix for path in place.iterdir()] == [""]


def test_reset_drops_files(tmp_path: Path) -> None:
    """A reset leaves none of what was uploaded."""
    place = tmp_path / "state/sandboxes/default.files"
    with running(tmp_path, "--data", "state") as server:
        upload(server, "a.txt", b"a")
        assert len(list(place.iterdir())) == 1

        server.post("/__admin/reset", None)

        assert list(place.iterdir()) == []


def test_webhooks(tmp_path: Path) -> None:
    """A delivery that was still to be made, or to be made again, is made after the restart."""
    with receiving() as receiver:
        receiver.answers = [500]
        with running(tmp_path, "--data", "state", UNDERSTUDY_WEBHOOK_RETRIES="1") as server:
            webhook = {"group": PROJECT, "type": "task-created", "url": receiver.url}
            assert server.post(f"{API}/users/self/webhook", webhook, **OWNER).status_code == 200
            assert httpx2.put(f"{server.url}/__admin/clock", json={"action": "freeze"}).status_code == 200
            task = server.post(f"{API}/tasks", {"group": PROJECT, "name": "Told twice"}, **OWNER).json()
            receiver.wait_for(1)
            wait_until(lambda: server.get("/__admin/webhooks/deliveries").json()["deliveries"][0]["attempts"])

        with running(tmp_path, "--data", "state", UNDERSTUDY_WEBHOOK_RETRIES="1") as server:
            assert httpx2.put(f"{server.url}/__admin/clock", json={"action": "advance", "by": "PT1S"}).status_code == 200

            assert [request.json["_id"] for request in receiver.wait_for(2)] == [task["_id"]] * 2
            wait_until(lambda: server.get("/__admin/webhooks/deliveries").json()["deliveries"][0]["state"] == "delivered")


def test_webhook_under_way(tmp_path: Path) -> None:
    """A message whose answer had not come is sent again after the restart, unasked: better twice than never."""
    with receiving() as receiver:
        receiver.hangs = threading.Event()
        with running(tmp_path, "--data", "state") as server:
            webhook = {"group": PROJECT, "type": "task-created", "url": receiver.url}
            assert server.post(f"{API}/users/self/webhook", webhook, **OWNER).status_code == 200
            task = server.post(f"{API}/tasks", {"group": PROJECT, "name": "Told twice"}, **OWNER).json()
            receiver.wait_for(1)
            server.process.kill()
        receiver.hangs.set()
        receiver.hangs = None

        with running(tmp_path, "--data", "state") as server:
            assert [request.json["_id"] for request in receiver.wait_for(2)] == [task["_id"]] * 2
            wait_until(lambda: server.get("/__admin/webhooks/deliveries").json()["deliveries"][0]["state"] == "delivered")
