"""The container for suites that use Testcontainers. There is no container engine here: `engine.py` stands in for one."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.exceptions import ContainerStartException

from client.engine import Engine, engine
from understudy.client import Refused, Understudy
from understudy.testcontainer import UnderstudyContainer


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The engine that the library finds; without its own helper container, which is of no concern here."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with engine(tmp_path) as one:
        monkeypatch.setenv("DOCKER_HOST", one.url)
        yield one


class TestContainer:
    """`UnderstudyContainer`."""

    def test_is_ready_and_can_be_steered(self, docker: Engine) -> None:
        """In the block the server is ready, its control plane opens to the container's client only, each vendor answers at /."""
        with UnderstudyContainer() as container:
            with container.client() as client, client.create_sandbox() as sandbox:
                assert client.url == container.url
                assert sandbox.clock.freeze("2026-06-01T08:00:00Z")
            with Understudy(container.url) as stranger, pytest.raises(Refused, match="401"):
                stranger.sandboxes()
            headers = {"Authorization": "Bearer cubicl-owner"}
            me = httpx2.get(f"{container.vendor_url('cubicl')}/api/v1/app/me", headers=headers, trust_env=False)
            assert me.status_code == 200

    def test_is_removed(self, docker: Engine) -> None:
        """After the block the container is gone."""
        with UnderstudyContainer():
            pass

        assert docker.asked[-1].startswith("DELETE /containers/")
        assert docker.process is not None
        assert docker.process.poll() is not None

    def test_tokens_differ(self, docker: Engine) -> None:
        """Each container has a token of its own, unless it is given one."""
        tokens = {UnderstudyContainer().admin_token, UnderstudyContainer().admin_token}

        assert len(tokens) == 2
        assert UnderstudyContainer(admin_token="steer").admin_token == "steer"

    def test_what_the_engine_is_asked_for(self, docker: Engine) -> None:
        """The image by its name, with every port exposed at any free one, and settings as the variables that they are."""
        with UnderstudyContainer("understudy", admin_token="steer", seed=7, rate_limits=True, webhook_retries=[1, 2], data=None):
            assert docker.created["Image"] == "understudy"
            assert set(docker.created["ExposedPorts"]) == {"8080/tcp", "8081/tcp", "8082/tcp", "8083/tcp"}
            bindings = docker.created["HostConfig"]["PortBindings"]
            assert {binding["HostPort"] for port in bindings.values() for binding in port} == {""}
            assert set(docker.created["Env"]) == {
                "UNDERSTUDY_ADMIN_TOKEN=steer",
                "UNDERSTUDY_SEED=7",
                "UNDERSTUDY_RATE_LIMITS=true",
                "UNDERSTUDY_WEBHOOK_RETRIES=1,2",
            }
            with Understudy(f"http://127.0.0.1:{docker.ports['8080/tcp']}", token="steer") as client:
                assert client.sandboxes()[0].seed == 7

    @pytest.mark.parametrize("name", ["sead", "port", "host", "vendor_ports"])
    def test_no_setting(self, docker: Engine, name: str) -> None:
        """What is no setting, or is the image's own affair, is refused before anything is started."""
        with pytest.raises(TypeError, match=f"^'{name}' is no setting of a container"):
            UnderstudyContainer(**{name: "1"})

    def test_ends_at_once(self, docker: Engine) -> None:
        """A container whose server ends is an error with what it said, at once, and is removed."""
        with pytest.raises(ContainerStartException, match=r"^the container has ended: understudy: seed: [^\n]+$"):
            UnderstudyContainer(seed="many").__enter__()

        assert docker.asked[-1].startswith("DELETE /containers/")
