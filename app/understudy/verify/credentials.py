"""Reads the user's credentials: from the environment, from files, or typed in; never from the command line."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from understudy.verify.form import Ground
from understudy.verify.target import Credential

PREFIX: Final = "UNDERSTUDY_VERIFY_"


class BadCredential(ValueError):
    """A credential that can't be read; the message never holds any part of it."""


def gather(
    ground: Ground, environment: Mapping[str, str], files: Iterable[str], *, ask: Callable[[str], str] | None
) -> dict[str, Credential]:
    """Return the credentials that are to be had, by role.

    `files` are `role=@path`. Where there is none for the first role, `ask` is called for each kind it needs; with None nobody is
    asked. Raises `BadCredential`.
    """
    found: dict[str, dict[str, str]] = {}
    for role in ground.roles:
        if values := _from_environment(ground, environment, role):
            found[role] = values
    for text in files:
        role, values = _from_file(ground, text)
        found[role] = {**found.get(role, {}), **values}
    first = ground.roles[0]
    if first not in found and ask is not None:
        kinds = [kind for kind in ground.kinds if kind not in ground.defaults.get(first, {})]
        found[first] = {kind: ask(f"{first}: {kind}") for kind in kinds}
    return {role: {**ground.defaults.get(role, {}), **values} for role, values in found.items()}


def variables(ground: Ground, role: str) -> list[str]:
    """Return the environment variables that make a credential of a role, as they are best written."""
    who = "" if role == ground.roles[0] else f"{role.upper()}_"
    return [f"{PREFIX}{who}{kind.upper()}" for kind in ground.kinds if kind not in ground.defaults.get(role, {})]


def _from_environment(ground: Ground, environment: Mapping[str, str], role: str) -> dict[str, str]:
    values = {}
    for kind in kinds_of(ground):
        names = [f"{PREFIX}{role.upper()}_{kind.upper()}"]
        if role == ground.roles[0]:
            names.append(f"{PREFIX}{kind.upper()}")
        if value := next((environment[name] for name in names if environment.get(name)), ""):
            values[kind] = value
    return values


def kinds_of(ground: Ground) -> list[str]:
    """Return every kind of value that a credential may have."""
    others = [*(ground.login.kinds if ground.login else ()), *(kind for values in ground.defaults.values() for kind in values)]
    return list(dict.fromkeys([*ground.kinds, *others]))


def _from_file(ground: Ground, text: str) -> tuple[str, dict[str, str]]:
    """Read `role=@path`: a JSON object, lines `kind=value`, or where one value is all there is, that."""
    role, _, path = text.partition("=")
    if role not in ground.roles:
        raise BadCredential(f"--credential: there is no role {role!r}, but {', '.join(ground.roles)}")
    if not path.startswith("@"):
        raise BadCredential(f"--credential {role}=@FILE takes a file: what stands on the command line, others can read")
    try:
        content = Path(path[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCredential(f"--credential {role}: {path[1:]} can't be read: {type(error).__name__}") from None
    values = _values(ground, content)
    if not values or (strange := values.keys() - set(kinds_of(ground))):
        known = ", ".join(kinds_of(ground))
        raise BadCredential(f"--credential {role}: {path[1:]} holds {'nothing' if not values else min(strange)}, and not {known}")
    return role, values


def _values(ground: Ground, content: str) -> dict[str, str]:
    if content.startswith("{"):
        try:
            document = json.loads(content)
        except ValueError:
            return {}
        return {str(kind): str(value) for kind, value in document.items()}
    lines = [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) == 1 and len(ground.kinds) == 1 and not lines[0].startswith(tuple(f"{kind}=" for kind in kinds_of(ground))):
        return {ground.kinds[0]: lines[0]}
    return {kind.strip(): value.strip() for kind, _, value in (line.partition("=") for line in lines)}
