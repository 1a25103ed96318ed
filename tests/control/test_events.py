"""Server-sent events: what happens, as it happens."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from real_server import Running, running
from understudy.control import observe
from understudy.core.events import BACKLOG, Events

OWNER = {"Authorization": "Bearer cubicl-owner"}
TASKS = "/cubicl/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900"


@dataclass
class Heard:
    """One event of a stream."""

    id: int | None
    kind: str
    data: Any


class Listening:
    """A client that listens."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.lines = response.iter_lines()
        assert next(self.lines) == ": listening"
        assert next(self.lines) == ""

    def next(self) -> Heard:
        """Wait for the next event."""
        fields: dict[str, str] = {}
        for line in self.lines:
            if not line and fields:
                break
            name, _, value = line.partition(": ")
            assert name not in fields, "data is one line"
            if name:
                fields[name] = value
        return Heard(int(fields["id"]) if "id" in fields else None, fields["event"], json.loads(fields["data"]))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server: only a socket shows what is sent when."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


@contextmanager
def listening(server: Running, query: str = "", **headers: str) -> Iterator[Listening]:
    """Listen for the length of a block."""
    with httpx2.stream("GET", f"{server.url}/__admin/events{query}", headers=headers, timeout=10) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        yield Listening(response)


def box(server: Running, name: str) -> str:
    """Make a sandbox; return its name."""
    assert server.post("/__admin/sandboxes", {"name": name}).status_code == 201
    return name


class TestKinds:
    """What is told."""

    def test_request(self, real: Running) -> None:
        """A vendor's request: the id of its journal entry, the operation, the path without its query, status and duration."""
        with listening(real) as listener:
            answer = real.get(TASKS, **OWNER)

            heard = listener.next()

        assert heard.kind == "request"
        assert heard.data.pop("milliseconds") > 0
        assert heard.data == {
            "sandbox": "default", "id": answer.headers["X-Understudy-Request"], "vendor": "cubicl", "operation": "getTasks",
            "method": "GET", "path": "/api/v1/tasks", "status": 200, "faults": [],
        }  # fmt: skip

    def test_fault(self, real: Running) -> None:
        """A fault that had a part in a request is told after it."""
        name = box(real, "faulty")
        at = {"X-Understudy-Sandbox": name}
        real.post("/__admin/faults", {"match": {"vendor": "cubicl"}, "then": {"status": 500}}, **at)
        with listening(real, "?kinds=request,fault", **at) as listener:
            answer = real.get(TASKS, **OWNER, **at)

            request, fault = listener.next(), listener.next()

        assert (request.kind, fault.kind) == ("request", "fault")
        assert request.data["status"] == 500
        assert fault.data == {
            "sandbox": name, "change": "injected", "request": answer.headers["X-Understudy-Request"], "vendor": "cubicl",
            "operation": "getTasks", "faults": request.data["faults"],
        }  # fmt: skip
        assert len(request.data["faults"]) == 1

    def test_sandbox(self, real: Running) -> None:
        """Sandboxes are made, begun anew and deleted."""
        with listening(real, "?sandbox=*&kinds=sandbox") as listener:
            box(real, "brief")
            real.post("/__admin/reset", None, **{"X-Understudy-Sandbox": "brief"})
            httpx2.delete(f"{real.url}/__admin/sandboxes/brief")

            heard = [listener.next() for _ in range(3)]

        assert [(event.kind, event.data) for event in heard] == [
            ("sandbox", {"sandbox": "brief", "change": change}) for change in ("created", "reset", "deleted")
        ]
        assert heard[0].id is not None
        assert [event.id for event in heard] == [heard[0].id, heard[0].id + 1, heard[0].id + 2]

    def test_webhook(self, real: Running) -> None:
        """An attempt to deliver a webhook, with the state that it led to."""
        project = {"group": "64b7f0c2a1d3e4f5a6b7c900"}
        hook = {"type": "task-created", "url": "http://192.0.2.1/hook", **project}
        with listening(real, "?kinds=webhook") as listener:
            made = real.post("/cubicl/api/v1/users/self/webhook", hook, **OWNER)
            assert made.status_code == 200, made.text
            real.post("/cubicl/api/v1/tasks", {**project, "name": "told"}, **OWNER)

            heard = listener.next()

        assert heard.kind == "webhook"
        assert heard.data["vendor"] == "cubicl"
        assert heard.data["state"] == "refused"

    def test_no_secrets(self, real: Running) -> None:
        """What of a path is as good as a token is masked; queries and headers are not told."""
        with listening(real) as listener:
            real.get("/cubicl/downloads/0123456789abcdef0123456789abcdef01234567?token=s3cret", **OWNER)

            heard = listener.next()

        assert heard.data["path"] == "/downloads/***"
        assert "s3cret" not in str(heard.data)


