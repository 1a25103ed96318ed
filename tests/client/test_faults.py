"""Faults, added by a test."""

import re
from typing import Any

import httpx2
import pytest

from understudy.client import Refused, Sandbox

ME = "/api/v1/app/me"


class TestAdd:
    """`faults.add()`."""

    def test_by_keywords(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """The keywords become the rule, which then holds, as often as it says."""
        fault = sandbox.faults.add(vendor="cubicl", operation="getMe", status=503, times=2)

        assert (fault.match, fault.when, fault.then) == (
            {"vendor": "cubicl", "operation": "getMe"}, {"times": 2}, {"status": 503},
        )  # fmt: skip
        assert [cubicl.get(ME).status_code for _ in range(3)] == [503, 503, 200]
        assert sandbox.faults.list()[0].fired == 2

    def test_every_keyword(self, sandbox: Sandbox) -> None:
        """Every keyword has its place in the rule."""
        fault = sandbox.faults.add(
            vendor="cubicl", operation="getTasks", method="GET", path="/api/v1/*", token="cubicl-owner",
            skip=1, times=2, probability=0.5, from_="2026-06-01T08:00:00Z", until="2026-06-02T08:00:00Z",
            delay_ms=1, delay_jitter_ms=2, bytes_per_second=1000, connection="truncate", paging="insert",
            body={"a": 1}, headers={"X-A": "b"},
        )  # fmt: skip

        assert fault.match == {
            "vendor": "cubicl", "operation": "getTasks", "method": "GET", "path": "/api/v1/*", "token": "cubicl-owner",
        }  # fmt: skip
        assert fault.when == {
            "skip": 1, "times": 2, "probability": 0.5, "from": "2026-06-01T08:00:00Z", "until": "2026-06-02T08:00:00Z",
        }  # fmt: skip
        assert fault.then == {
            "delayMs": 1, "delayJitterMs": 2, "bytesPerSecond": 1000, "connection": "truncate", "paging": "insert",
            "body": {"a": 1}, "headers": {"X-A": "b"},
        }  # fmt: skip

    def test_written_out(self, sandbox: Sandbox) -> None:
        """A rule written out is taken as it is; keywords go on top of it."""
        fault = sandbox.faults.add(match={"vendor": "cubicl"}, then={"status": "rateLimit"}, operation="getMe")

        assert fault.match == {"vendor": "cubicl", "operation": "getMe"}
        assert fault.then == {"status": "rateLimit"}

    def test_refused(self, sandbox: Sandbox) -> None:
        """A rule that can't be is refused, and there is none then."""
        with pytest.raises(Refused) as caught:
            sandbox.faults.add(operation="noSuchOperation", status=500)

        assert (caught.value.status, caught.value.code) == (422, "invalid_body")
        assert sandbox.faults.list() == []

    @pytest.mark.parametrize("rule", [{"operation": "getMe"}, {"then": {}}, {"then": {"status": None}, "times": 2}, {}])
    def test_without_an_effect(self, sandbox: Sandbox, rule: dict[str, Any]) -> None:
        """A rule that does nothing is refused before it is sent, with the effects as the keywords spell them."""
        with pytest.raises(ValueError, match=r"does something: give it status, delay_ms, delay_jitter_ms, .*, body or headers$"):
            sandbox.faults.add(**rule)

        assert sandbox.faults.list() == []

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("delay", "a fault has no 'delay'; is 'delay_ms' meant?"),
            ("delayMs", "a fault has no 'delayMs'; is 'delay_ms' meant?"),
            ("from", "a fault has no 'from'; is 'from_' meant?"),
            ("xyz", "a fault has no 'xyz'; there is match, when, then, vendor, "),
        ],
    )
    def test_unknown_keyword(self, sandbox: Sandbox, name: str, said: str) -> None:
        """A keyword that there is not is an error that names the nearest, or all."""
        rule: dict[str, Any] = {"status": 500, name: 1}

        with pytest.raises(TypeError, match=f"^{re.escape(said)}"):
            sandbox.faults.add(**rule)

        assert sandbox.faults.list() == []


class TestAssertAllFired:
    """`faults.assert_all_fired()`."""

    def test_names_the_silent(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """It names the rules that never struck, in the words of `add()`, and no token."""
        fired = sandbox.faults.add(operation="getMe", status=503)
        silent = sandbox.faults.add(operation="getMe", skip=5, delay_ms=1, token="cubicl-owner", body="a\n" + "b" * 100)
        cubicl.get(ME)

        with pytest.raises(AssertionError) as caught:
            sandbox.faults.assert_all_fired()

        assert str(caught.value) == (
            f"these faults never fired:\n{silent.id}: 1 eligible, 0 fired  "
            f"delay_ms=1 body=a {'b' * 58}… operation=getMe token=*** skip=5"
        )
        assert fired.id not in str(caught.value)

    def test_all_fired(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """It says nothing where each has struck, be it spent or not."""
        sandbox.faults.add(operation="getMe", status=503, times=1)
        cubicl.get(ME)

        sandbox.faults.assert_all_fired()

        assert [fault.fired for fault in sandbox.faults.list()] == [1]


class TestRemove:
    """`faults.list()`, `remove()` and `clear()`."""

    def test_one(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """The one that is removed holds no longer, the others do."""
        first = sandbox.faults.add(operation="getMe", status=503)
        second = sandbox.faults.add(operation="getProjects", status=503)

        sandbox.faults.remove(first.id)

        assert [fault.id for fault in sandbox.faults.list()] == [second.id]
        assert cubicl.get(ME).status_code == 200
        with pytest.raises(Refused) as caught:
            sandbox.faults.remove(first.id)
        assert caught.value.status == 404

    def test_all(self, sandbox: Sandbox, cubicl: httpx2.Client) -> None:
        """After `clear()` there are none."""
        sandbox.faults.add(status=503)

        sandbox.faults.clear()

        assert sandbox.faults.list() == []
        assert cubicl.get(ME).status_code == 200
