"""Faults in GroupCamp's words, and lists that change between two of their pages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from fault_rules import Add, adding
from groupcamp.clients import (
    FORBIDDEN,
    GONE,
    GROUP,
    NOT_FOUND,
    TASKS,
    UNAUTHORIZED,
    bad_parameter,
    refused,
    signing,
)
from groupcamp.invariants import check_office
from groupcamp.test_group_tasks import JEAN

Ids = list[str]

ONCE = {"times": 1}
SIZE = 5
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "tasks of a group": (TASKS, {}),
    "completed tasks of a group": (TASKS, {"state": "completed"}),
    "tasks of the account": ("/task/v1/tasks", {}),
    "tasks of a user": (f"/task/v1/user/{JEAN['id']}/assigned_tasks", {}),
}
LOGS: dict[str, tuple[str, dict[str, str]]] = {
    "time of the account": ("/track/v1/timelogs", {"start": "2026-04-20", "end": "2026-05-31"}),
    "time of a group": (f"/track/v1/group/{GROUP}/timelogs", {"start": "0001-01-01", "end": "9999-12-31"}),
}


@pytest.fixture
def small(serve: Callable[..., Any]) -> Any:
    """A server whose pages hold five items."""
    return serve(groupcamp_page_size=SIZE)


@pytest.fixture
def fault(small: Any) -> Add:
    """Return a function that adds a fault of GroupCamp."""
    return adding(small.admin, "groupcamp")


@pytest.fixture
def client(small: Any) -> TestClient:
    """A client of the reporting application."""
    return signing(small)


class TestStatus:
    """Every status word and number, as GroupCamp spells it."""

    @pytest.mark.parametrize(
        ("status", "answered", "body"),
        [
            ("rateLimit", 429, {"error": "too_many_requests"}),
            ("unauthorized", 401, UNAUTHORIZED),
            ("forbidden", 403, FORBIDDEN),
            (400, 400, bad_parameter("query", "invalid")),
            (401, 401, UNAUTHORIZED),
            (403, 403, FORBIDDEN),
            (404, 404, NOT_FOUND),
            (409, 409, {"error": "conflict"}),
            (410, 410, GONE),
            (413, 413, {"error": "request_too_large"}),
            (429, 429, {"error": "too_many_requests"}),
            (500, 500, {"error": "internal_error"}),
            (502, 502, {"error": "bad_gateway"}),
            (503, 503, {"error": "service_unavailable"}),
            (504, 504, {"error": "gateway_timeout"}),
        ],
    )
    def test_own_words(self, client: TestClient, fault: Add, status: Any, answered: int, body: dict[str, Any]) -> None:
        """The body is an object with `error`, readable by pages of every origin."""
        fault(status=status)

        response = client.get(TASKS)

        refused(response, answered, body)

    def test_bad_request_to_a_post(self, small: Any, fault: Add) -> None:
        """Of a request with a body, the body is what was bad."""
        fault(status=400)

        response = signing(small, "pk-demo-1", application="provisioning-1").post("/core/v1/orga/invited", json={})

        refused(
            response, 400, {"error": "bad_request", "detail": "error_json", "errors": [{"field": "body", "error": "invalid"}]}
        )

    def test_timeout(self, client: TestClient, fault: Add) -> None:
        """A gateway's page, for the vendor has said nothing."""
        fault(status="timeout")

        response = client.get(TASKS)

        assert response.status_code == 504
        assert response.headers["content-type"] == "text/html; charset=utf-8"

    def test_preflights_are_left_alone(self, client: TestClient, fault: Add) -> None:
        """A browser gets to see the fault only if its question before is answered."""
        fault(status=500)

        response = client.options(TASKS, headers={"Origin": "https://page.example", "Access-Control-Request-Method": "GET"})

        assert response.status_code == 204

    def test_key(self, small: Any, client: TestClient) -> None:
        """The token of a signed request is its key."""
        small.admin.post("/faults", json={"match": {"token": "rk-*"}, "then": {"status": 503}})

        assert client.get(TASKS).status_code == 503
        other = signing(small, "pk-demo-1", application="provisioning-1")
        assert other.get("/core/v1/users").status_code == 200


def pages_of(client: TestClient, path: str, query: dict[str, str]) -> Iterator[Ids]:
    """Follow `next_page` from the first page to the last."""
    response = client.get(path, params=query)
    while True:
        assert response.status_code == 200, response.text
        body = response.json()
        yield [item["id"] for item in body["result"]]
        if "next_page" not in body:
            return
        response = client.get(body["next_page"])


@pytest.fixture(params=[*LISTS, *LOGS])
def pages(request: pytest.FixtureRequest, client: TestClient) -> Callable[[], list[Ids]]:
    """A client that follows the pages of each listing in turn."""
    path, query = (LISTS | LOGS)[request.param]
    return lambda: list(pages_of(client, path, query))


