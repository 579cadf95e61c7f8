"""What the supervisor promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from shop.supervisor import (
    Child,
    Restart,
    RestartsExceededError,
    Supervisor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

MAX_RESTARTS, MAX_SECONDS = 2, 60.0
SHUTDOWN_SECONDS = 5.0


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


class Worker:
    """A child that lives until it is told how to end."""

    def __init__(self, name: str, diary: list[str], *, stubborn: int = 0) -> None:
        """Note what happens in a diary, and refuse so many cancellations."""
        self.name = name
        self.diary = diary
        self.stubborn = stubborn
        self.starts = 0
        self.end: asyncio.Future[None]

    async def run(self) -> None:
        """Live one life; each stop takes a second."""
        self.starts += 1
        self.diary.append(f"+{self.name}")
        self.end = asyncio.get_running_loop().create_future()
        try:
            while self.stubborn:
                try:
                    await asyncio.shield(self.end)
                    break
                except asyncio.CancelledError:
                    self.stubborn -= 1
            await self.end
        except asyncio.CancelledError:
            await asyncio.sleep(1)
            raise
        finally:
            self.diary.append(f"-{self.name}")

    def fail(self) -> None:
        """End with an error."""
        self.end.set_exception(OSError(self.name))

    def finish(self) -> None:
        """End as if all was done."""
        self.end.set_result(None)


class Shop:
    """Three workers under a supervisor."""

    def __init__(self, restart: Restart = Restart.ALWAYS, *, stubborn: int = 0) -> None:
        """Hire the workers a, b and c."""
        self.diary: list[str] = []
        self.a = Worker("a", self.diary)
        self.b = Worker("b", self.diary, stubborn=stubborn)
        self.c = Worker("c", self.diary)
        self.restart = restart

    @property
    def starts(self) -> list[int]:
        """How often each worker was started."""
        return [worker.starts for worker in (self.a, self.b, self.c)]

    def children(self) -> list[Child]:
        """Return what the supervisor is given."""
        workers = (self.a, self.b, self.c)
        return [Child(worker.name, worker.run, self.restart) for worker in workers]

    async def open(self) -> asyncio.Task[None]:
        """Run the supervisor, and return when the workers are at work."""
        supervisor = new_supervisor(self.children())
        task = asyncio.create_task(supervisor.run())
        await settled()
        return task


def new_supervisor(
    children: Sequence[Child],
) -> Supervisor:
    """Return a supervisor with the limits of these tests."""
    return Supervisor(
        children,
        max_restarts=MAX_RESTARTS,
        max_seconds=MAX_SECONDS,
        shutdown_seconds=SHUTDOWN_SECONDS,
        clock=asyncio.get_running_loop().time,
    )


async def settled() -> None:
    """Let everything happen that is about to."""
    await asyncio.sleep(10)


async def stopped(supervisor: asyncio.Task[None]) -> None:
    """Cancel the supervisor, which is what its cancellation has to end with."""
    supervisor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await supervisor


@played
async def test_starts_in_order_and_stops_in_the_opposite_order() -> None:
    """Each ends before the one that it may depend on is told to."""
    shop = Shop()
    supervisor = await shop.open()
    await stopped(supervisor)
    assert shop.diary == ["+a", "+b", "+c", "-c", "-b", "-a"]


@played
async def test_restarts_who_has_to_be_restarted() -> None:
    """The strategy says who that is, and in which order."""
    shop = Shop()
    supervisor = await shop.open()
    shop.diary.clear()
    shop.b.fail()
    await settled()
    assert shop.diary == ["-b", "+b"]
    assert shop.starts == [1, 2, 1]
    await stopped(supervisor)


@played
async def test_restarts_a_child_that_may_not_end() -> None:
    """Even an end without an error is one."""
    shop = Shop(Restart.ALWAYS)
    supervisor = await shop.open()
    shop.c.finish()
    await settled()
    assert shop.c.starts == 2
    await stopped(supervisor)


@played
async def test_restarts_a_child_that_may_end_after_failures_only() -> None:
    """When all have ended well the supervisor has as well."""
    shop = Shop(Restart.AFTER_FAILURE)
    supervisor = await shop.open()
    shop.c.fail()
    await settled()
    assert shop.c.starts == 2
    for worker in (shop.a, shop.b, shop.c):
        worker.finish()
    await supervisor
    assert shop.c.starts == 2


@played
async def test_takes_a_cancellation_for_no_failure() -> None:
    """Whoever cancelled the child did not want it restarted."""
    shop = Shop(Restart.AFTER_FAILURE)
    supervisor = await shop.open()
    shop.c.end.cancel()
    await settled()
    assert shop.starts == [1, 1, 1]
    await stopped(supervisor)


@played
async def test_restarts_no_child_that_must_not_be_restarted() -> None:
    """It lives once, whatever happens."""
    shop = Shop(Restart.NEVER)
    supervisor = await shop.open()
    for worker in (shop.a, shop.b, shop.c):
        worker.fail()
    await supervisor
    assert shop.starts == [1, 1, 1]


@played
async def test_gives_up_after_too_many_restarts() -> None:
    """One more than allowed ends everything, and the error says why."""
    shop = Shop()
    supervisor = await shop.open()
    for _ in range(MAX_RESTARTS):
        shop.c.fail()
        await settled()
    assert not supervisor.done()
    shop.c.fail()
    with pytest.raises(RestartsExceededError, match="c had to be") as gave_up:
        await supervisor
    assert isinstance(gave_up.value.__cause__, OSError)
    assert shop.diary.count("-a") == shop.a.starts
    assert shop.c.starts == 1 + MAX_RESTARTS


@played
async def test_forgets_restarts_after_a_while() -> None:
    """A failure now and then is what restarts are for."""
    shop = Shop()
    supervisor = await shop.open()
    for _ in range(5 * MAX_RESTARTS):
        shop.c.fail()
        await asyncio.sleep(MAX_SECONDS / MAX_RESTARTS)
    assert shop.c.starts == 1 + 5 * MAX_RESTARTS
    await stopped(supervisor)


@played
async def test_cancels_who_does_not_stop_again() -> None:
    """Nobody is left behind, and the others are stopped all the same."""
    shop = Shop(stubborn=2)
    supervisor = await shop.open()
    begun = asyncio.get_running_loop().time()
    await stopped(supervisor)
    assert shop.diary[3:] == ["-c", "-b", "-a"]
    waited = asyncio.get_running_loop().time() - begun
    assert waited == pytest.approx(2 * SHUTDOWN_SECONDS + 3)


@played
async def test_leaves_nobody_behind_when_the_stop_is_cancelled() -> None:
    """Whoever loses patience still gets all children ended."""
    shop = Shop()
    supervisor = await shop.open()
    supervisor.cancel()
    await asyncio.sleep(0.5)
    await stopped(supervisor)
    assert sorted(shop.diary[3:]) == ["-a", "-b", "-c"]


@played
async def test_supervises_supervisors() -> None:
    """What the inner one gives up, the outer one restarts."""
    shop = Shop()
    inner = new_supervisor(shop.children())
    outer = new_supervisor([Child("inner", inner.run)])
    supervisor = asyncio.create_task(outer.run())
    await settled()
    for _ in range(MAX_RESTARTS + 1):
        shop.c.fail()
        await settled()
    assert shop.a.starts > 1
    assert shop.c.starts == MAX_RESTARTS + 2
    await stopped(supervisor)
    assert shop.diary.count("+a") == shop.diary.count("-a")


def test_logs_failures(caplog: pytest.LogCaptureFixture) -> None:
    """A restart hides an error from everybody but the log."""

    @played
    async def failure() -> None:
        shop = Shop(stubborn=1)
        supervisor = await shop.open()
        shop.c.fail()
        await settled()
        await stopped(supervisor)

    failure()
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    messages = [one.getMessage() for one in errors]
    assert messages == ["c failed", "b does not stop and is cancelled again"]
    assert errors[0].exc_info is not None


def test_refuses_children_of_the_same_name() -> None:
    """Nobody could tell from a message which one it is about."""
    child = Child("a", Worker("a", []).run)
    with pytest.raises(ValueError, match="the same name"):
        Supervisor(
            [child, child],
        )
