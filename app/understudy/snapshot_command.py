"""`understudy snapshot`: keeps, takes up and moves snapshots of a running server's sandboxes."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer

from understudy.command_line import SandboxName, Token, Url, fail, server
from understudy.core.names import SNAPSHOT, SNAPSHOT_RULE

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep a sandbox of a running server as it is, and take it up again.",
)

PATIENCE: Final = 3600.0  # seconds between two signs of life: a snapshot may hold gigabytes
STANDARD: Final = "-"


def snapshot_name(name: str) -> str:
    """Return what can be the name of a snapshot."""
    if not SNAPSHOT.fullmatch(name):
        raise typer.BadParameter(f"{name!r} can't be the name of a snapshot: {SNAPSHOT_RULE}")
    return name


Name = Annotated[str, typer.Argument(callback=snapshot_name, metavar="NAME", help="Name of the snapshot.")]
File = Annotated[str | None, typer.Argument(metavar="FILE", help="Where the file is; - is a pipe. [default: NAME.zip]")]


@app.command()
def save(name: Name, url: Url = None, sandbox: SandboxName = None, token: Token = None) -> None:
    """Keep the sandbox as it is now, in the place of what has the name."""
    _ask(url, token, sandbox, "POST", "/state/save", {"name": name})


@app.command()
def load(name: Name, url: Url = None, sandbox: SandboxName = None, token: Token = None) -> None:
    """Make the sandbox what it was then; its journal and faults stay."""
    _tell(_ask(url, token, sandbox, "POST", "/state/load", {"name": name}))


@app.command("list")
def list_snapshots(
    url: Url = None,
    sandbox: SandboxName = None,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the sandbox's snapshots: name, when it was taken, bytes, seed, and the instant that the clock showed."""
    states = _ask(url, token, sandbox, "GET", "/state")["states"]
    if as_json:
        typer.echo(json.dumps(states, indent=2))
        return
    rows = [("name", "taken at", "bytes", "seed", "clock")] if states else []
    for state in states:
        shown = (state.get(key, "?") for key in ("name", "createdAt", "bytes", "seed", "instant"))
        rows.append(tuple(map(str, shown)))  # type: ignore[arg-type]  # five of them
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, state in zip(rows, [{}, *states], strict=bool(rows)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(f"{line.rstrip()}{'  ' + state['problem'] if 'problem' in state else ''}")


@app.command()
def rm(name: Name, url: Url = None, sandbox: SandboxName = None, token: Token = None) -> None:
    """Delete a snapshot; the sandbox stays as it is."""
    _ask(url, token, sandbox, "DELETE", f"/state/{name}")


@app.command("export")
def export_snapshot(name: Name, file: File = None, url: Url = None, sandbox: SandboxName = None, token: Token = None) -> None:
    """Write a snapshot into a file, which other servers and later versions read."""
    asked = server(url, token, sandbox)
    from understudy.asking import NoServer

    try:
        with asked.open("GET", f"/state/{name}", seconds=PATIENCE) as answer, _written(file or f"{name}.zip") as target:
            for block in asked.blocks(answer):
                target.write(block)
    except NoServer as error:
        fail(1, str(error))


@app.command("import")
def import_snapshot(name: Name, file: File = None, url: Url = None, sandbox: SandboxName = None, token: Token = None) -> None:
    """Keep a file as a snapshot of the sandbox, which stays as it is until the snapshot is loaded."""
    asked = server(url, token, sandbox)
    from understudy.asking import NoServer

    headers = {"Content-Type": "application/zip"}
    try:
        with _read(file or f"{name}.zip") as (source, size):
            if size is not None:
                headers["Content-Length"] = str(size)
            with asked.open("PUT", f"/state/{name}", body=source, headers=headers, seconds=PATIENCE) as answer:
                _tell(json.load(answer))
    except NoServer as error:
        fail(1, str(error).removeprefix("body: "))


def _ask(url: str | None, token: str | None, sandbox: str | None, method: str, path: str, body: object = None) -> dict[str, Any]:
    asked = server(url, token, sandbox)
    from understudy.asking import NoServer

    try:
        return asked.ask(method, path, body=body, seconds=PATIENCE)
    except NoServer as error:
        fail(1, str(error))


def _tell(answer: dict[str, Any]) -> None:
    """Pass on what this version of the server has otherwise than the one that took the snapshot."""
    for note in answer.get("notes", ()):
        typer.echo(f"understudy: {note}", err=True)


@contextmanager
def _read(file: str) -> Iterator[tuple[IO[bytes], int | None]]:
    """Give a file and its size, which a pipe doesn't tell."""
    if file == STANDARD:
        yield sys.stdin.buffer, None
        return
    try:
        source = Path(file).open("rb")  # noqa: SIM115  closed below
        size = os.fstat(source.fileno()).st_size
    except OSError as error:
        fail(2, f"{file}: {error.strerror}")
    with source:
        yield source, size


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """Give what is to become a file, whole or not at all."""
    if file == STANDARD:
        yield sys.stdout.buffer
        return
    path = Path(file)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as target:
            yield target
        draft.replace(path)
    except OSError as error:
        fail(2, f"{file}: {error.strerror}")
    finally:
        draft.unlink(missing_ok=True)
