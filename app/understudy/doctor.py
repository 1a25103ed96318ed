"""`understudy doctor`: looks for what would keep a server from its work, and says what to do about it.

It changes nothing but the cache, where the default world may be new afterwards.
"""

import json
import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import ValidationError
from pydantic_settings import SettingsError

from understudy import __version__
from understudy.asking import NoServer, Server
from understudy.config import Settings
from understudy.core.store.sqlite import LAYOUT_IN_HEADER, layout_number, layout_statements
from understudy.core.tables import all_tables
from understudy.core.world import BadRecipe, world_image
from understudy.server import CannotListen, try_port
from understudy.tls import BadAuthority, authority
from understudy.variables import PREFIX, problems, unknown
from understudy.vendors import VENDORS

Result = Literal["ok", "warning", "problem"]

SECONDS: Final = 2.0
TOO_OLD: Final = "take its snapshots with the version that made it (`understudy snapshot export`), and import them here"
UNCACHED: Final = f"set {PREFIX}CACHE; each start makes its world anew"


@dataclass(frozen=True)
class Finding:
    """What one check found: in `detail`, and in `advice` what to do about it."""

    check: str
    result: Result
    detail: str
    advice: str = ""


def examine(url: str | None = None) -> list[Finding]:
    """Run every check; those that need settings only where the settings are valid. `url` is where clients look for a server."""
    findings = [Finding("version", "ok", f"Understudy {__version__}, Python {platform.python_version()}")]
    for line in unknown(os.environ):
        findings.append(Finding("variables", "warning", line, "correct or remove it; it has no effect"))
    try:
        given: dict[str, Any] = {}
        settings = Settings(**given)
    except ValidationError as error:
        return findings + [Finding("settings", "problem", line, "correct the variable") for line in problems(error)]
    except SettingsError as error:
        return [*findings, Finding("settings", "problem", str(error), "correct the variable")]
    count = sum(name.upper() in _variables() for name in os.environ)
    findings.append(Finding("settings", "ok", f"{count} set in the environment, all valid"))
    running = Running(settings)
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _server(running),
        lambda: _asked_for(url, settings),
        lambda: _ports(settings, running),
        lambda: _data(settings, running),
        lambda: _cache(settings),
        lambda: _authority(settings),
        lambda: _world(settings),
    ]
    return findings + [finding for check in checks for finding in check()]


def as_lines(findings: list[Finding]) -> str:
    """Return a line for each finding."""
    width = max(len(finding.check) for finding in findings)
    return "\n".join(f"{f.result:<8} {f.check:<{width}}  {f.detail}{f' ({f.advice})' if f.advice else ''}" for f in findings)


def as_json(findings: list[Finding]) -> str:
    """Return them as a JSON array of objects `check`, `result`, `detail` and `advice`."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)


class Running:
    """The server at the settings' address, if one is there: its `version`, whether it is `ready`, its `ports`."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.url()
        self.version: str | None = None
        self.ready = False
        self.ports: set[int] = set()
        server = Server(self.url, settings.admin_token, settings.ca)
        try:
            health = server.ask("GET", "/health", seconds=SECONDS)
        except NoServer:
            return
        if "uptimeInSeconds" not in health:
            return
        self.version = str(health.get("version"))
        self.ports = {settings.port}
        self.ready = _answers(server, "/ready") is not None
        vendors = (_answers(server, "/vendors") or {}).get("vendors", [])
        self.ports |= {urlsplit(url).port or 0 for vendor in vendors for url in vendor.get("baseUrls", ())}


def _answers(server: Server, path: str) -> dict[str, Any] | None:
    try:
        return server.ask("GET", path, seconds=SECONDS)
    except NoServer:
        return None


def _server(running: Running) -> Iterator[Finding]:
    if running.version is None:
        yield Finding("server", "ok", f"none is running at {running.url}")
    elif not running.ready:
        yield Finding("server", "problem", f"the one at {running.url} is not ready", "see its log")
    elif running.version != __version__:
        found = f"Understudy {running.version} is running at {running.url}, and this is {__version__}"
        yield Finding("server", "warning", found, "start it anew")
    else:
        yield Finding("server", "ok", f"Understudy {running.version} is running at {running.url}, and ready")


def _asked_for(url: str | None, settings: Settings) -> Iterator[Finding]:
    """Say whether a server answers where clients look for one, if that is not where the settings have it."""
    if url is None or url.rstrip("/") == settings.url():
        return
    try:
        Server(url, settings.admin_token, settings.ca).ask("GET", "/env", seconds=SECONDS)
    except NoServer as error:
        yield Finding("url", "warning", str(error), f"start it, or correct {PREFIX}URL or --url")
    else:
        yield Finding("url", "ok", f"one is running at {url}, where clients look for it")


