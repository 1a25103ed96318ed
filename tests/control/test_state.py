"""Snapshots through the control plane: saved, loaded, listed, exported, imported and deleted."""

import io
import resource
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from understudy import __version__

TASKS = "/api/v1/tasks"
ROOT_PROJECT = "64b7f0c2a1d3e4f5a6b7c900"
INSTANT = "2031-05-06T07:08:09.123Z"


@pytest.fixture
def cubicl(server) -> TestClient:
    """A client of a vendor that takes files and sends webhooks."""
    return server.client("/cubicl", Authorization="Bearer cubicl-owner")


@pytest.fixture
def fresh(server) -> Any:
    """A sandbox of its own, with its control plane and a vendor in it: `fresh.admin`, `fresh.cubicl`."""
    return Sandbox(server)


class Sandbox:
    """A sandbox that a test made; it is gone with the next one."""

    def __init__(self, server: Any, **body: Any) -> None:
        self.name = server.admin.post("/sandboxes", json=body).json()["name"]
        self.admin = server.client(f"/s/{self.name}/__admin")
        self.cubicl = server.client(f"/s/{self.name}/cubicl", Authorization="Bearer cubicl-owner")


def create_task(client: TestClient, name: str = "Kept") -> dict[str, Any]:
    """Create a task and return it."""
    response = client.post(TASKS, json={"group": ROOT_PROJECT, "name": name})
    assert response.status_code == 200, response.text
    task: dict[str, Any] = response.json()
    return task


def download(client: TestClient, file: dict[str, Any]) -> bytes:
    """Return the bytes of an uploaded file."""
    content: bytes = client.get(client.get(f"/api/v1/files/{file['_id']}/url").json()).content
    return content


def save(admin: TestClient, name: str = "first") -> dict[str, Any]:
    """Save a snapshot and return what is told of it."""
    response = admin.post("/state/save", json={"name": name})
    assert response.status_code == 200, response.text
    kept: dict[str, Any] = response.json()
    return kept


def load(admin: TestClient, name: str = "first") -> dict[str, Any]:
    """Load a snapshot and return the answer."""
    response = admin.post("/state/load", json={"name": name})
    assert response.status_code == 200, response.text
    loaded: dict[str, Any] = response.json()
    return loaded


def names(admin: TestClient) -> list[str]:
    """Return the names of the snapshots, as they are listed."""
    return [state["name"] for state in admin.get("/state").json()["states"]]


def refused(status: int, code: str, detail: str) -> tuple[int, dict[str, Any]]:
    """Return status and body of a refusal."""
    title = code.replace("_", " ").capitalize()
    return status, {"errors": [{"code": code, "title": title, "detail": detail}]}


def answer(response: Any) -> tuple[int, Any]:
    """Return status and body."""
    return response.status_code, response.json()


class TestSave:
    """POST /__admin/state/save."""

    def test_tells_what_was_kept(self, fresh) -> None:
        """Name, real time, bytes, format, version, seed and the instant of the clock."""
        fresh.admin.put("/clock", json={"action": "freeze", "instant": INSTANT})

        kept = save(fresh.admin, "a_first.one-2")

        taken = datetime.fromisoformat(kept.pop("createdAt"))
        assert abs((datetime.now(UTC) - taken).total_seconds()) < 60
        assert kept.pop("bytes") == len(fresh.admin.get("/state/a_first.one-2").content)
        assert kept == {
            "name": "a_first.one-2",
            "version": 1,
            "understudy": __version__,
            "sandbox": fresh.name,
            "seed": 42,
            "instant": INSTANT,
        }

    def test_replaces(self, fresh) -> None:
        """A second one under the same name is there in the place of the first."""
        save(fresh.admin)
        task = create_task(fresh.cubicl)
        save(fresh.admin)
        fresh.admin.post("/reset")

        load(fresh.admin)

        assert names(fresh.admin) == ["first"]
        assert fresh.cubicl.get(f"{TASKS}/{task['_id']}").json() == task

    @pytest.mark.parametrize(
        "name", ["", ".", "..", "a/b", "../a", "/a", ".a", "a.", "-a", "A", "é", "a" * 64, "a b", "a\u0000b"]
    )
    def test_no_name(self, fresh, name: str) -> None:
        """What can't be a name, a path among it, is refused, and nothing is kept."""
        response = fresh.admin.post("/state/save", json={"name": name})

        rule = "up to 63 of a-z, 0-9, -, _ and ., the last three not at either end"
        detail = f"name: {name!r} can't be the name of a snapshot: {rule}"
        assert answer(response) == refused(422, "invalid_body", detail)
        assert names(fresh.admin) == []

    @pytest.mark.parametrize("body", [{}, {"name": 1}, {"name": None}, {"name": "a", "more": 1}, [], "a"])
    def test_bad_body(self, fresh, body: Any) -> None:
        """A body of another form is refused."""
        for path in ("/state/save", "/state/load"):
            response = fresh.admin.post(path, json=body)

            assert response.status_code == 422
            assert response.json()["errors"][0]["code"] == "invalid_body"

    def test_full_disk(self, fresh) -> None:
        """A disk that takes no more is told as such, and nothing of what failed stays."""
        kept = save(fresh.admin)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            response = fresh.admin.post("/state/save", json={"name": "first"})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert answer(response) == refused(507, "insufficient_storage", "the snapshot can't be written or read: File too large")
        assert fresh.admin.get("/state").json()["states"] == [kept]


