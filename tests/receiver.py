"""A receiver of webhooks on loopback, which answers as it is told and remembers what came; and how a test sends to it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from starlette.testclient import TestClient

from understudy.core.webhooks import Webhook, send

Send = Callable[..., None]


@dataclass
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are taken one by one, status or status and headers; when there are none left, it is 200."""

    url: str
    requests: list[Received] = field(default_factory=list)
    answers: list[int | tuple[int, dict[str, str]]] = field(default_factory=list)
    content: bytes = b"thanks"
    hangs: threading.Event | None = None

    def wait_for(self, number: int) -> list[Received]:
        """Return what came once `number` requests are there."""
        wait_until(lambda: len(self.requests) >= number)
        return self.requests


def wait_until(holds: Any, *, seconds: float = 10) -> None:
    """Return when `holds()` is true; fail when it isn't in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(Received(self.command, self.path, headers, body))
            if receiver.hangs is not None:
                receiver.hangs.wait(20)
                return
            answer = receiver.answers.pop(0) if receiver.answers else 200
            status, extra = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.content)))
            self.end_headers()
            self.wfile.write(receiver.content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that hangs up is none."""

    web = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver = Receiver(f"http://127.0.0.1:{web.server_port}/hook")
    try:
        yield receiver
    finally:
        if receiver.hangs is not None:
            receiver.hangs.set()
        web.shutdown()
        thread.join()
        web.server_close()


def sender(server) -> Send:
    """Return a function that sends a payload to a URL as a room does, in a transaction of its own."""

    def put(url: str, payload: Any = None, *, webhook: str = "w1", event: str = "task-created", fail: bool = False) -> None:
        def transaction() -> None:
            sandbox = server.app.sandboxes["default"]
            with sandbox.session() as session:
                send(sandbox, session, Webhook("vendor", webhook, event, url), payload or {"n": 1})
                if fail:
                    raise ZeroDivisionError

        assert server.main.portal is not None
        server.main.portal.call(transaction)

    return put


def deliveries(admin: TestClient, **query: Any) -> list[dict[str, Any]]:
    """The delivery log."""
    response = admin.get("/webhooks/deliveries", params=query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["deliveries"]
    return found


def settled(admin: TestClient, *, attempts: int = 1, number: int = 0) -> dict[str, Any]:
    """The newest delivery (or the `number`th newest), once it was attempted so often."""
    wait_until(lambda: len(deliveries(admin)[number]["attempts"]) >= attempts)
    return deliveries(admin)[number]
