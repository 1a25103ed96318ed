"""What the commands share: how they are told of a server, how they read the settings, and how they end."""

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from understudy.asking import Server
    from understudy.config import Settings


def sandbox_name(name: str | None) -> str | None:
    """Return what can be sent as the name of a sandbox; the server knows which there are."""
    if name is not None and not (name.isascii() and name.isprintable() and name.strip() == name != ""):
        raise typer.BadParameter(f"{name!r} can't be the name of a sandbox")
    return name


Url = Annotated[
    str | None,
    typer.Option(
        envvar="UNDERSTUDY_URL",
        show_envvar=False,
        help="Main address of the running server. [default: UNDERSTUDY_URL, or as the settings have it, http://127.0.0.1:8080]",
    ),
]
Token = Annotated[str | None, typer.Option(envvar="UNDERSTUDY_ADMIN_TOKEN", help="Token of the control plane.")]
SandboxName = Annotated[str | None, typer.Option(callback=sandbox_name, help="Sandbox that is meant. [default: default]")]


def server(url: str | None, token: str | None, sandbox: str | None = None) -> "Server":
    """Return the server that the options, or else the settings, name."""
    from understudy.asking import Server

    settings = read_settings({})
    return Server(url or settings.url(), token, settings.ca, sandbox)


def read_settings(given: dict[str, Any]) -> "Settings":
    """Return the settings of flags and environment; where one does not fit, say so in a line each and end with 2."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from understudy.config import Settings
    from understudy.variables import problems

    try:
        return Settings(**given)
    except ValidationError as error:
        fail(2, *problems(error))
    except SettingsError as error:
        fail(2, str(error))


def fail(code: int, *messages: str) -> NoReturn:
    """Say what is wrong, in a line each, and end."""
    for message in messages:
        typer.echo(f"understudy: {message}", err=True)
    raise typer.Exit(code)
