"""How much memory this process takes: the one place that knows psutil."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import psutil

STEADY = 0.05
"""Share by which the resident size may differ and still be about the same."""


class Memory(NamedTuple):
    """In bytes."""

    own: int
    """What would be free if the process ended: pages that it shares with nobody (USS)."""
    resident: int
    """What of it is in memory, shared or not (RSS)."""
    asked_at: int
    """The resident size when own pages were told from shared ones last."""


def memory(before: Memory | None = None) -> Memory:
    """Return what this process takes; a fraction of a millisecond, and 20 more for the first time.

    Telling own pages from shared ones makes the system look at each, so it is left out while the resident size is about
    what it was when that was done last, `before`. Where a system cannot tell them apart, both are the resident size.
    """
    import psutil  # noqa: PLC0415 -- no start waits for it

    process = _this_process()
    resident = process.memory_info().rss
    if before and abs(resident - before.asked_at) <= before.asked_at * STEADY:
        return Memory(before.own + resident - before.resident, resident, before.asked_at)
    try:
        full = process.memory_full_info()
    except (psutil.AccessDenied, AttributeError):
        return Memory(resident, resident, resident)
    return Memory(getattr(full, "uss", full.rss), full.rss, full.rss)


@cache
def _this_process() -> psutil.Process:
    import psutil  # noqa: PLC0415 -- as above

    return psutil.Process()
