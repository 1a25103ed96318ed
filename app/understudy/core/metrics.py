"""What the server counts, for `GET /__admin/metrics`.

Decision: requests are counted in plain dicts, and prometheus-client writes them out for whoever asks. Why: its own counters
take a lock for each number, some microseconds a request, and loading it would make every start slower, asked for or not.
Refused: a label for anything that a client can choose. A request to no operation has the operation `none`; sandboxes have none.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from understudy.core.exchange import Exchange
from understudy.core.sandboxes import Sandboxes

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

NO_OPERATION: Final = "none"
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the latency histogram's buckets, in seconds."""


class Latency:
    """How long the requests of one operation took: how many in each bucket, the last without an upper end, and all seconds."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def cumulated(self) -> list[tuple[str, float]]:
        """Return how many requests took at most as long as each bound, as Prometheus has it."""
        so_far = 0
        lines = []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.buckets, strict=True):
            so_far += count
            lines.append((bound, float(so_far)))
        return lines


class Metrics:
    """The numbers of one server; a collector of prometheus-client."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        self._requests: Counter[tuple[str, str | None, int]] = Counter()
        self._latencies: dict[tuple[str, str | None], Latency] = {}
        self._faults: Counter[str] = Counter()
        self._deliveries: Counter[tuple[str, str]] = Counter()
        self._registry: CollectorRegistry | None = None

    def observe(self, exchange: Exchange) -> None:
        """Count a vendor's request."""
        vendor, operation = exchange.vendor, exchange.operation
        self._requests[vendor, operation, exchange.status] += 1
        try:
            latency = self._latencies[vendor, operation]
        except KeyError:
            latency = self._latencies[vendor, operation] = Latency()
        latency.buckets[bisect_left(BOUNDS, exchange.seconds)] += 1
        latency.seconds += exchange.seconds
        if exchange.faults:
            self._faults[vendor] += len(exchange.faults)

    def watch(self, kind: str, data: Mapping[str, Any]) -> None:
        """Count an attempt to deliver a webhook."""
        if kind == "webhook":
            self._deliveries[data["vendor"], data["state"]] += 1

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return everything as text, and its content type; `accept` is the header, which may ask for OpenMetrics."""
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import choose_encoder

        if self._registry is None:
            self._registry = CollectorRegistry()
            self._registry.register(self)
            ProcessCollector(registry=self._registry)
        encoder, content_type = choose_encoder(accept)
        return encoder(self._registry), content_type

    def describe(self) -> Iterable["Metric"]:
        """Nothing: what is collected has no names that others could take, and counting it now would be for nobody."""
        return []

    def collect(self) -> Iterator["Metric"]:
        """Yield every number of the server."""
        yield from self._counted()
        yield self._latency()
        yield from self._standing()

    def _counted(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily

        requests = CounterMetricFamily(
            "understudy_requests", "Requests to the vendors.", labels=["vendor", "operation", "status"]
        )
        for (vendor, operation, status), count in sorted(self._requests.items(), key=str):
            requests.add_metric([vendor, operation or NO_OPERATION, str(status)], count)
        yield requests
        faults = CounterMetricFamily("understudy_faults_injected", "Faults that had a part in a request.", labels=["vendor"])
        for vendor, count in sorted(self._faults.items()):
            faults.add_metric([vendor], count)
        yield faults
        deliveries = CounterMetricFamily(
            "understudy_webhook_attempts",
            "Attempts to deliver a webhook, by the state that they left the delivery in.",
            labels=["vendor", "state"],
        )
        for (vendor, state), count in sorted(self._deliveries.items()):
            deliveries.add_metric([vendor, state], count)
        yield deliveries

    def _latency(self) -> "Metric":
        from prometheus_client.core import HistogramMetricFamily

        family = HistogramMetricFamily(
            "understudy_request_duration_seconds",
            "How long the server took to answer, without what faults put on top.",
            labels=["vendor", "operation"],
        )
        for (vendor, operation), latency in sorted(self._latencies.items(), key=str):
            family.add_metric([vendor, operation or NO_OPERATION], latency.cumulated(), latency.seconds)
        return family

    def _standing(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily

        open_ones = [sandbox for sandbox in self._sandboxes if not sandbox.store.parked]
        journals = sum(len(sandbox.journal) for sandbox in self._sandboxes)
        size = sum(sandbox.store.size() for sandbox in open_ones)
        yield GaugeMetricFamily("understudy_sandboxes", "Sandboxes there are.", value=len(self._sandboxes))
        yield GaugeMetricFamily("understudy_sandboxes_in_memory", "Sandboxes that are not parked.", value=len(open_ones))
        yield GaugeMetricFamily("understudy_journal_entries", "Requests in the journals of all sandboxes.", value=journals)
        yield GaugeMetricFamily("understudy_database_bytes", "Size of the databases that are not parked.", value=size)
