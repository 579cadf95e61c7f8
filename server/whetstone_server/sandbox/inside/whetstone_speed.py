"""Times two versions of a function against each other in one process, under the user's own interpreter (3.8 and up).

Samples are quads, A B B A and B A A B by turns, so that a drift of the machine falls on both sides alike, and they are
taken on the CPU time of the thread, which a busy machine hardly disturbs. Code that waits is noticed and timed on the
wall clock as well. One process is never enough: `whetstone_server.sandbox.timing` judges the samples of several.
"""

from __future__ import annotations

import gc
import itertools
import math
import os
import statistics
import struct
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Invoke = Callable[[], Any]
    Install = Callable[[str], None]

try:
    import resource
except ImportError:  # Windows: nothing tells waiting from being held up there, so the clocks decide alone.
    resource = None  # type: ignore[assignment]

BLOCK_NS = 3_000_000
"""How long one side runs at a stretch: far above the clock's grain, far below the time a machine needs to drift."""
SLICE_NS = 150_000
"""The least one call is timed for at a stretch when many share a block: clock and cold caches cost 5 µs a time."""
WARM_UP_CALLS = 100
"""The interpreter specialises bytecode after 8 to 64 passes."""
TRIES = 3
"""Measurements of which the least disturbed says how long a call takes."""
MOST_COPIES = 2_000
MOST_COPIED_BYTES = 32 << 20
MOST_COPYING_NS = 6_000_000
"""How long the copies of one block may take to make, or copying would leave no time for timing."""
SAME_PACE = 2.0
"""Sides closer than this repeat a call equally often, so that what a block costs by itself is spread alike."""
WAITING = 0.5
"""Time spent off the processor of its own accord, by CPU time, from which code is said to wait."""

_cpu_ns: Callable[[], int] = getattr(time, "thread_time_ns", time.process_time_ns)


class Call(NamedTuple):
    """One call of the workload. Neither callable may raise: what the function raises is theirs to swallow."""

    invoke: Invoke
    """Does the call with the version in place, on arguments that are ready and that every call shares."""
    prepare: Callable[[], Invoke]
    """Makes the arguments afresh and returns what `invoke` would be for them."""
    weight: int = 1
    """How often the call occurred."""
    mutates: bool = False
    """Whether a call changes or consumes its arguments, so that each needs its own."""


class Measurement(NamedTuple):
    """What one process saw. Ratios are old over new, one per quad; times of one call are medians over the quads."""

    ratios: list[float]
    old_ns: float
    new_ns: float
    waits: bool
    """Whether the code slept, blocked or left its work to other threads or processes: CPU time then says little."""
    wall_ratios: list[float]
    wall_old_ns: float
    wall_new_ns: float


def measure(install: Install, calls: Sequence[Call], seconds: float, fresh: bool = False) -> Measurement:
    """Return what `seconds` of CPU time (of wall time, where the code waits) showed; at least one quad.

    `install("old")` and `install("new")` put one version in place. With `fresh`, for functions that keep state from
    call to call, each sample is a single call in a forked child, and `install` must bring the state back to its
    beginning but keep the code objects, for they hold what the interpreter learnt while it warmed up.
    ValueError without a call; ChildProcessError when a call ends its process.
    """
    if not calls:
        raise ValueError("there is no call to time")
    collects = gc.isenabled()
    gc.disable()
    try:
        for version in ("old", "new"):
            _warm_up(install, version, calls, seconds / 8)
        gc.freeze()  # keeps the collections between quads short: they look at nothing that was there before
        bench = _OneCallEach(install, calls) if fresh else _Blocks(install, calls)
        return _summary(list(_quads(bench, seconds)), bench.waits)
    finally:
        gc.unfreeze()
        if collects:
            gc.enable()


class _Cost(NamedTuple):
    """Nanoseconds."""

    cpu: float
    wall: float
    waited: float = 0.0
    """How much of the wall time was spent off the processor of its own accord."""


class _Quad(NamedTuple):
    old: _Cost
    new: _Cost


def _summary(quads: Sequence[_Quad], waits: bool) -> Measurement:
    return Measurement(
        ratios=[old.cpu / new.cpu for old, new in quads],
        old_ns=statistics.median(old.cpu for old, _ in quads),
        new_ns=statistics.median(new.cpu for _, new in quads),
        waits=waits,
        wall_ratios=[old.wall / new.wall for old, new in quads],
        wall_old_ns=statistics.median(old.wall for old, _ in quads),
        wall_new_ns=statistics.median(new.wall for _, new in quads),
    )


def _quads(bench: _Bench, seconds: float) -> Iterator[_Quad]:
    """Yield quads until the time is spent; when the machine gives us no CPU, until four times as long has passed."""
    cpu_ends = _cpu_seconds_of_everything() + seconds
    wall_ends = time.perf_counter() + (seconds if bench.waits else 4 * seconds)
    for order in itertools.cycle((("old", "new", "new", "old"), ("new", "old", "old", "new"))):
        gc.collect()
        costs: dict[str, list[_Cost]] = {"old": [], "new": []}
        for version in order:
            costs[version].append(bench.cost(version))
        yield _Quad(_mean(costs["old"]), _mean(costs["new"]))
        if _cpu_seconds_of_everything() >= cpu_ends or time.perf_counter() >= wall_ends:
            return


def _cpu_seconds_of_everything() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _mean(costs: Sequence[_Cost], weights: Sequence[float] | None = None) -> _Cost:
    weights = weights or [1] * len(costs)
    total = sum(weights)
    return _Cost(*(sum(map(_product, amounts, weights)) / total for amounts in zip(*costs)))


def _product(amount: float, weight: float) -> float:
    return amount * weight