class TestChoice:
    """Who hears what."""

    def test_only_the_selected_sandbox(self, real: Running) -> None:
        """A listener hears of the sandbox that it selects, by header, path or parameter, and of no other."""
        name = box(real, "chosen")
        for way in ({"X-Understudy-Sandbox": name}, {}):
            query = "" if way else f"?sandbox={name}"
            with listening(real, query, **way) as listener:
                real.get(TASKS, **OWNER)
                real.get("/cubicl/api/v1/app/me", **OWNER, **{"X-Understudy-Sandbox": name})

                assert listener.next().data["sandbox"] == name

    def test_only_some_kinds(self, real: Running) -> None:
        """A listener hears only of the kinds that it names."""
        with listening(real, "?sandbox=*&kinds=sandbox,webhook") as listener:
            real.get(TASKS, **OWNER)
            box(real, "after-the-request")

            assert listener.next().kind == "sandbox"

    @pytest.mark.parametrize("kinds", ["weather", "request,weather", "REQUEST"])
    def test_unknown_kind(self, admin: TestClient, kinds: str) -> None:
        """422 that names it."""
        response = admin.get("/events", params={"kinds": kinds})

        detail = f"kinds: there is no {kinds.split(',')[-1]!r}, only request, sandbox, fault, webhook"
        assert response.status_code == 422
        assert response.json() == {"errors": [{"code": "invalid_body", "title": "Invalid body", "detail": detail}]}

    def test_unknown_sandbox(self, admin: TestClient) -> None:
        """404, as everywhere."""
        response = admin.get("/events", params={"sandbox": "nowhere"})

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "unknown_sandbox"


class TestLife:
    """Listeners come, go, and are slow."""

    def test_gone(self, server) -> None:
        """A listener that leaves is forgotten, and nothing is published for nobody."""
        events = server.app.sandboxes.events

        async def come_and_go() -> list[Any]:
            told: list[Any] = []
            left = asyncio.Event()

            async def receive() -> dict[str, Any]:
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                told.append((message.get("body"), bool(events)))
                left.set()

            scope = {
                "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": "GET", "scheme": "http",
                "path": "/__admin/events", "raw_path": b"/__admin/events", "query_string": b"", "headers": [],
                "http_version": "1.1", "server": ("127.0.0.1", 8080),
            }  # fmt: skip
            await asyncio.wait_for(server.app(scope, receive, send), 5)
            return told

        told = server.main.portal.call(come_and_go)

        assert (b": listening\n\n", True) in told
        assert not events

    def test_stays_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """While nothing happens a comment tells, again and again, that the connection lives."""
        monkeypatch.setattr(observe, "SECONDS_BETWEEN_SIGNS", 0.01)

        async def first_three() -> list[bytes]:
            stream = observe._stream(Events(), ("request",), None)
            return [await anext(stream) for _ in range(3)]

        assert observe.SECONDS_BETWEEN_SIGNS < 15
        assert asyncio.run(first_three()) == [b": listening\n\n", b": still here\n\n", b": still here\n\n"]

    def test_too_slow(self) -> None:
        """Who does not keep up loses the oldest, and is told how many."""

        async def late() -> tuple[bytes, bytes]:
            events = Events()
            stream = observe._stream(events, ("sandbox",), None)
            await anext(stream)
            for number in range(BACKLOG + 7):
                events.publish("sandbox", "default", {"number": number})
            events.publish("request", "default", {})
            heard = await anext(stream)
            events.publish("sandbox", "default", {"number": "next"})
            return heard, await anext(stream)

        heard, after = asyncio.run(late())

        pieces = heard.decode().split("\n\n")
        assert pieces[0] == 'event: lost\ndata: {"events": 7}'
        assert pieces[1] == 'event: sandbox\ndata: {"sandbox":"default","number":7}\nid: 8'
        assert len(pieces) == BACKLOG + 2
        assert after.startswith(b'event: sandbox\ndata: {"sandbox":"default","number":"next"}')

    def test_does_not_hold_up_the_end(self, tmp_path) -> None:
        """Ctrl-C ends the server and the streams at once, listeners or not."""
        with running(tmp_path) as server, listening(server) as listener:
            started = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            code = server.process.wait(timeout=10)
            took = time.monotonic() - started

            rest = list(listener.lines)

        assert code == 0
        assert took < 3  # it is 0.6 on an idle machine; a listener that is waited for would make it 15
        assert rest == []
