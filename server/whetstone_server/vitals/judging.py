"""What a window's numbers come to: which targets are missed, by how much, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.bottlenecks.find import JUDGED_STATISTIC
from whetstone_server.bottlenecks.remedies import OF_THE_SERVER
from whetstone_server.metrics import metric_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from whetstone_server.metrics import Target
    from whetstone_server.vitals.samples import Sample

LEAST_ANSWERS = 5
"""Answers of one method in a window, below which its quantiles are those of luck, and of code that is loaded once."""
TITLES = {
    "server.request.ms": "answers to",
    "server.loop.lag_ms": "event loop, late by",
    "server.index.files_per_second": "indexing",
    "server.memory.mb": "memory",
    "server.cpu.percent": "processor",
    "server.cache.hit_rate": "cache hits,",
    "server.errors": "errors",
    "server.store.lag_ms": "event store, behind by",
    "server.snapshot.ms": "measuring itself",
}
"""What a metric with a target is called where people read it."""
_TARGETS = {name: metric_named(name).target for name in TITLES}


class Reading(NamedTuple):
    """One number that has a target."""

    name: str
    value: float
    unit: str | None
    meta: Mapping[str, str]
    target: Target

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same from window to window."""
        return self.name, self.subject

    @property
    def subject(self) -> str:
        """The method or the cache that the number is about; empty when it is about the whole server."""
        return self.meta.get("method") or self.meta.get("cache") or ""

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        return not self.target.missed_by(self.value)

    @property
    def severity(self) -> float:
        """How many times worse than its target it is: 1 on the spot; any error counts as if it were twice as bad."""
        return self.target.times_worse(self.value)

    @property
    def sentence(self) -> str:
        """What was measured, and the figure: `answers to textDocument/hover: 412 ms (p95), target at most 100 ms`."""
        return f"{self.title}: {self.figure}"

    @property
    def title(self) -> str:
        """What was measured, in words: `answers to textDocument/hover`."""
        title = TITLES.get(self.name, self.name)
        return f"{title} {self.subject}" if self.subject else title

    @property
    def figure(self) -> str:
        """The number against its target: `412 ms (p95), target at most 100 ms`."""
        metric = metric_named(self.name, unit=self.unit)
        statistic = f" ({self.meta['statistic']})" if "statistic" in self.meta else ""
        return f"{metric.said(self.value)}{statistic}, target {self.target.side} {metric.said(self.target.value)}"

    @property
    def remedy(self) -> str | None:
        """What to do about a target that is missed."""
        return None if self.is_met else OF_THE_SERVER[self.name]


def readings(samples: Iterable[Sample]) -> Sequence[Reading]:
    """Return the numbers that are held to a target, in their order."""
    samples = list(samples)
    rare = {
        sample.meta.get("method")
        for sample in samples
        if sample.name == "server.requests" and sample.value < LEAST_ANSWERS
    }
    return list(_held(samples, rare))


def bottlenecks(found: Iterable[Reading]) -> Sequence[Reading]:
    """Return those whose target is missed, the worst first."""
    return sorted((reading for reading in found if not reading.is_met), key=lambda reading: -reading.severity)


def _held(samples: Iterable[Sample], rare: set[str | None]) -> Iterator[Reading]:
    for sample in samples:
        target = _TARGETS.get(sample.name)
        if target is None or sample.meta.get("statistic", JUDGED_STATISTIC) != JUDGED_STATISTIC:
            continue
        if sample.name == "server.request.ms" and sample.meta.get("method") in rare:
            continue
        yield Reading(sample.name, sample.value, sample.unit, sample.meta, target)
