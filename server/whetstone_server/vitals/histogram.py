"""Times, counted in buckets that are the finer the smaller they are.

The layout is that of HdrHistogram (http://hdrhistogram.org): powers of two, each split into 32 equal buckets, of which
only those are kept in which something was counted. What is answered for a quantile lies within 1/64 of the observed
value at that rank, whatever was observed. The libraries that do this in Python take 4 to 6 times as long for each
observation, and one is made for each message of the editor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from math import ceil, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RELATIVE_ERROR = 1 / 64
_HALF_BITS = 5
_BITS = _HALF_BITS + 1


class Histogram:
    """How often each time was seen, in whole nanoseconds from 0 on."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts: defaultdict[int, int] = defaultdict(int)
        self.total = 0
        """The sum of everything observed, exactly."""

    def observe(self, nanoseconds: int) -> None:
        """Count one time; takes about 150 ns."""
        excess = nanoseconds.bit_length() - _BITS
        self._counts[(excess << _HALF_BITS) + (nanoseconds >> excess) if excess > 0 else nanoseconds] += 1
        self.total += nanoseconds

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self._counts.values())

    def quantiles(self, *shares: float) -> Sequence[float]:
        """Return for each share between 0 and 1 the time that this share of all does not exceed (nearest rank).

        NaN for each when nothing was observed.
        """
        buckets = sorted(self._counts)
        if not buckets:
            return [nan] * len(shares)
        up_to = list(accumulate(map(self._counts.__getitem__, buckets)))
        return [_middle(buckets[bisect_left(up_to, max(1, ceil(share * up_to[-1])))]) for share in shares]

    def add(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        for bucket, count in other._counts.items():
            self._counts[bucket] += count
        self.total += other.total

    def copy(self) -> Histogram:
        """Return what is counted now; the observations made meanwhile on another thread are in it or not."""
        copied = Histogram()
        copied._counts, copied.total = self._counts.copy(), self.total
        return copied

    def since(self, earlier: Histogram) -> Histogram:
        """Return what was counted after `earlier`, a copy of this one, was made."""
        newer, before = Histogram(), earlier._counts.get
        for bucket, count in self._counts.items():
            if more := count - before(bucket, 0):
                newer._counts[bucket] = more
        newer.total = self.total - earlier.total
        return newer


def _middle(bucket: int) -> float:
    """Return the time in the middle of a bucket."""
    excess = (bucket >> _HALF_BITS) - 1
    if excess <= 0:
        return bucket
    least = (bucket - (excess << _HALF_BITS)) << excess
    return least + ((1 << excess) - 1) / 2
