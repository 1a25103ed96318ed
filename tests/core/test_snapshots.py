"""The file that a snapshot is: what is read by later versions, and what is refused."""

import asyncio
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from understudy.core import snapshot_file
from understudy.core.files import FileStore
from understudy.core.sandbox import UnknownSandbox
from understudy.core.snapshots import BadSnapshot, build, save
from understudy.core.store import table_of
from understudy.vendors import VENDORS
from understudy.vendors.cubicl.tables import Task

Entries = dict[str, bytes]
TASKS = "tables/cubicl_task.jsonl"


@pytest.fixture(scope="module")
def content(shared_server) -> bytes:
    """A snapshot of the default world with a file that a client uploaded."""
    shared_server.reset()
    client = shared_server.client("/cubicl", Authorization="Bearer cubicl-owner")
    assert client.post("/api/v1/files/upload", files={"file": ("a.txt", b"bytes")}).status_code == 200
    assert shared_server.admin.post("/state/save", json={"name": "core"}).status_code == 200
    exported: bytes = shared_server.admin.get("/state/core").content
    shared_server.admin.delete("/state/core")
    return exported


@pytest.fixture
def admin(server) -> Any:
    """The control plane of a sandbox of its own."""
    name = server.admin.post("/sandboxes").json()["name"]
    return server.client(f"/s/{name}/__admin")


def unpacked(content: bytes) -> Entries:
    """Return what is in a snapshot."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: Entries, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_manifest(content: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Return a snapshot whose manifest was changed."""
    entries = unpacked(content)
    manifest = orjson.loads(entries["manifest.json"])
    change(manifest)
    return packed(entries | {"manifest.json": orjson.dumps(manifest)})


def with_rows(content: bytes, table: str, change: Callable[[list[dict[str, Any]]], Any], **manifest: Any) -> bytes:
    """Return a snapshot in which the rows of a table were changed, each a mapping by column, and the manifest fits."""
    entries = unpacked(content)
    whole = orjson.loads(entries["manifest.json"]) | manifest
    (entry,) = (entry for entry in whole["tables"] if entry["name"] == table)
    lines = entries[f"tables/{table}.jsonl"].splitlines()
    rows = [dict(zip(entry["columns"], orjson.loads(line), strict=True)) for line in lines]
    change(rows)
    if rows:
        entry["columns"] = list(rows[0])
    text = b"".join(orjson.dumps(list(row.values())) + b"\n" for row in rows)
    entry["rows"], entry["bytes"] = len(rows), len(text)
    return packed(entries | {f"tables/{table}.jsonl": text, "manifest.json": orjson.dumps(whole)})


def without_table(content: bytes, table: str, **manifest: Any) -> bytes:
    """Return a snapshot that knows nothing of a table."""
    entries = unpacked(content)
    whole = orjson.loads(entries["manifest.json"]) | manifest
    whole["tables"] = [entry for entry in whole["tables"] if entry["name"] != table]
    del entries[f"tables/{table}.jsonl"]
    return packed(entries | {"manifest.json": orjson.dumps(whole)})


def refuses(admin: TestClient, content: bytes, why: str) -> None:
    """Check that a file is refused in one line that begins with `why`, and not kept."""
    response = admin.put("/state/first", content=content)

    (error,) = response.json()["errors"]
    assert response.status_code == 422
    assert (error["code"], error["title"]) == ("invalid_body", "Invalid body")
    assert error["detail"].startswith(f"body: {why}"), error["detail"]
    assert "\n" not in error["detail"]
    assert admin.get("/state").json()["states"] == []


def notes(admin: TestClient, content: bytes) -> list[str]:
    """Take a file up and return what was said about it, twice the same."""
    response = admin.put("/state/first", content=content)
    assert response.status_code == 200, response.text
    loaded = admin.post("/state/load", json={"name": "first"})
    assert loaded.status_code == 200, loaded.text
    said: list[str] = response.json()["notes"]
    assert loaded.json()["notes"] == said
    return said