def _ports(settings: Settings, running: Running) -> Iterator[Finding]:
    for name, port in {"main": settings.port, **settings.vendor_ports}.items():
        variable = f"{PREFIX}PORT" if name == "main" else f"{PREFIX}VENDOR_PORTS"
        check = f"port {name}"
        if port in running.ports:
            yield Finding(check, "ok", f"{port} is that of the Understudy {running.version} that is running")
            continue
        try:
            try_port(settings.host, port)
        except CannotListen as error:
            found = f"{error}; {_holder(settings, port)} has it" if "in use" in str(error) else str(error)
            yield Finding(check, "problem", found, f"end what is there, or set {variable}; 0 is any free port")
        else:
            yield Finding(check, "ok", f"{port} is free" if port else "any free one")
    for name in settings.vendor_ports.keys() - {vendor.name for vendor in VENDORS}:
        yield Finding(f"port {name}", "problem", f"there is no vendor {name!r}", f"correct {PREFIX}VENDOR_PORTS")


def _holder(settings: Settings, port: int) -> str:
    """Say who answers at a port that is not free."""
    health = _answers(Server(settings.url(port), ca=settings.ca), "/health") or {}
    return f"another Understudy {health['version']}" if "uptimeInSeconds" in health else "something else"


def _data(settings: Settings, running: Running) -> Iterator[Finding]:
    if settings.data is None:
        yield Finding("data", "ok", f"state is kept in memory; {PREFIX}DATA would keep it in a directory")
        return
    if (reason := _not_writable(settings.data)) is not None:
        yield Finding("data", "problem", reason, f"make it writable, or set {PREFIX}DATA")
        return
    layout = layout_number(layout_statements(all_tables(VENDORS)))
    databases = sorted((settings.data / "sandboxes").glob("*.sqlite"))
    for path in databases:
        with path.open("rb") as file:
            if int.from_bytes(file.read(100)[LAYOUT_IN_HEADER], "big") != layout:
                yield Finding("data", "problem", f"{path} has the tables of another version, or is none of ours", TOO_OLD)
                return
    if any(_is_locked(path) for path in databases) and running.version is None:
        yield Finding("data", "problem", f"{settings.data} is in use by another process", f"end it, or set {PREFIX}DATA")
        return
    yield Finding("data", "ok", f"{settings.data} can be written; sandboxes in it: {len(databases)}")


def _is_locked(path: Path) -> bool:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return False


def _cache(settings: Settings) -> Iterator[Finding]:
    try:
        place = settings.cache or user_cache_path("understudy")
    except RuntimeError:
        yield Finding("cache", "warning", "there is no home directory for it", UNCACHED)
        return
    if (reason := _not_writable(place)) is not None:
        yield Finding("cache", "warning", reason, UNCACHED)
    else:
        yield Finding("cache", "ok", f"{place} can be written")


def _authority(settings: Settings) -> Iterator[Finding]:
    if not settings.tls:
        return
    try:
        place = settings.ca or user_data_path("understudy") / "ca"
        if not (place / "authority.pem").exists():
            reason = _not_writable(place)
            found = f"{place} holds none yet; the first start makes it"
            yield Finding("authority", "problem", reason, f"set {PREFIX}CA") if reason else Finding("authority", "ok", found)
            return
        yield Finding("authority", "ok", f"clients have to trust {authority(settings.ca)}")
    except (BadAuthority, RuntimeError) as error:
        yield Finding("authority", "problem", str(error), f"set {PREFIX}CA to another directory")


def _world(settings: Settings) -> Iterator[Finding]:
    what = f"the world of {settings.world}" if settings.world else "the default world"
    try:
        size = len(world_image(vendors=VENDORS, path=settings.world, seed=settings.seed, cache=settings.cache))
    except BadRecipe as error:
        yield Finding("world", "problem", str(error), f"correct the recipe, or set {PREFIX}WORLD")
    else:
        yield Finding("world", "ok", f"{what} with the seed {settings.seed} can be made: {size / 1e6:.1f} MB")


def _not_writable(directory: Path) -> str | None:
    """Say why nothing can be written in a directory, or in one to be made there; None when it can."""
    place = directory
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return f"{place} is no directory"
    if not os.access(place, os.W_OK | os.X_OK):
        return f"{place} can't be written"
    return None


def _variables() -> set[str]:
    return {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
