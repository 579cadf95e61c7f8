"""A window as named numbers, as they go into the event store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from whetstone_server.vitals.histogram import Histogram
    from whetstone_server.vitals.machine import Memory
    from whetstone_server.vitals.meter import Window

STATISTICS = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
LEAST_LOOKS = 5
"""Whole files that must have been looked at before a speed is made of it: one large file says little about others."""
LEAST_LOOKUPS = 20
"""Lookups before a hit rate is made of them."""


class Sample(NamedTuple):
    """One number that was measured."""

    name: str
    value: float
    unit: str | None
    meta: Mapping[str, str]


class StoreVitals(NamedTuple):
    """How an event store fares."""

    bytes_on_disk: int
    lag_seconds: float
    """The longest that an event waited for its commit."""


def samples(window: Window, memory: Memory, store: StoreVitals | None) -> Iterator[Sample]:
    """Yield every number that the window gives; what nobody did has none."""
    yield from _one("server.window.seconds", window.seconds, "s")
    for method, histogram in window.requests.items():
        yield from _times("server.request.ms", histogram, method=method)
        yield from _one("server.requests", histogram.count, method=method)
    for method, histogram in window.long.items():
        yield from _times("server.work.ms", histogram, method=method)
    if window.lateness.count:
        yield from _times("server.loop.lag_ms", window.lateness)
    files, seconds = window.looks.count + window.scanned, window.looks.total / 1e9 + window.scanning_seconds
    if files >= LEAST_LOOKS and seconds:
        yield from _one("server.index.files_per_second", files / seconds, "files/s")
    yield from _one("server.memory.mb", memory.own / 1e6, "MB")
    yield from _one("server.memory.resident_mb", memory.resident / 1e6, "MB")
    if window.seconds:
        yield from _one("server.cpu.percent", 100 * window.cpu_seconds / window.seconds, "%")
    for cache, (hits, misses) in window.caches.items():
        if hits + misses >= LEAST_LOOKUPS:
            yield from _one("server.cache.hit_rate", 100 * hits / (hits + misses), "%", cache=cache)
    yield from _one("server.errors", sum(window.errors.values()))
    if store:
        yield from _one("server.store.mb", store.bytes_on_disk / 1e6, "MB")
        yield from _one("server.store.lag_ms", store.lag_seconds * 1e3, "ms")
    if window.proofs and window.proving_seconds:
        yield from _one("server.proofs.per_hour", window.proofs * 3600 / window.proving_seconds, "per hour")


def _one(name: str, value: float, unit: str | None = None, **meta: str) -> Iterator[Sample]:
    yield Sample(name, round(value, 3), unit, meta)


def _times(name: str, histogram: Histogram, **meta: str) -> Iterator[Sample]:
    """Yield the quantiles, in milliseconds."""
    for statistic, nanoseconds in zip(STATISTICS, histogram.quantiles(*STATISTICS.values()), strict=True):
        yield from _one(name, nanoseconds / 1e6, "ms", **meta, statistic=statistic)
