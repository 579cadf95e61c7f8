"""One snapshot of a server: a window of what it counted, with what only the system knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from whetstone_server.vitals.machine import memory
from whetstone_server.vitals.samples import Sample, StoreVitals, samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.events import EventStore
    from whetstone_server.vitals.meter import Window


def snapshot(window: Window, stores: Sequence[EventStore]) -> Sequence[Sample]:
    """Return everything that was measured, how long this took among it; asks the system, so keep it off the loop."""
    began = time.perf_counter()
    store = None
    if stores:
        store = StoreVitals(sum(each.bytes_on_disk() for each in stores), max(each.take_lag() for each in stores))
    found = list(samples(window, memory(), store))
    took = round((time.perf_counter() - began) * 1e3, 3)
    return [*found, Sample("server.snapshot.ms", took, "ms", {})]
