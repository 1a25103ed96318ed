"""understudy snapshot, as a user runs it."""

import json
import socket
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from real_server import Running, run, running

TASKS = "/cubicl/api/v1/tasks"
OWNER = {"Authorization": "Bearer cubicl-owner"}
TASK = {"group": "64b7f0c2a1d3e4f5a6b7c900", "name": "Kept"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server."""
    with running(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.fixture
def sandbox(server: Running) -> str:
    """A sandbox of its own."""
    name: str = server.post("/__admin/sandboxes", {}).json()["name"]
    return name


def ended(done) -> tuple[int, str, str]:
    """Return exit code, output and errors."""
    return done.returncode, done.stdout, done.stderr


class TestSnapshot:
    """What a snapshot is for."""

    def test_saves_and_loads(self, server: Running, sandbox: str, tmp_path: Path) -> None:
        """Saved, changed, loaded: the sandbox is what it was; nothing is printed when all went well."""
        where = ("--url", server.url, "--sandbox", sandbox)

        saved = run(tmp_path, "snapshot", "save", "first", *where)
        task = server.post(f"/s/{sandbox}{TASKS}", TASK, **OWNER).json()
        loaded = run(tmp_path, "snapshot", "load", "first", *where)

        assert ended(saved) == ended(loaded) == (0, "", "")
        assert server.get(f"/s/{sandbox}{TASKS}/{task['_id']}", **OWNER).status_code == 404

    def test_lists_and_removes(self, server: Running, sandbox: str, tmp_path: Path) -> None:
        """The list has a line for each, under a heading, or is JSON; one that is removed is gone."""
        where = {"UNDERSTUDY_URL": server.url}
        empty = run(tmp_path, "snapshot", "list", "--sandbox", sandbox, **where)
        for name in ("b", "a"):
            run(tmp_path, "snapshot", "save", name, "--sandbox", sandbox, **where)
        listed = run(tmp_path, "snapshot", "list", "--sandbox", sandbox, **where)
        as_json = run(tmp_path, "snapshot", "list", "--json", "--sandbox", sandbox, **where)
        removed = run(tmp_path, "snapshot", "rm", "a", "--sandbox", sandbox, **where)

        assert ended(empty) == (0, "", "")
        assert [line.split()[0] for line in listed.stdout.splitlines()] == ["name", "a", "b"]
        assert listed.stdout.splitlines()[1].split()[3] == "42"
        assert [state["name"] for state in json.loads(as_json.stdout)] == ["a", "b"]
        assert ended(removed) == (0, "", "")
        left = server.get(f"/s/{sandbox}/__admin/state").json()["states"]
        assert [state["name"] for state in left] == ["b"]

    def test_moves_files(self, server: Running, sandbox: str, tmp_path: Path) -> None:
        """Exported under its own name or another one, imported under any; both through pipes too."""
        where = ("--url", server.url, "--sandbox", sandbox)
        run(tmp_path, "snapshot", "save", "first", *where)

        done = [
            run(tmp_path, "snapshot", "export", "first", *where),
            run(tmp_path, "snapshot", "export", "first", "copy.zip", *where),
            run(tmp_path, "snapshot", "import", "second", "copy.zip", *where),
        ]

        assert [ended(one) for one in done] == [(0, "", "")] * 3
        assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "copy.zip").read_bytes()
        assert zipfile.is_zipfile(tmp_path / "first.zip")
        states = server.get(f"/s/{sandbox}/__admin/state").json()["states"]
        assert [state["name"] for state in states] == ["first", "second"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.zip", "first.zip"]

    def test_says_what_was_left_out(self, server: Running, sandbox: str, tmp_path: Path) -> None:
        """What another version had otherwise is told in a line each."""
        where = ("--url", server.url, "--sandbox", sandbox)
        run(tmp_path, "snapshot", "save", "first", *where)
        run(tmp_path, "snapshot", "export", "first", *where)
        with zipfile.ZipFile(tmp_path / "first.zip") as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(entries["manifest.json"])
        manifest["tables"].append({"name": "gone", "columns": ["id"], "rows": 0, "bytes": 0})
        with zipfile.ZipFile(tmp_path / "older.zip", "w") as archive:
            for name, content in (entries | {"manifest.json": json.dumps(manifest), "tables/gone.jsonl": b""}).items():
                archive.writestr(name, content)

        imported = run(tmp_path, "snapshot", "import", "older", "older.zip", *where)
        loaded = run(tmp_path, "snapshot", "load", "older", *where)

        said = "understudy: the table gone is not known to this version of Understudy and was left out\n"
        assert ended(imported) == ended(loaded) == (0, "", said)


class TestRefusals:
    """One line on standard error, and an exit code that tells who is to blame."""

    @pytest.mark.parametrize("words", [("load", "nope"), ("rm", "nope"), ("export", "nope")])
    def test_unknown(self, server: Running, tmp_path: Path, words: tuple[str, ...]) -> None:
        """A snapshot that is not there: 1, and no file."""
        done = run(tmp_path, "snapshot", *words, "--url", server.url)

        said = "understudy: There is no snapshot 'nope' of this sandbox; GET /__admin/state lists them.\n"
        assert ended(done) == (1, "", said)
        assert list(tmp_path.iterdir()) == []

    def test_unknown_sandbox(self, server: Running, tmp_path: Path) -> None:
        """A sandbox that is not there: 1."""
        done = run(tmp_path, "snapshot", "list", "--sandbox", "nope", "--url", server.url)

        assert ended(done) == (1, "", "understudy: There is no sandbox 'nope'; POST /__admin/sandboxes makes one.\n")

    @pytest.mark.parametrize("name", ["A", "../x", "a/b", ""])
    @pytest.mark.parametrize("command", ["save", "load", "rm", "export", "import"])
    def test_no_name(self, tmp_path: Path, command: str, name: str) -> None:
        """What can't be a name: 2, without asking a server."""
        done = run(tmp_path, "snapshot", command, name, "--url", "http://127.0.0.1:1")

        assert done.returncode == 2
        assert f"{name!r} can't be the name of a snapshot" in " ".join(done.stderr.split())

    def test_no_snapshot(self, server: Running, tmp_path: Path) -> None:
        """A file that is none of ours: 1, in the server's words."""
        (tmp_path / "bad.zip").write_bytes(b"bad")

        done = run(tmp_path, "snapshot", "import", "bad", "--url", server.url)

        assert ended(done) == (1, "", "understudy: not a ZIP file, or cut short: File is not a zip file\n")

    def test_no_file(self, server: Running, tmp_path: Path) -> None:
        """A file that can't be read or written: 2."""
        run(tmp_path, "snapshot", "save", "kept", "--url", server.url)

        reading = run(tmp_path, "snapshot", "import", "bad", "none.zip", "--url", server.url)
        writing = run(tmp_path, "snapshot", "export", "kept", "no/directory.zip", "--url", server.url)

        assert ended(reading) == (2, "", "understudy: none.zip: No such file or directory\n")
        assert ended(writing) == (2, "", "understudy: no/directory.zip: No such file or directory\n")

    @pytest.mark.parametrize(
        "words", [("save", "a"), ("load", "a"), ("list",), ("rm", "a"), ("export", "a"), ("import", "a", "-")]
    )
    def test_no_server(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        """Nobody there: 1."""
        done = run(tmp_path, "snapshot", *words, "--url", "http://127.0.0.1:1")

        assert ended(done) == (1, "", "understudy: no server of Understudy at http://127.0.0.1:1\n")

    def test_an_answer_cut_short(self, tmp_path: Path) -> None:
        """A server that stops in the middle of the file leaves no file: 1."""
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            exporting = pool.submit(run, tmp_path, "snapshot", "export", "first", "--url", url)
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nPK")
            connection.close()
            done = exporting.result()

        assert ended(done) == (1, "", f"understudy: {url} stopped in the middle of its answer\n")
        assert list(tmp_path.iterdir()) == []

    def test_token(self, tmp_path: Path) -> None:
        """Where the control plane wants a token, it is given as option or variable; without it: 1."""
        with running(tmp_path, "--host", "0.0.0.0", UNDERSTUDY_ADMIN_TOKEN="steer") as server:
            without = run(tmp_path, "snapshot", "list", "--url", server.url)
            option = run(tmp_path, "snapshot", "list", "--url", server.url, "--token", "steer")
            variable = run(tmp_path, "snapshot", "list", "--url", server.url, UNDERSTUDY_ADMIN_TOKEN="steer")

        assert ended(without) == (1, "", f"understudy: {server.url} answers 401; does it need UNDERSTUDY_ADMIN_TOKEN?\n")
        assert ended(option) == ended(variable) == (0, "", "")

    def test_tls(self, tmp_path: Path) -> None:
        """Our own certificate authority is trusted."""
        with running(tmp_path, "--tls") as server:
            assert ended(run(tmp_path, "snapshot", "save", "first", "--url", server.url)) == (0, "", "")
