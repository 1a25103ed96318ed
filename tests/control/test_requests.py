"""What was asked of a sandbox: listed, counted, found and removed, over HTTP."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from understudy.core.store import Change

OWNER = {"Authorization": "Bearer cubicl-owner"}
TASKS = "/api/v1/tasks"
GROUP = "64b7f0c2a1d3e4f5a6b7c900"
NOW = "2026-03-02T12:00:00.000Z"
NOW_MS = 1772452800000


@pytest.fixture
def cubicl(server) -> TestClient:
    """A vendor's client."""
    return server.client("/cubicl", **OWNER)


def error(response: Any) -> tuple[int, str, str]:
    """Return status, code and detail of a refusal, which has nothing else."""
    (told,) = response.json()["errors"]
    assert set(response.json()) == {"errors"}
    return response.status_code, told["code"], told["detail"]


def urls(answer: Any) -> list[str]:
    """Return the URLs of logged requests or serve events."""
    return [row.get("request", row)["url"] for row in answer.json()["requests"]]


class TestListRequests:
    """GET /__admin/requests."""

    def test_an_event_is_wiremocks(self, server, admin: TestClient, cubicl: TestClient, clock) -> None:
        """An event has every member of WireMock's; what is ours stands in the request."""
        clock.freeze(NOW)
        body = {"name": "Paint", "group": GROUP}
        answer = cubicl.post(f"{TASKS}?a=1&a=2&b=%20", json=body, headers={"Cookie": "k=v", "X-Two": "x"})

        (event,) = admin.get("/requests").json()["requests"]

        request = event["request"]
        assert event["id"] == request["id"] == answer.headers["X-Understudy-Request"]
        assert event["wasMatched"] is True
        assert event["subEvents"] == []
        timing = event["timing"]
        assert timing["addedDelay"] == 0
        assert timing["totalTime"] == timing["serveTime"] == timing["processTime"] >= 0
        assert event["stubMapping"]["request"] == {"urlPathTemplate": TASKS, "method": "POST"}
        assert event["stubMapping"]["name"] == "createTask"
        assert UUID(event["stubMapping"]["id"])
        assert request["url"] == f"{TASKS}?a=1&a=2&b=%20"
        assert request["absoluteUrl"] == f"http://testserver/cubicl{TASKS}?a=1&a=2&b=%20"
        assert (request["method"], request["scheme"], request["host"], request["port"]) == ("POST", "http", "testserver", 80)
        assert request["headers"]["Content-Type"] == "application/json"
        assert request["cookies"] == {"k": "***"}
        assert b64decode(request["bodyAsBase64"]).decode() == request["body"] == answer.request.content.decode()
        assert request["loggedDate"] == NOW_MS
        assert request["loggedDateString"] == request["instant"] == NOW
        assert request["queryParams"] == {"a": {"key": "a", "values": ["1", "2"]}, "b": {"key": "b", "values": [" "]}}
        assert request["formParams"] == {}
        assert request["browserProxyRequest"] is False
        assert event["responseDefinition"]["status"] == event["response"]["status"] == 200
        assert event["response"]["body"] == answer.text
        assert b64decode(event["response"]["bodyAsBase64"]) == answer.content
        assert event["response"]["headers"]["Content-Type"] == answer.headers["Content-Type"]

    def test_what_is_ours(self, admin: TestClient, cubicl: TestClient) -> None:
        """Vendor, operation, sandbox, faults and the rows that changed are told; a numbering is no row."""
        task = cubicl.post(TASKS, json={"name": "Paint", "group": GROUP}).json()

        (event,) = admin.get("/requests").json()["requests"]

        ours = event["request"]
        assert (ours["vendor"], ours["operation"], ours["sandbox"], ours["faults"]) == ("cubicl", "createTask", "default", [])
        assert {"change": "insert", "table": "cubicl_task", "key": [task["_id"]], "rows": 1} in ours["changes"]
        assert not any(change["table"] in ("core_counter", "core_state") for change in ours["changes"])

    def test_bookkeeping_is_not_told(self, server, admin: TestClient, cubicl: TestClient) -> None:
        """Of the core's own tables only deliveries are told."""
        cubicl.get(TASKS)
        journal = server.app.sandboxes["default"].journal
        (exchange,) = journal
        tables = ("core_counter", "core_delivery", "core_state", "cubicl_task")
        journal.add(exchange._replace(changes=[Change("update", table, (1,), 1) for table in tables]))

        (event,) = admin.get("/requests").json()["requests"]

        assert [change["table"] for change in event["request"]["changes"]] == ["core_delivery", "cubicl_task"]

    def test_newest_first_and_limited(self, admin: TestClient, cubicl: TestClient) -> None:
        """The newest come first; `limit` leaves `meta.total` as it is."""
        for number in range(3):
            cubicl.get(f"{TASKS}?limit={number + 1}")

        whole, limited, none = admin.get("/requests"), admin.get("/requests?limit=2"), admin.get("/requests?limit=0")

        assert urls(whole) == [f"{TASKS}?limit=3", f"{TASKS}?limit=2", f"{TASKS}?limit=1"]
        assert urls(limited) == urls(whole)[:2]
        assert limited.json()["meta"] == {"total": 3}
        assert limited.json()["requestJournalDisabled"] is False
        assert none.json()["requests"] == []

    def test_since(self, admin: TestClient, cubicl: TestClient, clock) -> None:
        """`since` keeps what is later on the sandbox's clock, not what is as late."""
        clock.freeze(NOW)
        cubicl.get(f"{TASKS}?limit=1")
        clock.advance("PT1S")
        cubicl.get(f"{TASKS}?limit=2")

        assert len(urls(admin.get("/requests", params={"since": "2026-03-02T11:59:59Z"}))) == 2
        assert urls(admin.get("/requests", params={"since": NOW})) == [f"{TASKS}?limit=2"]
        assert urls(admin.get("/requests", params={"since": "2026-03-02T14:00:00+02:00"})) == [f"{TASKS}?limit=2"]
        assert urls(admin.get("/requests", params={"since": "2026-03-02T12:00:01Z"})) == []

    def test_unmatched(self, admin: TestClient, cubicl: TestClient) -> None:
        """`unmatched` keeps those that no operation is there for, and counts them alone."""
        cubicl.get(TASKS)
        cubicl.get("/api/v1/nothing")

        answer = admin.get("/requests?unmatched=true")

        assert urls(answer) == ["/api/v1/nothing"]
        assert answer.json()["meta"] == {"total": 1}
        assert answer.json()["requests"][0]["wasMatched"] is False
        assert "stubMapping" not in answer.json()["requests"][0]

    def test_matching_stub(self, admin: TestClient, cubicl: TestClient) -> None:
        """`matchingStub` keeps the requests of one operation."""
        cubicl.get(TASKS)
        cubicl.get("/api/v1/users")
        stub = admin.get("/requests").json()["requests"][1]["stubMapping"]["id"]

        assert urls(admin.get("/requests", params={"matchingStub": stub})) == [TASKS]
        assert urls(admin.get("/requests", params={"matchingStub": "0"})) == []

    def test_an_upload(self, admin: TestClient, cubicl: TestClient) -> None:
        """Of a body that was never whole in memory nothing is kept, and the request says so."""
        answer = cubicl.post("/api/v1/files/upload", files={"file": ("a.txt", b"text")}, data={"group": GROUP})
        assert answer.status_code == 200

        (event,) = admin.get("/requests").json()["requests"]

        assert event["request"]["operation"] is not None
        assert event["request"]["body"] == ""
        assert event["request"]["bodyKept"] is False

    def test_of_a_long_answer(self, admin: TestClient, cubicl: TestClient) -> None:
        """The body of an answer beyond 16 KB is not kept, and the event says so; all else is."""
        answer = cubicl.get(f"{TASKS}?group=64b7f0c2a1d3e4f5a6b7c900&recursive=true&limit=100")
        assert len(answer.content) > 16 * 1024

        (event,) = admin.get("/requests").json()["requests"]

        assert event["response"]["body"] == ""
        assert event["request"]["bodyKept"] is False
        assert event["response"]["status"] == 200

    def test_binary_body(self, admin: TestClient, cubicl: TestClient) -> None:
        """A body that is no text is whole in base64 and readable as far as it goes."""
        cubicl.post("/api/v1/nothing", content=b"\xff\x00ok")

        (event,) = admin.get("/requests").json()["requests"]

        assert b64decode(event["request"]["bodyAsBase64"]) == b"\xff\x00ok"
        assert event["request"]["body"] == "\ufffd\x00ok"

    def test_each_sandbox_has_its_own(self, server, admin: TestClient, cubicl: TestClient) -> None:
        """What is asked in one sandbox is in no other's journal, and its URL is without what named the sandbox."""
        admin.post("/sandboxes", json={"name": "mine"})
        server.client("/s/mine/cubicl", **OWNER).get(TASKS)

        (event,) = server.client("/s/mine/__admin").get("/requests").json()["requests"]

        assert admin.get("/requests").json()["requests"] == []
        assert (event["request"]["url"], event["request"]["sandbox"]) == (TASKS, "mine")
        assert event["request"]["absoluteUrl"] == f"http://testserver/s/mine/cubicl{TASKS}"
        admin.delete("/sandboxes/mine")

    def test_without_a_journal(self, serve: Callable[..., Any]) -> None:
        """A server that keeps no requests says so."""
        server = serve(journal_size=0)
        server.client("/cubicl", **OWNER).get(TASKS)

        whole, count = server.admin.get("/requests").json(), server.admin.post("/requests/count", json={}).json()

        assert whole == {"requests": [], "meta": {"total": 0}, "requestJournalDisabled": True}
        assert count == {"count": 0, "requestJournalDisabled": True}

    def test_what_browsers_ask_first_is_not_unmatched(self, server, admin: TestClient) -> None:
        """A preflight is answered, so it is not listed among what nobody answers."""
        headers = {"Origin": "http://page.example", "Access-Control-Request-Method": "GET"}
        assert server.client("/cubicl").options(TASKS, headers=headers).status_code < 300

        assert admin.get("/requests/unmatched").json()["requests"] == []
        assert len(urls(admin.get("/requests"))) == 1

    @pytest.mark.parametrize(
        ("query", "field"),
        [("since=soon", "since"), ("limit=-1", "query.limit"), ("limit=x", "query.limit"), ("unmatched=2", "query.unmatched")],
    )
    def test_bad_parameters(self, admin: TestClient, query: str, field: str) -> None:
        """422 that names the parameter."""
        status, code, detail = error(admin.get(f"/requests?{query}"))

        assert (status, code) == (422, "invalid_body")
        assert detail.startswith(f"{field}: ") or detail.startswith(f"{field.removeprefix('query.')}: ")

    def test_a_huge_limit(self, admin: TestClient, cubicl: TestClient) -> None:
        """A limit beyond every journal is none."""
        cubicl.get(TASKS)

        assert urls(admin.get(f"/requests?limit={10**30}")) == [TASKS]


