"""The journal, read by a test."""

from datetime import UTC, datetime

import httpx2
import pytest

from understudy.client import Refused, Sandbox
from understudy.client.journal import MATCHERS

ROOT = "64b7f0c2a1d3e4f5a6b7c900"
TASKS = "/api/v1/tasks"


@pytest.fixture
def asked(sandbox: Sandbox, cubicl: httpx2.Client) -> Sandbox:
    """A sandbox that was asked for three things, the last of which there is not."""
    sandbox.clock.freeze("2026-06-01T08:00:00Z")
    cubicl.get(TASKS, params={"group": ROOT, "limit": "5"})
    cubicl.post(TASKS, json={"group": ROOT, "name": "Ünïcode"})
    cubicl.get("/api/v1/task")
    return sandbox


class TestRequests:
    """`journal.requests()` and `get()`."""

    def test_entries(self, asked: Sandbox) -> None:
        """Newest first, each with request, answer, vendor, operation and the sandbox's instant."""
        unknown, created, listed = asked.journal.requests()

        assert [(entry.method, entry.url, entry.status, entry.operation) for entry in (unknown, created, listed)] == [
            ("GET", "/api/v1/task", 404, None),
            ("POST", TASKS, 200, "createTask"),
            ("GET", f"{TASKS}?group={ROOT}&limit=5", 200, "getTasks"),
        ]
        assert created.vendor == "cubicl"
        assert created.absolute_url == f"{asked.cubicl.url}{TASKS}"
        assert created.at == datetime(2026, 6, 1, 8, tzinfo=UTC)
        assert created.json() == {"group": ROOT, "name": "Ünïcode"}
        assert created.headers["Content-Type"] == "application/json"
        assert created.changes
        assert not listed.changes
        assert listed.body == b""

    def test_secrets(self, asked: Sandbox) -> None:
        """No token is in it."""
        assert "cubicl-owner" not in str([entry.raw for entry in asked.journal.requests()])

    def test_limit(self, asked: Sandbox) -> None:
        """The newest so many."""
        assert [entry.url for entry in asked.journal.requests(limit=1)] == ["/api/v1/task"]

    def test_one(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """An answer names its entry."""
        answer = cubicl.get("/api/v1/app/me")

        entry = sandbox.journal.get(answer.headers["X-Understudy-Request"])

        assert entry == sandbox.journal.requests()[0]
        with pytest.raises(Refused) as caught:
            sandbox.journal.get("no/such")
        assert caught.value.status == 404

    def test_faults(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """An entry names the faults that had a part."""
        fault = sandbox.faults.add(status=503)
        cubicl.get("/api/v1/app/me")

        assert [(entry.status, entry.faults) for entry in sandbox.journal.requests()] == [(503, [fault.id])]


class TestPatterns:
    """`journal.find()`, `count()` and `remove()`."""

    @pytest.mark.parametrize(
        ("pattern", "number"),
        [
            ({}, 3),
            ({"operation": "createTask"}, 1),
            ({"vendor": "cubicl", "method": "GET"}, 2),
            ({"vendor": "groupcamp"}, 0),
            ({"url_path": TASKS}, 2),
            ({"url_path_pattern": "/api/v1/task.*"}, 3),
            ({"query_parameters": {"limit": "5"}}, 1),
            ({"query_parameters": {"limit": {"matches": "[0-4]"}}}, 0),
            ({"headers": {"Content-Type": "application/json"}}, 1),
            ({"headers": {"Content-Type": {"absent": True}}}, 2),
            ({"body_patterns": [{"matchesJsonPath": "$[?(@.name == 'Ünïcode')]"}]}, 1),
            ({"body_patterns": [{"matches_json_path": "$[?(@.name == 'Ünïcode')]"}]}, 1),
            ({"body_patterns": [{"matches_json_path": {"expression": "$.name", "equal_to": "Ünïcode"}}]}, 1),
            ({"body_patterns": [{"equal_to_json": {"name": "Ünïcode"}, "ignore_extra_elements": True}]}, 1),
            ({"body_patterns": [{"equal_to_json": {"equal_to": "x"}}]}, 0),
            ({"body_patterns": [{"or": [{"contains": "Ünïcode"}, {"does_not_contain": "group"}]}]}, 3),
            ({"body_patterns": ["Ünïcode"]}, 0),
            ({"query_parameters": {"limit": {"equal_to": "5"}}}, 1),
            ({"query_parameters": {"limit": {"not": {"equal_to": "5"}}}}, 2),
            ({"query_parameters": {"limit": {"has_exactly": ["5"]}}}, 1),
            ({"query_parameters": {"equal_to": {"absent": True}}}, 3),
            ({"headers": {"content-type": {"equal_to": "APPLICATION/JSON", "case_insensitive": True}}}, 1),
            ({"url_path_template": "/api/v1/{equal_to}", "path_parameters": {"equal_to": "tasks"}}, 2),
            ({"host": {"does_not_match": "127.*"}}, 0),
            ({"host": "127.0.0.1"}, 3),
        ],
    )
    def test_fits(self, asked: Sandbox, pattern: dict[str, object], number: int) -> None:
        """A pattern of WireMock's, written in snake case, with plain texts for what must be equal."""
        assert asked.journal.count(**pattern) == number
        assert len(asked.journal.find(**pattern)) == number

    def test_found(self, asked: Sandbox) -> None:
        """What is found is the request; `get` tells the answer."""
        (found,) = asked.journal.find(operation="createTask")

        assert (found.method, found.status, found.json()["name"]) == ("POST", None, "Ünïcode")
        assert asked.journal.get(found.id).status == 200

    def test_refused(self, asked: Sandbox) -> None:
        """What is no pattern is refused, and doesn't count as none."""
        with pytest.raises(Refused, match="422 invalid_body: methd"):
            asked.journal.count(methd="GET")

    def test_every_matcher(self, asked: Sandbox) -> None:
        """Each matcher that the control plane knows has a name in snake case."""
        with pytest.raises(Refused) as caught:
            asked.journal.count(body_patterns=[{"nothing": 1}])
        _, _, listed = caught.value.detail.rpartition(": ")

        assert {name for name in listed.split(", ") if not name.islower()} <= set(MATCHERS.values())
        assert all(name == name.lower() for name in MATCHERS)

    def test_remove(self, asked: Sandbox) -> None:
        """What fits is forgotten, the rest stays."""
        assert asked.journal.remove(method="GET") == 2

        assert [entry.operation for entry in asked.journal.requests()] == ["createTask"]

    def test_clear(self, asked: Sandbox) -> None:
        """After `clear()` nothing is left."""
        asked.journal.clear()

        assert asked.journal.requests() == []


class TestUnmatched:
    """`journal.unmatched()` and `near_misses()`."""

    def test_what_is_not_there(self, asked: Sandbox) -> None:
        """A request to nothing is listed, with the operations that it comes near to and what differs."""
        (unmatched,) = asked.journal.unmatched()
        nearest = asked.journal.near_misses()[0]

        assert unmatched.url == "/api/v1/task"
        assert nearest.request.id == unmatched.id
        assert nearest.operation == "getTasks"
        assert 0 < nearest.distance < 0.5
        assert any("/api/v1/tasks" in difference for difference in nearest.differences)

    def test_says_it_in_one_line(self, asked: Sandbox) -> None:
        """As a text, a near miss is what was asked, the operation, how far it is, and what differs."""
        nearest = asked.journal.near_misses()[0]

        assert str(nearest) == (
            f"GET /api/v1/task comes near cubicl getTasks ({nearest.distance:.2f}): {' '.join(nearest.differences)}"
        )
