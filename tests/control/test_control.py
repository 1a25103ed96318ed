"""The control plane, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from understudy import __version__
from understudy.vendors import VENDORS

NAMES = [vendor.name for vendor in VENDORS]
FREE_GROUP = {"group": "61ae5eb11f130a35a73e2e06"}
GROUPS = "/api/v2/task-groups"


@pytest.fixture
def cotalker(server) -> TestClient:
    """A vendor's administrator, to see effects through."""
    return server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")


class TestHealth:
    """GET /__admin/health and /__admin/ready."""

    def test_health(self, admin: TestClient) -> None:
        """It tells the version, the uptime in seconds and the vendors."""
        body = admin.get("/health").json()

        assert body.pop("uptimeInSeconds") >= 0
        assert body == {"status": "healthy", "version": __version__, "vendors": NAMES}

    def test_ready(self, admin: TestClient) -> None:
        """200 once the default world stands, which it does before anything is answered."""
        assert admin.get("/ready").status_code == 200


class TestVendors:
    """GET /__admin/vendors."""

    def test_every_way_is_open(self, server, admin: TestClient) -> None:
        """Each prefix and host name that it lists leads to the vendor; the contract is where it says."""
        for vendor in admin.get("/vendors").json()["vendors"]:
            direct = server.client("").get("/no/such/path", headers={"Host": vendor["hosts"][0]})
            prefixed = server.client("").get(f"{vendor['prefix']}/no/such/path")
            contract = server.client("").get(vendor["openapi"].removeprefix("http://testserver"))

            assert (direct.status_code, direct.content) == (prefixed.status_code, prefixed.content)
            assert contract.json()["openapi"] == "3.1.0"
            operations = [op for path in contract.json()["paths"].values() for op in path.values() if "operationId" in op]
            assert vendor["operations"] == len(operations)

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
    def test_own_ports_are_at_the_client_s_host(self, serve: Callable[..., Any], host: str) -> None:
        """The address of a vendor's own port has the host under which the client came."""
        answer = serve().client("/__admin").get("/vendors", headers={"Host": f"{host}:9000"})

        for vendor, port in zip(answer.json()["vendors"], (8081, 8082, 8083), strict=True):
            assert vendor["baseUrls"] == [f"http://{host}:9000/{vendor['name']}", f"http://{host}:{port}"]


class TestEnv:
    """GET /__admin/env."""

    def test_tells_addresses_and_credentials(self, admin: TestClient) -> None:
        """Base URLs are under the address that the client used; the credentials are the default world's."""
        body = admin.get("/env").json()

        assert body["sandbox"] == "default"
        assert [vendor["baseUrl"] for vendor in body["vendors"]] == [f"http://testserver/{name}" for name in NAMES]
        cotalker = next(vendor for vendor in body["vendors"] if vendor["name"] == "cotalker")
        assert cotalker["credentials"][0]["token"] == "cotalker-admin"

    def test_leaves_out_what_was_revoked(self, admin: TestClient, act) -> None:
        """A token that no longer works is not listed."""
        act("cotalker", "revoke-token", token="cotalker-agent")

        assert "cotalker-agent" not in admin.get("/env").text


class TestReset:
    """POST /__admin/reset."""

    def test_takes_everything_back(self, admin: TestClient, cotalker: TestClient, clock) -> None:
        """Rows, clock and numbers are as at the start: the same request makes the same record again."""
        clock.freeze("2030-01-01T00:00:00Z")
        before = cotalker.get(GROUPS).json()
        first = cotalker.post(GROUPS, json=FREE_GROUP).json()

        response = admin.post("/reset")

        assert response.json() == {"sandbox": "default"}
        assert admin.get("/clock").json()["frozen"] is False
        assert cotalker.get(GROUPS).json() == before
        clock.freeze("2030-01-01T00:00:00Z")
        assert cotalker.post(GROUPS, json=FREE_GROUP).json() == first


