"""What the server promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ledger.store import (
    MailboxFullError,
    ServerDownError,
    ServerRunningError,
    Store,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

MAILBOX, CALL_SECONDS = 5, 10.0


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


@asynccontextmanager
async def running(
    mailbox: int = MAILBOX,
) -> AsyncIterator[Store]:
    """Give a server that runs for the length of the block."""
    store = Store(
        mailbox=mailbox,
        call_seconds=CALL_SECONDS,
    )
    task = asyncio.create_task(store.run())
    await asyncio.sleep(0.1)
    yield store
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Handler:
    """Takes the place of a handler: it takes a second, and fails when it is told to."""

    def __init__(self) -> None:
        """Begin with nothing handled."""
        self.begun = 0
        self.ended = 0
        self.at_once = 0
        self.most_at_once = 0
        self.seconds = 1.0
        self.error: Exception | None = None

    async def __call__(self, *_: object, **__: object) -> None:
        """Handle a message."""
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        self.ended += 1


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    """Let one kind of message be handled by a handler that is watched."""
    handler = Handler()
    monkeypatch.setattr(
        "ledger.store._balance",
        handler,
    )
    return handler


@played
async def test_balance_begins_with_its_default() -> None:
    """A new server has a new state."""
    async with running() as store:
        assert await store.balance() == 0


@played
async def test_deposit_is_seen_by_balance() -> None:
    """Messages are handled in the order in which they are sent."""
    async with running() as store:
        await store.deposit(7)
        total = await store.deposit(12)
        assert total == 0 + 7 + 12
        expected = 0 + 7 + 12
        assert await store.balance() == expected


@played
async def test_entries_begins_with_its_default() -> None:
    """A new server has a new state."""
    async with running() as store:
        assert await store.entries() == []


@played
async def test_entries_gives_a_copy() -> None:
    """What the caller does to it is not the server's."""
    async with running() as store:
        mine = await store.entries()
        mine.append(1)
        assert await store.entries() == []


@played
async def test_note_is_seen_by_entries() -> None:
    """Messages are handled in the order in which they are sent."""
    async with running() as store:
        store.note("first")
        store.note("second")
        assert await store.entries() == ["first", "second"]


@played
async def test_deposit_refuses_what_is_not_of_its_type() -> None:
    """The mistake is the caller's, and the server goes on."""
    async with running() as store:
        with pytest.raises(TypeError, match="not of the type"):
            await store.deposit("wrong")  # type: ignore[arg-type]
        await store.deposit(7)


@played
async def test_takes_no_message_when_it_does_not_run() -> None:
    """Nobody would handle it."""
    store = Store()
    with pytest.raises(ServerDownError):
        await store.balance()
    async with running() as store:
        pass
    with pytest.raises(ServerDownError):
        await store.balance()


@played
async def test_runs_once_at_a_time() -> None:
    """Two tasks would share one state; after one has ended another may run."""
    async with running() as store:
        with pytest.raises(ServerRunningError):
            await store.run()
        await store.balance()


def test_handles_one_message_at_a_time(handler: Handler) -> None:
    """No handler sees the state while another is at work on it."""

    @played
    async def scenario() -> None:
        async with running() as store:
            await asyncio.gather(*(store.balance() for _ in range(3)))

    scenario()
    assert (handler.ended, handler.most_at_once) == (3, 1)


def test_refuses_messages_when_its_mailbox_is_full(handler: Handler) -> None:
    """Who sends faster than they are handled is told at once."""

    @played
    async def scenario() -> None:
        async with running() as store:
            calls = [store.balance() for _ in range(MAILBOX + 2)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            refused = [isinstance(result, MailboxFullError) for result in results]
            assert refused == [False] * MAILBOX + [True] * 2

    scenario()
    assert handler.ended == MAILBOX


def test_does_not_let_callers_wait_for_ever(handler: Handler) -> None:
    """The handler that has begun is finished all the same."""
    handler.seconds = CALL_SECONDS + 1

    @played
    async def scenario() -> None:
        async with running() as store:
            with pytest.raises(TimeoutError):
                await store.balance()
            await asyncio.sleep(2)

    scenario()
    assert handler.ended == 1


def test_lets_a_caller_stop_waiting(handler: Handler) -> None:
    """He gets his cancellation, and what has not begun is left undone."""

    @played
    async def scenario() -> None:
        async with running() as store:
            calls = [asyncio.create_task(store.balance()) for _ in "abc"]
            await asyncio.sleep(0.5)
            for call in calls[:2]:
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            await calls[2]

    scenario()
    assert handler.ended == 2


def test_ends_with_the_error_of_a_handler(handler: Handler) -> None:
    """All who wait are told, and it can run again."""
    handler.error = OSError("disk full")

    @played
    async def scenario() -> None:
        store = Store()
        task = asyncio.create_task(store.run())
        await asyncio.sleep(0.1)
        calls = [store.balance() for _ in range(3)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [ServerDownError] * 3
        with pytest.raises(OSError, match="disk full"):
            await task
        with pytest.raises(ServerDownError):
            await store.balance()

    scenario()
    assert handler.begun == 1


def test_tells_callers_that_it_is_stopped(handler: Handler) -> None:
    """They are not cancelled themselves, and need not wait for their time-out."""

    @played
    async def scenario() -> None:
        async with running() as store:
            calls = [asyncio.create_task(store.balance()) for _ in "ab"]
            await asyncio.sleep(0.5)
        await asyncio.wait(calls)
        errors = [type(call.exception()) for call in calls]
        assert errors == [ServerDownError] * 2

    scenario()
    assert handler.ended == 0


def test_refuses_a_mailbox_without_room() -> None:
    """No message would ever be handled."""
    with pytest.raises(ValueError, match="mailbox"):
        Store(
            mailbox=0,
        )
