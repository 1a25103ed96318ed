"""Near misses, over HTTP: which documented operation a request comes nearest to, and what differs."""

from typing import Any

import pytest
from starlette.testclient import TestClient

OWNER = {"Authorization": "Bearer cubicl-owner"}
TASKS = "/api/v1/tasks"


def told(answer: Any) -> list[tuple[str, list[str]]]:
    """Return the operations of an answer, each with what differs, nearest first."""
    assert answer.status_code == 200, answer.text
    misses = answer.json()["nearMisses"]
    distances = [miss["matchResult"]["distance"] for miss in misses]
    assert distances == sorted(distances)
    assert all(0 <= distance <= 1 for distance in distances)
    return [(miss["stubMapping"]["name"], miss["request"]["differences"]) for miss in misses]


class TestUnmatched:
    """GET /__admin/requests/unmatched and /__admin/requests/unmatched/near-misses."""

    def test_requests(self, server, admin: TestClient) -> None:
        """Those that no operation is there for, oldest first; those that were refused are not among them."""
        cubicl = server.client("/cubicl", **OWNER)
        cubicl.get("/api/v1/nothing")
        cubicl.get(f"{TASKS}/64b7f0c2a1d3e4f5a6b7c9ff")
        cubicl.get("/api/v1/nothing/more")

        answer = admin.get("/requests/unmatched").json()

        assert [request["url"] for request in answer["requests"]] == ["/api/v1/nothing", "/api/v1/nothing/more"]
        assert answer["requestJournalDisabled"] is False

    def test_none(self, admin: TestClient) -> None:
        """Where all were matched there are none."""
        assert admin.get("/requests/unmatched").json() == {"requests": [], "requestJournalDisabled": False}
        assert admin.get("/requests/unmatched/near-misses").json() == {"nearMisses": []}

    def test_another_path(self, server, admin: TestClient) -> None:
        """A path with a slip leads to the one that was meant."""
        server.client("/cubicl", **OWNER).get("/api/v1/task?limit=1")

        nearest, *others = told(admin.get("/requests/unmatched/near-misses"))

        assert nearest == ("getTasks", [f"The operation's path is {TASKS}."])
        assert len(others) == 2

    def test_another_method(self, server, admin: TestClient) -> None:
        """A method that the path doesn't take is told with the one that it takes."""
        server.client("/cubicl", **OWNER).patch(TASKS, json={"name": "x"})

        nearest = told(admin.get("/requests/unmatched/near-misses"))[0]

        assert nearest[0] in ("getTasks", "createTask")
        assert nearest[1][0].startswith("The method is PATCH; the operation takes ")

    def test_of_each_request_its_own(self, server, admin: TestClient) -> None:
        """Each request has its near misses, of its own vendor alone."""
        server.client("/cubicl", **OWNER).get("/api/v1/task")
        server.client("/cotalker").get("/api/v2/task-group")

        misses = admin.get("/requests/unmatched/near-misses").json()["nearMisses"]

        assert [miss["request"]["url"] for miss in misses] == ["/api/v1/task"] * 3 + ["/api/v2/task-group"] * 3
        assert all(miss["stubMapping"]["metadata"]["vendor"] == miss["request"]["vendor"] for miss in misses)
        assert misses[3]["stubMapping"]["request"] == {"urlPathTemplate": "/api/v2/task-groups", "method": "GET"}

    def test_not_emulated(self, server, admin: TestClient) -> None:
        """What the vendor has and this server has not is named as such."""
        answer = server.client("/cubicl", **OWNER).get("/api/v1/chat/threads")
        assert answer.status_code == 501

        nearest = told(admin.get("/requests/unmatched/near-misses"))[0]

        assert nearest == ("Chat threads", ["Understudy does not emulate this operation."])


