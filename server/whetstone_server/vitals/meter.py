"""What a server counts while it works, window by window; counting costs well under a microsecond each time."""

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


class Window(NamedTuple):
    """What was counted from one moment to another."""

    seconds: float
    requests: Mapping[str, Histogram]
    """How long answers took, by method, with the failed ones."""
    long: Mapping[str, Histogram]
    """The same for answers that wait for a proof or for the person."""
    looks: Histogram
    """How long it took to look at whole files."""
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
        """Whether nobody asked for anything and nothing broke."""
        return not (self.requests or self.long or self.errors or self.proofs or self.proving_seconds)


class Meter:
    """Counts for one server, on its event loop."""

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
        self.caches: dict[str, Recent[Any, Any]] = {}
        self._errors: Counter[str] = Counter()
        self._looks = Histogram()
        self._proofs = 0
        self._provers = 0
        self._proving = 0
        self._proving_since = 0
        self._since, self._cpu_since = clock(), cpu_clock()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Count the block as one look at a whole file."""
        began = self.clock()
        yield
        self._looks.observe(self.clock() - began)

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

    @property
    def seconds(self) -> float:
        """How long the current window has lasted."""
        return (self.clock() - self._since) / 1e9

    def take(self) -> Window:
        """Return what was counted since the last time, and begin the next window."""
        now, cpu = self.clock(), self._cpu_clock()
        if self._provers:
            self._proving += now - self._proving_since
            self._proving_since = now
        window = Window(
            seconds=(now - self._since) / 1e9,
            requests=_taken(self.requests),
            long=_taken(self.long),
            looks=self._looks.take(),
            lateness=self.lateness.take(),
            errors=dict(self._errors),
            proofs=self._proofs,
            proving_seconds=self._proving / 1e9,
            cpu_seconds=(cpu - self._cpu_since) / 1e9,
            caches={name: (cache.hits, cache.misses) for name, cache in self.caches.items()},
        )
        for cache in self.caches.values():
            cache.hits = cache.misses = 0
        self._errors.clear()
        self._proofs = self._proving = 0
        self._since, self._cpu_since = now, cpu
        return window


def _place(error: Exception) -> str:
    """Return an error's kind and where it was raised: `KeyError at whetstone_server/session/session.py:70`."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if not frames:
        return type(error).__name__
    parts = Path(frames[-1].f_code.co_filename).parts[-3:]
    return f"{type(error).__name__} at {'/'.join(parts)}:{frames[-1].f_lineno}"


def _taken(histograms: Mapping[str, Histogram]) -> Mapping[str, Histogram]:
    """Return those in which something was counted; the others stay where they are."""
    taken = {name: histogram.take() for name, histogram in histograms.items()}
    return {name: histogram for name, histogram in taken.items() if histogram.count}
