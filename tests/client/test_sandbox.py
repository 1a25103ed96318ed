"""One sandbox: where it is, who may do what in it, and how it begins anew."""

import copy
import pickle
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from receiver import receiving, wait_until
from understudy.client import Refused, Sandbox, Understudy
from understudy.vendors import VENDORS

ROOT = "64b7f0c2a1d3e4f5a6b7c900"
JUNE = datetime(2026, 6, 1, 8, tzinfo=UTC)


def create_task(cubicl: httpx2.Client) -> str:
    """Create a task; return its id."""
    answer = cubicl.post("/api/v1/tasks", json={"group": ROOT, "name": "One"})
    assert answer.status_code == 200, answer.text
    number: str = answer.json()["_id"]
    return number


class TestVendors:
    """Base URLs and credentials."""

    def test_every_vendor(self, sandbox: Sandbox) -> None:
        """Every vendor of the server is there by name, as an item and as an attribute."""
        assert list(sandbox.vendors) == [vendor.name for vendor in VENDORS]
        for vendor in VENDORS:
            assert getattr(sandbox, vendor.name) is sandbox.vendors[vendor.name]
            assert sandbox.vendors[vendor.name].title == vendor.title

    def test_credentials(self, sandbox: Sandbox) -> None:
        """The kinds of a credential are its values and its attributes."""
        owner = sandbox.cubicl.credentials["owner"]
        reporting = sandbox.groupcamp.credentials["reporting"]

        assert (owner.name, owner.values, owner.token) == ("owner", {"token": "cubicl-owner"}, "cubicl-owner")
        assert owner.who
        assert (reporting.key, reporting.secret) == ("rk-demo-1", "5up3r-s3cret-reporting")

    def test_unknown_names(self, sandbox: Sandbox) -> None:
        """A vendor or a kind that isn't there is an error that says what there is."""
        with pytest.raises(AttributeError, match="its vendors are 'cotalker', 'cubicl', 'groupcamp'"):
            _ = sandbox.jira
        with pytest.raises(AttributeError, match="has 'token', but no 'password'"):
            _ = sandbox.cubicl.credentials["owner"].password
        assert not hasattr(sandbox, "_anything")
        with pytest.raises(KeyError, match="there is no 'ownr', but 'owner', 'member', 'viewer'"):
            _ = sandbox.cubicl.credentials["ownr"]
        with pytest.raises(KeyError, match="there is no 'jira', but 'cotalker', 'cubicl', 'groupcamp'"):
            _ = sandbox.vendors["jira"]
        assert sandbox.vendors.get("jira") is None

    def test_secrets_are_not_shown(self, sandbox: Sandbox) -> None:
        """A failed assertion that shows a vendor shows no secret."""
        assert "cubicl-owner" not in repr(sandbox.cubicl)
        assert "cubicl-owner" not in repr(sandbox.cubicl.credentials["owner"])

    def test_credentials_can_be_copied(self, sandbox: Sandbox) -> None:
        """A credential survives copying and pickling."""
        owner = sandbox.cubicl.credentials["owner"]

        assert copy.deepcopy(owner) == pickle.loads(pickle.dumps(owner)) == owner
        assert copy.deepcopy(sandbox.vendors) == pickle.loads(pickle.dumps(sandbox.vendors)) == sandbox.vendors

    def test_are_those_that_are_good_now(self, sandbox: Sandbox) -> None:
        """After an action that takes a token away it is not among the credentials any more."""
        assert "member" in sandbox.cubicl.credentials

        sandbox.act("cubicl", "remove-token", token="cubicl-member")

        assert "member" not in sandbox.cubicl.credentials