class TestManifest:
    """manifest.json."""

    def test_tells_what_is_in_it(self, content: bytes) -> None:
        """Every other entry is named there, with its size, and every table with its columns and rows."""
        entries = unpacked(content)
        manifest = orjson.loads(entries.pop("manifest.json"))

        assert (manifest["format"], manifest["version"], manifest["seed"]) == ("understudy-snapshot", 1, 42)
        tables = {f"tables/{table['name']}.jsonl": table for table in manifest["tables"]}
        files = {f"files/{file['name']}": file for file in manifest["files"]}
        assert list(entries) == [*tables, *files]
        assert entries[next(iter(files))] == b"bytes"
        for name, entry in (tables | files).items():
            assert len(entries[name]) == entry["bytes"]
        for name, table in tables.items():
            lines = entries[name].splitlines()
            assert [len(orjson.loads(line)) for line in lines] == [len(table["columns"])] * table["rows"]

    def test_later_format(self, admin: TestClient, content: bytes) -> None:
        """A file of a later format is refused in one line, whatever else it holds."""
        later = packed({"manifest.json": b'{"format": "understudy-snapshot", "version": 2, "understudy": "9.1"}', "new": b""})

        why = "made by a later version of Understudy ('9.1'): its format is 2, the latest known here is 1"
        refuses(admin, later, why)
        refuses(admin, with_manifest(content, lambda manifest: manifest.update(version=2, understudy="9.1")), why)

    @pytest.mark.parametrize(
        ("manifest", "why"),
        [
            (b'{"format": "wiremock"}', "not a snapshot of Understudy: manifest.json has another format"),
            (b"[]", "not a snapshot of Understudy: manifest.json has another format"),
            (b"{", "manifest.json is not JSON: "),
            (b"\xff", "manifest.json is not JSON: "),
            (b"[" * 100_000, "manifest.json is not JSON: "),
            (b'{"format": "understudy-snapshot"}', "manifest.json: version: not a positive number"),
            (b'{"format": "understudy-snapshot", "version": true}', "manifest.json: version: not a positive number"),
            (b'{"format": "understudy-snapshot", "version": 0}', "manifest.json: version: not a positive number"),
            (b'{"format": "understudy-snapshot", "version": 1}', "manifest.json: understudy: Field required"),
        ],
    )
    def test_unreadable(self, admin: TestClient, manifest: bytes, why: str) -> None:
        """A manifest of another product, or none at all, is refused."""
        refuses(admin, packed({"manifest.json": manifest}), why)

    @pytest.mark.parametrize(
        ("where", "change"),
        [
            ("seed", {"seed": -1}),
            ("seed", {"seed": 1 << 63}),
            ("clock.frozenAt", {"clock": {"instant": "", "offset": 0, "frozenAt": 1 << 62}}),
            ("tables", {"tables": {}}),
            ("tables.0.name", {"tables": [{"name": "../x", "columns": ["a"], "rows": 0, "bytes": 0}]}),
            ("tables.0.rows", {"tables": [{"name": "x", "columns": ["a"], "rows": -1, "bytes": 0}]}),
            ("tables.0.columns", {"tables": [{"name": "x", "columns": [], "rows": 0, "bytes": 0}]}),
            ("files.0.name", {"files": [{"name": "../../etc/passwd", "bytes": 0}]}),
        ],
    )
    def test_bad_values(self, admin: TestClient, content: bytes, where: str, change: dict[str, Any]) -> None:
        """A value that can't be is named."""
        refuses(admin, with_manifest(content, lambda manifest: manifest.update(change)), f"manifest.json: {where}")


