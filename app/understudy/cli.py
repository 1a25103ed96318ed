"""The command `understudy`. Nothing heavy is imported before a command needs it.

Exit codes: 0 all went well; 1 there is no server to ask; 2 the call, a setting, a port, a world file, a data directory
or a certificate authority is no good.
"""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from understudy.config import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # markup would swallow what stands in square brackets: the defaults
    help="A stand-in for the APIs of Cotalker, Cubicl and GroupCamp.",
)


URL_HELP = "Main address of the running server. [default: as the settings have it, http://127.0.0.1:8080]"


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


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
    log_format: Annotated[LogFormat | None, typer.Option(help="How log lines are written. [default: console]")] = None,
) -> None:
    """Serve the three vendors and the control plane until Ctrl-C.

    Every option is also an environment variable UNDERSTUDY_<NAME>, and there are more of those: see the README.
    """
    given = {
        "host": host, "port": port, "vendor_ports": vendor_ports, "data": data, "seed": seed, "world": world,
        "tls": tls, "log_format": log_format and log_format.value,
    }  # fmt: skip
    settings = _settings({name: value for name, value in given.items() if value is not None})
    from understudy import server
    from understudy.core.store import StoreUnusable
    from understudy.core.world import BadRecipe
    from understudy.tls import BadAuthority

    server.set_up_logging(settings.log_format)
    try:
        settings, sockets = server.listen(settings)
        server.run(settings, sockets)
    except (server.CannotListen, BadRecipe, StoreUnusable, BadAuthority) as error:
        _fail(2, str(error))


@app.command()
def ca(
    path: Annotated[bool, typer.Option("--path", help="Print where the certificate lies instead.")] = False,
) -> None:
    """Print the certificate that clients have to trust before they call a server run with --tls."""
    from understudy import tls

    try:
        certificate = tls.authority(_settings({}).ca)
    except tls.BadAuthority as error:
        _fail(2, str(error))
    typer.echo(certificate if path else certificate.read_text(), nl=path)


class Form(StrEnum):
    """Forms in which `understudy env` prints."""

    TABLE = "table"
    JSON = "json"
    SHELL = "shell"
    DOTENV = "dotenv"


@app.command()
def wait(
    url: Annotated[str | None, typer.Option(help=URL_HELP)] = None,
    timeout: Annotated[float, typer.Option(help="How many seconds at most.")] = 30,
) -> None:
    """Wait until a server is ready."""
    from understudy import environment

    settings = _settings({})
    try:
        environment.wait(url or settings.url(), settings.ca, seconds=timeout)
    except environment.NoServer as error:
        _fail(1, str(error))


@app.command()
def env(
    url: Annotated[str | None, typer.Option(help=URL_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_shell: Annotated[bool, typer.Option("--shell", help="Print lines for `eval`.")] = False,
    as_dotenv: Annotated[bool, typer.Option("--dotenv", help="Print lines for a .env file.")] = False,
    token: Annotated[str | None, typer.Option(envvar="UNDERSTUDY_ADMIN_TOKEN", help="Token of the control plane.")] = None,
) -> None:
    """Print the base URLs and credentials of a running server."""
    from understudy import environment

    settings = _settings({})
    try:
        found = environment.ask(url or settings.url(), token, settings.ca)
    except environment.NoServer as error:
        _fail(1, str(error))
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
    settings = _settings({name: value for name, value in {"world": world, "seed": seed}.items() if value is not None})
    from understudy.core.world import BadRecipe, world_image
    from understudy.vendors import VENDORS

    try:
        world_image(vendors=VENDORS, path=settings.world, seed=settings.seed, cache=settings.cache)
    except BadRecipe as error:
        _fail(2, str(error))


@app.command()
def version() -> None:
    """Print the version."""
    from understudy import __version__

    typer.echo(__version__)


def _settings(given: dict[str, Any]) -> "Settings":
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from understudy.config import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        _fail(2, f"{'.'.join(map(str, first['loc'])) or 'settings'}: {first['msg']}")
    except SettingsError as error:
        _fail(2, str(error))


def _fail(code: int, message: str) -> NoReturn:
    """Say what is wrong in one line and end."""
    typer.echo(f"understudy: {message}", err=True)
    raise typer.Exit(code)


def main() -> None:
    """Run the command."""
    app()
