"""What the servers of a project last measured of themselves, read from its event store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server import state
from whetstone_server.diagnosis import Check
from whetstone_server.events import open_for_reading
from whetstone_server.vitals.judging import TITLES, Reading, readings
from whetstone_server.vitals.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from whetstone_server.events import Event, EventStore

WINDOWS = 10
"""How many windows a report looks back, the last one included."""
MOST_CHANGES = 10
NOTHING = Check(
    "self-measurement",
    False,
    "nothing was measured here yet",
    "open a file of this project in an editor that runs whetstone-ls, and ask again in a minute",
)


class Report(NamedTuple):
    """The latest figures, each of the last window in which it was measured."""

    time: int
    """When the last window ended, in microseconds since 1970."""
    samples: Sequence[Sample]
    readings: Sequence[Reading]
    """Those of the samples that have a target."""
    missed: Mapping[tuple[str, str], int]
    """In how many of the windows each reading missed its target, by its key."""
    measured: Mapping[tuple[str, str], int]
    """In how many it was measured."""
    changes: Sequence[Event]
    """What was tuned, kept and restored, the newest first."""


def report_of(root: Path) -> Report | None:
    """Return what the servers of the project at `root` measured last; `None` when nothing was yet.

    Raises `StoreError` when its store cannot be read.
    """
    folder = state.events(root)
    if not folder.exists():
        return None
    with open_for_reading(folder) as store:
        return last_report(store)


def last_report(store: EventStore) -> Report | None:
    """Return what was measured last; `None` when nothing was yet."""
    ends = store.newest(WINDOWS, kind="metric.sample", source="server", text="server.window.seconds")
    if not ends:
        return None
    events = store.between(ends[-1].time, ends[0].time + 1, kind="metric.sample", source="server")
    windows: dict[int, list[Sample]] = {}
    for event in events:
        windows.setdefault(event.time, []).append(_sample(event))
    latest = {(sample.name, *sorted(sample.meta.items())): sample for group in windows.values() for sample in group}
    judged = [reading for group in windows.values() for reading in readings(group)]
    return Report(
        time=ends[0].time,
        samples=list(latest.values()),
        readings=_ordered({reading.key: reading for reading in judged}.values()),
        missed=Counter(reading.key for reading in judged if not reading.is_met),
        measured=Counter(reading.key for reading in judged),
        changes=store.newest(MOST_CHANGES, kind="setting", source="server"),
    )


def checks(report: Report | None) -> Sequence[Check]:
    """Return a check for every figure that has a target; one that says so when nothing was measured yet."""
    return [_check(report, reading) for reading in report.readings] if report else [NOTHING]


def checks_of(found: Iterable[Reading]) -> Sequence[Check]:
    """Return a check for each reading; one that says so when there is none yet."""
    return [Check(each.title, each.is_met, each.figure, each.remedy) for each in _ordered(found)] or [NOTHING]


def summary(report: Report) -> str:
    """Say what the checks come to."""
    missed = [reading for reading in report.readings if not reading.is_met]
    if not missed:
        return "Every target is met."
    worst = max(missed, key=lambda reading: reading.severity)
    targets = "1 target is" if len(missed) == 1 else f"{len(missed)} targets are"
    return f"{targets} missed; the bottleneck is {worst.sentence}."


def _check(report: Report, reading: Reading) -> Check:
    missed, measured = report.missed.get(reading.key, 0), report.measured[reading.key]
    detail = f"{reading.figure}; missed in {missed} of {measured} windows" if missed else reading.figure
    return Check(reading.title, reading.is_met, detail, reading.remedy)


def _ordered(found: Iterable[Reading]) -> Sequence[Reading]:
    names = list(TITLES)
    return sorted(found, key=lambda reading: (names.index(reading.name), reading.subject))


def _sample(event: Event) -> Sample:
    data = event.data
    return Sample(data["name"], data["value"], data.get("unit"), data.get("meta") or {})
