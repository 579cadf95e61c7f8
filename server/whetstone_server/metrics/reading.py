"""Reading: what was measured, as series of samples that may be compared with one another."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whetstone_server.metrics.metric import Metric, metric_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from whetstone_server.events import Event, EventStore

FOREVER = 1 << 62
STATING = ("better", "target")
"""Keys of metadata that say what is wanted of a metric."""
CIRCUMSTANCES = frozenset(
    "branch build commit date job ref release run run_id run_number sha tag version".split()  # noqa: SIM905 -- a list of words
)
"""Keys of metadata that change as time goes on: samples that differ in them only belong to one series."""
TELLING = frozenset(("benchmark", "cache", "method", "statistic", "suite", "test"))
"""Keys of metadata that say what was measured: samples that differ in them never belong to one series."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A value at a time."""

    time: int
    """Microseconds since 1970."""
    value: float
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one metric that were taken alike, the oldest first."""

    metric: Metric
    meta: Mapping[str, str]
    """What all of them share, and what tells them from the metric's other series."""
    samples: Sequence[Sample]

    @property
    def values(self) -> list[float]:
        """The numbers alone."""
        return [sample.value for sample in self.samples]

    @property
    def title(self) -> str:
        """The metric's name, with what tells this series from its others."""
        said = ", ".join(f"{key}={value}" for key, value in self.meta.items())
        return f"{self.metric.name} [{said}]" if said else self.metric.name


def series(
    store: EventStore,
    name: str | None = None,
    start: int = 0,
    end: int = FOREVER,
    meta: Mapping[str, str] | None = None,
) -> list[Series]:
    """Return the series of a metric, or of all, from `start` to before `end` (microseconds since 1970).

    `meta` narrows them to samples with that metadata. Results of benchmarks are series too, of their medians.
    Series are told apart by their metadata: all of it but what changes as time goes on, such as a commit, what changed
    once and for all, and what differs for most samples.
    """
    asked = meta or {}
    by_name: dict[str, list[Sample]] = defaultdict(list)
    units: dict[str, str] = {}
    for event in _events(store, name, start, end):
        found = _sample(event)
        if found is None or (name is not None and found[0] != name) or not _holds(found[1].meta, asked):
            continue
        by_name[found[0]] += [found[1]] * event.count
        if unit := event.data.get("unit") or ("s" if event.kind == "benchmark.result" else None):
            units[found[0]] = unit
    return [one for key in sorted(by_name) for one in alike(key, by_name[key], units.get(key))]


def alike(name: str, samples: Iterable[Sample], unit: str | None = None) -> list[Series]:
    """Return samples of one metric, in the order of time, as the series they make."""
    samples = list(samples)
    telling = _telling(samples)
    groups: dict[tuple[tuple[str, str], ...], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[tuple((key, sample.meta[key]) for key in telling if key in sample.meta)].append(sample)
    return [
        Series(metric_named(name, group[-1].meta, unit), dict(shared), group)
        for shared, group in sorted(groups.items(), key=lambda item: item[0])
    ]


def _events(store: EventStore, name: str | None, start: int, end: int) -> list[Event]:
    """Return the measurements, in the order of time; asking for a text spares reading blocks without it."""
    found = store.between(start, end, kind="metric.sample", text=name)
    found += store.between(start, end, kind="benchmark.result", text=name)
    return sorted(found, key=lambda event: event.time)


def _sample(event: Event) -> tuple[str, Sample] | None:
    """Return the name and the sample of an event; `None` for one that another version wrote otherwise."""
    data = event.data
    name, value = data.get("name"), data.get("value", data.get("median"))
    if not isinstance(name, str) or not isinstance(value, int | float):
        return None
    meta = data.get("meta")
    return name, Sample(event.time, float(value), meta if isinstance(meta, dict) else {})


def _holds(meta: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    return all(meta.get(key) == value for key, value in asked.items())


def _telling(samples: Sequence[Sample]) -> list[str]:
    """Return the keys that tell series apart: besides those that always do, the ones whose values come and go.

    A value that never comes back when another one has taken its place, as the version of a database, tells before
    from after, which is what a series is to show.
    """
    values: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, str] = {}
    turns = Counter[str]()
    for sample in samples:
        for key, value in sample.meta.items():
            if key not in CIRCUMSTANCES and key not in STATING:
                values[key][value] += 1
                turns[key] += last.get(key) != value
                last[key] = value
    return sorted(
        key
        for key, seen in values.items()
        if key in TELLING or len(seen) == 1 or (turns[key] > len(seen) and seen.total() >= 2 * len(seen))
    )
