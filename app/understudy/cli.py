"""The command `understudy`. Nothing heavy is imported before a command needs it.

Exit codes:

- 0: all went well; for `doctor`, nothing is wrong that would keep a server from its work.
- 1: there is no server to ask, or it refuses (`env`, `wait`, `snapshot`: no such sandbox or snapshot, a file that is none of
  ours, a wrong token); for `doctor`, something is wrong.
- 2: the call, a setting, a port, a world file, a data directory, a certificate authority or a file to read or write is no good.
"""

import logging
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from understudy import snapshot_command, verify_command
from understudy.command_line import SandboxName, Token, Url, fail, read_settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # markup would swallow what stands in square brackets: the defaults
    help="A stand-in for the APIs of Cotalker, Cubicl and GroupCamp.",
)
app.add_typer(snapshot_command.app, name="snapshot")
app.command("verify", cls=verify_command.Command)(verify_command.verify)


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least of what is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Unverified(StrEnum):
    """What becomes of an answer that relied on an inferred rule: nothing, a line in the log, or a 501 in its place."""

    OFF = "off"
    WARN = "warn"
    FAIL = "fail"


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Main port; 0 is any free one. [default: 8080]")] = None,
    vendor_ports: Annotated[
        str | None, typer.Option(help="A port per vendor, or `none`. [default: cotalker=8081,cubicl=8082,groupcamp=8083]")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Directory that keeps the state; without it all is in memory.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the world. [default: 42]")] = None,
    world: Annotated[Path | None, typer.Option(help="Recipe of another world.")] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls", help="Serve HTTPS, with a certificate for all vendor hosts; `understudy ca`.")
    ] = None,
    unverified: Annotated[
        Unverified | None, typer.Option(help="What becomes of an answer that relied on an inferred rule. [default: off]")
    ] = None,
    log_format: Annotated[LogFormat | None, typer.Option(help="How log lines are written. [default: console]")] = None,
    log_level: Annotated[
        LogLevel | None, typer.Option(help="The least of what is logged; info has a line for each request. [default: info]")
    ] = None,
) -> None:
    """Serve the three vendors and the control plane until Ctrl-C.

    Every option is also an environment variable UNDERSTUDY_<NAME>, and there are more of those: see the README.
    """
    given = {
        "host": host, "port": port, "vendor_ports": vendor_ports, "data": data, "seed": seed, "world": world,
        "tls": tls, "unverified": unverified and unverified.value,
        "log_format": log_format and log_format.value, "log_level": log_level and log_level.value,
    }  # fmt: skip
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    from understudy import logs, server, variables
    from understudy.core.store import StoreUnusable
    from understudy.core.world import BadRecipe
    from understudy.tls import BadAuthority

    logs.set_up_logging(settings.log_format, settings.log_level)
    for line in variables.unknown(os.environ):
        logging.getLogger("understudy").warning(line)
    try:
        settings, sockets = server.listen(settings)
        server.run(settings, sockets)
    except (server.CannotListen, BadRecipe, StoreUnusable, BadAuthority) as error:
        fail(2, str(error))


@app.command()
def ca(
    path: Annotated[bool, typer.Option("--path", help="Print where the certificate lies instead.")] = False,
) -> None:
    """Print the certificate that clients have to trust before they call a server run with --tls."""
    from understudy import tls

    try:
        certificate = tls.authority(read_settings({}).ca)
    except tls.BadAuthority as error:
        fail(2, str(error))
    typer.echo(certificate if path else certificate.read_text(), nl=path)


@app.command()
def wait(
    url: Url = None,
    timeout: Annotated[float, typer.Option(help="How many seconds at most.")] = 30,
) -> None:
    """Wait until a server is ready."""
    from understudy import environment
    from understudy.asking import NoServer

    settings = read_settings({})
    try:
        environment.wait(url or settings.url(), settings.ca, seconds=timeout)
    except NoServer as error:
        fail(1, str(error))


@app.command()
def env(
    url: Url = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_shell: Annotated[bool, typer.Option("--shell", help="Print lines for `eval`.")] = False,
    as_dotenv: Annotated[bool, typer.Option("--dotenv", help="Print lines for a .env file.")] = False,
    token: Token = None,
    sandbox: SandboxName = None,
) -> None:
    """Print the base URLs and credentials of a sandbox of a running server."""
    from understudy import environment
    from understudy.asking import NoServer

    settings = read_settings({})
    try:
        found = environment.ask(url or settings.url(), token, settings.ca, sandbox)
    except NoServer as error:
        fail(1, str(error))
    if as_json:
        typer.echo(environment.as_json(found))
    elif as_shell or as_dotenv:
        typer.echo(environment.as_variables(found, prefix="export " if as_shell else ""))
    else:
        environment.print_table(found)


@app.command("world")
def make_world(
    world: Annotated[Path | None, typer.Option(help="Recipe of another world.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the world. [default: 42]")] = None,
) -> None:
    """Make a world and keep it, so that the next start need not."""
    settings = read_settings({name: value for name, value in {"world": world, "seed": seed}.items() if value is not None})
    from understudy.core.world import BadRecipe, world_image
    from understudy.vendors import VENDORS

    try:
        world_image(vendors=VENDORS, path=settings.world, seed=settings.seed, cache=settings.cache)
    except BadRecipe as error:
        fail(2, str(error))


@app.command()
def doctor(url: Url = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look for what would keep a server from its work: settings, ports, directories, the world, a server that runs already."""
    from understudy import doctor as checks

    findings = checks.examine(url)
    typer.echo(checks.as_json(findings) if as_json else checks.as_lines(findings))
    if any(finding.result == "problem" for finding in findings):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    _print_version(True)


def _print_version(wanted: bool) -> None:
    if wanted:
        from understudy import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def understudy(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A stand-in for the APIs of Cotalker, Cubicl and GroupCamp."""


def main() -> None:
    """Run the command."""
    app()