class TestArchive:
    """The ZIP around it."""

    @pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 100, b"PK\x05\x06" + bytes(17)])
    def test_no_zip(self, admin: TestClient, content: bytes) -> None:
        """What is no ZIP is refused."""
        refuses(admin, content, "not a ZIP file, or cut short: ")

    def test_of_somebody_else(self, admin: TestClient) -> None:
        """Another product's ZIP is refused."""
        refuses(admin, packed({"word/document.xml": b"<w/>"}), "not a snapshot of Understudy: there is no manifest.json")
        refuses(admin, packed({}), "not a snapshot of Understudy: there is no manifest.json")

    def test_missing(self, admin: TestClient, content: bytes) -> None:
        """What the manifest names has to be there."""
        entries = unpacked(content)
        del entries[TASKS]

        refuses(admin, packed(entries), f"{TASKS} is missing")

    @pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "files/../../evil", "tables/x/y", "files/", "C:\\evil"])
    def test_more(self, admin: TestClient, content: bytes, name: str) -> None:
        """What the manifest doesn't name, such as paths to somewhere else, has no place there."""
        entries = unpacked(content) | {name: b"evil"}

        refuses(admin, packed(entries), f"{name!r} does not belong there")

    def test_repacked(self, admin: TestClient, content: bytes) -> None:
        """Packed again by another program, with entries for the folders, it is as good."""
        entries = {"tables/": b"", "files/": b"", **unpacked(content)}

        assert notes(admin, packed(entries, zipfile.ZIP_STORED)) == []

    def test_twice(self, admin: TestClient, content: bytes) -> None:
        """No name is there twice, neither in the ZIP nor in the manifest."""
        target = io.BytesIO(content)
        with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("manifest.json", b"{}")

        refuses(admin, target.getvalue(), "'manifest.json' is there twice")
        twice = with_manifest(content, lambda manifest: manifest["tables"].append(manifest["tables"][0]))
        refuses(admin, twice, "its manifest names something twice")

    def test_other_compression(self, admin: TestClient, content: bytes) -> None:
        """Only what every ZIP program reads is read."""
        why = "'tables/core_state.jsonl' is encrypted, or compressed in another way than deflated"
        refuses(admin, packed(unpacked(content), zipfile.ZIP_BZIP2), why)

    def test_sizes(self, admin: TestClient, content: bytes) -> None:
        """Sizes and numbers of rows are those of the manifest."""
        entries = unpacked(content)
        longer = packed(entries | {TASKS: entries[TASKS] + b"\n"})

        refuses(admin, longer, f"{TASKS} has {len(entries[TASKS]) + 1} bytes; its manifest says {len(entries[TASKS])}")
        fewer = with_manifest(content, lambda manifest: manifest["tables"][0].update(rows=2))
        refuses(admin, fewer, "tables/core_state.jsonl has 1 rows; its manifest says 2")

    def test_cut_short(self, content: bytes, tmp_path: Path) -> None:
        """Wherever a file was cut, it is refused."""
        for length in range(0, len(content), len(content) // 50):
            assert_bad(tmp_path, content[:length])

    def test_damaged(self, content: bytes, tmp_path: Path) -> None:
        """A file in which bytes are others than they were is refused, or nothing of it was meant to be read."""
        source = random.Random(1)
        whole = unpacked(content)
        for _ in range(40):
            place = source.randrange(len(content))
            damaged = bytearray(content)
            damaged[place] ^= 1 << source.randrange(8)
            (tmp_path / "file").write_bytes(damaged)
            try:
                build(tmp_path / "file", VENDORS, files=FileStore(tmp_path / "files"), largest_files=1000).store.close()
            except BadSnapshot:
                continue
            assert unpacked(bytes(damaged)) == whole

    @pytest.mark.parametrize(("name", "limit"), [(TASKS, "LARGEST_TABLES"), ("manifest.json", "LARGEST_MANIFEST")])
    def test_bomb(self, admin: TestClient, content: bytes, monkeypatch: pytest.MonkeyPatch, name: str, limit: str) -> None:
        """A small file of what would be too much is refused before it is unpacked."""
        monkeypatch.setattr(snapshot_file, limit, 5_000_000)
        bomb = bytes(6_000_000)
        entries = unpacked(content) | {name: bomb}
        if name != "manifest.json":
            manifest = orjson.loads(entries["manifest.json"])
            (table,) = (table for table in manifest["tables"] if f"tables/{table['name']}.jsonl" == name)
            table["bytes"] = len(bomb)
            entries["manifest.json"] = orjson.dumps(manifest)

        what = "manifest.json has" if name == "manifest.json" else "its tables have"
        refuses(admin, packed(entries), f"{what} more than 5000000 bytes")

    def test_bomb_of_files(self, content: bytes, serve: Callable[..., Any]) -> None:
        """Files may together have as many bytes as one upload; packed they may not be more."""
        server = serve(max_upload_bytes=2_000_000)
        entries = unpacked(content)
        manifest = orjson.loads(entries["manifest.json"])
        manifest["files"].append({"name": "bomb", "bytes": 3_000_000})
        entries |= {"manifest.json": orjson.dumps(manifest), "files/bomb": bytes(3_000_000)}

        refuses(server.admin, packed(entries), "its files have more than 2000000 bytes")

    def test_bomb_in_a_row(self, admin: TestClient, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """A line without an end is not read to its end."""
        monkeypatch.setattr(snapshot_file, "LARGEST_ROW", 100)

        refuses(admin, content, "a row has more than 100 bytes")


def assert_bad(directory: Path, content: bytes) -> None:
    """Check that a file can't be built."""
    (directory / "file").write_bytes(content)
    with pytest.raises(BadSnapshot):
        build(directory / "file", VENDORS, files=FileStore(directory / "files"), largest_files=1000)


class TestRows:
    """tables/<table>.jsonl."""

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (b"{", "not JSON: "),
            (b'["\\ud800", 1]', "not JSON: "),
            (b"[NaN, 1]", "not JSON: "),
            (b"[" * 10_000, "not JSON: "),
            (b"{}", "not an array of 2 values"),
            (b'["a"]', "not an array of 2 values"),
            (b'["a", {"base64": "?"}]', "not base64: "),
            (b'["a", {"base64": 1}]', "neither text nor number, bytes or null"),
            (b'["a", {"float": "nan"}]', "neither text nor number, bytes or null"),
            (b'["a", []]', "neither text nor number, bytes or null"),
        ],
    )
    def test_bad(self, admin: TestClient, content: bytes, line: bytes, why: str) -> None:
        """A line that is no row is named."""
        entries = unpacked(content)
        manifest = orjson.loads(entries["manifest.json"])
        table = manifest["tables"][1]
        table.update(rows=1, bytes=len(line))
        entries |= {"tables/core_counter.jsonl": line, "manifest.json": orjson.dumps(manifest)}

        refuses(admin, packed(entries), f"tables/core_counter.jsonl, line 1: {why}")

    @pytest.mark.parametrize(
        ("column", "value", "why"),
        [
            ("next_number", "1", "the column core_counter.next_number holds str, which does not fit"),
            ("next_number", None, "the column core_counter.next_number holds null, which does not fit"),
            ("next_number", True, "the column core_counter.next_number holds bool, which does not fit"),
            ("name", 1, "the column core_counter.name holds int, which does not fit"),
            ("next_number", (1 << 64) - 1, "the table core_counter: "),
        ],
    )
    def test_value_that_does_not_fit(self, admin: TestClient, content: bytes, column: str, value: Any, why: str) -> None:
        """A value of another kind than its column is refused."""
        refuses(admin, with_rows(content, "core_counter", lambda rows: rows[0].update({column: value})), why)

    def test_the_same_key_twice(self, admin: TestClient, content: bytes) -> None:
        """Two rows under one key are refused."""
        twice = with_rows(content, "core_counter", lambda rows: rows.append(rows[0]))

        refuses(admin, twice, "the table core_counter: UNIQUE constraint failed: core_counter.name")

    def test_bytes_and_endless_numbers(self, admin: TestClient, content: bytes) -> None:
        """What JSON has no form for comes back as it was."""

        def change(rows: list[dict[str, Any]]) -> None:
            rows[0]["start"], rows[1]["start"] = {"float": "inf"}, {"float": "-inf"}

        assert notes(admin, with_rows(content, "cubicl_task", change)) == []
        admin.post("/state/save", json={"name": "again"})
        again = unpacked(admin.get("/state/again").content)

        assert b'{"float":"inf"}' in again[TASKS].splitlines()[0]
        assert b'{"float":"-inf"}' in again[TASKS].splitlines()[1]
        documents = "tables/groupcamp_task_document.jsonl"
        assert b'{"base64":"' in again[documents]
        assert again[documents] == unpacked(content)[documents]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda rows: rows.clear(), "the table core_state has no row 1"),
            (lambda rows: rows[0].update(id=2), "the table core_state has no row 1"),
            (lambda rows: rows[0].update(seed=-1), "the table core_state has no row 1, or one with no seed"),
            (lambda rows: rows[0].update(clock_frozen_at=1 << 60), "its clock stands before year 1 or after year 9999"),
            (lambda rows: rows[0].update(clock_offset=-(1 << 60)), "its clock stands before year 1 or after year 9999"),
        ],
    )
    def test_state_that_can_t_be(self, admin: TestClient, content: bytes, change: Any, why: str) -> None:
        """A sandbox that could not go on is none."""
        refuses(admin, with_rows(content, "core_state", change), why)


