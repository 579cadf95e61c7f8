"""What the circuit breaker promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from payments.breaker import (
    Breaker,
    CircuitOpenError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

RESET_SECONDS = 60.0
FAILURES = 3
PROBES = 2


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


class RefusedError(Exception):
    """An answer that says something about the call only."""


class Service:
    """A dependency that fails as long as it is told to."""

    def __init__(self) -> None:
        """Begin well."""
        self.error: BaseException | None = None
        self.calls = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self, value: int = 0) -> int:
        """Return the value as soon as the service answers, or raise its error."""
        self.calls += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return value


def new_breaker(
    not_counted: tuple[type[Exception], ...] = (RefusedError,),
) -> Breaker:
    """Return a breaker with the limits of these tests."""
    return Breaker(
        failures=FAILURES,
        reset_seconds=RESET_SECONDS,
        probes=PROBES,
        timeout_seconds=10 * RESET_SECONDS,
        not_counted=not_counted,
        clock=asyncio.get_running_loop().time,
    )


async def fail(
    breaker: Breaker,
    service: Service,
    times: int,
) -> None:
    """Let so many calls fail."""
    service.error = OSError("down")
    for _ in range(times):
        with pytest.raises(OSError, match="down"):
            await breaker.call(service)
    service.error = None


async def opened(
    breaker: Breaker,
    service: Service,
) -> None:
    """Let calls fail until the breaker is open, which it is not before the last."""
    await fail(breaker, service, FAILURES - 1)
    assert breaker.state == "closed"
    await fail(breaker, service, 1)
    assert breaker.state == "open"


async def half_opened(
    breaker: Breaker,
    service: Service,
) -> None:
    """Open the breaker and let its time pass."""
    await opened(breaker, service)
    await asyncio.sleep(RESET_SECONDS)


@played
async def test_passes_results_and_errors_on() -> None:
    """A closed breaker is not to be noticed."""
    breaker, service = new_breaker(), Service()
    assert await breaker.call(service, value=7) == 7
    await fail(breaker, service, 1)
    assert breaker.state == "closed"


@played
async def test_opens_at_the_last_failure_allowed_and_not_before() -> None:
    """One failure fewer leaves it closed."""
    breaker, service = new_breaker(), Service()
    await opened(breaker, service)


@played
async def test_forgets_failures_after_a_success() -> None:
    """Only failures in a row count."""
    breaker, service = new_breaker(), Service()
    await fail(breaker, service, FAILURES - 1)
    await breaker.call(service)
    await fail(breaker, service, FAILURES - 1)
    assert breaker.state == "closed"


@played
async def test_refuses_at_once_while_open() -> None:
    """The function is not called, and the error says when to come back."""
    breaker, service = new_breaker(), Service()
    await opened(breaker, service)
    calls = service.calls
    await asyncio.sleep(RESET_SECONDS - 20)
    with pytest.raises(CircuitOpenError, match=r"20\.0 s") as refused:
        await breaker.call(service)
    assert refused.value.retry_after == pytest.approx(20)
    assert service.calls == calls


@played
async def test_lets_exactly_the_probes_through_when_half_open() -> None:
    """Of ten calls at the same time, two run."""
    breaker, service = new_breaker(), Service()
    await half_opened(breaker, service)
    service.answers.clear()
    calls = [asyncio.create_task(breaker.call(service)) for _ in range(10)]
    begun = service.calls
    await asyncio.sleep(1)
    assert service.calls - begun == PROBES
    service.answers.set()
    await asyncio.wait(calls)
    refused = [isinstance(call.exception(), CircuitOpenError) for call in calls]
    assert refused.count(True) == 10 - PROBES


@played
async def test_closes_when_all_probes_succeeded() -> None:
    """One probe that went well is not enough."""
    breaker, service = new_breaker(), Service()
    await half_opened(breaker, service)
    await breaker.call(service)
    assert breaker.state == "half-open"
    await breaker.call(service)
    assert breaker.state == "closed"
    await opened(breaker, service)


@played
async def test_opens_again_with_the_first_probe_that_fails() -> None:
    """It stays open for the whole time once more, and then probes as before."""
    breaker, service = new_breaker(), Service()
    await half_opened(breaker, service)
    await fail(breaker, service, 1)
    assert breaker.state == "open"
    await asyncio.sleep(RESET_SECONDS - 1)
    with pytest.raises(CircuitOpenError):
        await breaker.call(service)
    await asyncio.sleep(1)
    for _ in range(PROBES):
        await breaker.call(service)
    assert breaker.state == "closed"


@played
async def test_does_not_count_a_cancelled_call() -> None:
    """Whoever cancels gets the cancellation, and the breaker stays closed."""
    breaker, service = new_breaker(), Service()
    await fail(breaker, service, FAILURES - 1)
    service.answers.clear()
    for _ in range(FAILURES):
        call = asyncio.create_task(breaker.call(service))
        await asyncio.sleep(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert breaker.state == "closed"


@played
async def test_gives_the_place_of_a_cancelled_probe_back() -> None:
    """Otherwise it would stay half-open for ever."""
    breaker, service = new_breaker(), Service()
    await half_opened(breaker, service)
    service.answers.clear()
    probes = [asyncio.create_task(breaker.call(service)) for _ in range(PROBES)]
    await asyncio.sleep(1)
    for probe in probes:
        probe.cancel()
    await asyncio.wait(probes)
    service.answers.set()
    for _ in range(PROBES):
        await breaker.call(service)
    assert breaker.state == "closed"


@played
async def test_does_not_count_what_is_not_a_failure_of_the_service() -> None:
    """An exception that is named in `not_counted` is passed on and that is all."""
    breaker, service = new_breaker(), Service()
    service.error = RefusedError()
    for _ in range(2 * FAILURES):
        with pytest.raises(RefusedError):
            await breaker.call(service)
    assert breaker.state == "closed"


@played
async def test_ignores_a_failure_that_comes_late() -> None:
    """A call from before the outage says nothing about the time after it."""
    breaker, service, slow = new_breaker(), Service(), Service()
    slow.answers.clear()
    slow.error = OSError("late")
    late = asyncio.create_task(breaker.call(slow))
    await asyncio.sleep(1)
    await half_opened(breaker, service)
    await breaker.call(service)
    slow.answers.set()
    await asyncio.wait([late])
    assert isinstance(late.exception(), OSError)
    assert breaker.state == "half-open"


@played
async def test_ignores_a_success_that_comes_late() -> None:
    """Only probes can close the circuit."""
    breaker, service, slow = new_breaker(), Service(), Service()
    slow.answers.clear()
    late = [asyncio.create_task(breaker.call(slow)) for _ in range(PROBES)]
    await asyncio.sleep(1)
    await half_opened(breaker, service)
    await breaker.call(service)
    slow.answers.set()
    await asyncio.gather(*late)
    assert breaker.state == "half-open"


@played
async def test_counts_a_call_that_takes_too_long() -> None:
    """A service that hangs opens the circuit as one that fails does."""
    breaker, service = new_breaker(), Service()
    service.answers.clear()
    for _ in range(FAILURES):
        with pytest.raises(TimeoutError):
            await breaker.call(service)
    assert breaker.state == "open"


def test_logs_every_change(caplog: pytest.LogCaptureFixture) -> None:
    """An outage can be read from the log."""

    @played
    async def outage() -> None:
        breaker, service = new_breaker(), Service()
        await half_opened(breaker, service)
        await breaker.call(service)

    outage()
    assert caplog.messages == [
        "the circuit was closed and is open",
        "the circuit was open and is half-open",
    ]


def test_refuses_limits_that_make_no_sense() -> None:
    """A breaker without probes would never close again."""
    with pytest.raises(ValueError, match="probes"):
        Breaker(
            probes=0,
        )