class TestOneRequest:
    """GET and DELETE /__admin/requests/{id}."""

    def test_get(self, admin: TestClient, cubicl: TestClient) -> None:
        """The id of the answer's header leads to the event of the listing."""
        number = cubicl.get(TASKS).headers["X-Understudy-Request"]

        event = admin.get(f"/requests/{number}").json()

        assert event == admin.get("/requests").json()["requests"][0]

    def test_unknown(self, admin: TestClient) -> None:
        """404 in our own form."""
        assert error(admin.get("/requests/nope")) == (404, "not_found", "There is no request 'nope' in the journal.")

    def test_delete(self, admin: TestClient, cubicl: TestClient) -> None:
        """One is forgotten, the others stay; forgetting what is not there is no error."""
        number = cubicl.get(f"{TASKS}?limit=1").headers["X-Understudy-Request"]
        cubicl.get(f"{TASKS}?limit=2")

        first, again = admin.delete(f"/requests/{number}"), admin.delete(f"/requests/{number}")

        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, {})
        assert urls(admin.get("/requests")) == [f"{TASKS}?limit=2"]


class TestDeleteRequests:
    """DELETE /__admin/requests, and the path that older clients use."""

    @pytest.mark.parametrize(("method", "path"), [("DELETE", "/requests"), ("POST", "/requests/reset")])
    def test_forgets_all(self, admin: TestClient, cubicl: TestClient, method: str, path: str) -> None:
        """Nothing is left, the world stays as it is, and ids go on: none is given twice."""
        before = cubicl.get(TASKS).headers["X-Understudy-Request"]

        response = admin.request(method, path)

        assert (response.status_code, response.json()) == (200, {})
        assert admin.get("/requests").json()["requests"] == []
        assert cubicl.get(TASKS).headers["X-Understudy-Request"] != before


