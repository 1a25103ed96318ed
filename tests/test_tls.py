"""HTTPS, as clients with hard-coded addresses meet it: `understudy serve --tls` and `understudy ca`."""

import http.client
import json
import socket
import ssl
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from real_server import UNDERSTUDY, Running, environment, running
from understudy.vendors import VENDORS

TOKENS = {"cotalker": "cotalker-admin", "cubicl": "cubicl-owner"}
PATHS = {"cotalker": "/api/v2/task-groups", "cubicl": "/api/v1/organization/users", "groupcamp": "/core/v1/groups"}
HOSTS = [(vendor.name, host) for vendor in VENDORS for host in vendor.hosts]


def understudy(directory: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [UNDERSTUDY, *words], env=environment(directory, **variables), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of these tests keeps its authority."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Running]:
    """A server that speaks HTTPS."""
    with running(directory, "--tls", "--port", "0", "--vendor-ports", "cotalker=0") as one:
        yield one


@pytest.fixture(scope="module")
def trust(server: Running, directory: Path) -> ssl.SSLContext:
    """What a client trusts that was given the output of `understudy ca`, and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=understudy(directory, "ca").stdout)
    return context


def connect(server: Running, trust: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """Connect to the server as a client that takes it for `host`."""
    return trust.wrap_socket(socket.create_connection(server.address), server_hostname=host)


def get(server: Running, trust: ssl.SSLContext, host: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Send a GET for `https://<host><path>`."""
    connection = http.client.HTTPConnection(host)
    connection.sock = connect(server, trust, host)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


class TestHosts:
    """One certificate for every host."""

    @pytest.mark.parametrize(("vendor", "host"), HOSTS)
    def test_vendor(self, server: Running, trust: ssl.SSLContext, vendor: str, host: str) -> None:
        """At a vendor's host name that vendor answers, and the certificate holds."""
        token = TOKENS.get(vendor)

        status, body = get(server, trust, host, PATHS[vendor], **{"Authorization": f"Bearer {token}"} if token else {})

        assert status == (200 if token else 401)
        assert json.loads(body)

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "understudy", "mine.cotalker.localhost"])
    def test_this_machine(self, server: Running, trust: ssl.SSLContext, host: str) -> None:
        """The certificate holds for this machine, a container of the usual name, and host names of sandboxes."""
        connect(server, trust, host).close()

    def test_another_host(self, server: Running, trust: ssl.SSLContext) -> None:
        """It holds for nobody else."""
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(server, trust, "example.test")

    def test_without_trust(self, server: Running) -> None:
        """A client that was not told to trust the authority does not."""
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(server, ssl.create_default_context(), "localhost")

    def test_more_hosts(self, tmp_path: Path) -> None:
        """A setting adds names and addresses."""
        with running(tmp_path, "--tls", UNDERSTUDY_TLS_HOSTS="tasks.internal,10.1.2.3") as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(tmp_path / "ca" / "ca.pem")
            for host in ("tasks.internal", "10.1.2.3"):
                connect(server, context, host).close()

    @pytest.mark.parametrize("host", ["a b", "", "x/y", "ä.test", "*", "a_b.test", "-a.test", "a" * 64, "xn--zz.test"])
    def test_no_host(self, tmp_path: Path, host: str) -> None:
        """What no certificate can name is refused at the start."""
        done = understudy(tmp_path, "serve", "--port", "0", "--vendor-ports", "none", UNDERSTUDY_TLS_HOSTS=f"a.test,{host}")

        assert done.returncode == 2
        assert "tls_hosts" in done.stderr


