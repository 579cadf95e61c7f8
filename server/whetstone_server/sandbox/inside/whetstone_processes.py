"""Processes inside the sandbox: whose children they are, and how to end all of a job's, however they hid.

A process whose parent ends goes to the nearest ancestor that asked for orphans. Every job has such an ancestor of its
own, so that a job's processes stay below it whatever they do: new sessions, double forks, emptied environments.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Started = TypeVar("_Started")

MOST_PATIENCE_SECONDS = 5.0
_CHILD_SUBREAPER = 36
_DUMPABLE = 4


def patiently(start: Callable[[], _Started]) -> _Started:
    """Return what `start` does, which begins a process, and try again for some seconds where there is no room for one.

    The kernel counts the processes of an account on the whole machine: another sandbox may have used them up, and ends.
    """
    deadline = time.monotonic() + MOST_PATIENCE_SECONDS
    while True:
        try:
            return start()
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def adopt_orphans() -> bool:
    """Make this process the one that orphans below it go to; False when this interpreter has no way to ask."""
    return _prctl(_CHILD_SUBREAPER, 1)


def hide() -> bool:
    """Keep others under the same account out of this process's memory and open files."""
    return _prctl(_DUMPABLE, 0)


def _prctl(option: int, value: int) -> bool:
    try:
        import ctypes
    except ImportError:
        return False
    return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)


def bury() -> bool:
    """Take one ended child's status; False when there is none."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def children(pid: int) -> list[int]:
    """Return the living and ended children of a process."""
    return [child for child, parent in _parents().items() if parent == pid]


def descendants(pid: int, spare: set[int] | None = None) -> list[int]:
    """Return everything below a process, without the families of those in `spare`."""
    families: dict[int, list[int]] = {}
    for child, parent in _parents().items():
        families.setdefault(parent, []).append(child)
    found: list[int] = []
    fresh = [pid]
    while fresh:
        below = [child for child in families.get(fresh.pop(), []) if child not in (spare or ())]
        found += below
        fresh += below
    return found


def end_all_below(patience: float = 5.0) -> None:
    """End every descendant of this process and bury it; after `patience` seconds, all in the sandbox but the first.

    All are stopped before any is ended: what is stopped cannot start another while its relatives are being ended.
    """
    deadline = time.monotonic() + patience
    stopped: set[int] = set()
    while True:
        while bury():
            pass
        below = descendants(os.getpid())
        if not below:
            return
        fresh = [pid for pid in below if pid not in stopped]
        for pid in fresh or below:
            _signal(pid, signal.SIGSTOP if fresh else signal.SIGKILL)
        stopped.update(fresh)
        if not fresh:
            stopped.clear()
        if time.monotonic() > deadline:
            _signal(-1, signal.SIGKILL)


def end_with_descendants(pid: int, spare: set[int]) -> None:
    """End a process and everything below it."""
    for each in [pid, *descendants(pid, spare)]:
        _signal(each, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            parent = _parent(name)
            if parent is not None:
                parents[int(name)] = parent
    return parents


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as status:
            # The name in parentheses may hold anything, parentheses too: what counts comes after the last one.
            return int(status.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None
