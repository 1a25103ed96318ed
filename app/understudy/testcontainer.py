"""The image as a container of a test run, for suites that use Testcontainers (the extra `testcontainers`).

The image listens beyond loopback, so its control plane asks for a token; one is made for each container.
"""

import os
import time
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from testcontainers.core.container import DockerContainer
from testcontainers.core.exceptions import ContainerStartException
from testcontainers.core.waiting_utils import WaitStrategy, WaitStrategyTarget

from understudy.client import Understudy, UnderstudyError
from understudy.config import Settings

MAIN_PORT: Final = 8080
VENDOR_PORTS: Final[Mapping[str, int]] = Settings.model_fields["vendor_ports"].default
OF_THE_IMAGE: Final = ("host", "port", "vendor_ports")
BETWEEN_LOOKS: Final = 0.2  # in seconds


class UnderstudyContainer(DockerContainer):
    """A container that runs the image; as a context manager it is started, ready, and removed at the end of the block.

    `settings` are those of the server (`seed=7`, `rate_limits=True`), but for its ports, which the engine maps to free ones; a
    name that is no setting raises `TypeError`. All else that a container can be told, a network or a volume, goes by the methods
    of `DockerContainer`.
    """

    def __init__(self, image: str = "understudy", *, admin_token: str | None = None, **settings: Any) -> None:
        """`admin_token` is made up unless given."""
        super().__init__(image)
        self.admin_token = admin_token or token_urlsafe(24)
        self.tls = bool(settings.get("tls"))
        self.with_exposed_ports(MAIN_PORT, *VENDOR_PORTS.values())
        self.with_envs(UNDERSTUDY_ADMIN_TOKEN=self.admin_token, **_variables(settings))
        self.waiting_for(_Ready(self))

    @property
    def url(self) -> str:
        """The address of the main port, as this machine reaches it."""
        return self._url(MAIN_PORT)

    def vendor_url(self, vendor: str) -> str:
        """Return the address of a vendor's own port, with the vendor at `/`; its sandbox is `default`, or a header says which."""
        return self._url(VENDOR_PORTS[vendor])

    def client(self, ca: str | os.PathLike[str] | None = None) -> Understudy:
        """Return a client of the control plane; `ca` is what to trust when the container speaks HTTPS."""
        return Understudy(self.url, token=self.admin_token, ca=ca)

    def _url(self, port: int) -> str:
        return f"{'https' if self.tls else 'http'}://{self.get_container_host_ip()}:{self.get_exposed_port(port)}"


class _Ready(WaitStrategy):
    """Waits until the server in a container answers, or the container has ended."""

    def __init__(self, container: UnderstudyContainer) -> None:
        super().__init__()
        self._understudy = container

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        """Return once it serves; raise `TimeoutError`, or `ContainerStartException` with what the container has said."""
        end = time.monotonic() + self._startup_timeout
        while not self._serves():
            if time.monotonic() > end:
                raise TimeoutError(f"the container was not ready in {self._startup_timeout} seconds")
            time.sleep(BETWEEN_LOOKS)

    def _serves(self) -> bool:
        container = self._understudy
        container.reload()
        if container.status in ("exited", "dead"):
            said = b"".join(container.get_logs()).decode(errors="replace").strip()
            raise ContainerStartException(f"the container has ended: {said}")
        if container.status != "running":
            return False
        try:
            with container.client() as client:
                client.health()
        except UnderstudyError:
            return False
        return True


def _variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as the environment variables that they are in the container."""
    for name in settings:
        if name not in Settings.model_fields or name in OF_THE_IMAGE:
            raise TypeError(f"{name!r} is no setting of a container; the README lists the settings")
    return {f"UNDERSTUDY_{name.upper()}": _text(value) for name, value in settings.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
