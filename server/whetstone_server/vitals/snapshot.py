"""One snapshot of a server: a window of what it counted, with what only the system knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.vitals.judging import Reading, readings
from whetstone_server.vitals.machine import Memory, memory
from whetstone_server.vitals.samples import Sample, StoreVitals, samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.events import EventStore
    from whetstone_server.vitals.meter import Window


class Snapshot(NamedTuple):
    """What one snapshot gave."""

    samples: Sequence[Sample]
    readings: Sequence[Reading]
    """Those of the samples that have a target."""
    memory: Memory


def snapshot(window: Window, stores: Sequence[EventStore], before: Memory | None = None) -> Snapshot:
    """Return everything that was measured, how long this took among it; asks the system, so keep it off the loop.

    `before` is the memory of the last snapshot.
    """
    began = time.perf_counter()
    store = None
    if stores:
        store = StoreVitals(sum(each.bytes_on_disk() for each in stores), max(each.take_lag() for each in stores))
    taken = memory(before)
    found = list(samples(window, taken, store))
    took = round((time.perf_counter() - began) * 1e3, 3)
    found.append(Sample("server.snapshot.ms", took, "ms", {}))
    return Snapshot(found, readings(found), taken)