class TestLoad:
    """POST /__admin/state/load."""

    def test_takes_everything_up(self, fresh) -> None:
        """Rows, clock, numbers and the bytes of files are what they were: the same requests make the same records again."""
        fresh.admin.put("/clock", json={"action": "freeze", "instant": INSTANT})
        task = create_task(fresh.cubicl)
        file = fresh.cubicl.post("/api/v1/files/upload", files={"file": ("a.txt", b"bytes\x00\xff")}).json()
        save(fresh.admin)
        later = create_task(fresh.cubicl, "Later")
        fresh.admin.post("/reset")

        loaded = load(fresh.admin)

        assert loaded == {"sandbox": fresh.name, "name": "first", "seed": 42, "notes": []}
        assert fresh.admin.get("/clock").json() == {"instant": INSTANT, "frozen": True}
        assert fresh.cubicl.get(f"{TASKS}/{task['_id']}").json() == task
        assert fresh.cubicl.get(f"{TASKS}/{later['_id']}").status_code == 404
        assert create_task(fresh.cubicl, "Later") == later
        assert download(fresh.cubicl, file) == b"bytes\x00\xff"

    def test_lists_come_in_the_same_order(self, fresh, server) -> None:
        """What a list shows is to the byte what it showed."""
        clients = [
            server.client(f"/s/{fresh.name}/cotalker", Authorization="Bearer cotalker-admin", Admin="true"),
            fresh.cubicl,
        ]
        paths = ["/api/v2/task-groups", f"{TASKS}?group={ROOT_PROJECT}"]
        before = [client.get(path).content for client, path in zip(clients, paths, strict=True)]
        save(fresh.admin)

        load(fresh.admin)

        assert [client.get(path).content for client, path in zip(clients, paths, strict=True)] == before

    def test_outlives_a_reset(self, fresh) -> None:
        """A reset takes the sandbox back, not its snapshots; and after a load it still leads to the sandbox's own world."""
        save(fresh.admin)
        task = create_task(fresh.cubicl)
        save(fresh.admin, "second")

        fresh.admin.post("/reset")
        load(fresh.admin, "second")
        fresh.admin.post("/reset")

        assert names(fresh.admin) == ["first", "second"]
        assert fresh.cubicl.get(f"{TASKS}/{task['_id']}").status_code == 404

    def test_brings_its_seed(self, server, fresh) -> None:
        """The seed of the snapshot goes on drawing; a reset goes back to the sandbox's own."""
        other = Sandbox(server, seed=7)
        save(other.admin)
        fresh.admin.put("/state/seven", content=other.admin.get("/state/first").content)

        loaded = load(fresh.admin, "seven")
        seed = server.admin.get(f"/sandboxes/{fresh.name}").json()["seed"]
        fresh.admin.post("/reset")

        assert (loaded["seed"], seed) == (7, 7)
        assert server.admin.get(f"/sandboxes/{fresh.name}").json()["seed"] == 42

    def test_keeps_the_time_to_live(self, server) -> None:
        """A sandbox lives as long as it was to live before the load."""
        lasting, short = Sandbox(server), Sandbox(server, ttlSeconds=3600)
        save(lasting.admin)
        short.admin.put("/state/first", content=lasting.admin.get("/state/first").content)

        load(short.admin)

        assert server.admin.get(f"/sandboxes/{short.name}").json()["ttlSeconds"] == 3600

    def test_keeps_the_journal(self, server, fresh) -> None:
        """What was asked before the load is still in the journal."""
        save(fresh.admin)
        create_task(fresh.cubicl)

        load(fresh.admin)

        assert server.admin.get(f"/sandboxes/{fresh.name}").json()["requests"] == 1

    def test_forgets_webhooks_under_way(self, fresh) -> None:
        """What was still to be sent when the snapshot was taken is not sent again."""
        fresh.admin.put("/clock", json={"action": "freeze", "instant": INSTANT})
        content = exported_with_pending(fresh)
        assert fresh.admin.put("/state/pending", content=content).status_code == 200

        load(fresh.admin, "pending")

        assert fresh.admin.get("/webhooks/deliveries").json()["deliveries"] == []

    def test_unknown(self, fresh) -> None:
        """A name without a snapshot is 404, a path too, and the sandbox stays as it is."""
        task = create_task(fresh.cubicl)
        for name in ("nobody", "../default", ""):
            response = fresh.admin.post("/state/load", json={"name": name})

            detail = f"There is no snapshot {name!r} of this sandbox; GET /__admin/state lists them."
            assert answer(response) == refused(404, "not_found", detail)
        assert fresh.cubicl.get(f"{TASKS}/{task['_id']}").json() == task

    def test_is_published(self, server, fresh) -> None:
        """Whoever listens to events hears of it."""
        save(fresh.admin)
        heard: list[Any] = []
        events = server.app.sandboxes.events
        before, events.publish = events.publish, lambda *event: heard.append(event)
        try:
            load(fresh.admin)
        finally:
            events.publish = before

        assert heard == [("sandbox", fresh.name, {"change": "loaded", "snapshot": "first"})]


