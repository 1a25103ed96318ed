"""The server's numbers, its settings."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from understudy.config import Settings

TASKS = "/api/v1/tasks?group=64b7f0c2a1d3e4f5a6b7c900"
MISSING = "/api/v1/tasks/000000000000000000000000"


class Scraped:
    """What the metrics tell."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, name: str, /, **labels: str) -> float:
        """Return a number, 0 where there is none."""
        samples = [sample for family in self.families.values() for sample in family.samples if sample.name == name]
        return next((sample.value for sample in samples if sample.labels == labels), 0)

    def labels(self, family: str, label: str) -> set[str]:
        """Return every value of a label."""
        return {sample.labels[label] for sample in self.families[family].samples}


def scrape(admin: TestClient) -> Scraped:
    """Ask for the metrics."""
    response = admin.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return Scraped(response.text)


@pytest.fixture
def fresh(serve: Callable[..., Any]) -> Any:
    """A server that nobody has asked anything."""
    return serve()


@pytest.fixture
def cubicl(fresh) -> TestClient:
    """A client of it."""
    client: TestClient = fresh.client("/cubicl", Authorization="Bearer cubicl-owner")
    return client


class TestRequests:
    """Requests to the vendors."""

    def test_counted(self, fresh, cubicl: TestClient) -> None:
        """They are counted by vendor, operation and status."""
        for path in (TASKS, TASKS, MISSING):
            cubicl.get(path)

        found = scrape(fresh.admin)

        count = "understudy_requests_total"
        assert found.value(count, vendor="cubicl", operation="getTasks", status="200") == 2
        assert found.value(count, vendor="cubicl", operation="getTaskById", status="404") == 1
        assert sum(sample.value for sample in found.families["understudy_requests"].samples) == 3

    def test_timed(self, fresh, cubicl: TestClient) -> None:
        """Their durations are a histogram by vendor and operation: every bucket holds those below it."""
        for _ in range(3):
            cubicl.get(TASKS)

        found = scrape(fresh.admin)

        of = {"vendor": "cubicl", "operation": "getTasks"}
        samples = found.families["understudy_request_duration_seconds"].samples
        buckets = [sample.value for sample in samples if sample.name.endswith("_bucket")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == found.value("understudy_request_duration_seconds_count", **of) == 3
        assert 0 < found.value("understudy_request_duration_seconds_sum", **of) < 30

    def test_control_plane_is_left_out(self, fresh) -> None:
        """Whoever asks for the numbers does not change them."""
        scrape(fresh.admin)

        assert scrape(fresh.admin).families["understudy_requests"].samples == []

    def test_clients_choose_no_label(self, fresh) -> None:
        """Whatever clients send, there is a number for each operation, and one for all that is none."""
        anyone = fresh.client("/cubicl")
        for index in range(50):
            anyone.get(f"/no/such/path/{index}")
            anyone.get(f"/api/v1/tasks/{index:024x}", headers={"Authorization": f"Bearer {index}"})
            anyone.request(f"VERB{index}", "/api/v1/tasks", headers={"X-Understudy-Sandbox": "default"})

        found = scrape(fresh.admin)

        assert found.labels("understudy_requests", "operation") == {"none", "getTaskById"}
        assert found.labels("understudy_requests", "vendor") == {"cubicl"}
        assert found.labels("understudy_requests", "status") <= {"401", "404", "405"}


class TestStanding:
    """What there is at the moment."""

    def test_sandboxes(self, fresh, cubicl: TestClient) -> None:
        """All sandboxes, those in memory, the entries of all journals, and the size of what is in memory."""
        before = scrape(fresh.admin)
        fresh.admin.post("/sandboxes", json={"name": "idle"})
        fresh.admin.post("/sandboxes", json={"name": "busy"})
        cubicl.get(TASKS)
        cubicl.get(TASKS, headers={"X-Understudy-Sandbox": "busy"})

        found = scrape(fresh.admin)

        assert found.value("understudy_sandboxes") == 3
        assert found.value("understudy_sandboxes_in_memory") == 2
        assert found.value("understudy_journal_entries") == 2
        assert before.value("understudy_database_bytes") > 100_000
        assert found.value("understudy_database_bytes") == 2 * before.value("understudy_database_bytes")

    def test_process(self, fresh) -> None:
        """The process tells its memory and time."""
        assert scrape(fresh.admin).value("process_resident_memory_bytes") > 10_000_000


class TestOthers:
    """Faults and webhooks."""

    def test_faults(self, fresh, cubicl: TestClient) -> None:
        """A fault that had a part in a request is counted for its vendor."""
        fresh.admin.post("/faults", json={"match": {"vendor": "cubicl"}, "then": {"status": 500}})
        cubicl.get(TASKS)

        found = scrape(fresh.admin)

        assert found.value("understudy_faults_injected_total", vendor="cubicl") == 1
        assert found.value("understudy_requests_total", vendor="cubicl", operation="getTasks", status="500") == 1

    def test_webhooks(self, fresh) -> None:
        """Attempts to deliver are counted by the state that they led to."""
        for state in ("delivered", "failed", "failed"):
            told = {"delivery": 1, "vendor": "cubicl", "event": "task", "state": state}
            fresh.app.sandboxes.events.publish("webhook", "default", told)

        found = scrape(fresh.admin)

        assert found.value("understudy_webhook_attempts_total", vendor="cubicl", state="delivered") == 1
        assert found.value("understudy_webhook_attempts_total", vendor="cubicl", state="failed") == 2

    def test_open_metrics(self, fresh) -> None:
        """Whoever prefers OpenMetrics gets it."""
        response = fresh.admin.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

        assert response.headers["content-type"].startswith("application/openmetrics-text")
        assert response.text.endswith("# EOF\n")


class TestSettings:
    """GET /__admin/settings."""

    def test_tells_all(self, serve: Callable[..., Any]) -> None:
        """Every setting with the value that is in force, as JSON."""
        found = serve(journal_size=17, webhook_retries=[1, 2]).admin.get("/settings").json()["settings"]

        assert found.keys() == Settings.model_fields.keys()
        assert found["journal_size"] == 17
        assert found["webhook_retries"] == [1, 2]
        assert found["data"] is None
        assert found["admin_token"] is None

    def test_secrets_are_masked(self, serve: Callable[..., Any]) -> None:
        """Of a secret it tells only that it is set."""
        response = serve(host="0.0.0.0", admin_token="sesame").admin.get("/settings", headers={"Authorization": "Bearer sesame"})

        assert response.json()["settings"]["admin_token"] == "********"
        assert "sesame" not in response.text

    def test_every_secret_is_marked(self) -> None:
        """A setting that is a secret by its name is marked as one."""
        marked = {
            name
            for name, field in Settings.model_fields.items()
            if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("writeOnly")
        }

        assert marked == {name for name in Settings.model_fields if re.search("token|secret|password|database_url", name)}