class TestServer:
    """What changes with HTTPS."""

    def test_addresses(self, server: Running, directory: Path) -> None:
        """All that the server says of itself is under https."""
        assert server.url.startswith("https://127.0.0.1:")
        assert "http://" not in server.output
        found = httpx2.get(f"{server.url}/__admin/env", verify=ssl.create_default_context(cafile=str(directory / "ca/ca.pem")))
        assert all(vendor["baseUrl"].startswith("https://") for vendor in found.json()["vendors"])

    def test_certificate_is_young_and_short_lived(self, server: Running, trust: ssl.SSLContext) -> None:
        """Clients that refuse long lives take it."""
        with connect(server, trust, "localhost") as connection:
            certificate = connection.getpeercert()

        assert certificate is not None
        begin, end = (
            datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate[name])), UTC) for name in ("notBefore", "notAfter")
        )
        assert begin < datetime.now(UTC) - timedelta(hours=12)
        assert timedelta(days=300) < end - begin < timedelta(days=400)

    def test_old_protocols_are_not_spoken(self, server: Running, trust: ssl.SSLContext) -> None:
        """HTTP/1.1 over TLS 1.2 or later is."""
        with connect(server, trust, "localhost") as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")

    def test_offer_to_upgrade(self, server: Running, trust: ssl.SSLContext) -> None:
        """A client that offers another protocol, as Java's does, keeps its body."""
        body = b'{"email": "agent@cotalker.test", "password": "understudy"}'
        with connect(server, trust, "www.cotalker.com") as connection:
            connection.sendall(
                b"POST /auth/local HTTP/1.1\r\nHost: www.cotalker.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")

    def test_curl(self, server: Running, directory: Path) -> None:
        """A command line of a vendor's page runs as it is once the host name leads here and the authority is trusted."""
        port = server.address[1]
        done = subprocess.run(
            ["curl", "-sS", "--cacert", directory / "ca/ca.pem", "--connect-to", f"::127.0.0.1:{port}",
             "https://www.cotalker.com/api/v2/task-groups", "-H", "Authorization: Bearer cotalker-admin"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.stderr == ""
        assert json.loads(done.stdout)["data"]["values"]

    def test_commands_find_it(self, server: Running, directory: Path) -> None:
        """`understudy env` and `understudy wait` trust the authority by themselves."""
        assert understudy(directory, "wait", "--url", server.url).returncode == 0
        assert server.url in understudy(directory, "env", "--url", server.url).stdout

    def test_why_it_is_not_found(self, server: Running, tmp_path: Path) -> None:
        """Who trusts another authority, or takes another server for one of HTTPS, is told so."""
        stranger = understudy(tmp_path, "env", "--url", server.url)
        with running(tmp_path) as plain:
            wrong = understudy(tmp_path, "env", "--url", plain.url.replace("http:", "https:"))

        assert (stranger.returncode, wrong.returncode) == (1, 1)
        assert "its certificate is not of the authority of `understudy ca`" in stranger.stderr
        assert "does not speak HTTPS" in wrong.stderr

    def test_plain_http_is_no_crash(self, server: Running, trust: ssl.SSLContext) -> None:
        """Who speaks plain HTTP to it is hung up on; others go on."""
        with socket.create_connection(server.address) as connection:
            connection.settimeout(10)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with suppress(ConnectionResetError):
                assert not connection.recv(100).startswith(b"HTTP/1.1 200")

        connect(server, trust, "localhost").close()


class TestAuthority:
    """understudy ca."""

    def test_is_made_once(self, tmp_path: Path) -> None:
        """The first call makes it, the others print the same; only its owner can read the key."""
        first, second = understudy(tmp_path, "ca"), understudy(tmp_path, "ca")

        assert first.stdout == second.stdout
        assert first.stdout.startswith("-----BEGIN CERTIFICATE-----\n")
        assert first.stdout.endswith("-----END CERTIFICATE-----\n")
        assert stat.S_IMODE((tmp_path / "ca/authority.pem").stat().st_mode) == 0o600

    def test_path(self, tmp_path: Path) -> None:
        """`--path` tells where it lies."""
        assert understudy(tmp_path, "ca", "--path").stdout == f"{tmp_path / 'ca/ca.pem'}\n"

    @pytest.mark.parametrize("command", [["ca"], ["serve", "--tls", "--port", "0", "--vendor-ports", "none"]])
    def test_no_place(self, tmp_path: Path, command: list[str]) -> None:
        """A directory that can't be made is one clear line."""
        (tmp_path / "file").touch()

        done = understudy(tmp_path, *command, UNDERSTUDY_CA=str(tmp_path / "file" / "ca"))

        assert done.returncode == 2
        assert done.stderr.startswith(f"understudy: {tmp_path / 'file'}")
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize("content", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\n"])
    def test_damaged(self, tmp_path: Path, content: bytes) -> None:
        """An authority that is not whole is not used, and not replaced behind the back of those who trust it."""
        understudy(tmp_path, "ca")
        (tmp_path / "ca/authority.pem").write_bytes(content)

        done = understudy(tmp_path, "serve", "--tls", "--port", "0", "--vendor-ports", "none")

        assert done.returncode == 2
        assert str(tmp_path / "ca/authority.pem") in done.stderr
        assert done.stderr.count("\n") == 1

    def test_lost_certificate(self, tmp_path: Path) -> None:
        """The file for clients is written again when it is lost or changed."""
        first = understudy(tmp_path, "ca").stdout
        (tmp_path / "ca/ca.pem").write_text("something else")

        assert understudy(tmp_path, "ca").stdout == first

    def test_made_by_two_at_once(self, tmp_path: Path) -> None:
        """They agree on one."""
        commands = [
            subprocess.Popen([UNDERSTUDY, "ca"], env=environment(tmp_path), stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]

        assert len({command.communicate(timeout=60)[0] for command in commands}) == 1