def exported_with_pending(sandbox: Any) -> bytes:
    """Return a snapshot in which a delivery is still to be made."""
    save(sandbox.admin, "raw")
    with zipfile.ZipFile(io.BytesIO(sandbox.admin.get("/state/raw").content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    manifest = orjson.loads(entries["manifest.json"])
    (table,) = (table for table in manifest["tables"] if table["name"] == "core_delivery")
    row = {"number": 77, "vendor": "v", "webhook": "w", "event": "e", "url": "http://127.0.0.1:9/", "body": "{}", "created_at": 0}
    row |= {"state": "pending", "due_at": 0, "retries": 0, "attempts": "[]"}
    entries["tables/core_delivery.jsonl"] = orjson.dumps([row[column] for column in table["columns"]]) + b"\n"
    table |= {"rows": 1, "bytes": len(entries["tables/core_delivery.jsonl"])}
    entries["manifest.json"] = orjson.dumps(manifest)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


class TestList:
    """GET /__admin/state."""

    def test_lists_by_name(self, fresh) -> None:
        """Each snapshot as it was told when it was saved."""
        kept = [save(fresh.admin, name) for name in ("b", "a")]

        assert fresh.admin.get("/state").json() == {"states": kept[::-1], "meta": {"total": 2}}

    def test_one_that_was_damaged(self, serve: Callable[..., Any], tmp_path: Path) -> None:
        """A file that somebody damaged is listed with what is wrong; loading it is refused and changes nothing."""
        server = serve(data=tmp_path)
        save(server.admin)
        (tmp_path / "sandboxes" / "default.snapshots" / "first.zip").write_bytes(b"PK")

        listed = server.admin.get("/state").json()["states"]
        response = server.admin.post("/state/load", json={"name": "first"})

        problem = "not a ZIP file, or cut short: File is not a zip file"
        assert listed == [{"name": "first", "bytes": 2, "problem": problem}]
        assert answer(response) == refused(409, "conflict", f"the snapshot 'first' can't be loaded: {problem}")


class TestExport:
    """GET /__admin/state/{name}."""

    def test_is_a_file(self, fresh) -> None:
        """A ZIP under the snapshot's name; the same sandbox makes the same tables."""
        save(fresh.admin)
        save(fresh.admin, "second")

        responses = [fresh.admin.get(f"/state/{name}") for name in ("first", "second")]

        assert responses[0].headers["content-type"] == "application/zip"
        assert responses[0].headers["content-disposition"] == 'attachment; filename="first.zip"'
        archives = [zipfile.ZipFile(io.BytesIO(response.content)) for response in responses]
        contents = [{name: archive.read(name) for name in archive.namelist()} for archive in archives]
        for content in contents:
            del content["manifest.json"]
        assert contents[0] == contents[1]

    @pytest.mark.parametrize("name", ["nobody", "NOBODY", "..", "%2e%2e", "a" * 100])
    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_unknown(self, fresh, method: str, name: str) -> None:
        """A snapshot that is not there is 404."""
        response = fresh.admin.request(method, f"/state/{name}")

        assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_found")


class TestImport:
    """PUT /__admin/state/{name}."""

    def test_keeps_a_file(self, server, fresh) -> None:
        """What one sandbox exports another one takes; it changes nothing until it is loaded there."""
        task = create_task(fresh.cubicl)
        kept = save(fresh.admin)
        other = Sandbox(server)

        response = other.admin.put("/state/taken", content=fresh.admin.get("/state/first").content)
        before = other.cubicl.get(f"{TASKS}/{task['_id']}").status_code
        load(other.admin, "taken")

        assert answer(response) == (200, kept | {"name": "taken", "notes": []})
        assert before == 404
        assert other.cubicl.get(f"{TASKS}/{task['_id']}").json() == task

    def test_refused_leaves_what_was_there(self, fresh) -> None:
        """A file that is refused takes nobody's place."""
        kept = save(fresh.admin)

        response = fresh.admin.put("/state/first", content=b"no snapshot")

        assert answer(response) == refused(422, "invalid_body", "body: not a ZIP file, or cut short: File is not a zip file")
        assert fresh.admin.get("/state").json()["states"] == [kept]

    def test_no_body(self, fresh) -> None:
        """Nothing is no snapshot."""
        assert fresh.admin.put("/state/first").status_code == 422
        assert names(fresh.admin) == []

    @pytest.mark.parametrize("name", ["A", ".a", "a" * 64, "%20"])
    def test_no_name(self, fresh, name: str) -> None:
        """What can't be a name is refused."""
        response = fresh.admin.put(f"/state/{name}", content=b"")

        assert response.status_code == 422
        assert response.json()["errors"][0]["detail"].startswith("name: ")

    def test_too_large(self, serve: Callable[..., Any]) -> None:
        """A file of more than `max_upload_bytes` is refused, and nothing of it stays."""
        server = serve(max_upload_bytes=1000)
        save(server.admin, "own")

        response = server.admin.put("/state/first", content=b"x" * 1001)

        detail = "A snapshot has at most 1000 bytes (UNDERSTUDY_MAX_UPLOAD_BYTES)."
        assert answer(response) == refused(413, "body_too_large", detail)
        assert names(server.admin) == ["own"]
        load(server.admin, "own")


class TestDelete:
    """DELETE /__admin/state/{name}, and the end of a sandbox."""

    def test_deletes(self, fresh) -> None:
        """The snapshot is gone; a second time it is not there."""
        save(fresh.admin)

        responses = [fresh.admin.delete("/state/first") for _ in range(2)]

        assert [response.status_code for response in responses] == [200, 404]
        assert responses[0].json() == {"name": "first"}
        assert names(fresh.admin) == []

    def test_with_its_sandbox(self, server) -> None:
        """A sandbox of the same name has none of the one before."""
        first = Sandbox(server, name="again")
        save(first.admin)
        server.admin.delete("/sandboxes/again")

        second = Sandbox(server, name="again")

        assert names(second.admin) == []
        assert server.admin.delete("/sandboxes/again").status_code == 200


class TestIsolation:
    """Snapshots belong to the sandbox that the request selects."""

    def test_own_names(self, server, fresh) -> None:
        """Two sandboxes may use the same name for different snapshots, and neither sees the other's."""
        other = Sandbox(server)
        task = create_task(fresh.cubicl)
        save(fresh.admin)
        save(other.admin)

        load(other.admin)

        assert other.cubicl.get(f"{TASKS}/{task['_id']}").status_code == 404
        assert names(server.admin) == []

    def test_with_data_it_survives(self, serve: Callable[..., Any], tmp_path: Path) -> None:
        """In a data directory they are there after a restart, the uploaded files with them."""
        first = serve(data=tmp_path)
        cubicl = first.client("/cubicl", Authorization="Bearer cubicl-owner")
        file = cubicl.post("/api/v1/files/upload", files={"file": ("a.txt", b"kept")}).json()
        save(first.admin)
        first.admin.post("/reset")
        first.app.sandboxes.close()

        second = serve(data=tmp_path)
        load(second.admin)

        again = second.client("/cubicl", Authorization="Bearer cubicl-owner")
        assert download(again, file) == b"kept"
        assert sorted(path.name for path in (tmp_path / "sandboxes" / "default.snapshots").iterdir()) == ["first.zip"]

    def test_keeps_its_own_world_after_a_restart(self, serve: Callable[..., Any], tmp_path: Path) -> None:
        """What a reset goes back to is the sandbox's own world, also when the load was in an earlier run."""
        first = serve(data=tmp_path)
        seven = Sandbox(first, name="seven", seed=7)
        save(first.admin)
        seven.admin.put("/state/first", content=first.admin.get("/state/first").content)
        load(seven.admin)
        first.app.sandboxes.close()

        second = serve(data=tmp_path)
        seeds = [second.admin.get("/sandboxes/seven").json()["seed"]]
        second.client("/s/seven/__admin").post("/reset")
        seeds.append(second.admin.get("/sandboxes/seven").json()["seed"])

        assert seeds == [42, 7]

    def test_a_loaded_world_can_be_put_aside(self, serve: Callable[..., Any]) -> None:
        """A sandbox that waits in a file while others are in use is what it was loaded as."""
        server = serve(sandboxes_in_memory=1)
        first = Sandbox(server)
        task = create_task(first.cubicl)
        save(first.admin)
        first.admin.post("/reset")
        load(first.admin)

        create_task(Sandbox(server).cubicl)

        assert server.admin.get(f"/sandboxes/{first.name}").json()["parked"] is True
        assert first.cubicl.get(f"{TASKS}/{task['_id']}").json() == task
