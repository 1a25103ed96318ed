"""Webhook deliveries: sent after the commit, tried again on the sandbox's clock, logged, and only to where they may go."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from receiver import Receiver, Send, deliveries, receiving, sender, settled, wait_until
from understudy.core.delivery import Dispatcher, Targets
from understudy.core.webhooks import KEPT, Delivery, Webhook, send

NOON = "2026-03-02T12:00:00Z"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who listens."""
    with receiving() as one:
        yield one


@pytest.fixture
def post(server) -> Send:
    """Send with the settings of every server."""
    return sender(server)


class TestDelivering:
    """What a receiver sees, and what the log says of it."""

    def test_request(self, post: Send, receiver: Receiver) -> None:
        """It is one POST of JSON to the URL as it stands."""
        post(receiver.url + "?a=b%20c", {"text": "über 🦊", "n": [1, None]})

        (request,) = receiver.wait_for(1)
        assert (request.method, request.path) == ("POST", "/hook?a=b%20c")
        assert request.json == {"text": "über 🦊", "n": [1, None]}
        assert request.headers["content-type"] == "application/json"
        assert request.headers["content-length"] == str(len(request.body))
        assert request.headers["host"] == receiver.url.split("/")[2]

    def test_log(self, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """The log has the request, the answer and when it was attempted."""
        clock.freeze(NOON)
        receiver.answers = [(201, {"X-Answer": "yes"})]

        post(receiver.url, {"n": 1}, webhook="w7", event="task-deleted")

        delivery = settled(admin)
        (attempt,) = delivery.pop("attempts")
        assert delivery.pop("request").items() >= {"method": "POST", "url": receiver.url, "body": {"n": 1}}.items()
        assert delivery == {
            "id": 1,
            "vendor": "vendor",
            "webhook": "w7",
            "event": "task-deleted",
            "state": "delivered",
            "createdAt": "2026-03-02T12:00:00.000Z",
            "nextAttemptAt": None,
        }
        assert attempt["at"] == "2026-03-02T12:00:00.000Z"
        assert attempt["durationMs"] >= 0
        assert (attempt["status"], attempt["body"]) == (201, "thanks")
        assert attempt["headers"]["X-Answer"] == "yes"

    def test_a_rolled_back_change_tells_nobody(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """What did not happen is not told."""
        with pytest.raises(ZeroDivisionError):
            post(receiver.url, {"n": 1}, fail=True)
        post(receiver.url, {"n": 2})

        assert [request.json for request in receiver.wait_for(1)] == [{"n": 2}]
        assert len(deliveries(admin)) == 1

    def test_order(self, post: Send, receiver: Receiver) -> None:
        """A webhook hears of things in the order in which they happened."""
        for number in range(1, 30):
            post(receiver.url, {"n": number})

        assert [request.json["n"] for request in receiver.wait_for(29)] == list(range(1, 30))

    def test_reset(self, post: Send, receiver: Receiver, server, admin: TestClient) -> None:
        """A reset empties the log."""
        post(receiver.url)
        settled(admin)

        server.reset()

        assert deliveries(admin) == []

    def test_large_payload(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """A payload of megabytes arrives whole."""
        post(receiver.url, {"text": "x" * 3_000_000})

        assert len(receiver.wait_for(1)[0].json["text"]) == 3_000_000
        assert settled(admin)["state"] == "delivered"

    @pytest.mark.parametrize("size", [4096, 60_000, 10_000_000])
    def test_large_answer(self, post: Send, receiver: Receiver, admin: TestClient, size: int) -> None:
        """Of an answer no more is read than fits, and the first four kilobytes are shown."""
        receiver.content = b"y" * size

        post(receiver.url)

        assert settled(admin)["attempts"][0]["body"] == "y" * 4096
        assert settled(admin)["state"] == "delivered"


class TestRetries:
    """What happens when a receiver fails."""

    def test_fails_twice(self, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """It is tried again after 10 seconds and after another minute, until it succeeds."""
        clock.freeze(NOON)
        receiver.answers = [500, 404]
        post(receiver.url)

        first = settled(admin)
        clock.advance("PT10S")
        second = settled(admin, attempts=2)
        clock.advance("PT60S")
        third = settled(admin, attempts=3)

        assert [first["nextAttemptAt"], second["nextAttemptAt"]] == ["2026-03-02T12:00:10.000Z", "2026-03-02T12:01:10.000Z"]
        assert [first["state"], second["state"], third["state"]] == ["pending", "pending", "delivered"]
        assert [attempt["status"] for attempt in third["attempts"]] == [500, 404, 200]
        assert [attempt["at"][11:19] for attempt in third["attempts"]] == ["12:00:00", "12:00:10", "12:01:10"]
        assert len({request.body for request in receiver.requests}) == 1

    def test_not_before_its_time(self, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """A clock that stands or stops short of the instant brings no retry."""
        clock.freeze(NOON)
        receiver.answers = [500]
        post(receiver.url)
        settled(admin)

        clock.advance("PT9.999S")
        post(receiver.url, {"n": 2}, webhook="other")

        settled(admin)
        assert len(receiver.requests) == 2
        assert len(deliveries(admin)[1]["attempts"]) == 1

    def test_gives_up(self, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """After the last retry it has failed; a leap of the clock runs all retries on the way."""
        clock.freeze(NOON)
        receiver.answers = [500] * 10
        post(receiver.url)
        settled(admin)

        clock.advance("P1D")

        assert settled(admin, attempts=4)["state"] == "failed"
        assert settled(admin)["nextAttemptAt"] is None
        clock.advance("P1D")
        post(receiver.url, webhook="other")
        receiver.wait_for(5)
        assert len(deliveries(admin)[1]["attempts"]) == 4

    def test_a_failure_holds_up_nobody(self, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """While one delivery waits for its retry, the next one of the same webhook goes out."""
        clock.freeze(NOON)
        receiver.answers = [503]
        post(receiver.url, {"n": 1})
        post(receiver.url, {"n": 2})

        settled(admin)

        assert [(one["state"], len(one["attempts"])) for one in deliveries(admin)] == [("delivered", 1), ("pending", 1)]

    def test_on_the_running_clock(self, serve, receiver: Receiver) -> None:
        """A clock that runs brings the retry by itself."""
        server = serve(webhook_retries=[1])
        receiver.answers = [500]

        sender(server)(receiver.url)

        receiver.wait_for(2)
        assert settled(server.admin, attempts=2)["state"] == "delivered"

    def test_none(self, serve, receiver: Receiver) -> None:
        """Without retries the first failure is the last."""
        server = serve(webhook_retries="none")
        receiver.answers = [500]

        sender(server)(receiver.url)

        assert settled(server.admin)["state"] == "failed"

    def test_redirect(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """A redirect is a failure and is not followed."""
        receiver.answers = [(302, {"Location": receiver.url + "/elsewhere"})]

        post(receiver.url)

        delivery = settled(admin)
        assert (delivery["state"], delivery["attempts"][0]["status"]) == ("pending", 302)
        assert [request.path for request in receiver.requests] == ["/hook"]

    def test_nobody_listens(self, post: Send, admin: TestClient) -> None:
        """A closed port is a failure."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            post(f"http://127.0.0.1:{closed.getsockname()[1]}/")

            delivery = settled(admin)

        assert delivery["state"] == "pending"
        assert "error" in delivery["attempts"][0]

    def test_not_http(self, post: Send, admin: TestClient) -> None:
        """Somebody who doesn't speak HTTP is a failure."""
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"220 mail.test ESMTP\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            post(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            delivery = settled(admin)
            thread.join()

        assert delivery["state"] == "pending"
        assert "error" in delivery["attempts"][0]


class TestOtherLetters:
    """URLs that are not ASCII."""

    def test_are_encoded(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """They are called as any client would call them; what is encoded already stays."""
        post(receiver.url + "/é%20?q=ü&r=%2F")

        (request,) = receiver.wait_for(1)
        assert request.path == "/hook/%C3%A9%20?q=%C3%BC&r=%2F"
        assert settled(admin)["state"] == "delivered"

    def test_host(self, post: Send, admin: TestClient) -> None:
        """A host's name is looked up as it is registered; nobody has this one."""
        post("http://bücher.invalid/")

        assert "the host has no address" in settled(admin)["attempts"][0]["error"]


class TestBug:
    """A fault of ours on the way."""

    def test_is_an_attempt(self, post: Send, admin: TestClient, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
        """It is noted like any failure and tried again like one, not at once and forever."""

        async def broken(self: Dispatcher, delivery: Delivery) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(Dispatcher, "_exchange", broken)

        post("http://127.0.0.1:9/")

        delivery = settled(admin)
        assert [attempt["error"] for attempt in delivery["attempts"]] == ["a bug of Understudy: ZeroDivisionError"]
        assert delivery["state"] == "pending"
        assert len(caplog.records) == 1


class TestTargets:
    """Where webhooks may go."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://93.184.215.14/hook",
            "http://169.254.169.254/latest/meta-data",
            "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
            "http://[::ffff:93.184.215.14]/",
            "http://0.0.0.0/",
            "http://192.0.2.1/",
        ],
    )
    def test_public_address(self, post: Send, admin: TestClient, url: str) -> None:
        """An address that is neither loopback nor private is not called, and the log says why."""
        post(url)

        delivery = settled(admin)
        assert (delivery["state"], delivery["nextAttemptAt"]) == ("refused", None)
        assert "UNDERSTUDY_WEBHOOK_TARGETS" in delivery["attempts"][0]["error"]

    @pytest.mark.parametrize(
        "url", ["ftp://127.0.0.1/", "mailto:a@b.test", "127.0.0.1/hook", "http://", "http://127.0.0.1:99999/"]
    )
    def test_not_a_web_address(self, post: Send, admin: TestClient, url: str) -> None:
        """What is no HTTP URL is refused."""
        post(url)

        assert settled(admin)["state"] == "refused"

    def test_host_name(self, post: Send, receiver: Receiver) -> None:
        """A host name goes where it leads to."""
        post(receiver.url.replace("127.0.0.1", "localhost"))

        assert receiver.wait_for(1)[0].headers["host"].startswith("localhost:")

    def test_narrowed(self, serve, receiver: Receiver) -> None:
        """The setting is the whole list."""
        server = serve(webhook_targets="10.0.0.0/8")

        sender(server)(receiver.url)

        assert settled(server.admin)["state"] == "refused"
        assert receiver.requests == []

    @pytest.mark.parametrize(
        ("address", "allowed"),
        [
            ("127.0.0.1", True),
            ("127.255.255.254", True),
            ("::1", True),
            ("10.1.2.3", True),
            ("172.16.0.1", True),
            ("172.31.255.255", True),
            ("172.32.0.1", False),
            ("192.168.1.1", True),
            ("fd00::1", True),
            ("::ffff:10.0.0.1", True),
            ("::ffff:8.8.8.8", False),
            ("8.8.8.8", False),
            ("169.254.1.1", False),
            ("fe80::1%eth0", False),
            ("100.64.0.1", False),
            ("0.0.0.0", False),
            ("::", False),
        ],
    )
    def test_defaults(self, server, address: str, allowed: bool) -> None:
        """Loopback and private networks are allowed, nothing else is."""
        from understudy.config import Settings

        assert Targets(Settings().webhook_targets).allow(address) is allowed

    def test_any(self) -> None:
        """`any` allows every address."""
        assert Targets(["any"]).allow("8.8.8.8")


class TestLog:
    """GET /__admin/webhooks/deliveries."""

    def test_filters_and_pages(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """It is filtered by vendor, webhook, event and state, newest first, and paged."""
        for number in range(6):
            post(receiver.url, webhook=f"w{number % 2}", event=f"e{number % 3}")
        wait_until(lambda: len(deliveries(admin, state="delivered")) == 6)

        assert [one["id"] for one in deliveries(admin)] == [6, 5, 4, 3, 2, 1]
        assert [one["id"] for one in deliveries(admin, webhook="w1")] == [6, 4, 2]
        assert [one["id"] for one in deliveries(admin, webhook="w1", event="e0")] == [4]
        assert [one["id"] for one in deliveries(admin, limit=2, offset=1)] == [5, 4]
        assert deliveries(admin, state="failed") == []
        assert deliveries(admin, vendor="nobody") == []
        assert admin.get("/webhooks/deliveries", params={"limit": 1}).json()["meta"] == {"total": 6}
        assert admin.get("/webhooks/deliveries/3").json() == deliveries(admin)[3]

    @pytest.mark.parametrize("query", [{"state": "lost"}, {"limit": -1}, {"limit": "x"}, {"offset": 1 << 80}])
    def test_bad_query(self, admin: TestClient, query: dict[str, Any]) -> None:
        """A parameter that doesn't fit is named."""
        response = admin.get("/webhooks/deliveries", params=query)

        assert response.status_code == 422
        assert next(iter(query)) in response.json()["errors"][0]["detail"]

    def test_is_bounded(self, server, admin: TestClient) -> None:
        """The newest ten thousand are remembered."""

        def fill() -> None:
            sandbox = server.app.sandboxes["default"]
            with sandbox.session() as session:
                for _ in range(KEPT + 300):
                    send(sandbox, session, Webhook("vendor", "w", "e", "ftp://nowhere"), {})

        server.main.portal.call(fill)

        assert admin.get("/webhooks/deliveries", params={"limit": 1}).json()["meta"]["total"] == KEPT