@pytest.fixture(params=LISTS)
def task_pages(request: pytest.FixtureRequest, client: TestClient) -> Callable[[], list[Ids]]:
    """Likewise of each listing of tasks."""
    path, query = LISTS[request.param]
    return lambda: list(pages_of(client, path, query))


@pytest.fixture(params=LOGS)
def log_pages(request: pytest.FixtureRequest, client: TestClient) -> Callable[[], list[Ids]]:
    """Likewise of each listing of time records."""
    path, query = LOGS[request.param]
    return lambda: list(pages_of(client, path, query))


def flat(read: list[Ids]) -> Ids:
    """All items of all pages."""
    return [item for page in read for item in page]


class TestPaging:
    """then.paging, on every paged listing of GroupCamp."""

    def test_insert(self, small: Any, pages: Callable[[], list[Ids]], fault: Add) -> None:
        """The client meets each item once and never the new one, which shows in a second run only."""
        before = flat(pages())
        fault(paging="insert", when=ONCE)

        met = flat(pages())

        after = flat(pages())
        assert met == before
        (new,) = set(after) - set(before)
        assert [item for item in after if item != new] == before
        check_office(small)

    def test_delete(self, small: Any, pages: Callable[[], list[Ids]], fault: Add) -> None:
        """The client holds an item that is gone."""
        before = flat(pages())
        fault(paging="delete", when=ONCE)

        met = flat(pages())

        after = flat(pages())
        assert met == before
        assert after == [item for item in before if item != before[SIZE - 1]]
        check_office(small)

    @pytest.mark.parametrize(("kind", "spent"), [("insert", 7 * 600), ("delete", 5 * 600)])
    def test_time_on_a_task(self, small: Any, client: TestClient, fault: Add, kind: str, spent: int) -> None:
        """Time that comes or goes with a record is added to its task, or taken from it."""
        act = small.admin.post
        task = client.get(TASKS).json()["result"][0]["id"]
        before = client.get(f"/task/v1/task/{task}").json()["result"]["track_time"]["total"]["s"]
        for _ in range(6):
            wish = {"task": task, "duration": {"s": 600}, "date": "2031-01-01"}
            assert act("/actions/groupcamp/log-time", json=wish).status_code == 200
        fault(paging=kind, when=ONCE)

        list(pages_of(client, "/track/v1/timelogs", {"start": "2031-01-01", "end": "2031-01-01"}))

        assert client.get(f"/task/v1/task/{task}").json()["result"]["track_time"]["total"]["s"] - before == spent
        check_office(small)

    def test_duplicate(self, pages: Callable[[], list[Ids]], fault: Add) -> None:
        """The last item of the page before stands on top of the next page, which is longer by it; the data stays."""
        before = flat(pages())
        fault(paging="duplicate", when=ONCE)

        met = pages()

        assert flat(met) == [*before[:SIZE], before[SIZE - 1], *before[SIZE:]]
        assert len(met[1]) == min(SIZE, len(before) - SIZE) + 1
        assert flat(pages()) == before

    def test_every_later_page(self, pages: Callable[[], list[Ids]], fault: Add) -> None:
        """Without `times` every page but the first has it."""
        before = pages()
        fault(paging="duplicate")

        met = pages()

        assert met[0] == before[0]
        for page in range(1, len(before)):
            assert met[page] == [before[page - 1][-1], *before[page]]

    def test_expired_list(self, client: TestClient, fault: Add) -> None:
        """A stored list is gone, and stays so, for all of its pages; the list can be asked for anew."""
        path, query = LOGS["time of the account"]
        first = client.get(path, params=query).json()
        fault(paging="expire", when=ONCE)

        expired = client.get(first["next_page"])

        refused(expired, 410, GONE)
        assert expired.headers["x-understudy-fault"] == "fault-1"
        refused(client.get(first["next_page"]), 410, GONE)
        assert client.get(path, params=query).status_code == 200

    def test_expired_cursor(self, client: TestClient, fault: Add) -> None:
        """Pages of tasks can't expire, says the vendor: the cursor is refused as one that can't be read, for this once."""
        first = client.get(TASKS).json()
        fault(paging="expire", when=ONCE)

        expired = client.get(first["next_page"])

        refused(expired, 400, bad_parameter("cursor", "invalid"))
        assert client.get(first["next_page"]).status_code == 200

    def test_only_later_pages_count(self, small: Any, client: TestClient, fault: Add) -> None:
        """First pages, bad signatures and pages that are not there leave a paging fault waiting."""
        path, query = LOGS["time of the account"]
        number = fault(paging="expire", when={"skip": 1})
        first = client.get(path, params=query).json()

        client.get(first["next_page"].replace("page=2", "page=1"))
        client.get(first["next_page"].replace("page=2", "page=9999"))
        assert small.client("/groupcamp").get(first["next_page"]).status_code == 401
        nobody = small.admin.get(f"/faults/{number}").json()
        skipped = client.get(first["next_page"])

        assert nobody["eligible"] == 0
        assert skipped.status_code == 200
        assert "x-understudy-fault" not in skipped.headers
        assert client.get(first["next_page"]).status_code == 410
