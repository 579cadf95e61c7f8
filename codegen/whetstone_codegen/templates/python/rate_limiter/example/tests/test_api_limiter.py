"""What the rate limiter promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from api.limiter import (
    Limiter,
    RateLimitedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

RATE, PER_SECONDS = 4, 2.0
BURST = 3


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


def now() -> float:
    """Return the virtual time."""
    return asyncio.get_running_loop().time()


def new_limiter() -> Limiter:
    """Return a limiter with the limits of these tests."""
    return Limiter(
        rate=RATE,
        per_seconds=PER_SECONDS,
        burst=BURST,
        clock=now,
    )


async def begun(
    limiter: Limiter,
    calls: int,
) -> list[float]:
    """Make so many calls at once and return when each that was allowed began."""
    times: list[float] = []

    async def call() -> None:
        limiter.acquire("ada")
        times.append(now())

    await asyncio.gather(*(call() for _ in range(calls)), return_exceptions=True)
    return times


@played
async def test_lets_a_burst_through_and_no_call_more() -> None:
    """What is allowed at once begins at once, even for fifty tasks."""
    limiter, start = new_limiter(), now()
    times = await begun(limiter, 50)
    assert times == [start] * BURST


@played
async def test_says_when_to_come_back() -> None:
    """A call then is allowed, and one a moment before is not."""
    limiter = new_limiter()
    await begun(limiter, BURST)
    with pytest.raises(RateLimitedError, match="too many calls") as refused:
        limiter.acquire("ada")
    assert refused.value.retry_after == pytest.approx(PER_SECONDS / RATE)
    await asyncio.sleep(refused.value.retry_after - 0.01)
    with pytest.raises(RateLimitedError):
        limiter.acquire("ada")
    await asyncio.sleep(0.01)
    limiter.acquire("ada")


@played
async def test_takes_no_call_away_by_rounding() -> None:
    """Calls at exactly the rate all pass, whatever their times add up to."""
    limiter = Limiter(
        rate=1,
        per_seconds=0.1,
        burst=1,
        clock=lambda: now() + 5_000.3,
    )
    for _ in range(1_000):
        limiter.acquire("ada")
        await asyncio.sleep(0.1)


@played
async def test_holds_the_rate_over_any_time() -> None:
    """However calls come, no stretch of time has more than it may have."""
    limiter = new_limiter()
    times: list[float] = []
    for round_ in range(100):
        times += await begun(limiter, round_ % 5)
        await asyncio.sleep(0.3 * (round_ % 7))
    assert len(times) > RATE
    for first, begin in enumerate(times):
        for last, end in enumerate(times[first:], start=first):
            allowed = BURST + (end - begin) * RATE / PER_SECONDS
            assert last - first + 1 <= allowed + 1e-6


@played
async def test_allows_a_burst_again_after_a_pause() -> None:
    """A long pause saves up no more than one burst."""
    limiter = new_limiter()
    await begun(limiter, BURST)
    await asyncio.sleep(100 * PER_SECONDS)
    start = now()
    times = await begun(limiter, BURST + 1)
    assert times.count(start) == BURST


@played
async def test_keeps_keys_apart() -> None:
    """What one uses up is there for the other."""
    limiter, start = new_limiter(), now()
    await begun(limiter, BURST)
    limiter.acquire("grace")
    assert now() == start


@played
async def test_forgets_keys_that_are_idle() -> None:
    """Ten thousand keys do not stay."""
    limiter = new_limiter()
    for number in range(10_000):
        limiter.acquire(number)
        await asyncio.sleep(PER_SECONDS / 100)
    assert len(limiter) < 1_000


@played
async def test_remembers_keys_that_have_used_something_up() -> None:
    """Being forgotten would be a way around the limit."""
    limiter = new_limiter()
    await asyncio.sleep(1.5 * PER_SECONDS)
    await begun(limiter, BURST)
    await asyncio.sleep(PER_SECONDS / RATE / 2)
    start = now()
    limiter.acquire("grace")
    assert (await begun(limiter, 1)).count(start) == 0


def test_logs_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """Who looks at the log sees that the limit is reached."""

    @played
    async def refused() -> None:
        await begun(new_limiter(), BURST + 1)

    refused()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("a call was refused: too many, free in ")


def test_refuses_a_rate_that_makes_no_sense() -> None:
    """A limiter that lets nothing through is a mistake."""
    with pytest.raises(ValueError, match="rate"):
        Limiter(
            rate=0,
        )
