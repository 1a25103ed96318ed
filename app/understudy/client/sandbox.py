"""One sandbox: where its vendors are and how to steer what is in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from understudy.client.clock import Clock
from understudy.client.connection import Connection, segment
from understudy.client.errors import Refused
from understudy.client.faults import Faults
from understudy.client.journal import Journal
from understudy.client.provenance import Provenance, Unverified
from understudy.client.state import State
from understudy.client.webhooks import Webhooks

DESCRIPTION: Final = ("name", "who")

T = TypeVar("T")


class ByName(dict[str, T]):
    """Things by name; one that there is not is a `KeyError` that says which there are."""

    def __missing__(self, name: str) -> T:
        """Raise `KeyError`."""
        raise KeyError(f"there is no {name!r}, but {_listed(self)}")


@dataclass(frozen=True)
class Credential:
    """What somebody shows to a vendor: `values` by kind (such as `token`, or `key` and `secret`), each an attribute too."""

    name: str
    who: str
    values: Mapping[str, str] = field(repr=False)

    def __getattr__(self, kind: str) -> str:
        """Return the value of this kind; raise `AttributeError`."""
        values: Mapping[str, str] = self.__dict__.get("values", {})
        if kind not in values:
            raise AttributeError(f"this credential has {_listed(values)}, but no {kind!r}")
        return values[kind]


@dataclass(frozen=True)
class Vendor:
    """One vendor in a sandbox: `url` is its base URL, which leads to this sandbox by itself; `credentials` are by name."""

    name: str
    title: str
    url: str
    credentials: Mapping[str, Credential] = field(repr=False)


class Sandbox:
    """One isolated world in a running server. Each vendor is an attribute by its name, too."""

    def __init__(self, server: Connection, name: str, environment: Mapping[str, Any], *, unverified: Unverified = "off") -> None:
        """`environment` tells base URLs and credentials, as the control plane does, `unverified` what `insist` has set."""
        self.name = name
        self.unverified = unverified
        self._server = server
        self._connection = server.of(name)
        self._vendors: Mapping[str, Vendor] | None = _vendors(environment)
        self.clock = Clock(self._connection)
        self.faults = Faults(self._connection)
        self.journal = Journal(self._connection)
        self.provenance = Provenance(self._connection)
        self.state = State(self._connection, changed=self._forget_credentials)
        self.webhooks = Webhooks(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the sandbox, if it is still there."""
        try:
            self.delete()
        except Refused as error:
            if error.code != "unknown_sandbox":
                raise

    def __repr__(self) -> str:
        return f"Sandbox({self.name!r})"

    def __getattr__(self, name: str) -> Vendor:
        """Return the vendor of this name; raise `AttributeError`."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.vendors:
            raise AttributeError(f"a sandbox has no {name!r}; its vendors are {_listed(self.vendors)}")
        return self.vendors[name]

    @property
    def vendors(self) -> Mapping[str, Vendor]:
        """The vendors by name, with the credentials that are good now."""
        if self._vendors is None:
            self._vendors = _vendors(self._connection.get("/env"))
        return self._vendors

    def reset(self) -> None:
        """Take it back to its start: world, clock, faults, journal, counters."""
        self._connection.post("/reset")
        self._forget_credentials()

    def reseed(self, seed: int, world: Mapping[str, Any] | str | Path | None = None) -> None:
        """Begin anew with another world: of another seed, and of another recipe or YAML file with one."""
        body = {"seed": seed} if world is None else {"seed": seed, "world": recipe(world)}
        self._connection.post("/seed", body)
        self._forget_credentials()

    def delete(self) -> None:
        """Delete it and all that is in it."""
        self._server.delete(f"/sandboxes/{segment(self.name)}")

    def act(self, vendor: str, action: str, **body: Any) -> dict[str, Any]:
        """Do what the vendor's own interface can do and its API can't: `act("cubicl", "archive", task=…)`.

        Returns what was changed or made. `GET /__admin/actions` lists the actions with their bodies. A field whose name is a word
        of Python's is written with an underscore behind it (`from_=…`).
        """
        fields = {name.removesuffix("_"): value for name, value in body.items()}
        changed: dict[str, Any] = self._connection.post(f"/actions/{segment(vendor)}/{segment(action)}", fields)
        self._forget_credentials()
        return changed

    def _forget_credentials(self) -> None:
        self._vendors = None


def recipe(world: Mapping[str, Any] | str | Path | None) -> Mapping[str, Any] | None:
    """Return a recipe, which may stand in a YAML file, as JSON can write it: YAML has dates, which become text again."""
    if world is None:
        return None
    if not isinstance(world, Mapping):
        import yaml

        world = yaml.safe_load(Path(world).read_text(encoding="utf-8"))
    written: Mapping[str, Any] = json.loads(json.dumps(world, default=str))
    return written


def _vendors(environment: Mapping[str, Any]) -> Mapping[str, Vendor]:
    return ByName(
        (
            vendor["name"],
            Vendor(
                name=vendor["name"],
                title=vendor["title"],
                url=vendor["baseUrl"],
                credentials=ByName((row["name"], _credential(row)) for row in vendor["credentials"]),
            ),
        )
        for vendor in environment["vendors"]
    )


def _credential(row: Mapping[str, str]) -> Credential:
    values = {kind: value for kind, value in row.items() if kind not in DESCRIPTION}
    return Credential(name=row["name"], who=row["who"], values=values)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(map(repr, names)) or "nothing"
