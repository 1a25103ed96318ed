"""A container engine as far as the container of ours needs one: it takes what Docker's API takes, and runs a process of this
machine instead.

Only this is made up. The library Testcontainers, the Docker SDK below it and the HTTP between them are the real ones, and so is
the server, run with the variables that the image sets and those that the container is given.
"""

import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from real_server import UNDERSTUDY, environment

STREAMS = ("stdout", "stderr")
ID = "c0ffee" * 10 + "0000"
DOCKERFILE = (Path(__file__).parents[2] / "Dockerfile").read_text()
HOST_OF_THE_IMAGE = re.findall(r"UNDERSTUDY_HOST=(\S+)", DOCKERFILE)[0]


@dataclass
class Engine:
    """`asked` is what a client asked for, in order; `created` the body of the container it made."""

    directory: Path
    url: str = ""
    asked: list[str] = field(default_factory=list)
    created: dict[str, Any] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return status and body of an answer."""
        path, _, query = re.sub(r"^/v[\d.]+", "", path).partition("?")
        self.asked.append(f"{method} {path}")
        match method, path.replace(ID, "ID"):
            case "GET", "/version":
                return 200, {"ApiVersion": "1.50", "MinAPIVersion": "1.24"}
            case "GET", "/images/understudy/json":
                return 200, {"Id": "sha256:1", "RepoTags": ["understudy:latest"]}
            case "POST", "/containers/create":
                self.created = body
                return 201, {"Id": ID, "Warnings": []}
            case "POST", "/containers/ID/start":
                self.start()
                return 204, None
            case "GET", "/containers/ID/json":
                return 200, self.shown()
            case "GET", "/containers/ID/logs":
                return 200, b"".join((self.directory / name).read_bytes() for name in STREAMS if f"{name}=1" in query)
            case "DELETE", "/containers/ID":
                self.end()
                return 204, None
        return 404, {"message": f"{method} {path} is more than this engine can do"}

    def start(self) -> None:
        """Run the server as it is run in the image, at free ports in the place of the container's."""
        self.ports = dict.fromkeys(self.created["ExposedPorts"], 0)
        for port in self.ports:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.ports[port] = free.getsockname()[1]
        main, *others = self.ports.values()
        own = zip(("cotalker", "cubicl", "groupcamp"), others, strict=True)
        given = dict(pair.split("=", 1) for pair in self.created["Env"])
        inside = {"UNDERSTUDY_PORT": str(main), "UNDERSTUDY_VENDOR_PORTS": ",".join(f"{name}={port}" for name, port in own)}
        variables = environment(self.directory, UNDERSTUDY_HOST=HOST_OF_THE_IMAGE) | given | inside
        with (self.directory / "stdout").open("wb") as stdout, (self.directory / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen([UNDERSTUDY, "serve"], env=variables, stdout=stdout, stderr=stderr)

    def shown(self) -> dict[str, Any]:
        """The container, as the API shows it."""
        status = "created" if self.process is None else "running" if self.process.poll() is None else "exited"
        mapped = {port: [{"HostIp": "0.0.0.0", "HostPort": str(number)}] for port, number in self.ports.items()}
        return {
            "Id": ID, "Name": "/one", "Image": "sha256:1", "Config": {"Tty": True}, "State": {"Status": status},
            "HostConfig": {"NetworkMode": "default"}, "NetworkSettings": {"Ports": mapped},
        }  # fmt: skip

    def end(self) -> None:
        """Remove the container."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def engine(directory: Path) -> Iterator[Engine]:
    """Run an engine on loopback for the length of a block."""
    one = Engine(directory)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            status, body = one.answer(self.command, self.path, json.loads(self.rfile.read(length)) if length else None)
            content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    one.url = f"tcp://127.0.0.1:{web.server_port}"
    try:
        yield one
    finally:
        one.end()
        web.shutdown()
        thread.join()
        web.server_close()
