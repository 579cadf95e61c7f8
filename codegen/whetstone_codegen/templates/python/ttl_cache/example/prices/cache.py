"""A cache of values that are loaded: they expire, and their number is bounded.

However many miss the same value at once, it is loaded once for all of them.  The load
is nobody's in particular: who is cancelled stops waiting and the load goes on, until
nobody waits any more.

An error is raised to all who waited for the value, and is not kept: the next caller
loads it again.

A cache belongs to one event loop.  It lives in memory: after a restart it is empty.
Needs cachetools 8 or later.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class CacheStats:
    """What a cache has done so far."""

    hits: int = 0
    misses: int = 0
    loads: int = 0
    failed_loads: int = 0


class Cache(Generic[_K, _V]):
    """Values by key, each loaded by the same function."""

    def __init__(
        self,
        load: Callable[[_K], Awaitable[_V]],
        *,
        ttl_seconds: float = 60.0,
        max_entries: int = 1_024,
        timeout_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what `load` returns for a time, and no more than `max_entries`."""
        if ttl_seconds <= 0 or max_entries < 1:
            message = "ttl_seconds is above 0 and max_entries at least 1"
            raise ValueError(message)
        self._load = load
        self._values: TTLCache[_K, _V] = TTLCache(max_entries, ttl_seconds, clock)
        self._timeout_seconds = timeout_seconds
        self._flights: dict[_K, _Flight[_V]] = {}
        # The loop itself holds tasks weakly, and a load may outlive its flight.
        self._tasks: set[asyncio.Task[_V]] = set()
        self.stats = CacheStats()

    def __len__(self) -> int:
        """Return how many values are kept, at most `max_entries`."""
        return len(self._values)

    async def get(self, key: _K) -> _V:
        """Return the value of the key, loaded if it is not there or has expired.

        Raises what loading raises, or `TimeoutError` when that takes too long.
        """
        try:
            value = self._values[key]
        except KeyError:
            self.stats.misses += 1
            return await self._joined(key)
        self.stats.hits += 1
        return value

    def forget(self, key: _K) -> None:
        """Drop a value that is known to be outdated, also one that is being loaded.

        Who waits for it still gets it; who asks from now on has it loaded anew.
        """
        self._values.pop(key, None)
        self._flights.pop(key, None)

    async def _joined(self, key: _K) -> _V:
        flight = self._flight(key)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                # Who comes now must not join a load that is being cancelled.
                self._retire(key, flight.task)
                flight.task.cancel()

    def _flight(self, key: _K) -> _Flight[_V]:
        flight = self._flights.get(key)
        if flight is None:
            task = asyncio.create_task(self._loaded(key))
            flight = self._flights[key] = _Flight(task)
            self._tasks.add(task)
            task.add_done_callback(lambda _: self._land(key, task))
        return flight

    async def _loaded(self, key: _K) -> _V:
        self.stats.loads += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                value = await self._load(key)
        except Exception:
            self.stats.failed_loads += 1
            raise
        if self._is_wanted(key, asyncio.current_task()):
            self._values[key] = value
        return value

    def _land(self, key: _K, task: asyncio.Task[_V]) -> None:
        self._tasks.discard(task)
        self._retire(key, task)
        if not task.cancelled():
            task.exception()  # has been seen, even if nobody waits any more

    def _retire(self, key: _K, task: asyncio.Task[_V]) -> None:
        if self._is_wanted(key, task):
            del self._flights[key]

    def _is_wanted(self, key: _K, task: asyncio.Task[_V] | None) -> bool:
        """Tell whether the task loads what callers of now would get."""
        flight = self._flights.get(key)
        return flight is not None and flight.task is task


@dataclass(slots=True)
class _Flight(Generic[_V]):
    """A load under way, and how many wait for it."""

    task: asyncio.Task[_V]
    waiting: int = 0
