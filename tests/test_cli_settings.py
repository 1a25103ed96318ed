"""How the command tells of itself and of settings that are no good."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from real_server import run, running
from understudy import __version__


class TestVersion:
    """understudy --version."""

    def test_prints_it(self, tmp_path: Path) -> None:
        """The option and the command print the same."""
        for word in ("--version", "version"):
            done = run(tmp_path, word)

            assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


class TestHelp:
    """understudy --help."""

    @pytest.mark.parametrize(
        "words", [["--help"], ["snapshot", "--help"], ["serve", "--help"], ["doctor", "--help"], ["--version"]]
    )
    def test_loads_nothing_heavy(self, words: list[str]) -> None:
        """It needs neither the server nor what checks settings."""
        script = (
            "import sys; from understudy.cli import app\n"
            f"try: app({words!r})\n"
            "except SystemExit: pass\n"
            "print(sorted({name.partition('.')[0] for name in sys.modules} & "
            "{'fastapi', 'pydantic_settings', 'sqlalchemy', 'sqlmodel', 'starlette', 'uvicorn', 'faker', 'rich', 'urllib3'}))"
        )

        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

        assert done.stdout.splitlines()[-1] == "[]"

    def test_every_command(self, tmp_path: Path) -> None:
        """Each command says what it does."""
        shown = run(tmp_path, "--help").stdout

        for command in ("serve", "ca", "wait", "env", "world", "doctor", "version", "snapshot"):
            assert f"\n  {command} " in shown


class TestPlainWords:
    """Settings that don't fit."""

    @pytest.mark.parametrize(
        ("name", "value", "line"),
        [
            ("PORT", "abc", "port: 'abc' is not a whole number"),
            ("PORT", "-1", "port: -1 is less than 0"),
            (
                "PORT",
                "tcp://10.0.0.1:8080",
                "port: tcp://10.0.0.1:8080 is Kubernetes' address of a service called understudy; set enableServiceLinks: false",
            ),
            ("TLS", "perhaps", "tls: 'perhaps' is neither true nor false"),
            ("LOG_FORMAT", "xml", "log_format: 'xml' is not 'console' or 'json'"),
            ("WEBHOOK_TIMEOUT_SECONDS", "x", "webhook_timeout_seconds: 'x' is not a number"),
            ("WEBHOOK_TIMEOUT_SECONDS", "0", "webhook_timeout_seconds: 0 is not more than 0"),
            ("WEBHOOK_TARGETS", "here", "webhook_targets: 'here' does not appear to be an IPv4 or IPv6 network"),
            ("WEBHOOK_RETRIES", "1,x", "webhook_retries.1: 'x' is not a whole number"),
            ("VENDOR_PORTS", "cubicl=x", "vendor_ports.cubicl: 'x' is not a whole number"),
            ("SEED", str(1 << 63), f"seed: {1 << 63} is not less than {1 << 63}"),
            ("TLS_HOSTS", "a b", "tls_hosts: not a host name or address: 'a b'"),
        ],
    )
    def test_one(self, tmp_path: Path, name: str, value: str, line: str) -> None:
        """A line that names the setting and says what is wrong, and exit code 2."""
        done = run(tmp_path, "serve", **{f"UNDERSTUDY_{name}": value})

        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"understudy: {line}\n")

    def test_several(self, tmp_path: Path) -> None:
        """A line for each."""
        done = run(tmp_path, "serve", UNDERSTUDY_SEED="x", UNDERSTUDY_TLS="x")

        lines = ["understudy: seed: 'x' is not a whole number", "understudy: tls: 'x' is neither true nor false"]
        assert (done.returncode, done.stderr.splitlines()) == (2, lines)


class TestUnknownVariables:
    """Variables that look like ours."""

    def test_are_logged_at_start(self, tmp_path: Path) -> None:
        """A warning each, with what was probably meant; those of clients and of Kubernetes are left alone."""
        strange = {
            "UNDERSTUDY_PROT": "1",
            "UNDERSTUDY_XYZZY": "1",
            "UNDERSTUDY_URL": "1",
            "UNDERSTUDY_SERVICE_HOST": "1",
            "UNDERSTUDY_VERIFY_MEMBER_TOKEN": "x",
            "UNDERSTUDY_SERVICE_PORT_HTTP": "1",
            "UNDERSTUDY_PORT_8080_TCP_ADDR": "1",
        }
        with running(tmp_path, "--log-format", "json", **strange) as server:
            server.process.terminate()
            assert server.process.stderr is not None
            lines = [json.loads(line) for line in server.process.stderr.read().splitlines()]

        assert [line["message"] for line in lines if line["level"] == "warning"] == [
            "UNDERSTUDY_PROT is no setting of Understudy; is UNDERSTUDY_PORT meant?",
            "UNDERSTUDY_XYZZY is no setting of Understudy",
        ]


class TestEnvOfASandbox:
    """understudy env --sandbox."""

    def test_tells_its_addresses(self, tmp_path: Path) -> None:
        """What is printed leads into the sandbox; one that is not there is one line and exit code 1."""
        with running(tmp_path) as server:
            server.post("/__admin/sandboxes", {"name": "mine"})
            mine = run(tmp_path, "env", "--url", server.url, "--sandbox", "mine", "--dotenv")
            nobody = run(tmp_path, "env", "--url", server.url, "--sandbox", "nobody")
            broken = run(tmp_path, "env", "--url", server.url, "--sandbox", "ä")

        assert f"CUBICL_URL={server.url}/s/mine/cubicl\n" in mine.stdout
        said = "understudy: There is no sandbox 'nobody'; POST /__admin/sandboxes makes one.\n"
        assert (nobody.returncode, nobody.stderr) == (1, said)
        assert broken.returncode == 2
        assert "can't be the name of a sandbox" in broken.stderr
