"""A rate limiter: lets so many calls through in so much time.

After a pause a burst passes at once, then calls pass at even distances.  It keeps one
number, as the generic cell rate algorithm (ITU-T I.371) does: when the next call
would be due if all had come evenly.

A call too many is refused with `RateLimitedError`, which says when to come back.
Each key has a limit of its own, and is forgotten when a new one would do the same.

A limiter belongs to one event loop and limits this process only.  After a restart it
begins with everything allowed.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

logger = logging.getLogger(__name__)

_ROUNDING = 1e-9  # seconds, below which a difference of times is none


class RateLimitedError(Exception):
    """The call was one too many."""

    def __init__(self, retry_after: float) -> None:
        """Remember in how many seconds a call can pass."""
        super().__init__(f"too many calls; try again in {retry_after:.3f} s")
        self.retry_after = retry_after


class Limiter:
    """An allowance for each key."""

    def __init__(
        self,
        *,
        rate: int = 10,
        per_seconds: float = 1.0,
        burst: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow `rate` calls in `per_seconds` to each key."""
        self._rate = rate
        self._per_seconds = per_seconds
        self._burst = burst
        self._clock = clock
        self._new_allowance()  # raises `ValueError` now and not with the first call
        self._allowances: dict[Hashable, Allowance] = {}
        self._next_sweep = clock() + per_seconds

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._allowances)

    def acquire(self, key: Hashable) -> None:
        """Return if a call may be made for the key, or raise `RateLimitedError`."""
        self._forget_idle_keys()
        allowance = self._allowances.get(key)
        if allowance is None:
            allowance = self._allowances[key] = self._new_allowance()
        allowance.acquire()

    def _forget_idle_keys(self) -> None:
        # Once in a while, so that it costs each call next to nothing.
        if self._clock() < self._next_sweep:
            return
        self._next_sweep = self._clock() + self._per_seconds
        for key, allowance in list(self._allowances.items()):
            if allowance.is_idle():
                del self._allowances[key]

    def _new_allowance(self) -> Allowance:
        return Allowance(
            rate=self._rate,
            per_seconds=self._per_seconds,
            burst=self._burst,
            clock=self._clock,
        )


class Allowance:
    """What one key may use up."""

    def __init__(
        self,
        *,
        rate: int,
        per_seconds: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow `rate` calls in `per_seconds`, and `burst` at once after a pause."""
        if rate < 1 or per_seconds <= 0 or burst < 1:
            message = "rate and burst are at least 1, and per_seconds is above 0"
            raise ValueError(message)
        self._interval = per_seconds / rate
        self._burst_seconds = (burst - 1) * self._interval
        self._due = clock()
        self._clock = clock

    def acquire(self) -> None:
        """Return if a call may be made, or raise `RateLimitedError`."""
        wait = self._wait()
        if wait > 0:
            raise self._refusal(wait)
        self._take()

    def is_idle(self) -> bool:
        """Tell whether a new allowance would do the same."""
        return self._due <= self._clock()

    def _wait(self) -> float:
        """Return in how many seconds the next call may be made; 0 for now."""
        wait = self._due - self._burst_seconds - self._clock()
        return wait if wait > _ROUNDING else 0.0

    def _take(self) -> None:
        self._due = max(self._due, self._clock()) + self._interval

    def _refusal(self, wait: float) -> RateLimitedError:
        logger.warning("a call was refused: too many, free in %.3f s", wait)
        return RateLimitedError(wait)