def _warm_up(install: Install, version: str, calls: Sequence[Call], seconds: float) -> None:
    """Make every call a hundred times, or until the time is up, but once at least."""
    install(version)
    ends = time.perf_counter() + seconds
    for warm_up in range(WARM_UP_CALLS):
        for call in calls:
            if warm_up and time.perf_counter() >= ends:
                return
            _ready(call)()


def _ready(call: Call) -> Invoke:
    return call.prepare() if call.mutates else call.invoke


class _Bench:
    """A way of timing all calls with one version in place."""

    waits: bool

    def cost(self, version: str) -> _Cost:
        """Return the mean cost of a call, weighted as the calls occurred."""
        raise NotImplementedError


class _Blocks(_Bench):
    """Repeats each call often enough for the clock."""

    def __init__(self, install: Install, calls: Sequence[Call]) -> None:
        self._install, self._calls = install, calls
        self._weights = [call.weight for call in calls]
        copying_ns = MOST_COPYING_NS / len(calls)
        limits = [_most_copies(call, copying_ns) if call.mutates else 1 << 20 for call in calls]
        paces = {version: self._paces(version, limits) for version in ("old", "new")}
        self._counts = self._chosen(paces, limits)
        every = [_mean(costs, self._weights) for costs in paces.values()]
        self.waits = any(cost.waited > WAITING * cost.cpu for cost in every)

    def cost(self, version: str) -> _Cost:
        self._install(version)
        return _mean(list(map(_slice, self._calls, self._counts[version])), self._weights)

    def _paces(self, version: str, limits: Sequence[int]) -> list[_Cost]:
        self._install(version)
        return list(map(_pace, self._calls, limits))

    def _chosen(self, paces: dict[str, list[_Cost]], limits: Sequence[int]) -> dict[str, list[int]]:
        """Return how often each side repeats each call in a block."""
        slice_ns = max(SLICE_NS, BLOCK_NS / len(self._calls))
        counts: dict[str, list[int]] = {"old": [], "new": []}
        for old, new, limit in zip(paces["old"], paces["new"], limits):
            sides = [_busy_or_waiting(old), _busy_or_waiting(new)]
            if max(sides) < SAME_PACE * min(sides):
                sides = [max(sides)] * 2
            for version, pace in zip(counts, sides):
                counts[version].append(min(math.ceil(slice_ns / pace), limit))
        return counts


def _most_copies(call: Call, copying_ns: float) -> int:
    """Return how many copies of the arguments may lie ready at once."""
    held: list[Invoke] = []
    pace = _clocked([lambda: held.append(call.prepare())] * 4).wall / 4
    return max(1, min(MOST_COPIES, MOST_COPIED_BYTES // _copied_bytes(call), int(copying_ns / pace)))


def _copied_bytes(call: Call) -> int:
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        copied = call.prepare()
        after, _ = tracemalloc.get_traced_memory()
        del copied
    finally:
        if not tracing:
            tracemalloc.stop()
    return max(after - before, 1)


def _pace(call: Call, limit: int) -> _Cost:
    """Return roughly what a call costs, from the first count that fills a slice."""
    count = 1
    while True:
        cost = min((_slice(call, count) for _ in range(TRIES if count > 1 else 1)), key=_busy_or_waiting)
        if _busy_or_waiting(cost) * count >= SLICE_NS or count >= limit:
            return cost
        count = min(4 * count, limit)


def _busy_or_waiting(cost: _Cost) -> float:
    """Leave out the time for which the machine had something else to do."""
    return cost.cpu + cost.waited


def _slice(call: Call, count: int) -> _Cost:
    """Return what one of `count` calls in a row cost with the version in place."""
    if count > 1:
        _ready(call)()  # brings this version back into the processor's caches
    if call.mutates:
        total = _clocked([call.prepare() for _ in range(count)])
    else:
        total = _clocked(itertools.repeat(call.invoke, count))
    return _Cost(*(amount / count for amount in total))


def _clocked(invokes: Iterable[Invoke]) -> _Cost:
    gave_up = _times_given_up()
    wall = time.perf_counter_ns()
    cpu = _cpu_ns()
    for invoke in invokes:
        invoke()
    cpu = _cpu_ns() - cpu
    wall = time.perf_counter_ns() - wall
    waited = max(wall - cpu, 0) if resource is None or _times_given_up() > gave_up else 0
    return _Cost(max(cpu, 1), max(wall, 1), waited)


def _times_given_up() -> int:
    """Return how often this thread left the processor of its own accord; being pushed off it does not count."""
    if resource is None:
        return 0
    return resource.getrusage(getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)).ru_nvcsw


class _OneCallEach(_Bench):
    """Makes each call once per sample, in a child that leaves no trace."""

    def __init__(self, install: Install, calls: Sequence[Call]) -> None:
        self._install, self._calls = install, calls
        self._weights = [call.weight for call in calls]
        self.waits = any(cost.waited > WAITING * cost.cpu for cost in map(self.cost, ("old", "new")))

    def cost(self, version: str) -> _Cost:
        return _mean([self._in_a_child(version, call) for call in self._calls], self._weights)

    def _in_a_child(self, version: str, call: Call) -> _Cost:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            self._answer(version, call, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        if len(answer) != struct.calcsize("3d"):
            raise ChildProcessError(f"the {version} version ended its process")
        return _Cost(*struct.unpack("3d", answer))

    def _answer(self, version: str, call: Call, writing: int) -> None:
        """Effect: writes the cost and ends the process, whatever the call does."""
        try:
            # A rehearsal takes the faults of pages still shared with the parent, which would drown a short call.
            self._install(version)
            call.prepare()()
            self._install(version)
            os.write(writing, struct.pack("3d", *_clocked([call.prepare()])))
        finally:
            os._exit(0)
