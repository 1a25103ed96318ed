"""A published client library of WireMock verifies calls against this server, unchanged."""

from collections.abc import Iterator

import httpx2
import pytest
from wiremock.client import (
    HttpMethods,
    NearMisses,
    NearMissMatchPatternRequest,
    NearMissMatchRequest,
    Requests,
    WireMockMatchers,
)
from wiremock.constants import Config
from wiremock.exceptions import NotFoundException

from real_server import Running, running

TASKS = "/api/v1/tasks"
OWNER = {"Authorization": "Bearer cubicl-owner"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server, for the library opens sockets."""
    with running(tmp_path_factory.mktemp("wiremock")) as server:
        assert server.post("/__admin/sandboxes", {"name": "mine"}).status_code == 201
        yield server


@pytest.fixture(params=["", "/s/mine"], ids=["default", "sandbox"])
def base(live: Running, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a sandbox, which the library is told as its users do; its journal is empty."""
    address = f"{live.url}{request.param}"
    monkeypatch.setattr(Config, "base_url", f"{address}/__admin")
    Requests.reset_request_journal(parameters={})
    return address


def call(base: str, method: str, path: str, **options: object) -> httpx2.Response:
    """Call the vendor."""
    return httpx2.request(method, f"{base}/cubicl{path}", headers=OWNER, **options)  # type: ignore[arg-type]


class TestPythonClient:
    """The Python library `wiremock`."""

    def test_counts(self, base: str) -> None:
        """Counting by method, URL, headers, parameters and body."""
        call(base, "GET", f"{TASKS}?limit=2")
        call(base, "POST", TASKS, json={"name": "Paint", "group": "64b7f0c2a1d3e4f5a6b7c900"})

        def count(**pattern: object) -> int:
            counted: int = Requests.get_matching_request_count(NearMissMatchPatternRequest(**pattern), parameters={}).count
            return counted

        assert count(method=HttpMethods.GET, url_path=TASKS) == 1
        assert count(method=HttpMethods.ANY, url_path=TASKS) == 2
        assert count(url=f"{TASKS}?limit=2") == 1
        assert count(url_path_pattern="/api/v1/ta.*", query_parameters={"limit": {WireMockMatchers.EQUAL_TO: "2"}}) == 1
        assert count(headers={"Authorization": {WireMockMatchers.MATCHES: "Bearer .*"}}) == 2
        assert count(body_patterns=[{WireMockMatchers.MATCHES_JSON_PATH: "$[?(@.name == 'Paint')]"}]) == 1
        assert count(method=HttpMethods.DELETE) == 0

    def test_finds_and_lists(self, base: str) -> None:
        """Listing, finding and getting one, with request and answer."""
        number = call(base, "GET", f"{TASKS}?limit=2").headers["X-Understudy-Request"]
        call(base, "GET", "/api/v1/users")

        listed = Requests.get_all_received_requests(parameters={})
        limited = Requests.get_all_received_requests(limit=1, parameters={})
        (found,) = Requests.get_matching_requests(NearMissMatchPatternRequest(url_path=TASKS), parameters={}).requests
        one = Requests.get_request(number)

        assert (listed.meta.total, listed.request_journal_disabled) == (2, False)
        assert [event.request.url for event in listed.requests] == ["/api/v1/users", f"{TASKS}?limit=2"]
        assert [event.request.url for event in limited.requests] == ["/api/v1/users"]
        assert (found.method, found.url, found.body) == ("GET", f"{TASKS}?limit=2", "")
        assert found.absolute_url == f"{base}/cubicl{TASKS}?limit=2"
        assert found.headers["Authorization"] == "Bearer ***"
        assert (one.request.url, one.response_definition.status) == (found.url, 200)
        with pytest.raises(NotFoundException):
            Requests.get_request("00000000-0000-4000-8000-000000000000")

    def test_unmatched_and_near_misses(self, base: str) -> None:
        """What no operation is there for, and what it comes near to."""
        call(base, "GET", "/api/v1/task")
        call(base, "GET", TASKS)

        (unmatched,) = Requests.get_unmatched_requests().requests
        (nearest, *_) = Requests.get_unmatched_requests_near_misses().near_misses
        (to_request, *_) = NearMisses.find_nearest_misses_by_request(NearMissMatchRequest(url="/cubicl/api/v1/task")).near_misses
        pattern = NearMissMatchPatternRequest(url=f"{TASKS}/x", method="GET")
        (to_pattern, *_) = NearMisses.find_nearest_misses_by_request_pattern(pattern).near_misses

        assert unmatched.url == nearest.request.url == "/api/v1/task"
        assert 0 < nearest.match_result.distance < 0.1
        assert to_request.request.url == "/cubicl/api/v1/task"
        assert (to_pattern.request.url, to_pattern.request_pattern.url) == (TASKS, f"{TASKS}/x")

    def test_resets(self, base: str) -> None:
        """After a reset the journal is empty."""
        call(base, "GET", TASKS)

        Requests.reset_request_journal(parameters={})

        assert Requests.get_all_received_requests(parameters={}).requests == []
