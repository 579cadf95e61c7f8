"""The server's own figures for Prometheus, at a port of the loopback interface: the one place that knows its client.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from whetstone_server import __version__
from whetstone_server.errors import InputError
from whetstone_server.vitals.machine import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from wsgiref.simple_server import WSGIServer

    from prometheus_client.core import Metric

    from whetstone_server.events import EventStore
    from whetstone_server.vitals.histogram import Histogram
    from whetstone_server.vitals.meter import Meter

HOST = "127.0.0.1"
STOPPING = "whetstone-prometheus-stop"
"""Name of the thread that waits until nobody listens any more."""
_QUANTILES = (0.5, 0.95, 0.99)


class Endpoint:
    """Answers Prometheus at one port, or at none; safe from any thread."""

    def __init__(self, meter: Meter, stores: Callable[[], Sequence[EventStore]]) -> None:
        """Nobody listens before `move`."""
        self.port = 0
        self._collector = _Collector(meter, stores)
        self._lock = Lock()
        self._server: WSGIServer | None = None

    def move(self, port: int) -> None:
        """Listen at `port` of the loopback interface instead of where it was; nowhere when it is 0.

        Raises `InputError` with one sentence when nobody can listen there; then nobody does anywhere.
        """
        with self._lock:
            if server := self._let_go():
                _stop(server)
            if port:
                self._server = _listening(port, self._collector)
                self.port = port

    def close(self) -> None:
        """Listen no more, half a second from now at the latest, which nobody waits for; safe to call twice."""
        with self._lock:
            if server := self._let_go():
                Thread(target=_stop, args=(server,), name=STOPPING).start()

    def _let_go(self) -> WSGIServer | None:
        server, self._server, self.port = self._server, None, 0
        return server


def _stop(server: WSGIServer) -> None:
    server.shutdown()
    server.server_close()


def _listening(port: int, collector: _Collector) -> WSGIServer:
    try:
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 -- an extra, loaded when on
    except ImportError as error:
        raise InputError(
            "metrics_port is set, but prometheus-client is not installed; pip install 'whetstone-ls[prometheus]'"
        ) from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    try:
        server, _ = start_http_server(port, HOST, registry)
    except OSError as error:
        raise InputError(
            f"Prometheus cannot be answered at {HOST}:{port}: {error.strerror or error}; set metrics_port to a free one"
        ) from error
    return server


class _Collector:
    """Reads the meter each time it is asked."""

    def __init__(self, meter: Meter, stores: Callable[[], Sequence[EventStore]]) -> None:
        self._meter = meter
        self._stores = stores

    def collect(self) -> Iterator[Metric]:
        """Yield every family; quantiles are of this window and the one before, counts and sums of the whole time."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily  # noqa: PLC0415

        whole, recent = self._meter.whole(), self._meter.recent()
        yield InfoMetricFamily("whetstone", "The server that answers.", {"version": __version__})
        yield _summary("whetstone_request_seconds", "Time for an answer.", whole.requests, recent.requests)
        yield _summary("whetstone_work_seconds", "Time for an answer that waits for others.", whole.long, recent.long)
        looks, lateness = {"": whole.looks}, {"": whole.lateness}
        yield _summary("whetstone_file_look_seconds", "Time for a look at a whole file.", looks, {"": recent.looks})
        yield _summary("whetstone_loop_lag_seconds", "Lateness of the event loop.", lateness, {"": recent.lateness})
        errors = CounterMetricFamily("whetstone_errors", "How often a part of the server broke.", labels=["part"])
        for part, number in whole.errors.items():
            errors.add_metric([part], number)
        yield errors
        yield CounterMetricFamily("whetstone_proofs", "Proofs made.", whole.proofs)
        yield CounterMetricFamily("whetstone_proving_seconds", "Time in which a proof ran.", whole.proving_seconds)
        lookups = CounterMetricFamily("whetstone_cache_lookups", "Lookups in a cache.", labels=["cache", "outcome"])
        for cache, (hits, misses) in whole.caches.items():
            lookups.add_metric([cache, "hit"], hits)
            lookups.add_metric([cache, "miss"], misses)
        yield lookups
        yield CounterMetricFamily("process_cpu_seconds", "Processor time of the server.", whole.cpu_seconds)
        taken = memory()
        yield GaugeMetricFamily("process_resident_memory_bytes", "Memory, shared or not.", taken.resident)
        yield GaugeMetricFamily("whetstone_own_memory_bytes", "Memory that is shared with nobody.", taken.own)
        size = sum(store.bytes_on_disk() for store in self._stores())
        yield GaugeMetricFamily("whetstone_store_bytes", "Size of the open event stores.", size)


def _summary(name: str, sentence: str, whole: Mapping[str, Histogram], recent: Mapping[str, Histogram]) -> Metric:
    """Return a summary with a row for each method; one without a label where the method is empty."""
    from prometheus_client.core import SummaryMetricFamily  # noqa: PLC0415 -- as above

    family: Any = SummaryMetricFamily(name, sentence)
    for method, histogram in whole.items():
        labels = {"method": method} if method else {}
        if method in recent:
            for share, nanoseconds in zip(_QUANTILES, recent[method].quantiles(*_QUANTILES), strict=True):
                family.add_sample(name, {**labels, "quantile": str(share)}, nanoseconds / 1e9)
        family.add_sample(f"{name}_count", labels, histogram.count)
        family.add_sample(f"{name}_sum", labels, histogram.total / 1e9)
    return family  # type: ignore[no-any-return]
