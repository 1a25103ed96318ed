"""Targets to verify: a scripted vendor that answers what a test says, and our own server as a real account and as a sandbox."""

import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from understudy.client import Understudy
from understudy.testing import serve as serve_here
from understudy.vendors import VENDORS
from understudy.verify.form import Suite
from understudy.verify.loading import load
from understudy.verify.running import Run
from understudy.verify.secrets import Secrets
from understudy.verify.target import Target
from understudy.verify.targets import OwnServers
from understudy.verify.verdicts import Check

CUBICL = next(vendor for vendor in VENDORS if vendor.name == "cubicl")

GROUND = """
credentials:
  roles: [owner, member]
  needs: [token]
  login: {needs: [email, password], request: POST /login, json: {email: "{credential.email}"}, keep: {token: token}}
values: {nobody: nothing}
asked: {group: id of a group}
given:
  found: {request: GET /groups, keep: {found: 0.id}}
  group: {understudy: {setup: create-project, json: {name: x}, keep: {group: _id}}}
  task: {request: POST /tasks, json: {name: "{unique}"}, keep: {task: id}}
undo:
  POST /tasks: DELETE /tasks/{id}
  POST /projects: {remark: a project}
harmless: [POST /search]
"""

Suites = Callable[[str], Suite]
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture
def suite(tmp_path: Path) -> Suites:
    """Return a function that reads cases written in a test."""

    def read(cases: str, ground: str = GROUND) -> Suite:
        (tmp_path / "_given.yaml").write_text(ground)
        (tmp_path / "some.yaml").write_text(f"source: a page\ncases:\n{textwrap.indent(textwrap.dedent(cases).strip(), '  ')}\n")
        return load("cubicl", tmp_path)

    return read


class Scripted:
    """A vendor that answers what a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.asked: list[httpx2.Request] = []
        self.waited: list[float] = []

    def on(self, request: str, *answers: Any) -> None:
        """Answer `METHOD /path` with each of these in turn, the last for ever: JSON, a status, both, or an exception."""
        self.answers[request] = list(answers)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        self.asked.append(request)
        script = self.answers.get(f"{request.method} {request.url.path}", [404])
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, httpx2.Response):
            return answer
        if isinstance(answer, int):
            return httpx2.Response(answer)
        return httpx2.Response(answer[0], json=answer[1]) if isinstance(answer, tuple) else httpx2.Response(200, json=answer)

    @property
    def lines(self) -> list[str]:
        """What it was asked, as `METHOD /path`."""
        return [f"{request.method} {request.url.path}" for request in self.asked]

    def target(self, **changes: Any) -> Target:
        """Return it as a target."""
        http = httpx2.Client(transport=httpx2.MockTransport(self.handle))
        wishes = {"credentials": {"owner": {"token": "s3cret-token"}}, "sleep": self.waited.append, **changes}
        return Target(vendor=CUBICL, url="https://vendor.test", http=http, secrets=Secrets(), **wishes)


@pytest.fixture
def scripted() -> Scripted:
    """A vendor that answers what the test says."""
    return Scripted()


Verify = Callable[..., list[Check]]


@pytest.fixture
def run(suite: Suites, scripted: Scripted) -> Verify:
    """Return a function that runs one case at the scripted vendor."""

    def verify(cases: str, **wishes: Any) -> list[Check]:
        read = suite(cases)
        return Run(suite=read, target=scripted.target(), **wishes).checks(read.cases[0])

    return verify


@pytest.fixture(scope="session")
def understudy(cache: Path) -> Iterator[Understudy]:
    """A running server of ours."""
    with serve_here(cache=cache) as server:
        yield server


@pytest.fixture
def own_servers(cache: Path) -> Iterator[OwnServers]:
    """Servers as the self-check has them."""
    with ExitStack() as stack:
        yield OwnServers(stack, cache=cache)
