"""Faults, added by a test."""

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
