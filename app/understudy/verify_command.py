"""`understudy verify`: finds out which rules are true at a target: our own server, a running Understudy, an account at a vendor.

Exit codes: 0 where nothing differs, 2 where something does, 1 where nothing could be found out: no target, no credentials, a call
that makes no sense, a run that was broken off before anything differed, and with a server of our own, a rule out of reach.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn
from urllib.parse import urlsplit

import typer
from typer.core import TyperCommand

from understudy.command_line import Token, fail

if TYPE_CHECKING:
    from understudy.core.vendor import Vendor
    from understudy.verify.form import Suite
    from understudy.verify.reports import Report
    from understudy.verify.session import Wishes

DELAY: Final = 0.6
"""Seconds between two requests to an account: the strictest vendor allows 120 requests in a minute."""
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Command(TyperCommand):
    """A command that ends with 1 where its call makes no sense, for 2 says that something differs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", None) == 2:  # a UsageError, of the click that typer has inside and shows nobody
                error.exit_code = 1  # type: ignore[attr-defined]
            raise


def verify(
    vendors: Annotated[list[str] | None, typer.Argument(metavar="[VENDOR]...", help="Vendors. [default: all]")] = None,
    url: Annotated[
        str | None, typer.Option(help="Base URL of the vendor, or main address of an Understudy. [default: a server of our own]")
    ] = None,
    understudy: Annotated[
        bool | None,
        typer.Option(
            "--understudy/--account",
            help="Whether an Understudy is there, which gives credentials and a sandbox. [default: look, on loopback only]",
        ),
    ] = None,
    credential: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=@FILE", help="File with a role's credentials: JSON, lines kind=value, or a token."),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Also make, change and remove records.")] = False,
    lasting: Annotated[bool, typer.Option("--lasting", help="With --write, also make what the API can't remove.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The most records that may be made.")] = 500,
    rule: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only these rules, such as 'cubicl.state.*'.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Something that cases need to know, such as group=…")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the report as JUnit there.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON there.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Print only what differs.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that an answer may take.")] = 30,
    delay: Annotated[float, typer.Option(min=0, help="Seconds between two requests to an account.")] = DELAY,
    token: Token = None,
) -> None:
    """Find out which rules are true: documented requests are sent, and rule by rule it is told what agrees and what differs.

    Without --url that is a check of this program by itself. Credentials come from UNDERSTUDY_VERIFY_TOKEN and the like (with a
    role, UNDERSTUDY_VERIFY_MEMBER_TOKEN), from files, or are asked for. It ends with 0 if nothing differs, 2 if something does,
    and 1 if it could not find out.
    """
    from understudy.verify.loading import BadEvidence
    from understudy.verify.secrets import Secrets
    from understudy.verify.session import CannotRun, Wishes

    for path in (junit, as_json):
        if path is not None and not path.parent.is_dir():
            fail(1, f"{path.parent} is no directory")
    secrets = Secrets()
    wishes = Wishes(rules=rule or (), writes=write, lasting=lasting, limit=limit, given=_pairs(set_ or []), progress=_progress())
    try:
        with _terminable():
            suites = _suites(vendors or [], wishes)
            if url is None:
                reports = _ours(suites, wishes)
            else:
                place = _Place(url, token, credential or [], timeout, delay, secrets)
                reports = place.verify(suites, wishes, understudy=understudy)
    except (CannotRun, BadEvidence) as error:
        fail(1, secrets.mask(str(error)))
    except Exception as error:  # a bug of ours: its traceback may hold anything
        _fail_masked(error, secrets)
    _write(reports, junit, as_json, brief=brief)
    raise typer.Exit(_exit_code(reports, ours=url is None))


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in texts)
    if bad := next((text for text in texts if "=" not in text), None):
        fail(1, f"--set {bad}: NAME=VALUE is expected")
    return pairs


def _suites(names: list[str], wishes: "Wishes") -> "list[tuple[Vendor, Suite]]":
    from understudy.vendors import VENDORS
    from understudy.verify.loading import load, names_to_set, vendors_with_evidence
    from understudy.verify.session import CannotRun

    there_are = vendors_with_evidence()
    if strange := next((name for name in names if name not in there_are), None):
        raise CannotRun(f"there is no vendor {strange!r}, but {', '.join(there_are)}")
    suites = [(vendor, load(vendor.name)) for vendor in VENDORS if vendor.name in (names or there_are)]
    settable = {name for _, suite in suites for name in names_to_set(suite)}
    if strange := next((name for name in wishes.given if name not in settable), None):
        raise CannotRun(f"--set {strange}: no case needs it; there are {', '.join(sorted(settable))}")
    suites = [(vendor, suite) for vendor, suite in suites if any(wishes.wants(r) for case in suite.cases for r in case.rules)]
    if not suites:
        raise CannotRun(f"no evidence tells of {', '.join(wishes.rules) or 'anything'}")
    return suites


def _ours(suites: "list[tuple[Vendor, Suite]]", wishes: "Wishes") -> "list[Report]":
    """Verify servers of our own, with the settings that are usual whatever the environment says."""
    from understudy.verify.session import verify as run
    from understudy.verify.targets import OwnServers, usual_settings

    with ExitStack() as stack:
        servers = OwnServers(stack, **usual_settings())
        return [
            run(suite, vendor, wishes, lambda case, vendor=vendor: servers.target(vendor, case.settings))  # type: ignore[misc]
            for vendor, suite in suites
        ]