class TestOtherVersions:
    """What another version of Understudy had otherwise."""

    def test_new_column(self, admin: TestClient, content: bytes) -> None:
        """A column that the snapshot didn't have gets its default; one that must have a value and has no default is refused."""

        def forget(column: str) -> Any:
            return lambda rows: [row.pop(column) for row in rows]

        assert notes(admin, with_rows(content, "cubicl_task", forget("copy_number"))) == []
        admin.post("/state/save", json={"name": "again"})
        lines = unpacked(admin.get("/state/again").content)[TASKS].splitlines()
        place = list(table_of(Task).columns.keys()).index("copy_number")
        assert {orjson.loads(line)[place] for line in lines} == {1}
        for name in ("again", "first"):
            admin.delete(f"/state/{name}")
        refuses(
            admin,
            with_rows(content, "cubicl_task", forget("rank")),
            "the column cubicl_task.rank is missing, and has no default",
        )

    def test_column_that_is_gone(self, admin: TestClient, content: bytes) -> None:
        """A column that this version doesn't have is left out, which is said."""
        older = with_rows(content, "cubicl_task", lambda rows: [row.update(colour="red") for row in rows], understudy="0.0.1")

        expected = ["the column cubicl_task.colour is not known to this version of Understudy and was left out"]
        assert notes(admin, older) == expected

    def test_table_that_is_gone(self, admin: TestClient, content: bytes) -> None:
        """A table that this version doesn't have is left out, which is said; damaged it is refused all the same."""

        def older(text: bytes) -> bytes:
            entries = unpacked(content)
            manifest = orjson.loads(entries["manifest.json"]) | {"understudy": "0.0.1"}
            manifest["tables"].append({"name": "cubicl_sprint", "columns": ["id"], "rows": 1, "bytes": len(text)})
            return packed(entries | {"manifest.json": orjson.dumps(manifest), "tables/cubicl_sprint.jsonl": text})

        refuses(admin, older(b"{}"), "tables/cubicl_sprint.jsonl, line 1: not an array of 1 values")
        expected = ["the table cubicl_sprint is not known to this version of Understudy and was left out"]
        assert notes(admin, older(b'["a"]\n')) == expected

    def test_new_table(self, admin: TestClient, content: bytes) -> None:
        """A table that another version didn't have is empty, which is said; this very version has every table."""
        older = without_table(content, "groupcamp_stored_list", understudy="0.0.1")

        expected = ["the table groupcamp_stored_list was not known to Understudy 0.0.1 and is empty"]
        assert notes(admin, older) == expected
        admin.delete("/state/first")
        refuses(admin, without_table(content, "groupcamp_stored_list"), "the table groupcamp_stored_list is missing")
        refuses(admin, without_table(content, "core_state", understudy="0.0.1"), "the table core_state is missing")

    def test_column_twice(self, admin: TestClient, content: bytes) -> None:
        """A column has one value."""

        def change(manifest: dict[str, Any]) -> None:
            manifest["tables"][1]["columns"] = ["name", "name"]

        refuses(admin, with_manifest(content, change), "the table core_counter has a column twice")


