"""What the pool promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from thumbnails.pool import (
    Done,
    Failed,
    JobCancelledError,
    Pool,
    PoolClosedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

WORKERS, QUEUE = 3, 2
TIMEOUT_SECONDS = 60.0


class VirtualTime(selectors.DefaultSelector):
    """Waits for nothing: the next timer is due at once, and a deadlock is an error."""

    now = 1_000.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock to the next timer."""
        assert timeout is not None, "every task waits, and no timer will wake one"
        self.now += timeout
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which an hour passes at once, and always in the same way."""

    def __init__(self) -> None:
        """Put the loop on virtual time."""
        self._time = VirtualTime()
        super().__init__(self._time)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._time.now


def played(scenario: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Make a test of a scenario that may leave no task and no error unseen behind."""

    @functools.wraps(scenario)
    def test() -> None:
        unseen: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=Loop) as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda _, context: unseen.append(context))
            runner.run(scenario())
            left = asyncio.all_tasks(loop)
            gc.collect()
        assert not left
        assert not unseen

    return test


class Work:
    """Work that takes as many seconds as its item says, and fails for negative ones."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, item: int) -> str:
        """Return the item as text."""
        self.begun.append(item)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(abs(item))
        except asyncio.CancelledError:
            await asyncio.sleep(1)  # as one that has to tidy up
            raise
        finally:
            self.at_once -= 1
        if item < 0:
            raise OSError(item)
        self.ended.append(item)
        return str(item)


def new_pool(
    work: Work,
) -> Pool[int, str]:
    """Return a pool with the limits of these tests."""
    return Pool(
        work,
        workers=WORKERS,
        queue=QUEUE,
        timeout_seconds=TIMEOUT_SECONDS,
    )


@played
async def test_returns_results_and_raises_errors() -> None:
    """Each caller gets what became of its own job."""
    async with new_pool(Work()) as pool:
        good, bad = pool.run(2), pool.run(-1)
        results = await asyncio.gather(good, bad, return_exceptions=True)
        assert results[0] == "2"
        assert isinstance(results[1], OSError)


@played
async def test_runs_no_more_jobs_at_once_than_it_has_workers() -> None:
    """However many are brought, and however they end."""
    work = Work()
    async with new_pool(work) as pool:
        jobs = [pool.run(item % 5 - 1) for item in range(50)]
        await asyncio.gather(*jobs, return_exceptions=True)
    assert work.most_at_once == WORKERS


@played
async def test_lets_who_brings_too_many_jobs_wait() -> None:
    """No more jobs than the queue holds pile up."""
    async with new_pool(Work()) as pool:
        for _ in range(WORKERS + QUEUE):
            async with asyncio.timeout(0.5):
                await pool.submit(10)
        begun = asyncio.get_running_loop().time()
        await pool.submit(10)
        assert asyncio.get_running_loop().time() - begun == pytest.approx(10)


@played
async def test_finishes_its_jobs_before_it_closes() -> None:
    """A job that was taken on is done."""
    work = Work()
    async with new_pool(work) as pool:
        for item in range(1, 6):
            await pool.submit(item)
    assert sorted(work.ended) == [1, 2, 3, 4, 5]


@played
async def test_cancels_its_jobs_when_its_block_fails() -> None:
    """Others who wait for a job are told that it was not their doing."""
    work = Work()
    pool = new_pool(work)
    waiting: list[asyncio.Task[str]] = []

    async def fail() -> None:
        async with pool:
            jobs = range(WORKERS + QUEUE + 5)
            waiting.extend(asyncio.create_task(pool.run(50)) for _ in jobs)
            await asyncio.sleep(1)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    await asyncio.wait(waiting)
    errors = [type(task.exception()) for task in waiting]
    assert errors == [JobCancelledError] * (WORKERS + QUEUE) + [PoolClosedError] * 5
    assert work.ended == []
    assert work.at_once == 0


@played
async def test_cancels_its_jobs_when_its_end_is_cancelled() -> None:
    """Who has no time to wait for the jobs leaves none behind."""
    work = Work()

    async def finish() -> None:
        async with new_pool(work) as pool:
            await pool.submit(50)

    closing = asyncio.create_task(finish())
    await asyncio.sleep(1)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert work.at_once == 0


@played
async def test_cancels_the_job_of_who_is_cancelled() -> None:
    """Its worker is free at once, and the caller gets the cancellation."""
    work = Work()
    async with new_pool(work) as pool:
        callers = [asyncio.create_task(pool.run(50)) for _ in range(WORKERS)]
        await asyncio.sleep(1)
        callers[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await callers[0]
        assert await pool.run(2) == "2"
        assert not callers[1].done()


@played
async def test_takes_no_jobs_when_it_is_not_open() -> None:
    """Nobody would be there to do them."""
    pool = new_pool(Work())
    for _ in range(WORKERS + QUEUE + 1):
        with pytest.raises(PoolClosedError):
            await pool.run(1)
    async with pool:
        assert await pool.run(1) == "1"
    with pytest.raises(PoolClosedError):
        await pool.submit(1)


@played
async def test_maps_items_in_their_order() -> None:
    """A failure is an outcome like another."""
    async with new_pool(Work()) as pool:
        outcomes = [outcome async for outcome in pool.map([5, -1, 3, 0, 4])]
    results = [one.result if isinstance(one, Done) else None for one in outcomes]
    assert results == ["5", None, "3", "0", "4"]
    assert isinstance(outcomes[1], Failed)
    assert isinstance(outcomes[1].error, OSError)


@played
async def test_maps_no_faster_than_outcomes_are_taken() -> None:
    """Endless items do not fill the memory."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield 1

    async with new_pool(Work()) as pool, aclosing(pool.map(items())) as outcomes:
        async for _ in outcomes:
            await asyncio.sleep(100)
            assert taken <= 2 * (WORKERS + QUEUE) + 1
            if taken > WORKERS + QUEUE + 3:
                break


@played
async def test_cancels_what_is_left_of_a_map() -> None:
    """Who stops looking at outcomes does not want the rest."""
    work = Work()
    async with new_pool(work) as pool:
        async with aclosing(pool.map([1, 50, 50])) as outcomes:
            async for _ in outcomes:
                break
        await asyncio.sleep(2)
        assert work.at_once == 0


@played
async def test_ends_a_job_that_takes_too_long() -> None:
    """Only that one, and its worker goes on."""
    work = Work()
    async with new_pool(work) as pool:
        slow, quick = pool.run(1_000), pool.run(50)
        results = await asyncio.gather(slow, quick, return_exceptions=True)
        assert isinstance(results[0], TimeoutError)
        assert results[1] == "50"
        assert await pool.run(2) == "2"


@played
async def test_lets_no_error_be_lost() -> None:
    """A job whose result nobody waits for fails without a complaint of the loop."""
    async with new_pool(Work()) as pool:
        await pool.submit(-1)


def test_logs_failures(caplog: pytest.LogCaptureFixture) -> None:
    """Also those of jobs that nobody waits for, and once each."""

    @played
    async def failure() -> None:
        async with new_pool(Work()) as pool:
            await pool.submit(-1)
            cancelled = await pool.submit(50)
            cancelled.cancel()

    failure()
    messages = [message for message in caplog.messages if "the job" in message]
    assert messages == ["the job for -1 failed"]


def test_refuses_a_pool_without_workers() -> None:
    """Its jobs would wait for ever."""
    with pytest.raises(ValueError, match="workers"):
        Pool(
            Work(),
            workers=0,
        )
