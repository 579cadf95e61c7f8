"""What the cache promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from prices.cache import (
    Cache,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

TTL_SECONDS = 60.0
MAX_ENTRIES = 8


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


class Source:
    """Where values come from: each load of a key gives the next version of it."""

    def __init__(self) -> None:
        """Begin with everything at its first version."""
        self.loads: list[str] = []
        self.begun = 0
        self.seconds = 1.0
        self.error: Exception | None = None
        self.error_when_cancelled: Exception | None = None

    async def load(self, key: str) -> str:
        """Return the key with its version, or raise the error."""
        self.begun += 1
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            await asyncio.sleep(self.seconds)  # as one that has to tidy up
            if self.error_when_cancelled is not None:
                raise self.error_when_cancelled from None
            raise
        if self.error is not None:
            raise self.error
        self.loads.append(key)
        return f"{key}{self.loads.count(key)}"


def new_cache(
    source: Source,
) -> Cache[str, str]:
    """Return a cache with the limits of these tests."""
    return Cache(
        source.load,
        ttl_seconds=TTL_SECONDS,
        max_entries=MAX_ENTRIES,
        timeout_seconds=5.0,
        clock=asyncio.get_running_loop().time,
    )


async def asked(
    cache: Cache[str, str],
    key: str,
    callers: int = 1,
) -> list[asyncio.Task[str]]:
    """Let so many callers ask for the key, and return them while they wait."""
    tasks = [asyncio.create_task(cache.get(key)) for _ in range(callers)]
    await asyncio.sleep(0.1)
    return tasks


@played
async def test_loads_a_value_once_and_keeps_it() -> None:
    """Only the first call waits."""
    source = Source()
    cache = new_cache(source)
    assert [await cache.get("a") for _ in range(3)] == ["a1"] * 3
    assert source.loads == ["a"]


@played
async def test_loads_a_value_anew_when_it_has_expired() -> None:
    """It is good until its time is over, and not for a moment more."""
    source = Source()
    cache = new_cache(source)
    await cache.get("a")
    await asyncio.sleep(TTL_SECONDS - 0.1)
    assert await cache.get("a") == "a1"
    await asyncio.sleep(0.1)
    assert await cache.get("a") == "a2"


@played
async def test_keeps_no_more_than_it_may() -> None:
    """What was not used for longest makes room."""
    source = Source()
    cache = new_cache(source)
    for key in "abcdefghijkl":
        await cache.get(key)
        await cache.get("a")
    assert len(cache) == MAX_ENTRIES
    assert source.loads.count("a") == 1
    assert await cache.get("b") == "b2"


@played
async def test_loads_once_for_all_who_miss_at_once() -> None:
    """Fifty callers wait for one load, and another key does not wait for it."""
    source = Source()
    cache = new_cache(source)
    callers = await asked(cache, "a", 50)
    other = await asked(cache, "b")
    assert await asyncio.gather(*callers, *other) == ["a1"] * 50 + ["b1"]
    assert source.loads == ["a", "b"]


@played
async def test_tells_an_error_to_all_and_does_not_keep_it() -> None:
    """A key whose load failed is loaded again by the next caller."""
    source = Source()
    cache = new_cache(source)
    source.error = OSError("down")
    callers = await asked(cache, "a", 3)
    errors = await asyncio.gather(*callers, return_exceptions=True)
    assert errors == [source.error] * 3
    source.error = None
    assert await cache.get("a") == "a1"
    assert source.begun == 2


@played
async def test_goes_on_loading_for_those_who_still_wait() -> None:
    """Who is cancelled, even who came first, takes nothing from the others."""
    source = Source()
    cache = new_cache(source)
    first, second, third = await asked(cache, "a", 3)
    first.cancel()
    third.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second == "a1"
    assert source.begun == 1
    await asyncio.wait([third])


@played
async def test_stops_loading_when_nobody_waits_any_more() -> None:
    """A value that nobody wants is not fetched to the end."""
    source = Source()
    source.seconds = 3.0
    cache = new_cache(source)
    callers = await asked(cache, "a", 2)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    await asyncio.sleep(10)
    assert source.loads == []


@played
async def test_begins_a_new_load_while_a_cancelled_one_ends() -> None:
    """A caller who was not cancelled is not told of a cancellation."""
    source = Source()
    cache = new_cache(source)
    (caller,) = await asked(cache, "a")
    caller.cancel()
    await asyncio.wait([caller])
    assert await cache.get("a") == "a1"


@played
async def test_lets_no_error_be_lost_when_nobody_waits() -> None:
    """A load that fails while it is cancelled does so without a complaint."""
    source = Source()
    source.error_when_cancelled = OSError("cannot tidy up")
    cache = new_cache(source)
    (caller,) = await asked(cache, "a")
    caller.cancel()
    await asyncio.wait([caller])
    await asyncio.sleep(10)
    assert await cache.get("a") == "a1"


@played
async def test_drops_what_is_forgotten() -> None:
    """The next caller gets a new value; forgetting what is not there does nothing."""
    source = Source()
    cache = new_cache(source)
    cache.forget("a")
    await cache.get("a")
    cache.forget("a")
    assert await cache.get("a") == "a2"


@played
async def test_does_not_keep_what_is_forgotten_while_it_is_loaded() -> None:
    """Who waited gets what was loaded, but it may be outdated already."""
    source = Source()
    cache = new_cache(source)
    (early,) = await asked(cache, "a")
    cache.forget("a")
    (late,) = await asked(cache, "a")
    assert await early == "a1"
    assert await late == "a2"
    assert await cache.get("a") == "a2"
    assert source.begun == 2


@played
async def test_ends_a_load_that_takes_too_long() -> None:
    """A source that hangs does not keep its callers for ever."""
    source = Source()
    source.seconds = 1_000.0
    cache = new_cache(source)
    with pytest.raises(TimeoutError):
        await cache.get("a")
    source.seconds = 1.0
    assert await cache.get("a") == "a1"


@played
async def test_counts_what_it_does() -> None:
    """Callers who share a load count as a miss each."""
    source = Source()
    cache = new_cache(source)
    await asyncio.gather(*await asked(cache, "a", 3))
    await cache.get("a")
    source.error = OSError("down")
    with pytest.raises(OSError, match="down"):
        await cache.get("b")
    stats = cache.stats
    assert (stats.hits, stats.misses) == (1, 4)
    assert (stats.loads, stats.failed_loads) == (2, 1)


def test_refuses_limits_that_make_no_sense() -> None:
    """A cache without room is a mistake."""
    with pytest.raises(ValueError, match="max_entries"):
        Cache(
            Source().load,
            max_entries=0,
        )
