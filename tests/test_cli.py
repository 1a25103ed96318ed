"""The command `understudy`, as a user runs it."""

import json
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from real_server import run, running
from receiver import receiving

FREE_GROUP = {"group": "61ae5eb11f130a35a73e2e06"}
ADMIN = {"Authorization": "Bearer cotalker-admin", "Admin": "true"}
GROUPS = "/cotalker/api/v2/task-groups"


class TestServe:
    """understudy serve."""

    def test_prints_addresses_and_credentials(self, tmp_path: Path) -> None:
        """The table names every vendor and credential; the last line says where the server is."""
        with running(tmp_path) as server:
            for word in (
                "Cotalker",
                "Cubicl",
                "GroupCamp",
                "cotalker-admin",
                "cubicl-viewer",
                "pk-demo-1",
                f"{server.url}/cubicl",
            ):
                assert word in server.output
            assert server.output.splitlines()[-1] == f"understudy ready on {server.url}"

    def test_second_start_is_fast(self, tmp_path: Path) -> None:
        """A world that is made once is reused, and the server is ready sooner for it."""
        own = {"UNDERSTUDY_CACHE": str(tmp_path / "cache")}
        with running(tmp_path, **own) as server:
            first = server.seconds
        (made,) = (tmp_path / "cache" / "worlds").iterdir()
        before = made.stat().st_mtime_ns

        seconds = []
        for _ in range(3):
            with running(tmp_path, **own) as server:
                seconds.append(server.seconds)

        assert [made] == list((tmp_path / "cache" / "worlds").iterdir())
        assert made.stat().st_mtime_ns == before
        assert min(seconds) < first

    @pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
    def test_ends_on_a_signal(self, tmp_path: Path, kind: signal.Signals) -> None:
        """Ctrl-C and SIGTERM end it within a second (or what a start takes, if that is longer), with 0, whoever is connected."""
        with running(tmp_path) as server:
            with socket.create_connection(server.address) as client:
                client.sendall(b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(4096).startswith(b"HTTP/1.1 200")
                asked = time.monotonic()
                server.process.send_signal(kind)
                code = server.process.wait(timeout=10)

            assert code == 0
            assert time.monotonic() - asked < max(1, server.seconds)

    def test_ends_without_a_word(self, tmp_path: Path) -> None:
        """An ordinary end is not reported as an error, not even when a client is in the middle of a request."""
        with running(tmp_path) as server, socket.create_connection(server.address) as client:
            client.sendall(b"POST /cubicl/api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
            server.get("/__admin/health")
            server.process.send_signal(signal.SIGTERM)

            assert server.process.wait(timeout=10) == 0
            assert server.process.stderr is not None
            assert server.process.stderr.read() == ""

    def test_an_offer_of_another_protocol_is_declined(self, tmp_path: Path) -> None:
        """A client that offers HTTP/2, as Java's does with its every request, is served in HTTP/1.1: body and connection stay."""
        body = b'{"group": "64b7f0c2a1d3e4f5a6b7c900", "name": "Upgrade"}'
        request = (
            b"POST /cubicl/api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer cubicl-owner\r\n"
            b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\nContent-Length: %d\r\n\r\n"
        ) % len(body)
        with running(tmp_path) as server, socket.create_connection(server.address, timeout=10) as client:
            for parts in ([request + body], [request, body]):
                for part in parts:
                    client.sendall(part)
                answer = client.recv(4096)
                while b'"Upgrade"' not in answer:
                    more = client.recv(4096)
                    assert more, answer
                    answer += more

                assert answer.startswith(b"HTTP/1.1 200 OK\r\n")

    def test_a_taken_port_is_one_line(self, tmp_path: Path) -> None:
        """A port that somebody listens on gives one line and exit code 2."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            main = run(tmp_path, "serve", "--port", str(port))
            vendor = run(tmp_path, "serve", "--port", "0", "--vendor-ports", f"cubicl={port}")

        for done, setting in (main, "--port (UNDERSTUDY_PORT)"), (vendor, "--vendor-ports (UNDERSTUDY_VENDOR_PORTS)"):
            assert done.returncode == 2
            taken_by = f"can't listen on 127.0.0.1:{port}: Address already in use"
            assert done.stderr == f"understudy: {taken_by}; {setting} sets another, `--port 0` takes free ones for all\n"
            assert done.stdout == ""

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--port", "70000"], "port: 70000 is more than 65535"),
            (["--vendor-ports", "cubicl=x"], "vendor_ports.cubicl: "),
            (
                ["--vendor-ports", "9716"],
                "vendor_ports: '9716' has not the form cotalker=9716,cubicl=9717; `none` is for no such ports",
            ),
            (["--vendor-ports", "cubicl=70000"], "vendor_ports.cubicl: "),
            (["--seed", str(1 << 63)], "seed: "),
            (["--host", ""], "host: "),
            (["--vendor-ports", "jira=1"], "vendor_ports: there is no vendor 'jira'"),
            (["--world", "none.yaml"], "none.yaml: No such file or directory"),
            (["--host", "256.0.0.1"], "can't listen on 256.0.0.1:0: "),
        ],
    )
    def test_a_bad_setting_is_one_line(self, tmp_path: Path, words: list[str], says: str) -> None:
        """A setting that can't be gives one line that names it, and exit code 2."""
        given = words if "--port" in words else ["--port", "0", *words]
        done = run(tmp_path, "serve", *(given if "--vendor-ports" in given else [*given, "--vendor-ports", "none"]))

        assert done.returncode == 2
        assert says in done.stderr
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize("content", ["[", "people: 3", "vendors: {}", "\x00", "- a"])
    def test_a_bad_world_is_one_line(self, tmp_path: Path, content: str) -> None:
        """A recipe that can't be read or doesn't fit gives one line and exit code 2."""
        (tmp_path / "world.yaml").write_text(content)

        done = run(tmp_path, "serve", "--port", "0", "--vendor-ports", "none", "--world", "world.yaml")

        assert done.returncode == 2
        assert done.stderr.startswith("understudy: ")
        assert done.stderr.count("\n") == 1

    def test_every_flag_is_a_variable(self, tmp_path: Path) -> None:
        """What a flag says can be said in the environment."""
        with (
            running(tmp_path, "--port", "0", UNDERSTUDY_VENDOR_PORTS="none", UNDERSTUDY_SEED="7") as seven,
            running(tmp_path) as plain,
        ):
            groups = [server.get(GROUPS, **ADMIN).json() for server in (seven, plain)]

        assert groups[0] != groups[1]

    def test_an_empty_variable_is_not_set(self, tmp_path: Path) -> None:
        """A variable that is empty, as compose files pass on what is left out, leaves the default."""
        empty = {f"UNDERSTUDY_{name}": "" for name in ("HOST", "DATA", "WORLD", "SEED", "ADMIN_TOKEN", "GROUPCAMP_PAGE_SIZE")}

        with running(tmp_path, **empty) as server:
            assert server.url.startswith("http://127.0.0.1:")
            assert "Control plane token" not in server.output

        assert list(tmp_path.iterdir()) == []

    def test_help_tells_defaults(self, tmp_path: Path) -> None:
        """The help of a flag says what holds without it."""
        words = " ".join(run(tmp_path, "serve", "--help").stdout.split())

        for default in ("127.0.0.1", "8080", "cotalker=8081,cubicl=8082,groupcamp=8083", "42", "console"):
            assert f"[default: {default}]" in words

    def test_any_free_port_for_all(self, tmp_path: Path) -> None:
        """`--port 0` alone takes free ports for the vendors too, whoever has the usual ones."""
        with running(tmp_path, "--port", "0") as first, running(tmp_path, "--port", "0") as second:
            ports = re.findall(r"127\.0\.0\.1:(\d+)$", first.output + second.output, re.MULTILINE)
            ports += re.findall(r" \w+ http://127\.0\.0\.1:(\d+)", first.output + second.output)

            assert len(set(ports)) == 8
            assert not {"8081", "8082", "8083"} & set(ports)

    def test_kept_world_of_another_seed(self, tmp_path: Path) -> None:
        """It is served as it stands, and the log says what a reset would do."""
        with running(tmp_path, "--data", "state", "--seed", "7"):
            pass

        with running(tmp_path, "--data", "state") as server:
            server.process.terminate()
            assert server.process.stderr is not None
            log = server.process.stderr.read()

        assert "state holds a world of seed 7; it is served as it stands, but a reset makes one of seed 42" in log

    def test_vendor_ports_and_host_names(self, tmp_path: Path) -> None:
        """A vendor is at / on its own port and under its host names, all at once."""
        with running(tmp_path, "--port", "0", "--vendor-ports", "cotalker=0") as server:
            port = server.output.split("cotalker http://127.0.0.1:")[1].split()[0]
            ways = [
                server.get(GROUPS, **ADMIN),
                server.get("/api/v2/task-groups", **ADMIN, Host="www.cotalker.com"),
                server.get("/api/v2/task-groups", **ADMIN, Host="COTALKER.localhost:8080"),
            ]
            server.url = f"http://127.0.0.1:{port}"
            ways.append(server.get("/api/v2/task-groups", **ADMIN))
            admin_there = server.get("/__admin/health")

        assert [way.status_code for way in ways] == [200] * 4
        assert len({way.text for way in ways}) == 1
        assert admin_there.json() == {"error": "Not Found"}


class TestData:
    """understudy serve --data."""

    def test_state_survives_a_restart(self, tmp_path: Path) -> None:
        """Rows, the clock and the numbers go on where they stood; a token of a login still works."""
        with running(tmp_path, "--data", "state") as server:
            created = server.post(GROUPS, FREE_GROUP, **ADMIN).json()
            token = server.post("/cotalker/auth/local", {"email": "admin@cotalker.test", "password": "understudy"}).json()[
                "token"
            ]
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=10)

        with running(tmp_path, "--data", "state") as server:
            headers = {"Admin": "true", "Authorization": f"Bearer {token}"}
            found = server.get(f"{GROUPS}/{created['_id']}", **headers).json()

        assert found == {"data": created}

    def test_no_acknowledged_write_is_lost(self, tmp_path: Path) -> None:
        """A killed process has kept every write it answered."""
        created = []
        with running(tmp_path, "--data", "state") as server:
            for number in range(50):
                task = {"group": "64b7f0c2a1d3e4f5a6b7c900", "name": f"task {number}"}
                answer = server.post("/cubicl/api/v1/tasks", task, Authorization="Bearer cubicl-owner")
                created.append(answer.json())
            server.process.kill()
            server.process.wait(timeout=10)

        with running(tmp_path, "--data", "state") as server:
            for task in created:
                found = server.get(f"/cubicl/api/v1/tasks/{task['_id']}", Authorization="Bearer cubicl-owner")
                assert found.json() == task

    def test_a_reset_is_kept(self, tmp_path: Path) -> None:
        """After a reset and a restart the world is fresh, and what is written then is kept."""
        with running(tmp_path, "--data", "state") as server:
            server.post(GROUPS, FREE_GROUP, **ADMIN)
            server.post("/__admin/reset", {})
            server.process.kill()
            server.process.wait(timeout=10)

        with running(tmp_path, "--data", "state") as server:
            statuses = [server.post(GROUPS, FREE_GROUP, **ADMIN).status_code for _ in range(2)]

        assert statuses == [200, 409]

    def test_two_servers_do_not_share_a_directory(self, tmp_path: Path) -> None:
        """The second one ends with one line and exit code 2."""
        with running(tmp_path, "--data", "state"):
            second = run(tmp_path, "serve", "--port", "0", "--vendor-ports", "none", "--data", "state")

        assert second.returncode == 2
        assert "is in use by another process" in second.stderr
        assert second.stderr.count("\n") == 1

    @pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
    def test_a_file_of_somebody_else_is_refused(self, tmp_path: Path, content: bytes) -> None:
        """A file that is not ours is left alone."""
        file = tmp_path / "state" / "sandboxes" / "default.sqlite"
        file.parent.mkdir(parents=True)
        file.write_bytes(content)

        done = run(tmp_path, "serve", "--port", "0", "--vendor-ports", "none", "--data", "state")

        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert file.read_bytes() == content


class TestEnv:
    """understudy env."""

    def test_prints_json(self, tmp_path: Path) -> None:
        """--json prints what the control plane answers."""
        with running(tmp_path) as server:
            done = run(tmp_path, "env", "--url", server.url, "--json")

            assert json.loads(done.stdout) == server.get("/__admin/env").json()

    def test_prints_variables(self, tmp_path: Path) -> None:
        """--shell and --dotenv print one variable a line, that a shell can read."""
        with running(tmp_path) as server:
            shell = run(tmp_path, "env", "--url", server.url, "--shell").stdout
            dotenv = run(tmp_path, "env", "--url", server.url, "--dotenv").stdout

        assert f"export COTALKER_URL={server.url}/cotalker\n" in shell
        assert "export GROUPCAMP_REPORTING_SECRET=5up3r-s3cret-reporting\n" in shell
        assert dotenv == shell.replace("export ", "")

    def test_at_a_wrong_address(self, tmp_path: Path) -> None:
        """An address that is not the main one: one line that does not speak of tokens, and exit code 1."""
        with running(tmp_path) as server:
            done = run(tmp_path, "env", "--url", f"{server.url}/cotalker")

        assert done.returncode == 1
        assert done.stderr == f"understudy: {server.url}/cotalker answers 404; is it the main address of an Understudy?\n"

    def test_of_somebody_else(self, tmp_path: Path) -> None:
        """JSON that is not ours: one line and exit code 1."""
        with receiving() as other:
            other.content = b'{"vendors": 7}'
            url = other.url.removesuffix("/hook")

            done = run(tmp_path, "env", "--url", url)

        assert (done.returncode, done.stderr) == (1, f"understudy: no server of Understudy at {url}\n")

    @pytest.mark.parametrize("url", ["127.0.0.1:9711", "localhost:9711", "localhost"])
    def test_without_a_scheme(self, tmp_path: Path, url: str) -> None:
        """An address that does not say `http://` is refused with the one that is probably meant."""
        done = run(tmp_path, "env", "--url", url)

        assert (done.returncode, done.stderr) == (1, f"understudy: {url!r} has no scheme; is http://{url} meant?\n")

    def test_without_a_server(self, tmp_path: Path) -> None:
        """Nobody there: one line and exit code 1."""
        done = run(tmp_path, "env", "--url", "http://127.0.0.1:1")

        assert done.returncode == 1
        assert done.stderr == "understudy: no server of Understudy at http://127.0.0.1:1\n"


class TestWait:
    """understudy wait, and how a server is asked."""

    @pytest.mark.parametrize("command", ["wait", "env"])
    @pytest.mark.parametrize("url", ["http://127.0.0.1:abc", "http://127.0.0.1:1/a b", "nowhere", "http://[::1", "ftp://x"])
    def test_no_address(self, tmp_path: Path, command: str, url: str) -> None:
        """What is no address has no server: one line, exit code 1."""
        done = run(tmp_path, command, "--url", url, *(["--timeout", "0"] if command == "wait" else []))

        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert url in done.stderr

    @pytest.mark.parametrize("greeting", [b"220 mail.test ESMTP\r\n", b""])
    def test_somebody_else(self, tmp_path: Path, greeting: bytes) -> None:
        """At a port where somebody speaks another protocol, or nothing, it gives up in time."""
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
            accepted = pool.submit(listener.accept)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            waiting = pool.submit(run, tmp_path, "wait", "--timeout", "0", "--url", url)
            started = time.monotonic()
            connection, _ = accepted.result()
            connection.sendall(greeting)
            done = waiting.result()
            connection.close()

        assert (done.returncode, done.stderr) == (1, f"understudy: no server of Understudy is ready at {url}\n")
        assert time.monotonic() - started < 4

    def test_asks_no_proxy(self, tmp_path: Path) -> None:
        """A proxy in the environment, as containers are given one, is not asked about this machine."""
        proxy = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": ""}
        with running(tmp_path) as server:
            assert run(tmp_path, "wait", "--timeout", "0", "--url", server.url, **proxy).returncode == 0


def test_version(tmp_path: Path) -> None:
    """It prints the package's version."""
    from understudy import __version__

    assert run(tmp_path, "version").stdout == f"{__version__}\n"
