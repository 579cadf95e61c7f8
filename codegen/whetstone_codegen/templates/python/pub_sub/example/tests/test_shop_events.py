"""What publish and subscribe promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from shop.events import (
    Events,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

BUFFER = 3


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


def new_events() -> Events[int]:
    """Return topics with the limits of these tests."""
    return Events(
        buffer=BUFFER,
    )


async def read(subscription: AsyncIterator[int], events: int) -> list[int]:
    """Return so many events, or fewer when no more come within a second."""
    seen: list[int] = []
    try:
        async with asyncio.timeout(1):
            while len(seen) < events:
                seen.append(await anext(subscription))
    except TimeoutError:
        pass
    return seen


@played
async def test_tells_every_subscriber_in_order() -> None:
    """Each gets all events, and nothing of what came before it."""
    events = new_events()
    assert events.publish("a", 0) == 0
    earlier: list[int] = []
    with events.subscribe("a") as first, events.subscribe("a") as second:
        assert await read(first, 1) == earlier
        assert await read(second, 1) == earlier
        assert events.publish("a", 1) == 2
        assert events.publish("a", 2) == 2
        assert await read(first, 9) == [1, 2]
        assert await read(second, 9) == [1, 2]


@played
async def test_keeps_topics_apart() -> None:
    """Who has not asked for a topic hears nothing of it."""
    events = new_events()
    with events.subscribe("a") as subscription:
        assert events.publish("b", 1) == 0
        assert await read(subscription, 1) == []


@played
async def test_wakes_who_waits_for_an_event() -> None:
    """A subscriber need not ask again and again."""
    events = new_events()
    with events.subscribe("a") as subscription:
        reading = asyncio.create_task(read(subscription, 1))
        await asyncio.sleep(0.5)
        events.publish("a", 1)
        assert await reading == [1]


@played
async def test_loses_no_event_when_reading_is_cancelled() -> None:
    """Who reads again gets what came meanwhile."""
    events = new_events()
    with events.subscribe("a") as subscription:
        reading = asyncio.create_task(read(subscription, 1))
        await asyncio.sleep(0.5)
        events.publish("a", 1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await read(subscription, 1) == [1]


@played
async def test_forgets_subscribers_and_their_topics() -> None:
    """However the block ends, nothing of it stays."""
    events = new_events()

    def fail() -> None:
        with events.subscribe("a"), events.subscribe("b"):
            assert events.topics() == ["a", "b"]
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert events.topics() == []
    assert events.publish("a", 1) == 0


@played
async def test_keeps_a_topic_as_long_as_somebody_listens() -> None:
    """Who leaves takes nobody with him."""
    events = new_events()
    with events.subscribe("a") as stays:
        with events.subscribe("a"):
            pass
        assert events.publish("a", 1) == 1
        assert await read(stays, 1) == [1]


@played
async def test_lets_a_subscriber_leave_while_others_are_told() -> None:
    """A subscription may end as an answer to an event."""
    events = new_events()

    async def leave_at_once() -> None:
        with events.subscribe("a") as subscription:
            await read(subscription, 1)

    leaving = [asyncio.create_task(leave_at_once()) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert events.publish("a", 1) == 5
    await asyncio.wait(leaving)
    assert events.topics() == []


@played
async def test_drops_the_oldest_event_of_who_is_slow() -> None:
    """The others get all, and the slow one knows how many it missed."""
    events = new_events()
    with events.subscribe("a") as slow, events.subscribe("a") as quick:
        for event in range(BUFFER + 2):
            assert events.publish("a", event) == 2
            assert await read(quick, 1) == [event]
        assert await read(slow, 9) == [2, 3, 4]
        assert (slow.dropped, quick.dropped) == (2, 0)


def test_logs_that_a_subscriber_is_too_slow(caplog: pytest.LogCaptureFixture) -> None:
    """An event that is lost can be found in the log."""

    @played
    async def overflow() -> None:
        events = new_events()
        with events.subscribe("a"):
            for event in range(BUFFER + 1):
                events.publish("a", event)

    overflow()
    assert caplog.messages == ["a subscriber of a is too slow"]


def test_refuses_a_buffer_without_room() -> None:
    """No event would ever reach anybody."""
    with pytest.raises(ValueError, match="buffer"):
        Events(
            buffer=0,
        )
