"""A server inside the process of a test suite.

It starts in a second, most of which are imports, and ends with the process. What turns the process upside down turns the server,
too: under a library that fakes the clock, the files or the sockets of the whole process, run `understudy serve` beside the suite.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from understudy.client import Understudy, UnderstudyError


class DidNotStart(UnderstudyError):
    """The server ended before it was ready; what ended it is the cause."""


@contextmanager
def serve(**settings: Any) -> Iterator[Understudy]:
    """Run a server in a thread until the block ends; give a client of it once it is ready.

    `settings` are those of `understudy.config.Settings`, and what they leave out comes from the environment, but for the address:
    that is loopback with free ports, in memory, unless the call says otherwise. Raises `TypeError` for a name that is no setting,
    and what ends `understudy serve`: `pydantic.ValidationError`, `CannotListen`, `BadRecipe`, `StoreUnusable`, `BadAuthority`.
    """
    from understudy import server
    from understudy.config import Settings
    from understudy.main import create_app

    if unknown := settings.keys() - Settings.model_fields.keys():
        raise TypeError(f"{min(unknown)!r} is no setting; the README lists the settings")
    ports = dict.fromkeys(Settings.model_fields["vendor_ports"].default, 0)
    here: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "vendor_ports": ports, "data": None}
    with ExitStack() as stack:
        opened, sockets = server.listen(Settings(**(here | settings)))
        for port in sockets:
            stack.enter_context(port)
        opened = server.guarded(opened)
        ready = threading.Event()
        running = server.server_of(create_app(opened), opened, ready.set)
        stack.enter_context(_thread(running, sockets, ready))
        yield stack.enter_context(Understudy(opened.url(), opened.admin_token, opened.ca))


@contextmanager
def _thread(running: Any, sockets: Any, ready: threading.Event) -> Iterator[None]:
    """Run a server in a thread of its own for the length of a block, which begins when it serves."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            running.run(sockets=sockets)
        except BaseException as error:  # SystemExit is how uvicorn says that it can't start
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="understudy", daemon=True)
    thread.start()
    ready.wait()
    if not running.started:
        thread.join()
        raise DidNotStart("the server ended before it was ready") from (failures[0] if failures else None)
    try:
        yield
    finally:
        running.should_exit = True
        thread.join()
