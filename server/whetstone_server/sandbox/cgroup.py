"""A control group for one sandbox: memory, processes and processor time of all its processes together.

Where the kernel's groups cannot be written (an ordinary account without a delegated group, a container), there is
none, and the engines fall back on limits per process.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whetstone_server.sandbox.engine import Limits

_PREFIX = "whetstone"
_PERIOD = 100_000
_HOLD_MEMORY = {"memory.max", "memory.limit_in_bytes"}
_HOLD_PROCESSES = {"pids.max"}
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The folders that make up one group: one in version 2, one per controller in version 1."""

    folders: tuple[Path, ...]

    @classmethod
    def make(cls, limits: Limits) -> Self | None:
        """Return a new group held to `limits`, or `None` where this account cannot make one."""
        _clear_away_the_dead()
        name = f"{_PREFIX}-{os.getpid()}-{next(_NUMBERS)}"
        group = cls(tuple(parent / name for parent in _parents()))
        if not group.folders:
            return None
        try:
            for folder in group.folders:
                folder.mkdir()
        except OSError:
            group.remove()
            return None
        written = {name for folder in group.folders for name in _limited(folder, limits)}
        if not (written & _HOLD_MEMORY and written & _HOLD_PROCESSES):
            group.remove()
            return None
        return group

    @property
    def entrances(self) -> list[str]:
        """The files into which a process writes 0 to join."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def out_of_memory(self) -> bool:
        """Tell whether something in the group was ended for using too much memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    words = (folder / name).read_text().split()
                    return words[words.index("oom_kill") + 1] != "0" if "oom_kill" in words else False
        return False

    def remove(self) -> None:
        """Remove the group, once nothing runs in it."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _limited(folder: Path, limits: Limits) -> Iterator[str]:
    """Write the limits into those files that a group has, and yield the names of those that took them."""
    quota = int(limits.cpus * _PERIOD)
    values = {
        "memory.max": limits.memory_bytes,
        "memory.limit_in_bytes": limits.memory_bytes,
        "memory.swap.max": 0,
        "memory.memsw.limit_in_bytes": limits.memory_bytes,
        "pids.max": limits.processes,
        "cpu.max": f"{quota} {_PERIOD}",
        "cpu.cfs_quota_us": quota,
    }
    for name, value in values.items():
        with contextlib.suppress(OSError):
            _write(folder / name, str(value))
            yield name


def _write(file: Path, value: str) -> None:
    # Opened without creating: a folder that is no control group must not be filled with ordinary files.
    fd = os.open(file, os.O_WRONLY)
    try:
        os.write(fd, value.encode())
    finally:
        os.close(fd)


def _parents() -> list[Path]:
    """Return where groups are made: below this process's own, so that what holds it holds them."""
    mounts, own = dict(_mounts()), dict(_own())
    if {"memory", "pids"} <= mounts.keys():
        wanted = [name for name in ("memory", "pids", "cpu") if name in mounts]
        return list(dict.fromkeys(_below(mounts[name], own.get(name, "/")) for name in wanted))
    return _with_controllers(mounts[""], own.get("", "/")) if "" in mounts else []


def _below(mount: Path, group: str) -> Path:
    path = mount / group.lstrip("/")
    return path if path.is_dir() else mount


def _with_controllers(mount: Path, group: str) -> list[Path]:
    """Return the nearest group, from a process's own upward, that hands its controllers down and may be written.

    A group with processes of its own cannot hand controllers down, so in version 2 it is rarely the process's own.
    """
    own = _below(mount, group)
    for folder in (own, *own.parents):
        if not folder.is_relative_to(mount):
            break
        with contextlib.suppress(OSError):
            handed_down = (folder / "cgroup.subtree_control").read_text().split()
            # Joining takes the right to write here too: it is what the old and the new group have in common.
            if {"memory", "pids"} <= set(handed_down) and os.access(folder / "cgroup.procs", os.W_OK):
                return [folder]
    return []


def _mounts() -> Iterator[tuple[str, Path]]:
    """Yield controller and place for each mounted hierarchy; the controller of version 2 is ''."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(errors="surrogateescape").splitlines():
            _, place, kind, options, *_ = line.split(" ")
            if kind == "cgroup2":
                yield "", Path(place)
            elif kind == "cgroup":
                yield from ((option, Path(place)) for option in options.split(","))


def _own() -> Iterator[tuple[str, str]]:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(errors="surrogateescape").splitlines():
            _, controllers, group = line.split(":", 2)
            yield from ((controller, group) for controller in controllers.split(","))


def _clear_away_the_dead() -> None:
    """Remove the groups of clients that ended without removing them."""
    for parent in _parents():
        for folder in parent.glob(f"{_PREFIX}-*-*"):
            pid = folder.name.split("-")[1]
            if pid.isdigit() and not Path("/proc", pid).exists():
                with contextlib.suppress(OSError):
                    folder.rmdir()