class TestToARequest:
    """POST /__admin/near-misses/request."""

    def test_what_is_missing(self, admin: TestClient) -> None:
        """Headers, parameters and bodies that the contract asks for are named, and parameters that it doesn't have."""
        bare = {"url": "/cubicl/api/v1/tasks?limt=1&zzz=2", "method": "GET"}
        unsigned = {"url": "/groupcamp/task/v1/tasks", "method": "GET", "headers": {"X-Gcmp-Acting": "x"}}
        empty = {"url": "/cubicl/api/v1/tasks", "method": "POST", "headers": {**OWNER, "Content-Type": "text/plain"}}
        wrong = {"url": "/cubicl/api/v1/tasks", "method": "GET", "headers": {"Authorization": "Basic eDp5"}}
        plain = {**empty, "body": "x"}

        assert told(admin.post("/near-misses/request", json=bare))[0] == (
            "getTasks",
            [
                "The header Authorization is missing.",
                "The query parameter limt is not documented; there is limit.",
                "The query parameter zzz is not documented.",
            ],
        )
        assert told(admin.post("/near-misses/request", json=unsigned))[0] == (
            "getTasks",
            ["The header Authorization is missing.", "The header X-Gcmp-Application is missing."],
        )
        assert told(admin.post("/near-misses/request", json=empty))[0] == ("createTask", ["The body is missing."])
        assert told(admin.post("/near-misses/request", json=wrong))[0] == (
            "getTasks",
            ["The header Authorization does not begin with Bearer and a blank."],
        )
        assert told(admin.post("/near-misses/request", json=plain))[0] == (
            "createTask",
            ["The Content-Type is text/plain; the operation takes application/json."],
        )

    def test_one_of_the_journal(self, server, admin: TestClient) -> None:
        """A request of the journal can be sent as it is: one that was refused for want of a header is told of it."""
        server.client("/groupcamp").get("/task/v1/tasks")
        request = admin.get("/requests").json()["requests"][0]["request"]

        answer = admin.post("/near-misses/request", json=request)

        assert told(answer)[0][0] == "getTasks"
        assert "The header Authorization is missing." in told(answer)[0][1]
        again = admin.post("/near-misses/request", json=answer.json()["nearMisses"][0]["request"])
        assert told(again) == told(answer)

    def test_which_vendor(self, admin: TestClient) -> None:
        """The vendor is the one named, or the one that the address leads to; else all are looked at."""
        request = {"url": "/api/v1/tasks/x", "method": "GET", "headers": OWNER}

        def vendors(**more: str) -> set[str]:
            misses = admin.post("/near-misses/request", json={**request, **more}).json()["nearMisses"]
            return {miss["stubMapping"]["metadata"]["vendor"] for miss in misses}

        assert vendors(vendor="cubicl") == {"cubicl"}
        assert vendors(vendor="groupcamp") == {"groupcamp"}
        assert vendors(absoluteUrl="http://localhost:8080/s/mine/cubicl/api/v1/tasks/x") == {"cubicl"}
        assert vendors(url="/s/mine/cotalker/api/v1/tasks/x") == {"cotalker"}
        assert len(vendors()) > 1

    def test_is_shown_as_sent(self, admin: TestClient) -> None:
        """The answer repeats the request."""
        request = {"url": "/api/v1/tasks", "method": "GET", "queryParams": {"a": {"key": "a", "values": ["1"]}}}

        (first, *_) = admin.post("/near-misses/request", json=request).json()["nearMisses"]

        assert {name: first["request"][name] for name in request} == request

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ([], "body: must be a JSON object"),
            ({}, "url: it is needed"),
            ({"url": 5}, "url: must be a string"),
            ({"url": "http://[x"}, "url: must be a URL"),
            ({"url": "/a", "method": 5}, "method: must be a string"),
            ({"url": "/a", "vendor": "jira"}, "vendor: there is none named 'jira'"),
            ({"url": "/a", "headers": []}, "headers: must be a JSON object"),
            ({"url": "/a", "headers": {"X": 5}}, "headers.X: must be a string"),
            ({"url": "/a", "queryParams": []}, "queryParams: must be a JSON object"),
            ({"url": "/a", "queryParams": {"a": 5}}, "queryParams.a: must have values"),
            ({"url": "/a", "bodyAsBase64": "!"}, "bodyAsBase64: must be base64"),
            ({"url": "/a", "body": 5}, "body: must be a string"),
            ({"url": "/a", "colour": "red"}, "colour: is not known"),
        ],
    )
    def test_bad_body(self, admin: TestClient, body: Any, detail: str) -> None:
        """422 that names the field."""
        response = admin.post("/near-misses/request", json=body)

        assert response.status_code == 422
        assert response.json() == {"errors": [{"code": "invalid_body", "title": "Invalid body", "detail": detail}]}

    @pytest.mark.parametrize("url", ["/" * 5000, "/a" * 5000, "/" + "x" * 20_000, "//", "?", "", "/%00%ff", "/é"])
    def test_odd_addresses(self, admin: TestClient, url: str) -> None:
        """Whatever the address, there is an answer."""
        assert admin.post("/near-misses/request", json={"url": url}).status_code == 200


class TestToAPattern:
    """POST /__admin/near-misses/request-pattern."""

    def test_the_nearest_requests(self, server, admin: TestClient) -> None:
        """The requests that come nearest, with the members of the pattern that don't hold."""
        cubicl = server.client("/cubicl", **OWNER)
        for path in ("/api/v1/users", f"{TASKS}?limit=1", f"{TASKS}?limit=2", "/api/v1/app/me"):
            cubicl.get(path)
        pattern = {"method": "GET", "urlPath": TASKS, "queryParameters": {"limit": {"equalTo": "3"}}}

        misses = admin.post("/near-misses/request-pattern", json=pattern).json()["nearMisses"]

        assert [miss["request"]["url"] for miss in misses[:2]] == [f"{TASKS}?limit=2", f"{TASKS}?limit=1"]
        assert misses[0]["request"]["differences"] == ["`queryParameters.limit` does not fit."]
        assert misses[0]["requestPattern"] == pattern
        assert misses[0]["matchResult"]["distance"] < misses[2]["matchResult"]["distance"] <= 1
        assert len(misses) == 3

    def test_the_likest_url(self, server, admin: TestClient) -> None:
        """Of URLs that all differ, the one most like it comes first."""
        cubicl = server.client("/cubicl", **OWNER)
        for path in ("/api/v1/users", "/api/v1/task", "/"):
            cubicl.get(path)

        misses = admin.post("/near-misses/request-pattern", json={"url": TASKS}).json()["nearMisses"]

        assert misses[0]["request"]["url"] == "/api/v1/task"

    def test_empty_journal(self, admin: TestClient) -> None:
        """No request, no near miss."""
        assert admin.post("/near-misses/request-pattern", json={"url": "/a"}).json() == {"nearMisses": []}
