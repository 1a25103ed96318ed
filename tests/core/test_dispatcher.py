"""What moves while an attempt is under way: other webhooks, the clock, a reset, a redelivery, and bugs of our own."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from receiver import Receiver, Send, deliveries, receiving, sender, settled, wait_until
from understudy.config import Settings
from understudy.core import delivery as module

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


class TestHanging:
    """A receiver that never answers."""

    def test_harms_nobody(self, serve, receiver: Receiver) -> None:
        """It is given up after the time-out; other webhooks and every API call go on meanwhile."""
        server = serve(webhook_timeout_seconds=1.0, webhook_retries=[])
        receiver.hangs = threading.Event()
        post = sender(server)
        post(receiver.url, webhook="slow")
        receiver.wait_for(1)

        with receiving() as quick:
            post(quick.url, webhook="quick")
            quick.wait_for(1)
            assert server.admin.get("/health").status_code == 200
            assert deliveries(server.admin, webhook="slow")[0]["attempts"] == []

        failed = settled(server.admin, number=1)
        assert failed["state"] == "failed"
        assert failed["attempts"][0]["error"] == "no whole answer within 1 s"

    @pytest.mark.parametrize("seconds", ["0", "inf", "nan", "1e30"])
    def test_no_time(self, seconds: str) -> None:
        """A time-out that no clock can measure is refused."""
        with pytest.raises(ValidationError):
            Settings(webhook_timeout_seconds=float(seconds))

    def test_holds_up_no_retry(self, serve, receiver: Receiver) -> None:
        """A retry of another webhook that falls due meanwhile is made meanwhile."""
        server = serve(webhook_retries=[1])
        receiver.hangs = threading.Event()
        post = sender(server)
        post(receiver.url, webhook="slow")
        receiver.wait_for(1)

        with receiving() as quick:
            quick.answers = [500]
            post(quick.url, webhook="quick")

            quick.wait_for(2)
            assert deliveries(server.admin, webhook="slow")[0]["attempts"] == []

    def test_holds_up_no_fresh_world(self, server, post: Send, receiver: Receiver, admin: TestClient, clock) -> None:
        """After a reset the same delivery at the same instant is another one: it is sent, and its log is its own."""
        clock.freeze(NOON)
        receiver.hangs = threading.Event()
        post(receiver.url)
        receiver.wait_for(1)

        server.reset()
        clock.freeze(NOON)
        post(receiver.url)
        receiver.wait_for(2)
        receiver.hangs.set()
        receiver.hangs = None
        settled(admin)
        post(receiver.url, webhook="last")
        receiver.wait_for(3)

        assert len(deliveries(admin)[1]["attempts"]) == 1


class TestBugs:
    """What a fault of ours does to webhooks."""

    def test_of_one_delivery(self, post: Send, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        """What can't be noted is not sent over and over again."""
        original = module.attempted

        def attempted(delivery: Any, *arguments: Any, **named: Any) -> None:
            if delivery.webhook == "broken":
                raise ZeroDivisionError
            original(delivery, *arguments, **named)

        monkeypatch.setattr(module, "attempted", attempted)
        post(receiver.url, {"n": 0}, webhook="broken")
        receiver.wait_for(1)
        for number in range(1, 6):
            post(receiver.url, {"n": number})
            receiver.wait_for(number + 1)

        assert [request.json["n"] for request in receiver.requests] == [0, 1, 2, 3, 4, 5]

    def test_of_the_dispatcher(self, post: Send, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        """It goes on after it."""
        with monkeypatch.context() as patch:
            seen = threading.Event()

            def due(*_: Any) -> Any:
                seen.set()
                raise ZeroDivisionError

            patch.setattr(module, "due", due)
            post(receiver.url, {"n": 1})
            assert seen.wait(10)
        post(receiver.url, {"n": 2})

        assert [request.json["n"] for request in receiver.wait_for(2)] == [1, 2]

    def test_a_retry_after_the_end_of_time(self, serve, receiver: Receiver) -> None:
        """A schedule longer than the calendar ends with it."""
        server = serve(webhook_retries=[1 << 62])
        receiver.answers = [500]

        sender(server)(receiver.url)

        assert settled(server.admin)["nextAttemptAt"] == "9999-12-31T23:59:59.999Z"


class TestRedelivery:
    """POST /__admin/webhooks/deliveries/{id}/redeliver."""

    def test_of_a_failed_one(self, serve, receiver: Receiver) -> None:
        """The same body is sent once more and the log goes on."""
        server = serve(webhook_retries=[])
        receiver.answers = [500]
        sender(server)(receiver.url, {"n": 5})
        settled(server.admin)

        response = server.admin.post("/webhooks/deliveries/1/redeliver")

        assert (response.status_code, response.json()["state"]) == (202, "pending")
        delivery = settled(server.admin, attempts=2)
        assert delivery["state"] == "delivered"
        assert [request.json for request in receiver.requests] == [{"n": 5}, {"n": 5}]

    def test_of_a_delivered_one_that_now_fails(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """It is one attempt without retries."""
        post(receiver.url)
        settled(admin)
        receiver.answers = [500]

        admin.post("/webhooks/deliveries/1/redeliver")

        assert settled(admin, attempts=2)["state"] == "failed"

    @pytest.mark.parametrize("number", [2, 0, -1, 1 << 70, -(1 << 70)])
    def test_unknown(self, post: Send, receiver: Receiver, admin: TestClient, number: int) -> None:
        """An unknown delivery is 404."""
        post(receiver.url)

        response = admin.post(f"/webhooks/deliveries/{number}/redeliver")

        assert response.status_code == 404
        assert response.json()["errors"][0]["detail"] == f"There is no delivery {number}."
        assert admin.get(f"/webhooks/deliveries/{number}").status_code == 404

    def test_while_an_attempt_is_under_way(self, post: Send, receiver: Receiver, admin: TestClient) -> None:
        """Each request makes one more attempt, and one more of those that are made by hand."""
        receiver.hangs = threading.Event()
        post(receiver.url)
        for number in (1, 2):
            receiver.wait_for(number)
            assert admin.post("/webhooks/deliveries/1/redeliver").status_code == 202
            hanging, receiver.hangs = receiver.hangs, threading.Event() if number == 1 else None
            hanging.set()

        receiver.wait_for(3)
        wait_until(lambda: deliveries(admin)[0]["state"] == "delivered")
        assert len(deliveries(admin)[0]["attempts"]) == 3
