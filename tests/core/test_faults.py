"""Which requests faults strike, and what they do to them, seen by clients of any vendor."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from understudy.core.fault_rules import FaultRule
from understudy.core.faults import Faults, Injection

FREE_GROUP = {"group": "61ae5eb11f130a35a73e2e06"}
GROUPS = "/api/v2/task-groups"
ME = "/api/v2/users/me"


@pytest.fixture
def fault(admin: TestClient) -> Callable[..., str]:
    """Return a function that adds a fault and gives its id: `fault({"status": 500}, vendor="cubicl")`."""

    def add(then: dict[str, Any], when: dict[str, Any] | None = None, **match: str) -> str:
        response = admin.post("/faults", json={"match": match, "when": when or {}, "then": then})
        assert response.status_code == 201, response.text
        number: str = response.json()["id"]
        return number

    return add


@pytest.fixture
def cotalker(server) -> TestClient:
    """An administrator of one vendor."""
    return server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")


@pytest.fixture
def agent(server) -> TestClient:
    """Another user of the same vendor."""
    return server.client("/cotalker", Authorization="Bearer cotalker-agent")


@pytest.fixture
def cubicl(server) -> TestClient:
    """A user of another vendor."""
    return server.client("/cubicl", Authorization="Bearer cubicl-owner")


def struck(*responses: Any) -> list[bool]:
    """Which of some answers a fault had a part in."""
    return ["x-understudy-fault" in response.headers for response in responses]


class TestMatch:
    """match: which requests a rule is for."""

    def test_everything(self, fault, cotalker: TestClient, cubicl: TestClient, server) -> None:
        """A rule without conditions is for every request of every vendor, but never for the control plane."""
        fault({"status": 503})

        assert struck(cotalker.get(ME), cubicl.get("/nowhere"), server.client("/groupcamp").get("/")) == [True] * 3
        assert server.admin.get("/faults").status_code == 200
        assert server.client("").get("/cubicl/openapi.json").status_code == 200

    def test_vendor(self, fault, cotalker: TestClient, cubicl: TestClient) -> None:
        """Requests of one vendor."""
        fault({"status": 503}, vendor="cubicl")

        assert struck(cotalker.get(ME), cubicl.get("/api/v1/tasks")) == [False, True]

    def test_operation(self, fault, cotalker: TestClient) -> None:
        """Requests that lead to one operation."""
        fault({"status": 503}, operation="createTaskGroup")

        assert struck(cotalker.get(GROUPS), cotalker.post(GROUPS, json={})) == [False, True]

    def test_method(self, fault, cotalker: TestClient) -> None:
        """Requests of one method, in letters of either case."""
        fault({"status": 503}, method="post")

        assert struck(cotalker.get(GROUPS), cotalker.post(GROUPS, json={})) == [False, True]

    @pytest.mark.parametrize(
        ("glob", "strikes"),
        [
            ("/api/v2/users/me", True),
            ("/cotalker/api/v2/users/me", True),
            ("/api/*", True),
            ("*/me", True),
            ("/api/v?/users/m[a-e]", True),
            ("/api/v2/users", False),
            ("/API/v2/users/me", False),
            ("/api/v2/users/me?*", False),
        ],
    )
    def test_path(self, fault, cotalker: TestClient, glob: str, strikes: bool) -> None:
        """The vendor's own path or the one received, without the query."""
        fault({"status": 503}, path=glob)

        assert struck(cotalker.get(ME, params={"a": "b"})) == [strikes]

    @pytest.mark.parametrize(("glob", "strikes"), [("cotalker-admin", [True, False, False]), ("*", [True, True, False])])
    def test_token(self, fault, cotalker: TestClient, agent: TestClient, server, glob: str, strikes: list[bool]) -> None:
        """Requests with a credential; those without any are not met even by `*`."""
        fault({"status": 503}, token=glob)

        assert struck(cotalker.get(ME), agent.get(ME), server.client("/cotalker").get(ME)) == strikes

    def test_token_without_the_sandbox(self, admin: TestClient, server) -> None:
        """A suffix that selects the sandbox is no part of the token."""
        admin.post("/sandboxes", json={"name": "t"})
        server.client("/s/t/__admin").post("/faults", json={"match": {"token": "cotalker-admin"}, "then": {"status": 503}})

        assert struck(server.client("/cotalker", Authorization="Bearer cotalker-admin@t").get(ME)) == [True]
        admin.delete("/sandboxes/t")

    def test_all_must_hold(self, fault, cotalker: TestClient, agent: TestClient) -> None:
        """Several conditions are all to be met."""
        fault({"status": 503}, vendor="cotalker", operation="getMe", method="GET", path="*", token="*-agent")

        assert struck(cotalker.get(ME), agent.get(ME), agent.get("/api/v2/users")) == [False, True, False]


