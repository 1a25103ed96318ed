"""understudy verify, as a user runs it: exit codes, reports, credentials that stay secret."""

import json
import os
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from understudy.cli import app
from understudy.verify import session
from understudy.verify.running import Run
from understudy.verify.secrets import Secrets

RULES = ("--rule", "cubicl.auth.bearer-token", "--rule", "cubicl.state.same-state")
TOKEN = "cubicl-owner"


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("UNDERSTUDY_"):
            monkeypatch.delenv(name)


@pytest.fixture
def account(understudy) -> tuple[str, ...]:
    """The arguments that lead to our server as if it were the vendor's own."""
    return ("cubicl", "--url", f"{understudy.url}/cubicl", "--account", "--delay", "0", *RULES)


def call(*arguments: str, **environment: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["verify", *arguments], env=environment)


class TestOwnServer:
    def test_agrees(self):
        """Without an address a server of our own is checked, writes and set-up included."""
        result = call("cubicl", *RULES)

        assert result.exit_code == 0, result.output
        assert "agreed         cubicl.auth.bearer-token\n" in result.stdout
        assert "cubicl: 2 rules agreed, 0 differed, 0 were not reachable\n" in result.stdout

    def test_settings_of_the_environment(self):
        """Settings for servers do not change what is checked."""
        result = call("cubicl", *RULES, UNDERSTUDY_RATE_LIMITS="on", UNDERSTUDY_CUBICL_REQUESTS_PER_MINUTE="1")

        assert result.exit_code == 0, result.output

    def test_differs(self, monkeypatch):
        """Where something differs it ends with 2 and names the rule, its grade and what it says."""
        monkeypatch.setattr("understudy.vendors.cubicl.errors.SameState.status", 409)

        result = call("cubicl", *RULES, "--brief")

        assert result.exit_code == 2, result.output
        assert "differed       cubicl.state.same-state (documented): A task that is in the state already" in result.stdout
        assert "status is 409 and not 422 [PUT /api/v1/tasks/" in result.stdout
        assert "agreed         " not in result.stdout

    def test_out_of_reach(self, monkeypatch):
        """A rule of ours that can't be reached is no success."""
        monkeypatch.setattr("understudy.vendors.cubicl.rules.create_task", lambda call, new: 1 / 0)

        result = call("cubicl", "--rule", "cubicl.state.same-state")

        assert result.exit_code == 1
        assert "not reachable  cubicl.state.same-state: its preparation POST /api/v1/tasks was answered 500" in result.stdout


class TestUnderstudy:
    @pytest.mark.parametrize("how", [[], ["--understudy"]])
    def test_sandbox(self, understudy, how):
        """A running Understudy gives credentials and a sandbox, which is gone afterwards."""
        before = understudy.sandboxes()

        result = call("cubicl", "--url", understudy.url, *RULES, *how)

        assert result.exit_code == 0, result.output
        assert "2 rules agreed" in result.stdout
        assert [one.name for one in understudy.sandboxes()] == [one.name for one in before]

    def test_nobody_there(self):
        """Where there is none, that is told."""
        result = call("cubicl", "--url", "http://127.0.0.1:1", "--understudy")

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("understudy: no Understudy answers at http://127.0.0.1:1: ")