class _Place:
    """A target that is somewhere else."""

    def __init__(self, url: str, token: str | None, files: list[str], timeout: float, delay: float, secrets: Any) -> None:
        from understudy.verify.session import CannotRun

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotRun(f"--url: {parts.hostname or url!r} is no address; it begins with http:// or https://")
        if parts.username or parts.password:
            raise CannotRun("--url holds credentials, which others can read on the command line")
        self.url, self.token, self.files = url, token, files
        self.timeout, self.delay, self.secrets = timeout, delay, secrets
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.near = parts.hostname in LOOPBACK or parts.hostname.endswith(".localhost")
        secrets.add([token])

    def verify(self, suites: "list[tuple[Vendor, Suite]]", wishes: "Wishes", *, understudy: bool | None) -> "list[Report]":
        """Verify what is there: an Understudy if it is said to be one, or if one answers on this machine; else an account."""
        from understudy.client import Understudy, UnderstudyError
        from understudy.verify.session import CannotRun

        if understudy is None:
            understudy = self.near and self.is_understudy()
        if not understudy:
            return [self.account(suites, wishes)]
        try:
            with Understudy(self.origin, self.token) as server:
                server.health()
                return self.sandbox(server, suites, wishes)
        except UnderstudyError as error:
            raise CannotRun(str(error)) from error

    def is_understudy(self) -> bool:
        """Whether an Understudy answers."""
        from understudy.client import Understudy, UnderstudyError

        try:
            with Understudy(self.origin) as server:
                server.health()
        except UnderstudyError:
            return False
        return True

    def sandbox(self, server: Any, suites: "list[tuple[Vendor, Suite]]", wishes: "Wishes") -> "list[Report]":
        """Verify vendors in a sandbox of a running Understudy."""
        from understudy.verify.session import verify as run
        from understudy.verify.targets import understudy_target

        with understudy_target([vendor for vendor, _ in suites], server, timeout=self.timeout) as targets:
            return [run(suite, vendor, wishes, lambda case, vendor=vendor: targets[vendor.name]) for vendor, suite in suites]  # type: ignore[misc]

    def account(self, suites: "list[tuple[Vendor, Suite]]", wishes: "Wishes") -> "Report":
        """Verify one vendor with the user's credentials."""
        from understudy.verify.credentials import BadCredential, gather, variables
        from understudy.verify.session import CannotRun, log_in
        from understudy.verify.session import verify as run
        from understudy.verify.targets import account_target

        if len(suites) != 1:
            raise CannotRun(f"whose API is at {self.url}? Name one of {', '.join(vendor.name for vendor, _ in suites)}")
        ((vendor, suite),) = suites
        ask = _prompt if sys.stdin.isatty() else None
        try:
            credentials = gather(suite.ground, os.environ, self.files, ask=ask)
        except BadCredential as error:
            raise CannotRun(str(error)) from None
        for values in credentials.values():
            self.secrets.add(values.values())
        with account_target(vendor, self.url, credentials, timeout=self.timeout, delay=self.delay) as target:
            problems = log_in(suite, target)
            if suite.ground.roles[0] not in target.credentials:
                wanted = ", ".join(variables(suite.ground, suite.ground.roles[0]))
                told = "; ".join(problems) or f"there are no credentials of {vendor.title}"
                raise CannotRun(f"{told}: set {wanted}, or use --credential {suite.ground.roles[0]}=@FILE")
            for problem in problems:
                typer.echo(f"understudy: {problem}", err=True)
            return run(suite, vendor, wishes, lambda case: target)


def _prompt(what: str) -> str:
    text: str = typer.prompt(what, hide_input=True, err=True)
    return text


def _progress() -> Any:
    """Return what tells on a terminal how far a run is; where nobody looks, nothing."""

    def tell(done: int, all_of_them: int, case: str) -> None:
        if sys.stderr.isatty():
            shown = f"{done + 1}/{all_of_them} {case[:60]}" if case else ""
            typer.echo(f"\r{shown:70}\r", nl=False, err=True)

    return tell


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does, with everything put back."""

    def interrupt(number: int, frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _fail_masked(error: Exception, secrets: Any) -> NoReturn:
    import traceback

    fail(1, secrets.mask("".join(traceback.format_exception(error))))


def _write(reports: "list[Report]", junit: Path | None, as_json: Path | None, *, brief: bool) -> None:
    from understudy.verify import reports as form

    for report in reports:
        for line in form.lines(report, brief=brief):
            typer.echo(line)
    try:
        if junit is not None:
            junit.write_bytes(form.as_junit(reports))
        if as_json is not None:
            as_json.write_bytes(form.as_json(reports))
    except OSError as error:
        fail(1, f"{error.filename}: {error.strerror}")


def _exit_code(reports: "list[Report]", *, ours: bool) -> int:
    if any(report.count("differed") for report in reports):
        return 2
    found_nothing = not any(report.count("agreed") for report in reports)
    incomplete = ours and any(report.count("not-reachable") for report in reports)
    return 1 if found_nothing or incomplete or any(report.stopped for report in reports) else 0
