"""A bulkhead: limits how many calls are in one place at once.

A call that finds no place waits its turn in a short queue; when the queue is full, or
its time is over, it is refused with `BulkheadFullError`.

A place comes back however the call ends: with a result, an error or a cancellation.
A bulkhead belongs to one event loop and limits this process only.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_P = ParamSpec("_P")
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


class BulkheadFullError(Exception):
    """The call was not made, because no place was free in time."""

    def __init__(self, name: str) -> None:
        """Remember where there was no place."""
        super().__init__(f"there is no place in {name}; try again later")
        self.name = name


class Compartment:
    """A number of places that calls hold while they run."""

    def __init__(
        self,
        *,
        name: str = "Compartment",
        limit: int = 10,
        queue: int = 20,
        wait_seconds: float = 1.0,
    ) -> None:
        """Let `limit` calls in at once, and `queue` wait; `name` is for messages."""
        if limit < 1:
            message = "limit is at least 1: nobody could ever enter"
            raise ValueError(message)
        self._name = name
        self._places = asyncio.Semaphore(limit)
        self._inside = 0
        self._queue = queue
        self._wait_seconds = wait_seconds
        self._waiting = 0

    @property
    def inside(self) -> int:
        """How many calls are inside."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many calls wait for a place."""
        return self._waiting

    async def run(
        self, function: Callable[_P, Awaitable[_T]], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Return what the function returns, or raise `BulkheadFullError`."""
        async with self.place():
            return await function(*args, **kwargs)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for the length of the block, or raise `BulkheadFullError`."""
        await self._enter()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._places.release()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # returns at once
            return
        if self._waiting >= self._queue:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1

    def _refusal(self) -> BulkheadFullError:
        logger.warning("a call was refused: no place in %s", self._name)
        return BulkheadFullError(self._name)
