"""The log: a line for each request, in one of two forms, that neither stops the server nor tells a secret."""

import asyncio
import io
import json
import logging
import os
import re
import select
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from real_server import Running, running
from understudy import logs
from understudy.core.request_log import LONGEST_PATH, printable

OWNER = {"Authorization": "Bearer cubicl-owner"}
TASKS = "/cubicl/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900"
LINK = "/cubicl/downloads/0123456789abcdef0123456789abcdef01234567"


def log_of(server: Running) -> list[str]:
    """End a server; return what it has logged."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=10) == 0
    assert server.process.stderr is not None
    return server.process.stderr.read().splitlines()


class TestConsole:
    """Lines for people."""

    def test_lines(self, tmp_path: Path) -> None:
        """Time, level, sandbox, vendor, request, status, duration, operation, id of the journal entry; why it was refused."""
        with running(tmp_path) as server:
            ids = [
                server.get(path, **headers).headers["X-Understudy-Request"]
                for path, headers in ((TASKS, OWNER), (TASKS, {}), ("/cubicl/no/such", OWNER))
            ]
            server.post("/__admin/sandboxes", {"name": "box"})
            server.post("/__admin/reset", None, **{"X-Understudy-Sandbox": "box"})
            server.post("/__admin/nothing?secret=s3cret", None)
            server.get("/__admin/env")

            lines = log_of(server)

        assert [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} |\b\d+\.\d(?=ms)", "", line) for line in lines] == [
            f"INFO default cubicl GET /api/v1/tasks 200 ms getTasks {ids[0]}",
            f"INFO default cubicl GET /api/v1/tasks 401 ms getTasks {ids[1]} refusal=Unauthorized",
            f"INFO default cubicl GET /no/such 404 ms - {ids[2]} refusal=UnknownPath",
            "INFO default control POST /__admin/sandboxes 201",
            "INFO box control POST /__admin/reset 200",
            "INFO default control POST /__admin/nothing 404",
        ]

    def test_levels(self, tmp_path: Path) -> None:
        """With a higher level there is no line for what went well; with a lower one also for what only looks."""
        with running(tmp_path, "--log-level", "warning") as server:
            server.get(TASKS, **OWNER)
            server.post("/__admin/reset", None)
            quiet = log_of(server)
        with running(tmp_path, UNDERSTUDY_LOG_LEVEL="debug") as server:
            server.get("/__admin/env")
            talkative = log_of(server)

        assert quiet == []
        assert [line[24:] for line in talkative] == ["DEBUG default control GET /__admin/env 200"]

    def test_many(self, tmp_path: Path) -> None:
        """More lines than a pipe holds, which nobody reads meanwhile, neither stop the server nor keep it from ending."""
        with running(tmp_path) as server, httpx2.Client(base_url=server.url, headers=OWNER) as client:
            for _ in range(800):
                assert client.get("/cubicl/api/v1/app/me").status_code == 200

            lines = log_of(server)

        assert 300 < len(lines) < 800


class TestJSON:
    """One object a line."""

    def test_lines(self, tmp_path: Path) -> None:
        """What a console line tells, by name."""
        with running(tmp_path, "--log-format", "json") as server:
            number = server.get(TASKS, **OWNER).headers["X-Understudy-Request"]
            server.get(TASKS)
            server.post("/__admin/reset", None)

            request, refused, control = map(json.loads, log_of(server))

        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", request.pop("time"))
        assert request.pop("milliseconds") > 0
        assert request.pop("message").startswith("default cubicl GET /api/v1/tasks 200 ")
        assert request == {
            "level": "info", "logger": "understudy.request", "sandbox": "default", "vendor": "cubicl", "method": "GET",
            "path": "/api/v1/tasks", "status": 200, "operation": "getTasks", "request": number,
        }  # fmt: skip
        assert (refused["status"], refused["refusal"]) == (401, "Unauthorized")
        del control["time"]
        assert control == {
            "level": "info", "logger": "understudy.control", "message": "default control POST /__admin/reset 200",
            "sandbox": "default", "method": "POST", "path": "/__admin/reset", "status": 200,
        }  # fmt: skip


class TestSecrets:
    """What is in no line."""

    @pytest.mark.parametrize("log_format", ["console", "json"])
    def test_none(self, tmp_path: Path, log_format: str) -> None:
        """No query, header or body, and no link that opens a file; nor the admin token."""
        with running(tmp_path, "--log-format", log_format, UNDERSTUDY_ADMIN_TOKEN="s3cret-admin") as server:
            server.get(f"{LINK}?token=s3cret", **OWNER, Cookie="s3cret")
            server.post("/cotalker/auth/local", {"email": "s3cret", "password": "s3cret"}, Authorization="Bearer s3cret")
            server.post("/__admin/clock?token=s3cret", {"s3cret": 1}, Authorization="Bearer s3cret-admin")

            text = "\n".join(log_of(server))

        assert "/downloads/***" in text
        assert "POST /auth/local" in text
        for secret in ("s3cret", "cubicl-owner", LINK.rpartition("/")[2]):
            assert secret not in text


class TestInjection:
    """Clients can't write the log."""

    @pytest.mark.parametrize("text", ["/a\nb", "/\x1b[2J", "/\x00", "/é", "/a b", "/\u2028"])
    def test_paths(self, text: str) -> None:
        """No control character, nor anything that is not ASCII, stands in a line as it came."""
        assert re.fullmatch(r"[\x21-\x7e]+", printable(text))

    def test_long_paths(self) -> None:
        """A path is shown only so far."""
        assert printable("/" + "x" * 100_000) == "/" + "x" * (LONGEST_PATH - 1) + "..."

    def test_real(self, tmp_path: Path) -> None:
        """An escaped line break stays escaped."""
        with running(tmp_path) as server, socket.create_connection(server.address) as client:
            client.sendall(b"GET /cubicl/a%0d%0a2026-01-01%20ERROR%1b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while client.recv(4096):
                pass

            (line,) = log_of(server)

        assert "GET /a%0d%0a2026-01-01%20ERROR%1b 401 " in line
        assert line.isascii()

    def test_other_messages(self) -> None:
        """The same holds for every message, and a traceback is indented."""
        try:
            raise ValueError("one\n2026-01-01 00:00:00,000 ERROR two\x1b[2J")
        except ValueError as bug:
            told = (type(bug), bug, None)

        text = logs.ConsoleForm()(0.5, logging.ERROR, "x", "three\nfour\x1b", told)

        first, *rest = text.split("\n")
        assert first.endswith(r",500 ERROR three\nfour\x1b")
        assert all(line.startswith("    ") for line in rest)
        assert "\x1b" not in text

    def test_json_of_no_text(self) -> None:
        """Half a surrogate pair does not cost the line."""
        line = json.loads(logs.JSONForm()(0.0, logging.INFO, "x", "a\ud800b"))

        assert (line["level"], line["message"]) == ("info", "a\ud800b")


class TestInProcess:
    """A server within another program, whose logging is not ours."""

    def test_ordinary_records(self, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
        """The lines are records of `logging` like any others, and none unless somebody wants them."""
        client: TestClient = serve().client("/cubicl", **OWNER)
        client.get("/api/v1/app/me")
        caplog.set_level(logging.INFO, logger="understudy")
        answer = client.get("/api/v1/app/me")

        (record,) = (record for record in caplog.records if record.name == "understudy.request")
        assert record.getMessage().endswith(answer.headers["X-Understudy-Request"])
        assert record.msg.fields()["operation"] == "getMe"

    def test_faults(self, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
        """The ids of the faults that had a part in a request stand in its line."""
        server = serve()
        fault = server.admin.post("/faults", json={"then": {"status": 503}}).json()
        caplog.set_level(logging.INFO, logger="understudy.request")
        server.client("/cubicl", **OWNER).get("/api/v1/app/me")

        (record,) = caplog.records
        assert record.msg.fields()["faults"] == [fault["id"]]
        assert str(record.msg).endswith(f" faults={fault['id']}")


class TestLines:
    """How lines are written."""

    @pytest.fixture
    def pipe(self) -> Iterator[tuple[int, logs.Lines]]:
        """A pipe to read from, and a handler that writes to it."""
        reader, writer = os.pipe()
        with os.fdopen(writer, "w") as stream:
            handler = logs.Lines(stream, lambda created, level, logger, message, bug=None: str(message))
            yield reader, handler
            handler.close()
        os.close(reader)

    def test_gathered(self, pipe: tuple[int, logs.Lines]) -> None:
        """In a loop they are written a moment later, together; an error at once, with all before it."""
        reader, handler = pipe

        async def write() -> tuple[bool, bytes]:
            handler.emit(record("one"))
            handler.gather(0.0, logging.INFO, "x", "two")
            early = readable(reader)
            handler.emit(record("three", logging.ERROR))
            return early, os.read(reader, 100)

        assert asyncio.run(write()) == (False, b"one\ntwo\nthree\n")

    def test_written_by_the_loop(self, pipe: tuple[int, logs.Lines]) -> None:
        """Nobody has to ask for it."""
        reader, handler = pipe

        async def write() -> bytes:
            handler.gather(0.0, logging.INFO, "x", "one")
            return await asyncio.to_thread(os.read, reader, 100)

        assert asyncio.run(write()) == b"one\n"

    def test_without_a_loop(self, pipe: tuple[int, logs.Lines]) -> None:
        """Before and after there is one they are written at once."""
        reader, handler = pipe
        handler.emit(record("one"))

        assert os.read(reader, 100) == b"one\n"

    def test_nobody_reads(self, pipe: tuple[int, logs.Lines], monkeypatch: pytest.MonkeyPatch) -> None:
        """A full pipe stops nobody; of what waits the oldest is lost, and who reads later is told how much."""
        monkeypatch.setattr(logs, "LINES_WAITING", 100)
        reader, handler = pipe
        for number in range(5000):
            handler.emit(record(f"{number:04d} {'x' * 95}"))

        written = b""
        while readable(reader):
            written += os.read(reader, 1 << 16)
            handler.flush()

        lines = written.decode().splitlines()
        told = next(line for line in lines if "lost" in line)
        found = re.fullmatch(r"(\d+) log lines are lost: nobody read them in time", told)
        assert found is not None
        assert int(found[1]) + len(lines) - 1 == 5000
        assert lines[0].startswith("0000 ")
        assert lines[-1].startswith("4999 ")

    def test_the_rest_at_the_end(self) -> None:
        """What a full pipe kept waiting is written at the end, as soon as somebody reads."""
        reader, writer = os.pipe()
        with os.fdopen(writer, "w") as stream, os.fdopen(reader, "rb") as late, ThreadPoolExecutor() as pool:
            handler = logs.Lines(stream, lambda created, level, logger, message, bug=None: str(message))
            for number in range(2000):
                handler.emit(record(f"{number:04d} {'x' * 94}"))
            read = pool.submit(late.read, 200_000)
            handler.close()

        assert read.result().endswith(b"1999 " + b"x" * 94 + b"\n")

    def test_the_reader_is_gone(self) -> None:
        """Lines for nobody are dropped."""
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as stream:
            handler = logs.Lines(stream, lambda *line: "x")
            handler.emit(record("one"))
            handler.close()

        assert not handler._waiting

    def test_no_file(self) -> None:
        """A stream that is no file is written to as it is."""
        stream = io.StringIO()
        handler = logs.Lines(stream, logs.ConsoleForm())
        handler.emit(record("one"))
        handler.close()

        assert stream.getvalue().endswith(" INFO one\n")


def record(message: str, level: int = logging.INFO) -> logging.LogRecord:
    """Return a log record."""
    return logging.LogRecord("understudy", level, "", 0, message, (), None)


def readable(descriptor: int) -> bool:
    """Whether there is something to read."""
    return bool(select.select([descriptor], [], [], 0)[0])