class TestWhen:
    """when: how often, and from when to when."""

    def test_skip_and_times(self, fault, cotalker: TestClient) -> None:
        """The first two pass, the next three are struck, all later ones pass."""
        fault({"status": 503}, {"skip": 2, "times": 3})

        assert struck(*(cotalker.get(ME) for _ in range(7))) == [False, False, True, True, True, False, False]

    def test_never(self, fault, cotalker: TestClient) -> None:
        """No probability is never."""
        fault({"status": 503}, {"probability": 0})

        assert struck(*(cotalker.get(ME) for _ in range(5))) == [False] * 5

    def test_other_requests_are_not_counted(self, fault, cotalker: TestClient, cubicl: TestClient) -> None:
        """Only requests that the rule is for use up `skip`."""
        fault({"status": 503}, {"skip": 1}, vendor="cotalker")

        cubicl.get("/api/v1/tasks")

        assert struck(cotalker.get(ME), cotalker.get(ME)) == [False, True]

    def test_probability_repeats(self, fault, cotalker: TestClient, admin: TestClient) -> None:
        """The same requests are struck in every run, about as many as wished, and others with another seed."""
        runs = []
        for seed in (42, 42, 7):
            admin.post("/reset") if seed == 42 else admin.post("/seed", json={"seed": seed})
            fault({"status": 503}, {"probability": 0.3})
            runs.append(struck(*(cotalker.get(ME) for _ in range(200))))

        assert runs[0] == runs[1] != runs[2]
        assert 40 <= sum(runs[0]) <= 80
        admin.post("/seed", json={"seed": 42})

    def test_chance_is_each_rule_s_own(self, fault, cotalker: TestClient, admin: TestClient) -> None:
        """What one rule draws changes nothing for another, and neither do `skip` and `times`."""
        fault({"headers": {"A": "1"}, "delayJitterMs": 1}, {"probability": 0.5})
        alone = [response.headers.get("a") for response in (cotalker.get(ME) for _ in range(40))]
        admin.post("/reset")
        fault({"headers": {"A": "1"}, "delayJitterMs": 1}, {"probability": 0.5, "skip": 10})
        fault({"headers": {"B": "1"}, "delayJitterMs": 1}, {"probability": 0.5})

        beside = [response.headers.get("a") for response in (cotalker.get(ME) for _ in range(40))]

        assert beside == [None] * 10 + alone[10:]

    def test_chances_of_two_rules(self, fault, cotalker: TestClient) -> None:
        """Two rules alike don't strike the same requests."""
        for _ in range(2):
            fault({"headers": {"A": "1"}}, {"probability": 0.5})

        named = {cotalker.get(ME).headers.get("x-understudy-fault") for _ in range(40)}

        assert named == {None, "fault-1", "fault-2", "fault-1, fault-2"}

    def test_window(self, fault, cotalker: TestClient, admin: TestClient, clock) -> None:
        """From the first instant on, until just before the last, on the sandbox's clock; outside nothing is counted."""
        number = fault({"status": 503}, {"from": "2030-01-01T00:00:00Z", "until": "2030-01-01T02:00:00+01:00"})

        met = []
        for instant in ("2029-12-31T23:59:59.999Z", "2030-01-01T00:00:00Z", "2030-01-01T00:59:59.999Z", "2030-01-01T01:00:00Z"):
            clock.freeze(instant)
            met += struck(cotalker.get(ME))

        assert met == [False, True, True, False]
        assert admin.get(f"/faults/{number}").json()["eligible"] == 2


