"""What a server counts while it works; counting costs well under a microsecond each time.

Every count only grows, so that two of them, taken one after the other, give what happened in between.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, NamedTuple

from whetstone_server.vitals.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from whetstone_server.vitals.recent import Recent

_EMPTY = Histogram()


class Window(NamedTuple):
    """What was counted from one moment to another."""

    seconds: float
    requests: Mapping[str, Histogram]
    """How long answers took, by method, with the failed ones; in nanoseconds, as all histograms."""
    long: Mapping[str, Histogram]
    """The same for answers that wait for a proof or for the client."""
    looks: Histogram
    """How long it took to look at whole files that are open."""
    scanned: int
    """Files of workspaces that were looked through."""
    scanning_seconds: float
    lateness: Histogram
    """By how much the event loop came too late to what was due."""
    errors: Mapping[str, int]
    """How often each part broke."""
    proofs: int
    proving_seconds: float
    """How long at least one proof was running."""
    cpu_seconds: float
    """Processor time of this process, on all its threads; what runs in a sandbox is not in it."""
    caches: Mapping[str, tuple[int, int]]
    """Hits and misses of each cache."""

    @property
    def is_quiet(self) -> bool:
        """Whether nobody asked for anything and nothing broke; an answer that was held back asks for nothing."""
        return not (self.requests or self.errors or self.proofs or self.proving_seconds)

    def since(self, earlier: Window) -> Window:
        """Return what was counted after `earlier`, which began when this one did; without what was not."""
        return Window(
            seconds=self.seconds - earlier.seconds,
            requests=_newer(self.requests, earlier.requests),
            long=_newer(self.long, earlier.long),
            looks=self.looks.since(earlier.looks),
            scanned=self.scanned - earlier.scanned,
            scanning_seconds=self.scanning_seconds - earlier.scanning_seconds,
            lateness=self.lateness.since(earlier.lateness),
            errors=dict(Counter(self.errors) - Counter(earlier.errors)),
            proofs=self.proofs - earlier.proofs,
            proving_seconds=self.proving_seconds - earlier.proving_seconds,
            cpu_seconds=self.cpu_seconds - earlier.cpu_seconds,
            caches={
                name: (hits - earlier.caches[name][0], misses - earlier.caches[name][1])
                for name, (hits, misses) in self.caches.items()
            },
        )


class Meter:
    """Counts for one server, on its event loop; `whole` may be asked for on any thread."""

    def __init__(
        self,
        clock: Callable[[], int] = time.perf_counter_ns,
        cpu_clock: Callable[[], int] = time.process_time_ns,
    ) -> None:
        """Both clocks give nanoseconds from any start on."""
        self.clock = clock
        self._cpu_clock = cpu_clock
        self.requests: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.long: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.lateness = Histogram()
        self.on_fault: Callable[[str, str], None] = lambda *_: None
        """Called with the part that broke, and in what way."""
        self._caches: dict[str, Recent[Any, Any]] = {}
        self._errors: Counter[str] = Counter()
        self._looks = Histogram()
        self._scanned = 0
        self._scanning = 0
        self._proofs = 0
        self._provers = 0
        self._proving = 0
        self._proving_since = 0
        self._began, self._cpu_began = clock(), cpu_clock()
        self._taken = self._taken_before = self.whole()

    # -- counting ----------------------------------------------------------------------------------------------------

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Count the block as one look at a whole file."""
        began = self.clock()
        yield
        self._looks.observe(self.clock() - began)

    def looked_through(self, files: int, began: int) -> None:
        """Count the files of a workspace that was looked through, since the clock showed `began`."""
        self._scanned += files
        self._scanning += self.clock() - began

    @contextmanager
    def proving(self) -> Iterator[None]:
        """Count the block as time in which proofs run."""
        if not self._provers:
            self._proving_since = self.clock()
        self._provers += 1
        try:
            yield
        finally:
            self._provers -= 1
            if not self._provers:
                self._proving += self.clock() - self._proving_since

    def proved(self) -> None:
        """Count one proof."""
        self._proofs += 1

    def broke(self, part: str, error: Exception) -> None:
        """Count that a part of the server broke. Effect: `on_fault` is called, without what the error itself says.

        Its words may hold text from the editor.
        """
        self._errors[part] += 1
        self.on_fault(part, _place(error))

    def watch(self, name: str, cache: Recent[Any, Any]) -> None:
        """Count the hits and misses of a cache as well."""
        self._caches[name] = cache
        self._taken = self._taken_before = self.whole()

    # -- what was counted --------------------------------------------------------------------------------------------

    def whole(self) -> Window:
        """Return what was counted from the beginning up to now."""
        now = self.clock()
        proving = self._proving + (now - self._proving_since if self._provers else 0)
        return Window(
            seconds=(now - self._began) / 1e9,
            requests=_copied(self.requests),
            long=_copied(self.long),
            looks=self._looks.copy(),
            scanned=self._scanned,
            scanning_seconds=self._scanning / 1e9,
            lateness=self.lateness.copy(),
            errors=self._errors.copy(),
            proofs=self._proofs,
            proving_seconds=proving / 1e9,
            cpu_seconds=(self._cpu_clock() - self._cpu_began) / 1e9,
            caches={name: (cache.hits, cache.misses) for name, cache in self._caches.items()},
        )

    @property
    def seconds(self) -> float:
        """How long the current window has lasted."""
        return (self.clock() - self._began) / 1e9 - self._taken.seconds

    def take(self) -> Window:
        """Return what was counted since the last time, and begin the next window."""
        self._taken_before, self._taken = self._taken, self.whole()
        return self._taken.since(self._taken_before)

    def recent(self) -> Window:
        """Return what was counted since the last window began; neither ends nor begins one."""
        return self.whole().since(self._taken_before)


def _copied(histograms: Mapping[str, Histogram]) -> Mapping[str, Histogram]:
    return {name: histogram.copy() for name, histogram in dict(histograms).items()}


def _newer(now: Mapping[str, Histogram], earlier: Mapping[str, Histogram]) -> Mapping[str, Histogram]:
    """Return those in which something was counted since."""
    newer = {name: histogram.since(earlier.get(name, _EMPTY)) for name, histogram in now.items()}
    return {name: histogram for name, histogram in newer.items() if histogram.count}


def _place(error: Exception) -> str:
    """Return an error's kind and where it was raised: `KeyError at whetstone_server/session/session.py:70`."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if not frames:
        return type(error).__name__
    parts = Path(frames[-1].f_code.co_filename).parts[-3:]
    return f"{type(error).__name__} at {'/'.join(parts)}:{frames[-1].f_lineno}"
