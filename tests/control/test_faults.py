"""Faults as the control plane keeps them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

FULL = {
    "match": {
        "vendor": "cubicl",
        "operation": "createTask",
        "method": "POST",
        "path": "/api/v1/tasks*",
        "token": "cubicl-owner",
    },
    "when": {
        "skip": 2,
        "times": 3,
        "probability": 0.5,
        "from": "2026-01-01T00:00:00+01:00",
        "until": "2027-01-01T00:00:00Z",
    },
    "then": {
        "status": "rateLimit",
        "delayMs": 250,
        "delayJitterMs": 100,
        "bytesPerSecond": 1000,
        "connection": "truncate",
        "body": {"code": 4, "list": [1, None, "é"]},
        "headers": {"Retry-After": "3"},
    },
}
ERROR: dict[str, Any] = {"status": 500}


def made(admin: TestClient, **rule: Any) -> dict[str, Any]:
    """Make a fault, and return it."""
    response = admin.post("/faults", json={"then": ERROR, **rule})
    assert response.status_code == 201, response.text
    fault: dict[str, Any] = response.json()
    return fault


class TestCreate:
    """POST /__admin/faults."""

    def test_whole_rule(self, admin: TestClient) -> None:
        """The answer is the rule as kept, with an id and its counters; that is also what can be asked for later."""
        response = admin.post("/faults", json=FULL)

        assert response.status_code == 201
        assert response.json() == {"id": "fault-1", **FULL, "eligible": 0, "fired": 0}
        assert admin.get("/faults/fault-1").json() == response.json()

    def test_least_rule(self, admin: TestClient) -> None:
        """Without `match` it is for every request, without `when` each time; null is as if it had not been said."""
        least = made(admin, match=None, when=None, then={"delayMs": 0, "status": None})

        assert least == {"id": "fault-1", "match": {}, "when": {}, "then": {"delayMs": 0}, "eligible": 0, "fired": 0}

    def test_ids_count_on(self, admin: TestClient) -> None:
        """No id is given twice before a reset, whatever is deleted."""
        first, second = made(admin), made(admin)
        admin.delete("/faults")

        third = made(admin)

        assert [fault["id"] for fault in (first, second, third)] == ["fault-1", "fault-2", "fault-3"]

    @pytest.mark.parametrize(
        ("rule", "field"),
        [
            ({}, "then"),
            ({"then": {}}, "then"),
            ({"then": {"status": None}}, "then"),
            ({"then": []}, "then"),
            ({"then": ERROR, "if": 1}, "if"),
            ({"then": {"status": 500, "statusCode": 500}}, "then.statusCode"),
            *(
                ({"then": {"status": value}}, "then.status")
                for value in (99, 199, 600, -1, 10**30, 500.0, "500", "", "teapot", True, [500])
            ),
            *(
                ({"then": {name: value}}, f"then.{name}")
                for name in ("delayMs", "delayJitterMs")
                for value in (-1, 0.5, "1", True, 3_600_001, 10**30)
            ),
            *(({"then": {"bytesPerSecond": value}}, "then.bytesPerSecond") for value in (0, -1, 1.5, "1", 10**30)),
            *(({"then": {"connection": value}}, "then.connection") for value in ("", "RESET", 1, ["reset"])),
            *(({"then": {"paging": value}}, "then.paging") for value in ("", "vanish", 1)),
            ({"then": {"status": 500, "paging": "insert"}}, "then"),
            ({"then": {"status": 204, "body": "x"}}, "then"),
            *(({"then": {"status": 304, "connection": kind}}, "then") for kind in ("truncate", "malformed")),
            *(({"then": {"body": "x", "connection": kind}}, "then") for kind in ("reset", "empty", "malformed")),
            ({"then": {"body": "x" * 1_048_577}}, "then.body"),
            *(
                ({"then": {"headers": value}}, "then.headers")
                for value in (
                    "x",
                    {"a b": "x"},
                    {"": "x"},
                    {"a": "x\r\ny: z"},
                    {"a": "€"},
                    {"a": "x" * 9000},
                    {"content-length": "1"},
                    {"Transfer-Encoding": "chunked"},
                    {f"h{n}": "" for n in range(101)},
                )
            ),
            ({"then": {"headers": {"a": 1}}}, "then.headers.a"),
            ({"then": ERROR, "match": []}, "match"),
            ({"then": ERROR, "match": {"verb": "GET"}}, "match.verb"),
            *(({"then": ERROR, "match": {"vendor": value}}, "match.vendor") for value in ("jira", "", 1, "Cubicl")),
            *(
                ({"then": ERROR, "match": {"operation": value}}, "match.operation")
                for value in ("fly", "", 1, "create_task", "preflight*")
            ),
            ({"then": ERROR, "match": {"vendor": "cubicl", "operation": "getGroupTasks"}}, "match.operation"),
            *(
                ({"then": ERROR, "match": {"method": value}}, "match.method")
                for value in ("", "GET POST", 1, "*", "FETCH", "ANY")
            ),
            *(
                ({"then": ERROR, "match": {"path": value}}, "match.path")
                for value in ("", "tasks", "http://localhost/tasks", "/[a", "/[]", "/" * 1001, 1)
            ),
            *(({"then": ERROR, "match": {"token": value}}, "match.token") for value in ("", "[", "[!", "a" * 1001, 1)),
            *(
                ({"then": ERROR, "when": {name: value}}, f"when.{name}")
                for name in ("skip", "times")
                for value in (-1, 0.5, "1", True, 10**30)
            ),
            *(({"then": ERROR, "when": {"probability": value}}, "when.probability") for value in (-0.1, 1.1, "1", True, 10**30)),
            *(
                ({"then": ERROR, "when": {name: value}}, f"when.{name}")
                for name in ("from", "until")
                for value in ("soon", "2030-01-01T00:00:00", 1_900_000_000, "10000-01-01T00:00:00Z", "", True)
            ),
            ({"then": ERROR, "when": {"times": 0}}, "when.times"),
            ({"then": ERROR, "when": {"from": "2030-01-01T00:00:00Z", "until": "2030-01-01T01:00:00+01:00"}}, "when"),
            ({"then": ERROR, "when": {"after": 1}}, "when.after"),
            ({"match": {"vendor": "cotalker"}, "then": {"paging": "expire"}}, "then.paging"),
            ({"match": {"vendor": "cubicl"}, "then": {"paging": "expire"}}, "then.paging"),
        ],
    )
    def test_bad_rule(self, admin: TestClient, rule: dict[str, Any], field: str) -> None:
        """422 that names the field, and no fault."""
        response = admin.post("/faults", json=rule)

        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["code"] == "invalid_body"
        assert error["detail"].startswith(f"{field}: ")
        assert admin.get("/faults").json()["meta"]["total"] == 0

    @pytest.mark.parametrize(
        ("rule", "ends"),
        [
            ({"match": {"operation": "creatTask"}}, "'creatTask' is no operation of any vendor; is createTask meant?"),
            (
                {"match": {"vendor": "cubicl", "operation": "CREATETASK"}},
                "'CREATETASK' is no operation of Cubicl; is createTask meant?",
            ),
            ({"match": {"vendor": "groupcamp", "operation": "zzz"}}, "no operation of GroupCamp; the contract files list them"),
            (
                {"match": {"method": "PSOT"}},
                "'PSOT' is no method of HTTP; is POST meant?; without `method` it is for all of them",
            ),
            ({"then": {"status": "ratelimit"}}, "rateLimit, unauthorized, forbidden, timeout; is rateLimit meant?"),
            ({"then": {"status": "rate-limit"}}, "rateLimit, unauthorized, forbidden, timeout; is rateLimit meant?"),
        ],
    )
    def test_what_was_meant(self, admin: TestClient, rule: dict[str, Any], ends: str) -> None:
        """A name that is nearly one that there is, is refused with that one."""
        response = admin.post("/faults", json={"then": ERROR, **rule})

        assert response.status_code == 422
        assert ends in response.json()["errors"][0]["detail"]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"7",
            b"{",
            b"\xff",
            b'{"then": {"body": NaN}}',
            b'{"then": {"delayMs": Infinity}}',
            b'{"when": {"probability": NaN}, "then": {"status": 500}}',
            b'{"then": {"body": "\\ud800"}}',
            b'{"then": {"headers": {"a": "\\ud800"}}}',
            b'{"match": {"token": "\\ud800"}, "then": {"status": 500}}',
            b'{"then": {"body": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        ],
    )
    def test_bad_body(self, admin: TestClient, content: bytes) -> None:
        """What is no JSON object that could be kept is a 422 of our own form."""
        response = admin.post("/faults", content=content, headers={"Content-Type": "application/json"})

        assert response.status_code == 422
        assert response.json()["errors"][0]["code"] == "invalid_body"

    def test_bounded(self, admin: TestClient) -> None:
        """A thousand is what a sandbox keeps; then some have to go first."""
        for _ in range(1000):
            made(admin)

        response = admin.post("/faults", json={"then": ERROR})

        assert response.status_code == 409
        assert "at most 1000 faults" in response.json()["errors"][0]["detail"]
        admin.delete("/faults/fault-7")
        assert made(admin)["id"] == "fault-1001"


class TestList:
    """GET /__admin/faults and /__admin/faults/{id}."""

    def test_oldest_first(self, admin: TestClient) -> None:
        """All of them, as they were made."""
        faults = [made(admin, match={"method": method}) for method in ("get", "POST")]

        assert admin.get("/faults").json() == {"faults": faults, "meta": {"total": 2}}

    def test_counters(self, admin: TestClient, server) -> None:
        """How many requests a rule was for, and how often it struck."""
        made(admin, when={"skip": 1, "times": 1}, match={"vendor": "cubicl"})

        for _ in range(3):
            server.client("/cubicl").get("/api/v1/tasks")
            server.client("/cotalker").get("/api/v2/users")

        fault = admin.get("/faults/fault-1").json()
        assert (fault["eligible"], fault["fired"]) == (3, 1)

    @pytest.mark.parametrize("number", ["fault-2", "1", "x" * 500, "%00"])
    def test_unknown(self, admin: TestClient, number: str) -> None:
        """404 in our own form, to read and to delete."""
        made(admin)

        for response in (admin.get(f"/faults/{number}"), admin.delete(f"/faults/{number}")):
            assert response.status_code == 404
            assert response.json()["errors"][0]["code"] == "not_found"


class TestDelete:
    """DELETE /__admin/faults and /__admin/faults/{id}."""

    def test_one(self, admin: TestClient, server) -> None:
        """It is shown as it was, and strikes no more; the others do."""
        first, second = made(admin), made(admin, then={"status": 503})

        response = admin.delete("/faults/fault-1")

        assert response.json() == first
        assert admin.get("/faults").json()["faults"] == [second]
        assert server.client("/cubicl").get("/api/v1/tasks").status_code == 503

    def test_all(self, admin: TestClient, server) -> None:
        """The answer tells how many there were."""
        made(admin), made(admin)

        assert admin.delete("/faults").json() == {"deleted": 2}
        assert admin.delete("/faults").json() == {"deleted": 0}
        assert server.client("/cubicl").get("/api/v1/tasks").status_code == 401


class TestSandboxes:
    """Each sandbox has its own."""

    def test_isolated(self, admin: TestClient, server) -> None:
        """A fault strikes in the sandbox that it was made in."""
        admin.post("/sandboxes", json={"name": "apart"})

        server.client("/s/apart/__admin").post("/faults", json={"then": ERROR})

        assert server.client("/s/apart/cubicl").get("/api/v1/tasks").status_code == 500
        assert server.client("/cubicl").get("/api/v1/tasks").status_code == 401
        assert admin.get("/faults").json()["meta"]["total"] == 0
        admin.delete("/sandboxes/apart")

    def test_reset(self, admin: TestClient) -> None:
        """A reset forgets all faults, and ids begin anew."""
        made(admin)
        admin.post("/reset")

        assert admin.get("/faults").json()["faults"] == []
        assert made(admin)["id"] == "fault-1"

    def test_clone(self, admin: TestClient, server) -> None:
        """A copy has the same faults, as far as they have come; what it does then changes nothing in the other."""
        made(admin, when={"probability": 0.5})
        client = server.client("/cubicl")
        for _ in range(5):
            client.get("/api/v1/tasks")
        admin.post("/sandboxes", json={"name": "copy", "from": "default"})

        copied = [server.client("/s/copy/cubicl").get("/api/v1/tasks").status_code for _ in range(20)]
        own = [client.get("/api/v1/tasks").status_code for _ in range(20)]

        assert copied == own
        assert set(own) == {401, 500}
        assert admin.get("/faults/fault-1").json()["eligible"] == 25
        assert server.client("/s/copy/__admin").get("/faults/fault-1").json()["eligible"] == 25
        admin.delete("/sandboxes/copy")
