"""What would resolve a bottleneck."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_server.metrics import Series

OF_THE_SERVER = {
    "server.request.ms": "close very large files, or leave generated ones out; if it stays, report the slow method",
    "server.loop.lag_ms": "close very large files: what is slow holds up every other answer",
    "server.index.files_per_second": "leave generated files out, and look at whether the disk is busy",
    "server.memory.mb": "close files that are not needed, or restart the server",
    "server.cpu.percent": "close very large files; each pause in typing is followed by a whole look at them",
    "server.cache.hit_rate": "leave self_tuning on, which gives the cache more room",
    "server.errors": "whetstone events list --type server.error says what broke",
    "server.store.lag_ms": "the disk is slow or full; WHETSTONE_HOME puts the store on another one",
    "server.snapshot.ms": "report it: measuring must not cost more than what it finds",
}
_TIMES = ("s", "ms", "µs", "ns")


def remedy(one: Series) -> str:
    """Return what would resolve what is wrong with a series."""
    metric, test = one.metric, one.meta.get("test")
    if metric.name.startswith("server."):
        return OF_THE_SERVER.get(metric.name, "report it, with what whetstone doctor --self says")
    if test is not None:
        return (
            f"python -m cProfile -o run.prof -m pytest {test!r}, then whetstone bottlenecks . --profile run.prof shows "
            "what costs time there"
        )
    if metric.unit in _TIMES:
        return "profile it, then whetstone bottlenecks . --profile run.prof shows what costs time there"
    return f"see when it began: whetstone metrics trend {metric.name}"