class TestStatus:
    """then.status."""

    def test_not_carried_out(self, fault, cotalker: TestClient) -> None:
        """What was refused has not happened."""
        before = cotalker.get(GROUPS, params={"count": "true"}).json()["data"]["count"]
        fault({"status": 500}, {"times": 1}, method="POST")

        assert cotalker.post(GROUPS, json=FREE_GROUP).status_code == 500

        assert cotalker.get(GROUPS, params={"count": "true"}).json()["data"]["count"] == before
        assert cotalker.post(GROUPS, json=FREE_GROUP).status_code == 200

    def test_whoever_asks(self, fault, server) -> None:
        """It comes before credentials and paths are looked at."""
        fault({"status": 500})

        assert server.client("/cotalker").get("/no/such/path").status_code == 500

    def test_large_body(self, serve: Callable[..., Any]) -> None:
        """A body that is too large gets the fault's answer, too."""
        server = serve(max_body_bytes=50)
        assert server.admin.post("/faults", json={"then": {"status": 503}}).status_code == 201

        assert server.client("/cotalker").post(GROUPS, content=b"x" * 100).status_code == 503

    def test_browsers(self, fault, cotalker: TestClient) -> None:
        """A page of another origin can read the answer; what it asks before is left alone."""
        fault({"status": 503})

        preflight = cotalker.options(ME, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
        answer = cotalker.get(ME, headers={"Origin": "https://a.example"})

        assert preflight.status_code == 204
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, "*")


class TestBodyAndHeaders:
    """then.body and then.headers."""

    def test_in_the_place_of_the_vendor_s(self, fault, cotalker: TestClient) -> None:
        """They replace what a refusal would say; what isn't replaced stays."""
        fault({"status": "rateLimit", "body": {"why": ["é", None]}, "headers": {"retry-after": "99", "X-Own": "1"}})

        response = cotalker.get(ME)

        assert response.content == '{"why":["é",null]}'.encode()
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-length"] == str(len(response.content))
        assert (response.headers["retry-after"], response.headers["x-own"]) == ("99", "1")

    @pytest.mark.parametrize(
        ("body", "headers", "media_type"),
        [
            ("<h1>Oops</h1>", {"Content-Type": "text/html"}, "text/html"),
            ("Oops", {}, "text/plain; charset=utf-8"),
            ("", {}, "text/plain; charset=utf-8"),
        ],
    )
    def test_text(self, fault, cotalker: TestClient, body: str, headers: dict[str, str], media_type: str) -> None:
        """A text is sent as it is, as plain text unless a header says otherwise."""
        fault({"status": 502, "body": body, "headers": headers})

        response = cotalker.get(ME)

        assert (response.text, response.headers["content-type"]) == (body, media_type)

    @pytest.mark.parametrize("status", [204, 205, 304])
    def test_answer_that_has_none(self, status: int) -> None:
        """What can't have a body is left without one; a server would hang up in the middle of it."""
        answer = Injection(ids=["fault-1"], body="new", headers={"A": "b"}).applied(Response(status_code=status))

        assert (answer.status_code, answer.body) == (status, b"")
        assert (answer.headers["a"], answer.headers["x-understudy-fault"]) == ("b", "fault-1")

    def test_without_a_status(self, fault, cotalker: TestClient, server) -> None:
        """The operation is carried out, and its answer's status stays."""
        before = cotalker.get(GROUPS, params={"count": "true"}).json()["data"]["count"]
        fault({"body": [1]}, {"times": 1}, method="POST")
        stranger = TestClient(server.app, base_url="http://testserver/cotalker", headers=dict(cotalker.headers))

        response = stranger.post(GROUPS, json=FREE_GROUP)

        assert (response.status_code, response.json()) == (200, [1])
        assert cotalker.get(GROUPS, params={"count": "true"}).json()["data"]["count"] == before + 1


class TestSeveral:
    """Rules that strike the same request."""

    def test_the_older_one_wins(self, fault, cotalker: TestClient) -> None:
        """Of what two rules set, the older one's holds; what only one sets is added; both are named."""
        fault({"status": 503, "headers": {"A": "old"}})
        fault({"status": 500, "body": "new", "headers": {"a": "new", "B": "new"}})

        response = cotalker.get(ME)

        assert (response.status_code, response.text) == (503, "new")
        assert (response.headers["a"], response.headers["b"]) == ("old", "new")
        assert response.headers["x-understudy-fault"] == "fault-1, fault-2"

    def test_delays_add_up(self, fault, cotalker: TestClient, server) -> None:
        """The journal tells what was put on top, chance included, and that is the same in every run."""
        found = set()
        for _ in range(2):
            server.reset()
            fault({"delayMs": 3})
            fault({"delayMs": 4, "delayJitterMs": 5})
            number = cotalker.get(ME).headers["x-understudy-request"]
            found.add(server.app.sandboxes["default"].journal.get(number).delay_ms)

        (delay,) = found
        assert 7 <= delay <= 12

    def test_at_most_an_hour(self) -> None:
        """Whatever the rules are, no answer waits for longer."""
        faults, injection = Faults(), Injection()
        for _ in range(3):
            injection.add(faults.add(FaultRule.model_validate({"then": {"delayMs": 3_000_000}})))

        assert injection.delay_ms == 3_600_000


