"""A pool of workers: runs jobs, no more than so many at once.

A job is an item that the work is done on.  It waits in a bounded queue until a worker
is free, and who brings a job while the queue is full waits as well.  A job that fails
or takes too long fails for its caller alone; the worker takes the next one.

Leaving the pool's block waits for all jobs; leaving it by an error or a cancellation
cancels them.  Who is cancelled while waiting for a job cancels the job.  A pool belongs
to one event loop; jobs that have not ended are lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
    from types import TracebackType

_T = TypeVar("_T")
_R = TypeVar("_R")

logger = logging.getLogger(__name__)


class PoolClosedError(Exception):
    """The pool is not open: jobs are brought inside its `async with` block."""


class JobCancelledError(Exception):
    """The job was cancelled, and not by who waits for it."""


@dataclass(frozen=True, slots=True)
class Done(Generic[_R]):
    """What became of a job that ended well."""

    result: _R


@dataclass(frozen=True, slots=True)
class Failed:
    """What became of a job that did not."""

    error: BaseException


class Pool(Generic[_T, _R]):
    """Workers who all do the same work; open it with `async with`."""

    def __init__(
        self,
        work: Callable[[_T], Awaitable[_R]],
        *,
        workers: int = 4,
        queue: int = 100,
        timeout_seconds: float = 30.0,
    ) -> None:
        """Do `work` on each item, by so many workers."""
        if workers < 1 or queue < 1:
            message = "workers and queue are at least 1"
            raise ValueError(message)
        self._work = work
        self._free_workers = asyncio.Semaphore(workers)
        self._places = asyncio.Semaphore(workers + queue)
        self._capacity = workers + queue
        self._timeout_seconds = timeout_seconds
        self._is_open = False
        self._jobs: set[asyncio.Task[_R]] = set()

    async def __aenter__(self) -> Self:
        """Open the pool."""
        self._is_open = True
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for all jobs, or cancel them when the block ends with an error."""
        self._is_open = False
        try:
            if error is None and self._jobs:
                await asyncio.wait(self._jobs)
        finally:
            for job in self._jobs:
                job.cancel()
            if self._jobs:
                await asyncio.wait(self._jobs)

    async def submit(self, item: _T) -> asyncio.Task[_R]:
        """Return the job as soon as there is room for it; its result may be ignored.

        Raises `PoolClosedError` outside of the pool's block.
        """
        await self._places.acquire()
        if not self._is_open:
            self._places.release()
            raise PoolClosedError
        job = asyncio.create_task(self._job(item))
        self._jobs.add(job)
        job.add_done_callback(lambda job: self._ended(item, job))
        return job

    async def run(self, item: _T) -> _R:
        """Return what the work returns for the item, or raise what it raises.

        Raises `JobCancelledError` when the pool is left by an error meanwhile.
        """
        job = await self.submit(item)
        try:
            return await job  # a cancellation of this cancels the job
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            raise JobCancelledError from None

    async def map(self, items: Iterable[_T]) -> AsyncGenerator[Done[_R] | Failed, None]:
        """Yield what became of each item, in their order; a failure ends nothing.

        Takes items only as fast as there is room for them and outcomes are taken.
        """
        jobs: deque[asyncio.Task[_R]] = deque()
        try:
            for item in items:
                if len(jobs) == self._capacity:
                    yield await _outcome(jobs.popleft())
                jobs.append(await self.submit(item))
            while jobs:
                yield await _outcome(jobs.popleft())
        finally:
            for job in jobs:
                job.cancel()

    async def _job(self, item: _T) -> _R:
        async with self._free_workers:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._work(item)

    def _ended(self, item: _T, job: asyncio.Task[_R]) -> None:
        self._jobs.discard(job)
        self._places.release()
        error = None if job.cancelled() else job.exception()
        if error is not None:
            logger.warning("the job for %r failed", item, exc_info=error)


async def _outcome(job: asyncio.Task[_R]) -> Done[_R] | Failed:
    await asyncio.wait([job])
    if job.cancelled():
        return Failed(JobCancelledError())
    error = job.exception()
    return Done(job.result()) if error is None else Failed(error)
