"""What the bulkhead promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from reports.compartment import (
    BulkheadFullError,
    Compartment,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

LIMIT = 3
QUEUE = 2
WAIT_SECONDS = 10.0


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
    """Work that goes on until it is told to end, and counts who is at it."""

    def __init__(self) -> None:
        """Begin with nobody at work."""
        self.at_work = 0
        self.most_at_work = 0
        self.end = asyncio.Event()

    async def __call__(self, result: int = 0) -> int:
        """Return the result when it is over."""
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            await self.end.wait()
        finally:
            self.at_work -= 1
        return result


async def crash() -> None:
    """Fail, but not at once."""
    await asyncio.sleep(0.1)
    raise ConnectionError


def new_bulkhead() -> Compartment:
    """Return a bulkhead with the limits of these tests."""
    return Compartment(
        limit=LIMIT,
        queue=QUEUE,
        wait_seconds=WAIT_SECONDS,
    )


async def filled(
    bulkhead: Compartment,
    work: Work,
    calls: int = LIMIT,
) -> list[asyncio.Task[int]]:
    """Begin so many calls and return them."""
    tasks = []
    for call in range(calls):
        running = bulkhead.run(work, call)
        tasks.append(asyncio.create_task(running))
    await asyncio.sleep(0.1)
    return tasks


async def assert_every_place_is_free(
    bulkhead: Compartment,
) -> None:
    """Fill the bulkhead anew, which works only when no place was lost."""
    work = Work()
    calls = await filled(bulkhead, work)
    assert work.at_work == LIMIT
    work.end.set()
    assert await asyncio.gather(*calls) == list(range(LIMIT))


@played
async def test_passes_results_and_errors_on() -> None:
    """Where there is room, a bulkhead is not to be noticed."""
    bulkhead, work = new_bulkhead(), Work()
    work.end.set()
    assert await bulkhead.run(work, result=7) == 7
    with pytest.raises(ConnectionError):
        await bulkhead.run(crash)


@played
async def test_refuses_at_once_when_places_and_queue_are_full() -> None:
    """A refusal comes at once, and only after that."""
    bulkhead, work = new_bulkhead(), Work()
    calls = await filled(bulkhead, work, LIMIT + QUEUE)
    assert work.at_work == LIMIT
    begun = asyncio.get_running_loop().time()
    with pytest.raises(BulkheadFullError, match="no place"):
        await bulkhead.run(work)
    assert asyncio.get_running_loop().time() == begun
    work.end.set()
    assert await asyncio.gather(*calls) == list(range(LIMIT + QUEUE))
    assert work.most_at_work == LIMIT


@played
async def test_lets_who_waits_in_by_turns() -> None:
    """A place that is given back goes to who has waited longest."""
    bulkhead, first, second = new_bulkhead(), Work(), Work()
    calls = await filled(bulkhead, first)
    waiting = await filled(bulkhead, second, QUEUE)
    calls[0].cancel()
    await asyncio.sleep(0.1)
    assert second.at_work == 1
    second.end.set()
    await asyncio.wait([waiting[0]])
    first.end.set()
    assert await asyncio.gather(*waiting) == list(range(QUEUE))
    await asyncio.wait(calls)


@played
async def test_refuses_who_has_waited_too_long() -> None:
    """The place in the queue is free again as well."""
    bulkhead, work = new_bulkhead(), Work()
    calls = await filled(bulkhead, work)
    for _ in range(QUEUE + 1):
        begun = asyncio.get_running_loop().time()
        with pytest.raises(BulkheadFullError):
            await bulkhead.run(work)
        waited = asyncio.get_running_loop().time() - begun
        assert waited == pytest.approx(WAIT_SECONDS)
    work.end.set()
    await asyncio.wait(calls)
    await assert_every_place_is_free(bulkhead)


@played
async def test_forgets_who_stops_waiting() -> None:
    """A cancelled call takes neither a place nor room in the queue."""
    bulkhead, work = new_bulkhead(), Work()
    calls = await filled(bulkhead, work)
    for _ in range(QUEUE + 1):
        waiting = (await filled(bulkhead, work, 1))[0]
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    work.end.set()
    await asyncio.wait(calls)
    await assert_every_place_is_free(bulkhead)


@played
async def test_loses_no_place_however_calls_end() -> None:
    """After a thousand results, errors, refusals and cancellations all is free."""
    bulkhead, work = new_bulkhead(), Work()
    work.end.set()
    for _ in range(100):
        calls: list[asyncio.Task[Any]] = [
            asyncio.create_task(bulkhead.run((work, crash)[call % 2]))
            for call in range(10)
        ]
        await asyncio.sleep(0.05)
        for call in calls[1::3]:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    await assert_every_place_is_free(bulkhead)


@played
async def test_says_how_full_it_is() -> None:
    """The numbers are right at every moment."""
    bulkhead, work = new_bulkhead(), Work()
    calls = await filled(bulkhead, work, LIMIT + 1)
    assert (bulkhead.inside, bulkhead.waiting) == (LIMIT, 1)
    work.end.set()
    await asyncio.wait(calls)
    assert (bulkhead.inside, bulkhead.waiting) == (0, 0)


def test_logs_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """Who looks at the log sees that the limit is reached."""

    @played
    async def refused() -> None:
        bulkhead, work = new_bulkhead(), Work()
        calls = await filled(bulkhead, work, LIMIT + QUEUE)
        with pytest.raises(BulkheadFullError):
            await bulkhead.run(work)
        work.end.set()
        await asyncio.wait(calls)

    refused()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("a call was refused: no place in ")


def test_refuses_a_limit_that_makes_no_sense() -> None:
    """With no place at all every call would be refused."""
    with pytest.raises(ValueError, match="limit"):
        Compartment(
            limit=0,
        )