class TestCountFindRemove:
    """POST /__admin/requests/count, find and remove."""

    def test_count(self, admin: TestClient, cubicl: TestClient) -> None:
        """How many a pattern fits."""
        cubicl.get(TASKS)
        cubicl.get("/api/v1/users")

        assert admin.post("/requests/count", json={}).json() == {"count": 2, "requestJournalDisabled": False}
        assert admin.post("/requests/count", json={"urlPath": TASKS}).json()["count"] == 1

    def test_find(self, admin: TestClient, cubicl: TestClient) -> None:
        """The requests alone, oldest first."""
        cubicl.get(f"{TASKS}?limit=1")
        cubicl.get(f"{TASKS}?limit=2")
        events = admin.get("/requests").json()["requests"]

        found = admin.post("/requests/find", json={"method": "GET"}).json()

        assert found == {"requests": [event["request"] for event in reversed(events)], "requestJournalDisabled": False}

    def test_remove(self, admin: TestClient, cubicl: TestClient) -> None:
        """What fits is forgotten and told as events."""
        cubicl.get(f"{TASKS}?limit=1")
        cubicl.get("/api/v1/users")
        events = admin.get("/requests").json()["requests"]

        removed = admin.post("/requests/remove", json={"urlPath": TASKS})

        assert removed.json() == {"serveEvents": [events[1]]}
        assert urls(admin.get("/requests")) == ["/api/v1/users"]

    def test_a_long_journal_comes_whole(self, admin: TestClient, cubicl: TestClient) -> None:
        """What is written piece by piece is one document."""
        for number in range(1, 60):
            cubicl.get(f"{TASKS}?limit=9&skip={number}")

        whole = admin.get("/requests")

        assert len(whole.content) > 3 * 64 * 1024
        assert len(urls(whole)) == whole.json()["meta"]["total"] == 59
        assert len(urls(admin.post("/requests/find", json={}))) == 59

    @pytest.mark.parametrize("path", ["/requests/count", "/requests/find", "/requests/remove", "/near-misses/request-pattern"])
    @pytest.mark.parametrize("content", [b"", b"[]", b"null", b"5", b'"x"'])
    def test_no_pattern(self, admin: TestClient, cubicl: TestClient, path: str, content: bytes) -> None:
        """A body that is no object is refused, and nothing is forgotten."""
        cubicl.get(TASKS)

        response = admin.post(path, content=content)

        assert error(response) == (422, "invalid_body", "body: must be a JSON object")
        assert len(urls(admin.get("/requests"))) == 1

    @pytest.mark.parametrize(
        "content", [b"{", b"\xff", b'{"url": NaN}', b'{"url": "\\ud800"}', b'{"a":' * 900 + b"1" + b"}" * 900]
    )
    def test_no_json(self, admin: TestClient, content: bytes) -> None:
        """A body that is no JSON is refused."""
        status, code, _ = error(admin.post("/requests/count", content=content))

        assert (status, code) == (422, "invalid_body")
