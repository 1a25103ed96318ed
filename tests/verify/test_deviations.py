"""Where a target differs in one thing, the rule of that thing is named, and no other.

The target is our own server, behind a transport that changes single answers.
"""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import orjson
import pytest

from understudy.verify.reports import Report
from understudy.verify.session import Wishes, verify
from understudy.verify.targets import in_sandbox
from verify.conftest import CUBICL

GROUND = """
credentials: {roles: [owner, member, viewer], needs: [token]}
asked: {group: id of a project}
given:
  group: {understudy: {setup: create-project, json: {name: x}, keep: {group: _id}}}
  task: {given: [group], request: POST /api/v1/tasks, json: {group: "{group}", name: "{unique}"}, keep: {task: _id}}
"""
CASES = """
- case: create
  given: [group]
  request: POST /api/v1/tasks
  json: {group: "{group}", name: "{unique}"}
  expect:
    cubicl.protocol.success-is-200: {status: 200}
    cubicl.create.priority-default: {json: {priority: 3}}
    cubicl.create.desc-default: {json: {desc: ""}}
    cubicl.task.fields: {json: {$has: [_id, name, desc, priority, state, tags]}}
- case: same state
  given: [task]
  request: PUT /api/v1/tasks/{task}/state
  json: {value: cb_waiting}
  expect:
    cubicl.state.same-state: {status: 422}
    cubicl.errors.texts-of-422: {text: The task is already in the desired state.}
    cubicl.errors.text-as-plain-text: {header: {content-type: text/plain; charset=utf-8}}
- case: search
  given: [task: {name: "alpha {unique}"}, task as other: {name: "beta {unique}"}]
  request: GET /api/v1/tasks?group={group}&search=alpha
  expect:
    cubicl.list.search: {at: {"*._id": {$contains: "{task}", $lacks: "{other}"}}}
- case: order
  given: [task: {priority: 5}, task as other: {priority: 1}]
  request: GET /api/v1/tasks?group={group}
  expect:
    cubicl.list.priority-first: {at: {"*.priority": {$sorted: "-."}}}
- case: without a token
  as: nobody
  request: GET /api/v1/app/me
  expect:
    cubicl.auth.bearer-token: {status: 401}
    cubicl.errors.empty-body: {empty: true}
"""

Change = Callable[[httpx2.Request, Any], Any]


class Deviating(httpx2.BaseTransport):
    """Passes requests on, and changes answers to those with this method and end of path: status, headers, JSON or text."""

    def __init__(self, request: str, *, status: int = 0, headers: dict[str, str] | None = None, body: Any = None) -> None:
        self.method, self.path = request.split()
        self.status, self.headers, self.body = status, headers or {}, body
        self.real = httpx2.HTTPTransport()

    def close(self) -> None:
        """Give the connections back."""
        self.real.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        answer = self.real.handle_request(request)
        content = answer.read()
        if request.method != self.method or not request.url.path.endswith(self.path):
            return httpx2.Response(answer.status_code, headers=answer.headers, content=content)
        if callable(self.body):
            content = orjson.dumps(self.body(orjson.loads(content)))
        elif self.body is not None:
            content = self.body
        headers = {**answer.headers, **self.headers, "content-length": str(len(content))}
        return httpx2.Response(self.status or answer.status_code, headers=headers, content=content)


Examine = Callable[[httpx2.BaseTransport], Report]


@pytest.fixture
def examine(suite, understudy) -> Iterator[Examine]:
    """Return a function that verifies our server behind a transport."""
    read = suite(CASES, GROUND)
    with understudy.create_sandbox() as sandbox:

        def report(transport: httpx2.BaseTransport) -> Report:
            with httpx2.Client(transport=transport) as http:
                target = in_sandbox(CUBICL, sandbox, http)
                return verify(read, CUBICL, Wishes(), lambda case: target)

        yield report


def without(name: str) -> Change:
    """Return a change that leaves a member out."""
    return lambda task: {key: value for key, value in task.items() if key != name}


def test_no_deviation(examine):
    """Without one nothing differs, and everything is reached."""
    report = examine(httpx2.HTTPTransport())

    assert {outcome.result for outcome in report.outcomes.values()} == {"agreed"}


@pytest.mark.parametrize(
    ("deviation", "rules"),
    [
        (Deviating("POST /tasks", status=201), ["cubicl.protocol.success-is-200"]),
        (Deviating("POST /tasks", body=lambda task: {**task, "priority": 1}), ["cubicl.create.priority-default"]),
        (Deviating("POST /tasks", body=without("desc")), ["cubicl.task.fields"]),
        (Deviating("PUT /state", status=400), ["cubicl.state.same-state"]),
        (Deviating("PUT /state", body=b"No."), ["cubicl.errors.texts-of-422"]),
        (Deviating("PUT /state", headers={"content-type": "text/html"}), ["cubicl.errors.text-as-plain-text"]),
        (Deviating("GET /tasks", body=lambda tasks: tasks[::-1]), ["cubicl.list.priority-first"]),
        (Deviating("GET /me", status=403), ["cubicl.auth.bearer-token"]),
        (Deviating("GET /me", body=b"{}"), ["cubicl.errors.empty-body"]),
        (Deviating("GET /tasks", body=lambda tasks: []), ["cubicl.list.search"]),
    ],
)
def test_one_deviation(examine, deviation, rules):
    """One deviation is told of one rule."""
    report = examine(deviation)

    assert [outcome.rule for outcome in report.of("differed")] == rules


def test_in_the_code(examine, monkeypatch):
    """A behaviour that is changed in the code is found as well."""
    monkeypatch.setattr("understudy.vendors.cubicl.errors.SameState.text", "Nothing to do.")

    report = examine(httpx2.HTTPTransport())

    assert [outcome.rule for outcome in report.of("differed")] == ["cubicl.errors.texts-of-422"]
    assert report.of("not-reachable") == []