class TestMeanwhile:
    """What happens while a snapshot is written."""

    def test_changes_and_deletions(self, serve: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The snapshot is of the moment at which it was asked for: files that go meanwhile are in it."""
        server = serve(data=tmp_path)
        sandbox = server.app.sandboxes["default"]
        client = server.client("/cubicl", Authorization="Bearer cubicl-owner")
        client.post("/api/v1/files/upload", files={"file": ("a.txt", b"bytes")})
        (file,) = sandbox.files.paths()
        meanwhile(monkeypatch, lambda: server.app.sandboxes.reset("default"))

        asyncio.run(save(sandbox, server.app.sandboxes.snapshots("default"), "first", vendors=VENDORS))

        assert sandbox.files.paths() == []
        kept = unpacked((tmp_path / "sandboxes" / "default.snapshots" / "first.zip").read_bytes())
        assert kept[f"files/{file.name}"] == b"bytes"

    def test_the_end_of_the_sandbox(self, serve: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A sandbox that is deleted meanwhile leaves nothing behind."""
        server = serve(data=tmp_path)
        sandboxes = server.app.sandboxes
        sandbox = sandboxes.create("short")
        meanwhile(monkeypatch, lambda: sandboxes.delete("short"))

        with pytest.raises(UnknownSandbox):
            asyncio.run(save(sandbox, sandboxes.snapshots("short"), "first", vendors=VENDORS))

        assert not list((tmp_path / "sandboxes").glob("short*"))

    def test_left_over_drafts(self, serve: Callable[..., Any], tmp_path: Path) -> None:
        """What a killed process left is removed with the next snapshot."""
        server = serve(data=tmp_path)
        place = tmp_path / "sandboxes" / "default.snapshots"
        (place / ".0badf00d-x").mkdir(parents=True)
        (place / ".0badf00d-x" / "draft").write_bytes(b"half")

        server.admin.post("/state/save", json={"name": "first"})

        assert [path.name for path in place.iterdir()] == ["first.zip"]


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Any]) -> None:
    """Have something done between the moment that a snapshot is of and its writing."""

    async def to_thread(function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        do()
        return function(*arguments, **more)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