class TestClock:
    """GET and PUT /__admin/clock."""

    def test_freezes(self, admin: TestClient, cotalker: TestClient) -> None:
        """A frozen clock stands, and stamps with it."""
        response = admin.put("/clock", json={"action": "freeze", "instant": "2031-05-06T07:08:09.123Z"})

        assert response.json() == {"instant": "2031-05-06T07:08:09.123Z", "frozen": True}
        assert admin.get("/clock").json() == response.json()
        assert cotalker.post(GROUPS, json=FREE_GROUP).json()["createdAt"] == "2031-05-06T07:08:09.123Z"

    def test_the_end_of_time(self, admin: TestClient, cotalker: TestClient) -> None:
        """A running clock comes to a stand at the last instant that dates can write."""
        last = {"instant": "9999-12-31T23:59:59.999Z", "frozen": False}

        assert admin.put("/clock", json={"action": "set", "instant": last["instant"]}).json() == last
        assert admin.get("/clock").json() == last
        assert cotalker.get(GROUPS).status_code == 200

    def test_writes_at_the_end_of_time(self, clock, cotalker: TestClient) -> None:
        """What the vendor stamps some milliseconds after the last instant has that instant."""
        clock.freeze("9999-12-31T23:59:59.999Z")

        response = cotalker.post("/api/v1/tasks/61a8b233685ed3562e7cfdeb/task/create", json={"name": "Last call"})

        assert response.status_code == 200
        assert response.json()["task"]["modifiedAt"] == "9999-12-31T23:59:59.999Z"

    @pytest.mark.parametrize(
        ("by", "instant"),
        [
            ("P1Y2M3DT4H5M6.5S", "2032-03-04T04:05:06.500Z"),
            ("P2W", "2031-01-15T00:00:00.000Z"),
            ("PT36H", "2031-01-02T12:00:00.000Z"),
            ("P1DT0.001S", "2031-01-02T00:00:00.001Z"),
            ("PT0S", "2031-01-01T00:00:00.000Z"),
        ],
    )
    def test_reads_durations(self, admin: TestClient, clock, by: str, instant: str) -> None:
        """Every part of an ISO 8601 duration counts: a year is 365 days, a month 30."""
        clock.freeze("2031-01-01T00:00:00Z")

        assert admin.put("/clock", json={"action": "advance", "by": by}).json() == {"instant": instant, "frozen": True}

    def test_freezes_where_it_stands(self, admin: TestClient) -> None:
        """Without an instant it stops at once."""
        frozen = admin.put("/clock", json={"action": "freeze"}).json()

        assert admin.get("/clock").json() == frozen

    def test_advances_by_a_duration(self, admin: TestClient) -> None:
        """A frozen clock moves by exactly what it is told, back as well."""
        admin.put("/clock", json={"action": "freeze", "instant": "2031-01-31T00:00:00Z"})

        later = admin.put("/clock", json={"action": "advance", "by": "P1DT2H"}).json()
        earlier = admin.put("/clock", json={"action": "advance", "by": "-PT2H"}).json()

        assert later == {"instant": "2031-02-01T02:00:00.000Z", "frozen": True}
        assert earlier == {"instant": "2031-02-01T00:00:00.000Z", "frozen": True}

    def test_set_goes_on_from_there(self, admin: TestClient) -> None:
        """A clock that is set runs on; one that is frozen stays frozen."""
        running = admin.put("/clock", json={"action": "set", "instant": "2031-01-01T00:00:00+02:00"}).json()
        admin.put("/clock", json={"action": "freeze"})
        frozen = admin.put("/clock", json={"action": "set", "instant": "2032-01-01T00:00:00Z"}).json()

        assert running["instant"].startswith("2030-12-31T22:00:0")
        assert running["frozen"] is False
        assert frozen == {"instant": "2032-01-01T00:00:00.000Z", "frozen": True}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "action"),
            ({"action": "stop"}, "action"),
            ({"action": "set"}, "body"),
            ({"action": "advance"}, "body"),
            ({"action": "advance", "by": "soon"}, "by"),
            ({"action": "advance", "by": "P9999999D"}, "instant"),
            ({"action": "set", "instant": "2031-01-01T00:00:00"}, "instant"),
            ({"action": "set", "instant": "0000-01-01T00:00:00Z"}, "instant"),
            ({"action": "set", "instant": "10000-01-01T00:00:00Z"}, "instant"),
            ({"action": "freeze", "speed": 2}, "speed"),
            ({"action": "set", "instant": 1780300800}, "instant"),
            ({"action": "advance", "by": 3600}, "by"),
            ({"action": "advance", "by": True}, "by"),
            ({"action": "advance", "by": "25:00"}, "by"),
            ({"action": "advance", "by": "1 day"}, "by"),
            ({"action": "advance", "by": "PT1H1H"}, "by"),
            ({"action": "advance", "by": "PT1S1H"}, "by"),
            ({"action": "advance", "by": "P"}, "by"),
            ({"action": "advance", "by": "PT1H", "instant": "2031-01-01T00:00:00Z"}, "body"),
            ({"action": "set", "instant": "2031-01-01T00:00:00Z", "by": "PT1H"}, "body"),
            ({"action": "freeze", "by": "PT1H"}, "body"),
            ({"action": "reset", "instant": "2031-01-01T00:00:00Z"}, "body"),
        ],
    )
    def test_refuses_what_no_clock_can(self, admin: TestClient, body: dict[str, Any], field: str) -> None:
        """A body that doesn't fit is refused by the name of the field, and the clock runs on."""
        response = admin.put("/clock", json=body)

        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["code"] == "invalid_body"
        assert error["detail"].startswith(f"{field}: ")
        assert admin.get("/clock").json()["frozen"] is False


