"""A server in the process of a test suite."""

import signal
import socket
import threading
from pathlib import Path

import httpx2
import pytest
from pydantic import ValidationError

from understudy.client import Unreachable
from understudy.core.world import BadRecipe
from understudy.server import CannotListen, Ready
from understudy.testing import DidNotStart, serve
from understudy.vendors import VENDORS


def threads() -> list[str]:
    """The names of the threads of servers."""
    return [thread.name for thread in threading.enumerate() if thread.name == "understudy"]


class TestServe:
    """`serve()`."""

    def test_several_at_once(self, cache: Path) -> None:
        """Each has ports of its own and a world of its own, and every vendor a port."""
        with serve(cache=cache) as one, serve(cache=cache, seed=7) as other:
            assert one.url != other.url
            assert one.sandbox().clock.freeze("2026-06-01T08:00:00Z")
            assert [(info.name, info.seed) for info in other.sandboxes()] == [("default", 7)]
            assert not other.sandbox().clock.frozen
            own = httpx2.get(f"{one.url}/__admin/vendors", trust_env=False).json()["vendors"]
            assert [len(vendor["baseUrls"]) for vendor in own] == [2] * len(VENDORS)

    def test_ends(self, cache: Path) -> None:
        """After the block its ports are closed, its thread has ended, and its client says so."""
        before = threads()
        with serve(cache=cache) as server:
            port = int(server.url.rpartition(":")[2])
            assert len(threads()) == len(before) + 1

        assert threads() == before
        with socket.socket() as again:
            again.bind(("127.0.0.1", port))

    def test_ends_with_connections_open(self, cache: Path) -> None:
        """A client that keeps its connection does not hold it up."""
        with httpx2.Client(trust_env=False) as client:
            with serve(cache=cache) as server:
                assert client.get(f"{server.url}/__admin/ready").status_code == 200

            with pytest.raises(httpx2.TransportError):
                client.get(f"{server.url}/__admin/ready")

    def test_leaves_the_process_alone(self, cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """It prints nothing and takes no signal."""
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

        with serve(cache=cache) as server:
            server.health()
            assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

        assert capfd.readouterr() == ("", "")

    def test_environment(self, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the call leaves out comes from the environment, but for the address and the data directory."""
        for name, value in {"SEED": "7", "HOST": "192.0.2.1", "PORT": "1", "DATA": str(tmp_path / "data")}.items():
            monkeypatch.setenv(f"UNDERSTUDY_{name}", value)

        with serve(cache=cache) as server, serve(cache=cache, seed=8, data=tmp_path / "mine") as other:
            assert server.url.startswith("http://127.0.0.1:")
            assert server.sandboxes()[0].seed == 7
            assert other.sandboxes()[0].seed == 8
        assert not (tmp_path / "data").exists()
        assert (tmp_path / "mine").exists()


class TestRefusals:
    """Servers that can't be."""

    def test_settings(self, cache: Path) -> None:
        """A name or a value that is none, a world that is none and a port that is taken are told as to `understudy serve`."""
        with pytest.raises(TypeError, match=r"^'sead' is no setting"):
            serve(cache=cache, sead=7).__enter__()
        with pytest.raises(ValidationError, match="seed"):
            serve(cache=cache, seed="many").__enter__()
        with pytest.raises(BadRecipe):
            serve(cache=cache, world="no/such.yaml").__enter__()
        with serve(cache=cache) as server, pytest.raises(CannotListen):
            serve(cache=cache, port=int(server.url.rpartition(":")[2])).__enter__()

    def test_did_not_start(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A server that ends before it is ready is an error with what ended it, and is no thread any more."""

        async def fail(*_: object, **__: object) -> None:
            raise SystemExit(3)

        before = threads()
        monkeypatch.setattr(Ready, "startup", fail)

        with pytest.raises(DidNotStart) as caught:
            serve(cache=cache).__enter__()

        assert isinstance(caught.value.__cause__, SystemExit)
        assert threads() == before

    def test_is_gone(self, cache: Path) -> None:
        """A server that has ended is unreachable for whoever kept its address."""
        with serve(cache=cache) as server:
            sandbox = server.create_sandbox()

        with pytest.raises((Unreachable, RuntimeError)):
            sandbox.clock.now()
