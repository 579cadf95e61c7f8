"""Limits per process, for what a control group does not hold.

Without a control group, memory is bounded for each process and not for all together, and processor time by keeping
the sandbox on as many processors as it may use.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_server.sandbox.engine import Limits

NOBODY = 65534


def per_process(limits: Limits, *, grouped: bool) -> dict[str, int]:
    """Return the resource limits of every process inside, by the name of the limit without `RLIMIT_`."""
    if grouped:
        return {"CORE": 0}
    account = NOBODY if os.geteuid() == 0 else os.geteuid()
    # The kernel counts all of an account's threads on the machine, not only those inside.
    return {"CORE": 0, "AS": limits.memory_bytes, "NPROC": limits.processes + _threads_of(account)}


def processors(limits: Limits, *, grouped: bool) -> list[int]:
    """Return the processors that the sandbox is kept on, none when it may use all of them."""
    available = sorted(os.sched_getaffinity(0))
    wanted = max(1, math.ceil(limits.cpus))
    return [] if grouped or wanted >= len(available) else available[:wanted]


def _threads_of(account: int) -> int:
    return sum(_threads(process) for process in Path("/proc").glob("[0-9]*") if _owner(process) == account)


def _owner(process: Path) -> int | None:
    try:
        return process.stat().st_uid
    except OSError:
        return None


def _threads(process: Path) -> int:
    try:
        return sum(1 for _ in (process / "task").iterdir())
    except OSError:
        return 0
