"""What the pipeline promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from orders.pipeline import (
    Pipeline,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence

BUFFER, WORKERS = 8, 3
BATCH_SIZE, BATCH_SECONDS = 4, 10.0


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


class Orders:
    """A source, the work on its items, and where they go, all watched."""

    def __init__(self) -> None:
        """Begin with nothing taken."""
        self.taken = 0
        self.at_work = 0
        self.most_at_work = 0
        self.batches: list[list[int]] = []
        self.most_under_way = 0
        self.delivery_seconds = 0.0

    @property
    def delivered(self) -> list[int]:
        """What was delivered, in order."""
        return [item for batch in self.batches for item in batch]

    async def source(
        self, items: Iterable[int], every: float = 0.0
    ) -> AsyncIterator[int]:
        """Give items one at a time."""
        for item in items:
            await asyncio.sleep(every)
            self.taken += 1
            under_way = self.taken - len(self.delivered)
            self.most_under_way = max(under_way, self.most_under_way)
            yield item

    async def transform(self, item: int) -> int:
        """Return ten times the item after as many seconds; 13 is bad luck."""
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            await asyncio.sleep(item)
        finally:
            self.at_work -= 1
        if item == 13:
            raise OSError(item)
        return 10 * item

    async def deliver(self, batch: Sequence[int]) -> None:
        """Take a batch."""
        await asyncio.sleep(self.delivery_seconds)
        self.batches.append(list(batch))


def new_pipeline(
    orders: Orders,
) -> Pipeline[int, int]:
    """Return a pipeline with the limits of these tests."""
    return Pipeline(
        orders.transform,
        orders.deliver,
        buffer=BUFFER,
        workers=WORKERS,
        batch_size=BATCH_SIZE,
        batch_seconds=BATCH_SECONDS,
    )


@played
async def test_delivers_every_item_once_in_full_batches() -> None:
    """The last batch holds what is left."""
    orders = Orders()
    items = [1] * 10
    assert await new_pipeline(orders).run(orders.source(items)) == 10
    assert [len(batch) for batch in orders.batches] == [4, 4, 2]
    assert orders.delivered == [10] * 10


@played
async def test_delivers_nothing_when_there_is_nothing() -> None:
    """An empty batch is no batch."""
    orders = Orders()
    assert await new_pipeline(orders).run(orders.source([])) == 0
    assert orders.batches == []


@played
async def test_keeps_the_order_of_the_source() -> None:
    """Also when an item takes longer than those after it."""
    orders = Orders()
    await new_pipeline(orders).run(orders.source([5, 1, 3, 0, 4, 2]))
    assert orders.delivered == [50, 10, 30, 0, 40, 20]


@played
async def test_transforms_no_more_items_at_once_than_it_may() -> None:
    """As many as there are workers, and they are all used."""
    orders = Orders()
    await new_pipeline(orders).run(orders.source([1] * 30))
    assert orders.most_at_work == WORKERS


@played
async def test_takes_no_more_than_it_can_handle() -> None:
    """A slow delivery slows the source down."""
    orders = Orders()
    orders.delivery_seconds = 100.0
    await new_pipeline(orders).run(orders.source([1] * 50))
    assert orders.most_under_way == BUFFER
    assert orders.delivered == [10] * 50


@played
async def test_delivers_a_batch_that_has_waited_long_enough() -> None:
    """The time begins with its first item."""
    orders = Orders()
    source = orders.source([0] * 3, every=6.0)
    running = asyncio.create_task(new_pipeline(orders).run(source))
    await asyncio.sleep(6 + BATCH_SECONDS - 0.1)
    assert orders.batches == []
    await asyncio.sleep(0.2)
    assert orders.batches == [[0, 0]]
    assert await running == 3
    assert orders.batches == [[0, 0], [0]]


@played
async def test_ends_with_an_item_that_cannot_be_transformed() -> None:
    """Its error is told once, and nothing goes on behind."""
    orders = Orders()
    with pytest.raises(ExceptionGroup) as ended:
        await new_pipeline(orders).run(orders.source([1, 13, 2, 50, 50]))
    assert [type(error) for error in ended.value.exceptions] == [OSError]
    assert orders.at_work == 0


@played
async def test_ends_when_nothing_can_be_delivered() -> None:
    """Nothing goes on behind, and what is lost is bounded."""
    orders = Orders()

    async def fail(batch: Sequence[int]) -> None:
        raise OSError(batch)

    orders.deliver = fail  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup) as ended:
        await new_pipeline(orders).run(orders.source([1] * 50))
    assert [type(error) for error in ended.value.exceptions] == [OSError]
    assert orders.at_work == 0
    assert orders.taken <= BUFFER


@played
async def test_ends_when_the_source_fails() -> None:
    """Nothing goes on behind."""
    orders = Orders()

    async def failing() -> AsyncIterator[int]:
        yield 50
        raise OSError

    with pytest.raises(ExceptionGroup) as ended:
        await new_pipeline(orders).run(failing())
    assert [type(error) for error in ended.value.exceptions] == [OSError]
    assert orders.at_work == 0


@played
async def test_ends_when_it_is_cancelled() -> None:
    """Whoever cancels gets the cancellation, and nothing goes on behind."""
    orders = Orders()
    running = asyncio.create_task(new_pipeline(orders).run(orders.source([50] * 9)))
    await asyncio.sleep(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert orders.at_work == 0


def test_refuses_batches_that_could_never_be_full() -> None:
    """A batch of more items than may be under way would wait for ever."""
    orders = Orders()
    with pytest.raises(ValueError, match="batch_size"):
        Pipeline(
            orders.transform,
            orders.deliver,
            buffer=1,
            batch_size=2,
        )