class TestActions:
    """GET /__admin/actions and POST /__admin/actions/{vendor}/{action}."""

    def test_lists_each_with_its_body(self, admin: TestClient) -> None:
        """The list names vendor, action and the schema of the body."""
        listed = admin.get("/actions").json()["actions"]

        assert {(action["vendor"], action["action"]) for action in listed} == {
            (vendor.name, name) for vendor in VENDORS for name in vendor.actions
        }
        assert all(action["summary"] and action["body"]["type"] == "object" for action in listed)

    @pytest.mark.parametrize("path", ["/actions/cotalker/fly", "/actions/jira/archive"])
    def test_unknown_action(self, admin: TestClient, path: str) -> None:
        """404 in our own form."""
        response = admin.post(path, json={})

        assert response.status_code == 404
        assert response.json()["errors"][0]["code"] == "not_found"

    def test_unknown_record(self, admin: TestClient) -> None:
        """404 for an id that is not there."""
        assert admin.post("/actions/cotalker/create-token", json={"user": "nobody"}).status_code == 404

    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            b"",
            b"[]",
            b"{",
            b"\xff",
            b'{"user": 1}',
            b'{"user": "x", "more": 1}',
            b'{"user": "\\ud800"}',
            b'{"user": ' + b"[" * 900 + b"]" * 900 + b"}",
        ],
    )
    def test_bad_body(self, admin: TestClient, content: bytes) -> None:
        """422 that names the field."""
        headers = {"Content-Type": "application/json"}

        response = admin.post("/actions/cotalker/create-token", content=content, headers=headers)

        assert response.status_code == 422
        assert response.json()["errors"][0]["code"] == "invalid_body"


class TestErrors:
    """Whatever else is asked."""

    def test_unknown_path(self, admin: TestClient) -> None:
        """404 in our own form."""
        response = admin.get("/nothing")

        assert response.status_code == 404
        assert response.json()["errors"][0]["title"] == "Not found"

    def test_wrong_method(self, admin: TestClient) -> None:
        """405 in our own form."""
        assert admin.get("/reset").status_code == 405


class TestAccess:
    """Who may steer."""

    def test_loopback_is_open(self, admin: TestClient) -> None:
        """On loopback nobody is asked for a token."""
        assert admin.get("/env").status_code == 200

    def test_beyond_loopback_a_token_is_needed(self, serve: Callable[..., Any]) -> None:
        """On another address all but health and ready want the admin token."""
        server = serve(host="0.0.0.0", admin_token="sesame")

        assert server.admin.get("/health").status_code == 200
        assert server.admin.get("/ready").status_code == 200
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic sesame"}, {"Authorization": "Bearer é"}):
            raw = {name: value.encode() for name, value in headers.items()}
            response = server.admin.get("/env", headers=raw)
            assert response.status_code == 401
            assert response.json()["errors"][0]["code"] == "unauthorized"
        assert server.admin.get("/env", headers={"Authorization": "Bearer sesame"}).status_code == 200

    def test_no_token_configured_lets_nobody_in(self, serve: Callable[..., Any]) -> None:
        """Without a token there is none that fits."""
        server = serve(host="0.0.0.0")

        assert server.admin.post("/reset", headers={"Authorization": "Bearer "}).status_code == 401

    def test_vendor_tokens_do_not_steer(self, serve: Callable[..., Any]) -> None:
        """A vendor's credential is worth nothing here."""
        server = serve(host="0.0.0.0", admin_token="sesame")

        assert server.admin.get("/env", headers={"Authorization": "Bearer cotalker-admin"}).status_code == 401

    def test_pages_of_other_origins_are_refused(self, admin: TestClient) -> None:
        """A page of another origin may not steer; a page of this one may."""
        foreign = admin.post("/reset", headers={"Origin": "http://evil.example"})
        own = admin.post("/reset", headers={"Origin": "http://testserver"})

        assert foreign.status_code == 403
        assert foreign.json()["errors"][0]["code"] == "forbidden"
        assert own.status_code == 200


def test_no_such_path(admin: TestClient) -> None:
    """A path that there is not is a 404 that says where those that there are stand."""
    response = admin.get("/resets")

    assert response.status_code == 404
    assert response.json()["errors"][0]["detail"] == "There is nothing at /__admin/resets; see /__admin/docs."


def test_an_instant_without_a_zone(admin: TestClient) -> None:
    """It is refused with one that has a zone."""
    response = admin.put("/clock", json={"action": "set", "instant": "2026-06-01T08:00:00"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["detail"] == "instant: it needs a zone, as in 2026-06-01T08:00:00Z"


def test_actions_refuse_what_they_do_not_know(admin: TestClient) -> None:
    """No action passes over a member of its body that it has no use for."""
    for action in admin.get("/actions").json()["actions"]:
        response = admin.post(f"/actions/{action['vendor']}/{action['action']}", json={"tsak": 1})

        assert response.status_code == 422
        assert action["body"]["additionalProperties"] is False, action
