"""understudy doctor: what it finds, and how it ends."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from real_server import environment, run, running, worlds
from receiver import receiving
from understudy import __version__

FREE = {"UNDERSTUDY_PORT": "0", "UNDERSTUDY_VENDOR_PORTS": "none"}


def examined(directory: Path, **variables: str) -> tuple[int, list[dict[str, Any]]]:
    """Run it, where the world is made already, and return its exit code and what it found."""
    done = run(directory, "doctor", "--json", **(FREE | {"UNDERSTUDY_CACHE": str(worlds())} | variables))
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def found(findings: list[dict[str, Any]], check: str) -> tuple[str, str]:
    """Return result and detail of a check that was run once."""
    (finding,) = (one for one in findings if one["check"] == check)
    assert (finding["result"] == "ok") == (finding["advice"] == "")
    return finding["result"], finding["detail"]


class TestHealthy:
    """Where nothing is wrong."""

    def test_all_is_well(self, tmp_path: Path) -> None:
        """Every check is ok, and the exit code 0."""
        code, findings = examined(tmp_path)

        assert code == 0
        assert [finding["check"] for finding in findings] == [
            "version", "settings", "server", "port main", "data", "cache", "world",
        ]  # fmt: skip
        assert {finding["result"] for finding in findings} == {"ok"}
        assert found(findings, "version")[1].startswith(f"Understudy {__version__}, Python 3.")

    def test_lines(self, tmp_path: Path) -> None:
        """For people a line each, which begins with the result."""
        done = run(tmp_path, "doctor", **FREE, UNDERSTUDY_CACHE=str(worlds()), UNDERSTUDY_PROT="1")

        lines = done.stdout.splitlines()
        assert (done.returncode, len(lines)) == (0, 8)
        assert [line.split()[:2] for line in lines[:3]] == [["ok", "version"], ["warning", "variables"], ["ok", "settings"]]
        assert lines[1].endswith("is UNDERSTUDY_PORT meant? (correct or remove it; it has no effect)")

    def test_changes_nothing(self, tmp_path: Path) -> None:
        """It makes neither data directory nor certificate authority."""
        code, findings = examined(tmp_path, UNDERSTUDY_DATA="state", UNDERSTUDY_TLS="on", UNDERSTUDY_CACHE="cache")

        assert code == 0
        assert found(findings, "data") == ("ok", "state can be written; sandboxes in it: 0")
        assert found(findings, "authority")[0] == "ok"
        assert [path.name for path in tmp_path.iterdir()] == ["cache"]


class TestSettings:
    """Settings and variables."""

    def test_invalid(self, tmp_path: Path) -> None:
        """A problem for each, and what needs settings is not checked."""
        code, findings = examined(tmp_path, UNDERSTUDY_SEED="x", UNDERSTUDY_TLS="x")

        assert code == 1
        assert [(one["check"], one["result"], one["detail"]) for one in findings[1:]] == [
            ("settings", "problem", "seed: 'x' is not a whole number"),
            ("settings", "problem", "tls: 'x' is neither true nor false"),
        ]

    def test_misspelt(self, tmp_path: Path) -> None:
        """A variable that is none of ours is a warning."""
        code, findings = examined(tmp_path, UNDERSTUDY_WEBHOOK_RETRY="1")

        assert code == 0
        detail = "UNDERSTUDY_WEBHOOK_RETRY is no setting of Understudy; is UNDERSTUDY_WEBHOOK_RETRIES meant?"
        assert found(findings, "variables") == ("warning", detail)

    def test_vendor(self, tmp_path: Path) -> None:
        """A port for a vendor that there is not is a problem."""
        code, findings = examined(tmp_path, UNDERSTUDY_VENDOR_PORTS="jira=0")

        assert code == 1
        assert ("problem", "there is no vendor 'jira'") in [(one["result"], one["detail"]) for one in findings]


class TestURL:
    """UNDERSTUDY_URL and --url: where clients look for a server."""

    def test_running(self, tmp_path: Path) -> None:
        """One that answers there is told of, though the settings mean another address."""
        with running(tmp_path) as server:
            code, findings = examined(tmp_path, UNDERSTUDY_URL=server.url)

        assert (code, found(findings, "url")) == (0, ("ok", f"one is running at {server.url}, where clients look for it"))

    def test_nobody(self, tmp_path: Path) -> None:
        """None there, or an address that is none, is a warning: it may not have been started yet."""
        _, nobody = examined(tmp_path, UNDERSTUDY_URL="http://127.0.0.1:1")
        done = run(tmp_path, "doctor", "--url", "127.0.0.1:1", **FREE, UNDERSTUDY_CACHE=str(worlds()))

        assert found(nobody, "url") == ("warning", "no server of Understudy at http://127.0.0.1:1")
        assert done.returncode == 0
        assert "'127.0.0.1:1' has no scheme; is http://127.0.0.1:1 meant? (start it, or " in done.stdout


class TestPorts:
    """Who has the ports."""

    def test_somebody_else(self, tmp_path: Path) -> None:
        """Another program at a port is a problem."""
        with receiving() as other:
            port = other.url.removesuffix("/hook").rpartition(":")[2]

            code, findings = examined(tmp_path, UNDERSTUDY_PORT=port)

        assert code == 1
        detail = f"can't listen on 127.0.0.1:{port}: Address already in use; something else has it"
        assert found(findings, "port main") == ("problem", detail)
        assert found(findings, "server")[0] == "ok"

    def test_one_that_says_nothing(self, tmp_path: Path) -> None:
        """It does not wait long for an answer."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = str(listener.getsockname()[1])

            code, findings = examined(tmp_path, UNDERSTUDY_PORT=port)

        assert (code, found(findings, "port main")[0]) == (1, "problem")

    def test_the_server_itself(self, tmp_path: Path) -> None:
        """The server that the settings mean has its own ports and directory, and that is as it should be."""
        with running(tmp_path, "--port", "0", "--vendor-ports", "cubicl=0", "--data", "state") as server:
            port = server.url.rpartition(":")[2]
            cubicl = server.output.split("cubicl http://127.0.0.1:")[1].split()[0]
            its = {"UNDERSTUDY_PORT": port, "UNDERSTUDY_VENDOR_PORTS": f"cubicl={cubicl}", "UNDERSTUDY_DATA": "state"}

            code, findings = examined(tmp_path, **its)

        assert code == 0
        assert found(findings, "server") == ("ok", f"Understudy {__version__} is running at {server.url}, and ready")
        assert found(findings, "port main") == ("ok", f"{port} is that of the Understudy {__version__} that is running")
        assert found(findings, "port cubicl") == ("ok", f"{cubicl} is that of the Understudy {__version__} that is running")
        assert found(findings, "data") == ("ok", "state can be written; sandboxes in it: 1")

    def test_another_server(self, tmp_path: Path) -> None:
        """Another Understudy is told by its version; the directory that it works in is in use."""
        with running(tmp_path, "--data", "state") as server:
            port = server.url.rpartition(":")[2]

            code, findings = examined(tmp_path, UNDERSTUDY_VENDOR_PORTS=f"cubicl={port}", UNDERSTUDY_DATA="state")

        assert code == 1
        detail = f"can't listen on 127.0.0.1:{port}: Address already in use; another Understudy {__version__} has it"
        assert found(findings, "port cubicl") == ("problem", detail)
        assert found(findings, "data") == ("problem", "state is in use by another process")

    def test_odd_name_of_a_directory(self, tmp_path: Path) -> None:
        """A directory whose name means something in a URL is looked at as well, and nothing is made beside it."""
        with running(tmp_path, "--data", "sta#te?"):
            before = sorted(tmp_path.iterdir())

            code, findings = examined(tmp_path, UNDERSTUDY_DATA="sta#te?")

        assert (code, found(findings, "data")) == (1, ("problem", "sta#te? is in use by another process"))
        assert sorted(tmp_path.iterdir()) == before

    def test_another_version(self, tmp_path: Path) -> None:
        """A server of another version at the settings' address is a warning."""
        with receiving() as other:
            other.content = b'{"status": "healthy", "version": "0.0.1", "uptimeInSeconds": 1, "vendors": []}'
            url = other.url.removesuffix("/hook")

            code, findings = examined(tmp_path, UNDERSTUDY_PORT=url.rpartition(":")[2])

        assert code == 0
        detail = f"Understudy 0.0.1 is running at {url}, and this is {__version__}"
        assert found(findings, "server") == ("warning", detail)