class TestBeginningAnew:
    """`reset()`, `reseed()` and `delete()`."""

    def test_reset(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """What was made is gone."""
        task = create_task(cubicl)

        sandbox.reset()

        assert cubicl.get(f"/api/v1/tasks/{task}").status_code == 404

    def test_reseed(self, live: Understudy, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """Another seed is another world."""
        before = cubicl.get("/api/v1/organization/users").json()

        sandbox.reseed(7)

        assert cubicl.get("/api/v1/organization/users").json() != before
        assert {info.seed for info in live.sandboxes() if info.name == sandbox.name} == {7}

    def test_delete(self, live: Understudy) -> None:
        """A sandbox that was deleted is gone; leaving its block then is no error."""
        with live.create_sandbox() as sandbox:
            sandbox.delete()

            with pytest.raises(Refused) as caught:
                sandbox.clock.now()

        assert (caught.value.status, caught.value.code) == (404, "unknown_sandbox")

    def test_default_stays(self, live: Understudy) -> None:
        """Leaving the block of one that can't be deleted is an error."""
        with pytest.raises(Refused) as caught, live.sandbox():
            pass

        assert caught.value.status == 409


class TestActions:
    """`act()`."""

    def test_does_and_tells(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """An action is done, and what it changed is returned."""
        task = create_task(cubicl)

        changed = sandbox.act("cubicl", "archive", task=task)

        assert changed["_id"] == task
        assert cubicl.get(f"/api/v1/tasks/{task}").json()["archivedAt"]

    def test_fields_named_as_words_of_python(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """`from_` is the field `from`."""
        sender = {"name": "Ann", "emailAddress": "ann@example.test"}

        sandbox.act("cubicl", "make-email-task", task=create_task(cubicl), from_=sender)

        with pytest.raises(Refused, match="422 invalid_body: from"):
            sandbox.act("cubicl", "make-email-task", task=create_task(cubicl), from_="nobody")

    def test_unknown(self, sandbox: Sandbox) -> None:
        """An action that there is not is refused."""
        with pytest.raises(Refused) as caught:
            sandbox.act("cubicl", "dance/now")

        assert (caught.value.status, caught.value.code) == (404, "not_found")


class TestClock:
    """`clock`."""

    @pytest.mark.parametrize("instant", ["2026-06-01T08:00:00Z", JUNE, JUNE.astimezone(tz=None)])
    def test_freeze(self, sandbox: Sandbox, instant: str | datetime) -> None:
        """It stops at an instant, given as text or as a datetime of any zone."""
        assert sandbox.clock.freeze(instant) == JUNE

        assert (sandbox.clock.now(), sandbox.clock.frozen) == (JUNE, True)

    def test_freeze_where_it_is(self, sandbox: Sandbox) -> None:
        """Without an instant it stops at once."""
        stopped = sandbox.clock.freeze()

        assert sandbox.clock.now() == stopped

    def test_set_runs_on(self, sandbox: Sandbox) -> None:
        """From an instant that it is set to it goes on."""
        sandbox.clock.set(JUNE)

        assert not sandbox.clock.frozen
        assert JUNE <= sandbox.clock.now() < JUNE + timedelta(minutes=5)

    @pytest.mark.parametrize(
        ("by", "parts"),
        [
            (timedelta(days=1, hours=1, milliseconds=5), {}),
            (None, {"days": 1, "hours": 1, "milliseconds": 5}),
            (None, {"hours": 25.0, "seconds": 0.005}),
        ],
    )
    def test_advance(self, sandbox: Sandbox, by: timedelta | None, parts: dict[str, float]) -> None:
        """It moves on by a timedelta, or by what makes one."""
        sandbox.clock.freeze(JUNE)

        assert sandbox.clock.advance(by, **parts) == JUNE + timedelta(hours=25, milliseconds=5)

    @pytest.mark.parametrize(
        ("by", "parts", "said"),
        [
            (None, {}, "advance by how much? By a timedelta, or weeks=, days=, "),
            (None, {"hour": 1}, "advance() does not know 'hour'; it takes a timedelta, or weeks=, days=, hours=, "),
            (timedelta(hours=1), {"hours": 1}, "advance() takes a timedelta, or weeks=, "),
            (25, {}, "advance() takes a timedelta, or weeks=, "),
        ],
    )
    def test_advance_by_nothing_known(self, sandbox: Sandbox, by: Any, parts: dict[str, float], said: str) -> None:
        """Nothing, an unknown unit, both or a mere number is an error that says what there is, and the clock stays."""
        sandbox.clock.freeze(JUNE)

        with pytest.raises(TypeError, match=f"^{re.escape(said)}"):
            sandbox.clock.advance(by, **parts)

        assert sandbox.clock.now() == JUNE

    def test_back(self, sandbox: Sandbox) -> None:
        """A negative duration goes back."""
        sandbox.clock.freeze(JUNE)

        assert sandbox.clock.advance(hours=-25) == JUNE - timedelta(hours=25)

    def test_reset(self, sandbox: Sandbox) -> None:
        """It follows the system's clock again."""
        sandbox.clock.freeze(JUNE)

        assert abs(sandbox.clock.reset() - datetime.now(UTC)) < timedelta(minutes=5)

    @pytest.mark.parametrize("instant", [datetime(2026, 6, 1), "tomorrow"])
    def test_refused(self, sandbox: Sandbox, instant: str | datetime) -> None:
        """An instant without a zone, or none at all, is refused and changes nothing."""
        with pytest.raises(Refused, match="422 invalid_body: instant"):
            sandbox.clock.freeze(instant)

        assert not sandbox.clock.frozen


class TestWebhooks:
    """`webhooks`."""

    def test_deliveries(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """What was sent is listed by filters, and can be sent again."""
        with receiving() as receiver:
            body = {"group": ROOT, "type": "task-created", "url": receiver.url}
            assert cubicl.post("/api/v1/users/self/webhook", json=body).status_code == 200
            create_task(cubicl)
            receiver.wait_for(1)
            wait_until(lambda: sandbox.webhooks.deliveries(state="delivered"))

            (delivery,) = sandbox.webhooks.deliveries(vendor="cubicl", event="task-created")
            again = sandbox.webhooks.redeliver(delivery.id)
            receiver.wait_for(2)

        assert (delivery.request["url"], delivery.attempts[0]["status"]) == (receiver.url, 200)
        assert abs(delivery.created_at - datetime.now(UTC)) < timedelta(minutes=5)
        assert again.id == delivery.id
        assert sandbox.webhooks.deliveries(vendor="groupcamp") == []
