"""The server, seen by the client."""

import socket
import time
from pathlib import Path

import pytest
import yaml

from receiver import receiving
from understudy import __version__
from understudy.client import Refused, Understudy, Unreachable
from understudy.testing import serve
from understudy.tls import authority
from understudy.vendors import VENDORS

WORLD = Path(__file__).parents[2] / "fixtures/worlds/default.yaml"
RECIPE = yaml.safe_load(WORLD.read_text()) | {"company": "Another Company"}


def free_url() -> str:
    """The address of a port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


class TestHealth:
    """`health()`."""

    def test_tells_how_the_server_does(self, live: Understudy) -> None:
        """Version, uptime in seconds, vendors."""
        health = live.health()

        assert (health.status, health.version) == ("healthy", __version__)
        assert health.vendors == [vendor.name for vendor in VENDORS]
        assert health.uptime > 0

    def test_nobody_there(self) -> None:
        """An address where nobody listens is unreachable, in one line that names it."""
        url = free_url()

        with Understudy(url) as client, pytest.raises(Unreachable, match=f"^no Understudy answers at {url}") as caught:
            client.health()
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("content", [b"<html>hello</html>", b'{"hello": 1}', b"[]"])
    def test_somebody_else_there(self, content: bytes) -> None:
        """So is one where another program answers, whatever it says."""
        with receiving() as other, Understudy(other.url) as client:
            other.content = content

            with pytest.raises(Unreachable, match="is no Understudy"):
                client.health()

    def test_no_url(self) -> None:
        """And what is no address at all."""
        with pytest.raises(Unreachable, match=r"'127.0.0.1:8080' is no address of a server: it begins with neither"):
            Understudy("127.0.0.1:8080")

    def test_error_of_somebody_else(self) -> None:
        """An error that is none of ours keeps its status and the beginning of its text."""
        with receiving() as other, Understudy(other.url) as client:
            other.answers = [502]
            other.content = b"<html>\n  Bad gateway" + b"!" * 1000

            with pytest.raises(Refused) as caught:
                client.health()

        assert (caught.value.status, caught.value.code) == (502, "unknown")
        assert caught.value.detail.startswith("<html> Bad gateway!")
        assert len(caught.value.detail) <= 200


class TestWait:
    """`wait()`."""

    def test_returns_once_ready(self, live: Understudy) -> None:
        """Of a server that is ready it returns at once."""
        started = time.monotonic()

        live.wait(20)

        assert time.monotonic() - started < 5

    def test_waits_for_a_server_that_is_not_ready_yet(self) -> None:
        """It asks again until the server is ready."""
        with receiving() as other, Understudy(other.url) as client:
            other.answers = [503, 503]
            other.content = b"{}"

            client.wait(20)

            assert [request.path for request in other.requests] == ["/hook/__admin/ready"] * 3

    def test_gives_up(self) -> None:
        """After the time it raises what was wrong last."""
        started = time.monotonic()

        with Understudy(free_url()) as client, pytest.raises(Unreachable):
            client.wait(0.3)

        assert 0.3 <= time.monotonic() - started < 10

    def test_does_not_hang(self) -> None:
        """A server that takes the connection and says nothing is given up in time, too."""
        started = time.monotonic()

        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with Understudy(url) as client, pytest.raises(Unreachable, match=f"^no Understudy answers at {url}"):
                client.wait(0.3)

        assert time.monotonic() - started < 10

    def test_does_not_wait_in_vain(self, live: Understudy, cache: Path, tmp_path: Path) -> None:
        """Where HTTPS is spoken to a server of HTTP, or its certificate is not trusted, it says so at once."""
        started = time.monotonic()

        with Understudy(live.url.replace("http:", "https:")) as client, pytest.raises(Unreachable, match="WRONG_VERSION"):
            client.wait(30)
        with serve(cache=cache, tls=True, ca=tmp_path / "one") as server:
            authority(tmp_path / "other")
            with Understudy(server.url, ca=tmp_path / "other") as client, pytest.raises(Unreachable, match="CERTIFICATE_VERIFY"):
                client.wait(30)

        assert time.monotonic() - started < 15


class TestToken:
    """The admin token."""

    def test_is_sent(self, cache: Path) -> None:
        """A guarded server lets in who has the token, and nobody else."""
        with serve(cache=cache, host="0.0.0.0", admin_token="steer") as guarded, Understudy(guarded.url) as stranger:
            assert guarded.sandboxes()[0].name == "default"
            assert stranger.health().status == "healthy"

            with pytest.raises(Refused) as caught:
                stranger.sandboxes()

        assert (caught.value.status, caught.value.code) == (401, "unauthorized")

    def test_is_made_up(self, cache: Path) -> None:
        """A guarded server in this process has a token without being given one."""
        with serve(cache=cache, host="0.0.0.0") as guarded:
            assert guarded.token
            assert guarded.sandboxes()


class TestTrust:
    """Servers that speak HTTPS."""

    @pytest.fixture
    def ca(self, tmp_path: Path) -> Path:
        """Where the authority of the server lies."""
        return tmp_path / "ca"

    def test_file_and_directory(self, cache: Path, ca: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """`ca` is the file or the directory, or UNDERSTUDY_CA is set; without any the certificate is not trusted."""
        with serve(cache=cache, tls=True, ca=ca) as server:
            assert server.health().status == "healthy"
            for place in (authority(ca), ca, str(ca)):
                with Understudy(server.url, ca=place) as client:
                    assert client.health().status == "healthy"
            monkeypatch.setenv("UNDERSTUDY_CA", str(cache))
            with Understudy(server.url) as client, pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
                client.health()
            monkeypatch.setenv("UNDERSTUDY_CA", str(ca))
            with Understudy(server.url) as client:
                assert client.health().status == "healthy"

    def test_no_such_file(self, tmp_path: Path) -> None:
        """A certificate that is not there is said to be missing before anything is sent."""
        with pytest.raises(Unreachable, match=r"can't be read: .*No such file"):
            Understudy("https://127.0.0.1:1", ca=tmp_path / "none.pem")


class TestSandboxes:
    """`sandboxes()`, `create_sandbox()` and `sandbox()`."""

    def test_list(self, live: Understudy) -> None:
        """`default` is there, and what was made, with its seed, its time to live and how many requests it had."""
        with live.create_sandbox("listed", seed=7, ttl=60):
            (mine,) = [info for info in live.sandboxes() if info.name == "listed"]

        assert (mine.seed, mine.ttl, mine.requests) == (7, 60, 0)
        assert "default" in [info.name for info in live.sandboxes()]
        assert "listed" not in [info.name for info in live.sandboxes()]

    def test_name_is_made_up(self, live: Understudy) -> None:
        """Without a name the server finds one, and the vendors are at addresses that lead there."""
        with live.create_sandbox() as one, live.create_sandbox() as other:
            assert one.name != other.name
            assert {vendor.url for vendor in one.vendors.values()} == {
                f"{live.url}/s/{one.name}/{vendor.name}" for vendor in VENDORS
            }

    def test_world_and_file(self, live: Understudy, tmp_path: Path) -> None:
        """A recipe makes the same world as a file that holds it."""
        (tmp_path / "world.yaml").write_text(yaml.safe_dump(RECIPE))

        with live.create_sandbox(world=RECIPE) as one, live.create_sandbox(world=tmp_path / "world.yaml") as other:
            assert one.cubicl.credentials == other.cubicl.credentials
            assert {info.seed for info in live.sandboxes() if info.name in (one.name, other.name)} == {42}

    def test_copy(self, live: Understudy) -> None:
        """A copy of a sandbox is as that stands."""
        with live.create_sandbox("original") as original:
            token = original.act("cubicl", "create-user", firstname="A", lastname="B", email="a@b.test")
            with live.create_sandbox(source="original") as copy:
                assert token
                assert copy.cubicl.credentials == original.cubicl.credentials

    def test_refused(self, live: Understudy) -> None:
        """What the control plane refuses is raised with its status, code and detail, and is readable as it stands."""
        with pytest.raises(Refused) as caught:
            live.create_sandbox("../x")

        assert (caught.value.status, caught.value.code) == (422, "invalid_body")
        assert caught.value.detail.startswith("name: ")
        assert str(caught.value) == f"422 invalid_body: {caught.value.detail}"

    def test_one_that_is_there(self, live: Understudy, sandbox) -> None:
        """`sandbox()` gives one that is there, `default` unless named, and raises for one that isn't."""
        assert live.sandbox().name == "default"
        assert live.sandbox(sandbox.name).vendors == sandbox.vendors
        with pytest.raises(Refused) as caught:
            live.sandbox("no/such")
        assert caught.value.status == 404