class TestAccount:
    def test_reads_only(self, account):
        """Without --write nothing is written, and the rules that need it are told."""
        result = call(*account, UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert result.exit_code == 0, result.output
        assert ", reading only\n" in result.stdout
        assert "not reachable  cubicl.state.same-state: it writes, which --write allows\n" in result.stdout

    def test_writes_and_removes(self, account, understudy):
        """With --write it makes what it needs, and removes it."""
        from understudy.client import Understudy

        with Understudy(understudy.url) as server, server.create_sandbox() as sandbox:
            group = sandbox.act("cubicl", "create-project", name="Mine")["_id"]
            where = ("cubicl", "--url", sandbox.cubicl.url, "--account", "--delay", "0", *RULES)

            result = call(*where, "--write", "--set", f"group={group}", UNDERSTUDY_VERIFY_OWNER_TOKEN=TOKEN)

            assert result.exit_code == 0, result.output
            assert "2 rules agreed" in result.stdout
            asked = [(entry.method, entry.operation) for entry in reversed(sandbox.journal.requests())]
            assert ("POST", "createTask") in asked
            assert asked.count(("POST", "createTask")) == asked.count(("DELETE", "deleteTask"))

    def test_reports(self, account, tmp_path):
        """JUnit and JSON have every rule; nowhere is a credential."""
        junit, document = tmp_path / "report.xml", tmp_path / "report.json"

        result = call(*account, "--junit", str(junit), "--json", str(document), UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        written = json.loads(document.read_text())
        assert written["rules"] == {"cubicl.auth.bearer-token": "agreed", "cubicl.state.same-state": "not-reachable"}
        assert (written["vendor"], written["writes"]) == ("cubicl", False)
        assert written["kind"] == "understudy", "a server of ours proves nothing about a vendor, however it is addressed"
        assert written["target"].startswith("127.0.0.1:")
        suite = ElementTree.parse(junit).getroot()[0]
        assert {case.get("name"): [child.tag for child in case] for case in suite} == {
            "cubicl.auth.bearer-token": [],
            "cubicl.state.same-state": ["skipped"],
        }
        assert TOKEN not in result.output + junit.read_text() + document.read_text()

    def test_credential_files(self, account, tmp_path):
        """A credential may stand in a file: alone, in a line, or as JSON."""
        for text in (TOKEN, f"# mine\ntoken={TOKEN}\n", json.dumps({"token": TOKEN})):
            file = tmp_path / "token"
            file.write_text(text)

            assert call(*account, "--credential", f"owner=@{file}").exit_code == 0

    def test_login(self, understudy):
        """An address and a password become a token by the vendor's login."""
        where = ("cotalker", "--url", f"{understudy.url}/cotalker", "--account", "--delay", "0", "--rule", "cotalker.auth.*")
        person = {"UNDERSTUDY_VERIFY_EMAIL": "admin@cotalker.test", "UNDERSTUDY_VERIFY_PASSWORD": "understudy"}

        good, bad = call(*where, **person), call(*where, **{**person, "UNDERSTUDY_VERIFY_PASSWORD": "wr0ng-word"})

        assert good.exit_code == 0, good.output
        assert bad.exit_code == 1
        assert bad.stderr.startswith("understudy: the login of admin failed: answered 401: set UNDERSTUDY_VERIFY_TOKEN, or use")
        assert "wr0ng-word" not in bad.output

    def test_signed(self, understudy):
        """GroupCamp's requests are signed with the user's key."""
        where = ("groupcamp", "--url", f"{understudy.url}/groupcamp", "--account", "--delay", "0", "--rule", "groupcamp.auth.*")
        key = {"UNDERSTUDY_VERIFY_KEY": "rk-demo-1", "UNDERSTUDY_VERIFY_ACTING": "jean@localhost"}

        good = call(*where, UNDERSTUDY_VERIFY_SECRET="5up3r-s3cret-reporting", **key)
        bad = call(*where, UNDERSTUDY_VERIFY_SECRET="an0ther-secret", **key)

        assert good.exit_code == 0, good.output
        assert bad.exit_code == 1
        assert "the credentials of reporting are refused with 401" in bad.stderr
        assert "s3cret" not in good.output
        assert "an0ther" not in bad.output


class TestCannotRun:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["nobody"], "there is no vendor 'nobody', but cotalker, cubicl, groupcamp"),
            (["--rule", "cubicl.nothing.*"], "no evidence tells of cubicl.nothing.*"),
            (["cubicl", "--set", "colour=red"], "--set colour: no case needs it; there are "),
            (["cubicl", "--set", "group"], "--set group: NAME=VALUE is expected"),
            (["cubicl", "--url", "cubicl.io"], "--url: 'cubicl.io' is no address; it begins with http:// or https://"),
            (["cubicl", "--url", "https://me:s3cret@cubicl.io"], "--url holds credentials, which others can read"),
            (["--url", "https://vendor.test"], "whose API is at https://vendor.test? Name one of cotalker, cubicl, groupcamp"),
            (
                ["cubicl", "--url", "https://vendor.test"],
                "there are no credentials of Cubicl: set UNDERSTUDY_VERIFY_TOKEN, or use",
            ),
            (
                ["cubicl", "--url", "https://vendor.test", "--credential", "owner=s3cret"],
                "--credential owner=@FILE takes a file: ",
            ),
            (
                ["cubicl", "--url", "https://vendor.test", "--credential", "king=@x"],
                "--credential: there is no role 'king', but ",
            ),
            (
                ["cubicl", "--url", "https://vendor.test", "--credential", "owner=@/nowhere"],
                "--credential owner: /nowhere can't be read",
            ),
            (["cubicl", "--json", "/nowhere/report.json"], "/nowhere is no directory"),
        ],
    )
    def test_call(self, arguments, told):
        """A call that makes no sense ends with 1, never with the 2 of a difference, and repeats no secret."""
        result = call(*arguments)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"understudy: {told}")
        assert "s3cret" not in result.output

    @pytest.mark.parametrize("arguments", [["--nonsense"], ["--delay", "soon"]])
    def test_usage(self, arguments):
        """So does one that can't be understood."""
        assert call(*arguments).exit_code == 1

    def test_refused_credentials(self, account):
        """A token that the target refuses is no good to find anything out with."""
        result = call(*account, UNDERSTUDY_VERIFY_TOKEN="w0rthless")

        assert result.exit_code == 1
        assert result.stderr.startswith("understudy: the credentials of owner are refused with 401: set ")
        assert "w0rthless" not in result.output

    def test_nobody_there(self):
        """A target that does not answer ends it at once."""
        where = ("cubicl", "--url", "http://127.0.0.1:1", "--account")

        result = call(*where, UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert result.exit_code == 1
        assert result.stderr.startswith("understudy: 127.0.0.1:1: ConnectError")

    def test_bug(self, account, monkeypatch):
        """A bug of ours is shown with its traceback, and without the credentials in it."""

        def broken(*_: object) -> None:
            raise RuntimeError(f"something with {TOKEN}")

        monkeypatch.setattr(session, "_run", broken)

        result = call(*account, UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert result.exit_code == 1
        assert "RuntimeError: something with ***" in result.stderr
        assert TOKEN not in result.output


class TestBrokenOff:
    def test_interrupted(self, account, monkeypatch, tmp_path: Path):
        """Ctrl-C ends the run with a report of what was found so far."""
        checks, document = Run.checks, tmp_path / "report.json"

        def interrupted(self, case):
            if "cubicl.state.same-state" in case.rules:
                raise KeyboardInterrupt
            return checks(self, case)

        monkeypatch.setattr(Run, "checks", interrupted)

        result = call(*account, "--write", "--json", str(document), UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert result.exit_code == 1
        assert "not reachable  cubicl.state.same-state: interrupted\n" in result.stdout
        assert "stopped: interrupted\n" in result.stdout
        assert json.loads(document.read_text())["stopped"] == "interrupted"

    def test_terminated(self, account, monkeypatch):
        """A signal to end does the same, and leaves the signal's own meaning as it was."""
        before = signal.getsignal(signal.SIGTERM)
        monkeypatch.setattr(Run, "checks", lambda self, case: os.kill(os.getpid(), signal.SIGTERM))

        result = call(*account, UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert (result.exit_code, signal.getsignal(signal.SIGTERM)) == (1, before)
        assert "stopped: interrupted\n" in result.stdout

    def test_left_behind(self, account, understudy, monkeypatch):
        """What can't be removed is told, by the request that made it."""
        monkeypatch.setattr("understudy.vendors.cubicl.rules.delete_task", lambda call, task: 1 / 0)

        result = call(*account, "--write", "--set", "group=64b7f0c2a1d3e4f5a6b7c900", UNDERSTUDY_VERIFY_TOKEN=TOKEN)

        assert "left behind: POST /api/v1/tasks: DELETE /api/v1/tasks/" in result.stdout
        assert " was answered 500\n" in result.stdout


@pytest.mark.parametrize(
    "written",
    ["a b/c+d", "a%20b%2Fc%2Bd", "a%20b/c%2Bd", "a+b%2Fc%2Bd", 'x"a b/c+d"'],
)
def test_mask(written):
    """A secret is masked however a URL or JSON writes it."""
    secrets = Secrets()
    secrets.add(["a b/c+d"])

    assert secrets.mask(f"<{written}>") == f"<{'x' if written[0] == 'x' else ''}" + ('"***">' if '"' in written else "***>")