class TestPlaces:
    """Directories, the certificate authority and the world."""

    @pytest.mark.parametrize(
        ("variable", "check", "result"),
        [("DATA", "data", "problem"), ("CACHE", "cache", "warning"), ("CA", "authority", "problem")],
    )
    def test_no_directory(self, tmp_path: Path, variable: str, check: str, result: str) -> None:
        """A file where a directory is to be can't be written into."""
        (tmp_path / "file").write_text("")

        code, findings = examined(tmp_path, **{f"UNDERSTUDY_{variable}": "file/below", "UNDERSTUDY_TLS": "on"})

        assert found(findings, check) == (result, "file is no directory")
        assert code == (1 if result == "problem" else 0)

    @pytest.mark.parametrize("content", [b"", b"no database" * 100])
    def test_database_of_another_version(self, tmp_path: Path, content: bytes) -> None:
        """A database with other tables, or none at all, is a problem, and is left alone."""
        file = tmp_path / "state" / "sandboxes" / "default.sqlite"
        file.parent.mkdir(parents=True)
        file.write_bytes(content)

        code, findings = examined(tmp_path, UNDERSTUDY_DATA="state")

        detail = "state/sandboxes/default.sqlite has the tables of another version, or is none of ours"
        assert (code, found(findings, "data")) == (1, ("problem", detail))
        assert file.read_bytes() == content

    def test_authority(self, tmp_path: Path) -> None:
        """One that is kept is told; one that can't be read is a problem."""
        run(tmp_path, "ca")
        place = Path(environment(tmp_path)["UNDERSTUDY_CA"])

        _, kept = examined(tmp_path, UNDERSTUDY_TLS="on")
        (place / "authority.pem").write_text("broken")
        code, broken = examined(tmp_path, UNDERSTUDY_TLS="on")

        assert found(kept, "authority") == ("ok", f"clients have to trust {place / 'ca.pem'}")
        assert (code, found(broken, "authority")[0]) == (1, "problem")

    def test_world(self, tmp_path: Path) -> None:
        """A recipe that can't be read is a problem."""
        code, findings = examined(tmp_path, UNDERSTUDY_WORLD="none.yaml")

        assert (code, found(findings, "world")) == (1, ("problem", "none.yaml: No such file or directory"))
