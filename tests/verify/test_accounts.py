"""The evidence can be taken to a real account: what it finds there it leaves as it was, and tells nothing that isn't so.

The account is a sandbox of our own server that is used like a vendor's: no reset, no set-up, and other data everywhere.
"""

from dataclasses import dataclass

import httpx2
import pytest

from understudy.client import Sandbox, Understudy
from understudy.vendors import VENDORS
from understudy.verify.loading import load
from understudy.verify.reports import Report
from understudy.verify.secrets import Secrets
from understudy.verify.session import Wishes, verify
from understudy.verify.target import Target

ROOMS = {vendor.name: vendor for vendor in VENDORS}
TOLD = {
    "cotalker": {"taskgroup": "61a8b233685ed3562e7cfdeb"},
    "cubicl": {"group": "64b7f0c2a1d3e4f5a6b7c907"},
    "groupcamp": {"group": "1cGVyc29uOmdyb3VwLzc3MzA5NDExMzQ5"},
}
LISTS = ("tasks?archived=all&include=_id,name,state,subtasks", "crm/customers", "users/self/webhook", "groups")


@dataclass(frozen=True)
class Visit:
    """A run in an account: its report, the requests that changed something, and the account before and after."""

    report: Report
    changed: list[str]
    before: dict[str, str]
    after: dict[str, str]

    @property
    def differences(self) -> list[str]:
        """What differs, with where."""
        found = [check for outcome in self.report.of("differed") for check in outcome.checks if check.result == "differed"]
        return [f"{check.rule}: {check.file}.yaml, {check.case}: {check.explanation}" for check in found]


def visit(understudy: Understudy, vendor: str, wishes: Wishes) -> Visit:
    """Verify a vendor in a sandbox that is used like an account."""
    with understudy.create_sandbox() as sandbox, httpx2.Client(trust_env=False) as http:
        there = sandbox.vendors[vendor]
        credentials = {name: credential.values for name, credential in there.credentials.items()}
        target = Target(vendor=ROOMS[vendor], url=there.url, http=http, credentials=credentials, secrets=Secrets())
        before = account(http, sandbox)
        seen = len(sandbox.journal.requests(limit=10_000))
        report = verify(load(vendor), ROOMS[vendor], wishes, lambda case: target)
        entries = sandbox.journal.requests(limit=10_000)
        changed = [f"{entry.method} {entry.url}" for entry in entries[: len(entries) - seen] if entry.changes]
        return Visit(report, changed, before, account(http, sandbox))


def account(http: httpx2.Client, sandbox: Sandbox) -> dict[str, str]:
    """Return all that Cubicl lists to the owner."""
    there = sandbox.vendors["cubicl"]
    token = {"Authorization": f"Bearer {there.credentials['owner'].token}"}
    return {path: http.get(f"{there.url}/api/v1/{path}", headers=token).text for path in LISTS}


@pytest.fixture(scope="module", params=TOLD)
def vendor(request: pytest.FixtureRequest) -> str:
    """A vendor's name."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def reading(understudy: Understudy, vendor: str) -> Visit:
    """A run that may only read, of a user who tells nothing."""
    return visit(understudy, vendor, Wishes())


@pytest.fixture(scope="module")
def writing(understudy: Understudy, vendor: str) -> Visit:
    """A run that may write what it can remove."""
    return visit(understudy, vendor, Wishes(given=TOLD[vendor], writes=True))


class TestReading:
    def test_nothing_differs(self, reading: Visit) -> None:
        """In an account full of other data no rule differs, though many are out of reach."""
        assert reading.differences == []
        assert reading.report.count("agreed") > 0

    def test_changes_nothing(self, reading: Visit) -> None:
        """Nothing in the account changes."""
        assert reading.changed == []


class TestWriting:
    def test_nothing_differs(self, writing: Visit) -> None:
        """Nor does one when cases may write."""
        assert writing.differences == []

    def test_leaves_nothing(self, writing: Visit) -> None:
        """All that is made is removed."""
        assert [(made.made_by, made.reason) for made in writing.report.left] == []

    def test_account_is_as_before(self, writing: Visit) -> None:
        """What nobody said is left behind is not there either."""
        assert writing.after == writing.before


def test_lasting(understudy: Understudy, vendor: str) -> None:
    """With leave to make what can't be removed, nothing differs either."""
    assert visit(understudy, vendor, Wishes(given=TOLD[vendor], writes=True, lasting=True)).differences == []
