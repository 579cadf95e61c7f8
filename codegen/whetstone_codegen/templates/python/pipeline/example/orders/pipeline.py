"""A pipeline: takes items from a source, transforms them, and delivers them in batches.

Demand goes from the end to the source: an item is taken only when less than `buffer`
are under way, so a slow delivery slows the source down and nothing piles up.
Items are transformed side by side and delivered in the order of the source.
_A batch is delivered when it is full, or when its first item has waited long enough.

An error ends the pipeline with
an `ExceptionGroup`, as in every task group.  What was taken and not delivered then,
no more than `buffer` items, is lost: a source that must lose nothing gives items out
again until `deliver` has seen them, and `deliver` bears a repetition.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Sequence

_A = TypeVar("_A")
_B = TypeVar("_B")


class Pipeline(Generic[_A, _B]):
    """How items are transformed and delivered; `run` takes them from a source."""

    def __init__(
        self,
        transform: Callable[[_A], Awaitable[_B]],
        deliver: Callable[[Sequence[_B]], Awaitable[None]],
        *,
        buffer: int = 100,
        workers: int = 4,
        batch_size: int = 10,
        batch_seconds: float = 1.0,
    ) -> None:
        """Raise `ValueError` when a batch could never be full or nothing would move."""
        if workers < 1 or not 1 <= batch_size <= buffer:
            message = "workers is at least 1, and batch_size from 1 to buffer"
            raise ValueError(message)
        self._transform = transform
        self._deliver = deliver
        self._buffer = buffer
        self._workers = workers
        self._batch_size = batch_size
        self._batch_seconds = batch_seconds

    async def run(self, source: AsyncIterable[_A]) -> int:
        """Return how many items were delivered, when the source has come to its end."""
        demand = asyncio.Semaphore(self._buffer)
        ready: asyncio.Queue[Sequence[_B] | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            delivered = group.create_task(self._deliver_all(ready, demand))
            line: asyncio.Queue[asyncio.Task[Sequence[_B]] | None] = asyncio.Queue()
            group.create_task(_collect(line, ready))
            workers = asyncio.Semaphore(self._workers)
            await demand.acquire()
            async for item in source:
                line.put_nowait(group.create_task(self._transformed(item, workers)))
                await demand.acquire()
            line.put_nowait(None)
        return delivered.result()

    async def _transformed(self, item: _A, workers: asyncio.Semaphore) -> Sequence[_B]:
        """Return the item transformed, as the only one."""
        async with workers:
            return [await self._transform(item)]

    async def _deliver_all(
        self, ready: asyncio.Queue[Sequence[_B] | None], demand: asyncio.Semaphore
    ) -> int:
        delivered, is_last = 0, False
        while not is_last:
            batch, is_last = await self._batch(ready)
            if batch:
                await self._deliver(batch)
                delivered += len(batch)
            for _ in batch:
                demand.release()
        return delivered

    async def _batch(
        self, ready: asyncio.Queue[Sequence[_B] | None]
    ) -> tuple[list[_B], bool]:
        """Return the next batch, and whether it is the last one."""
        batch: list[_B] = []
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit:
                while len(batch) < self._batch_size:
                    items = await ready.get()
                    if items is None:
                        return batch, True
                    if not batch:  # the time begins with the first item
                        limit.reschedule(loop.time() + self._batch_seconds)
                    batch += items
        except TimeoutError:
            pass
        return batch, False


async def _collect(
    line: asyncio.Queue[asyncio.Task[Sequence[_B]] | None],
    ready: asyncio.Queue[Sequence[_B] | None],
) -> None:
    """Move results on in the order in which their items were taken."""
    while (work := await line.get()) is not None:
        ready.put_nowait(await work)
    ready.put_nowait(None)
