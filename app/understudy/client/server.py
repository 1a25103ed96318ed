"""A running server, and the sandboxes in it."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from understudy.client.connection import Connection, is_final, pool, segment
from understudy.client.errors import UnderstudyError, Unreachable
from understudy.client.provenance import Unverified
from understudy.client.sandbox import Sandbox, recipe

BETWEEN_TRIES: Final = 0.1  # in seconds
SHORTEST_CHANCE: Final = 1.0  # in seconds, also where nobody wants to wait


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a server does: `uptime` in seconds, `vendors` by name."""

    status: str
    version: str
    uptime: float
    vendors: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class SandboxInfo:
    """A sandbox in a list. `ttl` is how many seconds it may be idle; `requests` how many its journal holds."""

    name: str
    seed: int
    ttl: float | None
    requests: int


class Understudy:
    """A running server, by the address of its main port.

    `token` is what the server was given as `UNDERSTUDY_ADMIN_TOKEN`; one that listens on loopback only needs none. `ca` is the
    file that `understudy ca` prints, or the directory `UNDERSTUDY_CA`, for a server that speaks HTTPS. Every call raises
    `Unreachable` or `Refused`, and making one the former for what is no address. Use it as a context manager, or call `close()`,
    to give its connections back.
    """

    def __init__(self, url: str, token: str | None = None, ca: str | os.PathLike[str] | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._http = pool(self.url, token=token, ca=ca)
        self._connection = Connection(self._http)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Understudy({self.url!r})"

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def health(self) -> Health:
        """Ask how the server does."""
        body = self._connection.get("/health")
        try:
            return Health(status=body["status"], version=body["version"], uptime=body["uptimeInSeconds"], vendors=body["vendors"])
        except (KeyError, TypeError) as error:
            raise Unreachable(f"what answers at {self.url} is no Understudy") from error

    def wait(self, seconds: float = 30) -> None:
        """Return once the server is ready; raise the last error when it isn't after `seconds`, or won't ever be."""
        end = time.monotonic() + seconds
        while True:
            try:
                self._connection.try_get("/ready", seconds=max(end - time.monotonic(), SHORTEST_CHANCE))
                return
            except UnderstudyError as error:
                if time.monotonic() >= end or is_final(error):
                    raise
            time.sleep(BETWEEN_TRIES)

    def sandboxes(self) -> list[SandboxInfo]:
        """List the sandboxes; `default` is always among them."""
        rows = self._connection.get("/sandboxes")["sandboxes"]
        return [SandboxInfo(name=row["name"], seed=row["seed"], ttl=row["ttlSeconds"], requests=row["requests"]) for row in rows]

    def create_sandbox(
        self,
        name: str | None = None,
        world: Mapping[str, Any] | str | Path | None = None,
        seed: int | None = None,
        ttl: float | None = None,
        source: str | None = None,
        unverified: Unverified | None = None,
        accept: Iterable[str] | None = None,
    ) -> Sandbox:
        """Make a sandbox; as a context manager it is deleted at the end of the block.

        `world` is a recipe, or a YAML file with one; `ttl` is after how many idle seconds the server deletes the sandbox;
        `source` is the name of a sandbox to copy as it stands, which goes with neither `world` nor `seed`. `unverified` and
        `accept` say what becomes of answers that rely on inferred rules, as `Provenance.insist` has it.
        """
        wishes: dict[str, Any] = {"name": name, "world": recipe(world), "seed": seed, "ttlSeconds": ttl, "from": source}
        wishes |= {"unverified": unverified, "acceptedRules": None if accept is None else list(accept)}
        body = self._connection.post("/sandboxes", {key: value for key, value in wishes.items() if value is not None})
        return Sandbox(self._connection, body["name"], body["env"], unverified=body["unverified"])

    def sandbox(self, name: str = "default") -> Sandbox:
        """Return a sandbox that is there."""
        body = self._connection.get(f"/sandboxes/{segment(name)}")
        return Sandbox(self._connection, body["name"], body["env"], unverified=body["unverified"])