class TestJournal:
    """What is told of faults."""

    def test_marked(self, fault, cotalker: TestClient, server) -> None:
        """The journal has the answer that was sent and the faults that had a part; others have none."""
        fault({"status": 503, "body": "gone fishing"}, {"times": 1})

        first, second = cotalker.get(ME), cotalker.get(ME)

        noted = [server.app.sandboxes["default"].journal.get(one.headers["x-understudy-request"]) for one in (first, second)]
        assert [(list(one.faults), one.status, one.operation) for one in noted] == [
            (["fault-1"], 503, "getMe"),
            ([], 200, "getMe"),
        ]
        assert noted[0].response_body == b"gone fishing"

    def test_events(self, fault, cotalker: TestClient, admin: TestClient, server) -> None:
        """Faults that are made, strike and go are published."""
        told: list[Any] = []
        events = server.app.sandboxes.events
        with events.listen(["fault"]) as listener:
            fault({"status": 503})
            cotalker.get(ME)
            admin.delete("/faults/fault-1")
            told += cotalker.portal.call(listener.take, 5)[1]  # type: ignore[union-attr]

        assert [(event.data["change"], event.data["faults"]) for event in told] == [
            ("created", ["fault-1"]),
            ("injected", ["fault-1"]),
            ("deleted", ["fault-1"]),
        ]


class TestWithoutASocket:
    """Connection faults seen by a client that calls the application in its own process."""

    @pytest.mark.parametrize("connection", ["reset", "empty"])
    def test_no_answer(self, fault, cotalker: TestClient, connection: str) -> None:
        """There is no connection to break: the call raises what a broken one would."""
        fault({"connection": connection})

        with pytest.raises(ConnectionResetError, match="fault-1"):
            cotalker.get(ME)

    def test_truncate(self, fault, server) -> None:
        """Half of the body comes, under the length of the whole."""
        client = TestClient(server.app, headers={"Authorization": "Bearer cotalker-admin"})
        whole = client.get(f"/cotalker{ME}").content
        fault({"connection": "truncate"})

        response = client.get(f"/cotalker{ME}")

        assert response.content == whole[: len(whole) // 2]
        assert response.headers["content-length"] == str(len(whole))

    def test_malformed(self, fault, server) -> None:
        """The body is what would have been no chunks."""
        fault({"connection": "malformed"})

        response = TestClient(server.app).get(f"/cotalker{ME}")

        assert response.content.startswith(b"\xde\xad\xbe\xef")


def test_copies_go_their_own_way() -> None:
    """A copy of a sandbox's faults draws the same and counts for itself."""
    faults = Faults()
    faults.seed = 7
    fault = faults.add(FaultRule.model_validate({"when": {"probability": 0.5}, "then": {"status": 500}}))
    [fault.fires() for _ in range(10)]

    copied = deepcopy(faults)

    (other,) = copied
    assert [other.fires() for _ in range(50)] == [fault.fires() for _ in range(50)]
    other.fires()
    assert (fault.eligible, other.eligible) == (60, 61)


class TestClientThatLeaves:
    """A client that is gone before its answer."""

    @pytest.mark.parametrize("then", [{"delayMs": 3_600_000}, {"bytesPerSecond": 1}])
    def test_ends_the_wait(self, then: dict[str, Any]) -> None:
        """Nobody waits for the rest of an hour, and no more is sent."""
        sent: list[str] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        async def answer() -> None:
            injection = Injection()
            injection.add(Faults().add(FaultRule.model_validate({"then": then})))
            async with asyncio.timeout(10):
                await injection.send(PlainTextResponse("x" * 10_000), {"type": "http", "method": "GET"}, receive, send)

        asyncio.run(answer())

        assert "http.response.body" not in sent
