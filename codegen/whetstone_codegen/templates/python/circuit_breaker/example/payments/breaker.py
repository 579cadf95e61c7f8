"""A circuit breaker: stops calling what keeps failing, then tries it with a few calls.

Closed: calls pass; several failures in a row open it.
Open: calls are refused at once with `CircuitOpenError`, for a time.
Half-open: a fixed number of calls pass as probes and all others are refused; when all
probes succeed it closes, and the first that fails opens it again.

A cancelled call counts neither as success nor as failure, and a cancelled probe gives
its place back.  Results from before the last change of state are ignored.

A breaker belongs to one event loop.  Its counts live in memory: after a restart it is
closed and learns anew.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_P = ParamSpec("_P")
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


class CircuitState(enum.StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitOpenError(Exception):
    """The call was not made, because the breaker is open or has probes enough."""

    def __init__(self, retry_after: float) -> None:
        """Remember in how many seconds a call may be tried again."""
        super().__init__(f"the circuit is open; try again in {retry_after:.1f} s")
        self.retry_after = retry_after


class Breaker:
    """A guard before one dependency: one breaker for each that can fail by itself."""

    def __init__(
        self,
        *,
        failures: int = 5,
        reset_seconds: float = 30.0,
        probes: int = 1,
        timeout_seconds: float = 10.0,
        not_counted: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin closed; raise `ValueError` when a limit would let nothing through.

        Exceptions in `not_counted` say something about the call and nothing about
        the dependency, such as a request that was refused as malformed.
        """
        if failures < 1 or probes < 1:
            message = "failures and probes are at least 1"
            raise ValueError(message)
        self._failures_allowed = failures
        self._failures = 0
        self._reset_seconds = reset_seconds
        self._probes = probes
        self._timeout_seconds = timeout_seconds
        self._not_counted = not_counted
        self._clock = clock
        self._state = CircuitState.CLOSED
        self._period = 0  # grows with every change of state
        self._opened_at = 0.0
        self._probes_begun = 0
        self._probes_passed = 0

    @property
    def state(self) -> CircuitState:
        """Where the breaker stands; an open one turns half-open with the next call."""
        return self._state

    async def call(
        self, function: Callable[_P, Awaitable[_T]], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Return what the function returns, or raise what it raises.

        Raises `CircuitOpenError` without calling it while the circuit is open, and
        `TimeoutError`, which counts as a failure, when it takes too long.
        """
        period = self._admitted()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = await function(*args, **kwargs)
        except BaseException as error:
            if period == self._period:
                self._count_error(error)
            raise
        if period == self._period:
            self._count_success()
        return result

    def _admitted(self) -> int:
        """Return the period in which the call is made, or raise `CircuitOpenError`."""
        if self._state is CircuitState.OPEN:
            remaining = self._opened_at + self._reset_seconds - self._clock()
            if remaining > 0:
                raise CircuitOpenError(remaining)
            self._enter(CircuitState.HALF_OPEN)
        if self._state is CircuitState.HALF_OPEN:
            if self._probes_begun == self._probes:
                raise CircuitOpenError(0.0)
            self._probes_begun += 1
        return self._period

    def _count_error(self, error: BaseException) -> None:
        # Cancellation is no `Exception`: it is the caller's wish and nobody's failure.
        counted = isinstance(error, Exception) and not isinstance(
            error, self._not_counted
        )
        if self._state is CircuitState.HALF_OPEN:
            if counted:
                self._open()
            else:
                self._probes_begun -= 1
        elif counted:
            self._failures += 1
            if self._failures == self._failures_allowed:
                self._open()

    def _count_success(self) -> None:
        if self._state is CircuitState.CLOSED:
            self._failures = 0
            return
        self._probes_passed += 1
        if self._probes_passed == self._probes:
            self._enter(CircuitState.CLOSED)

    def _open(self) -> None:
        self._opened_at = self._clock()
        self._enter(CircuitState.OPEN)

    def _enter(self, state: CircuitState) -> None:
        before = self._state
        self._state = state
        self._period += 1
        self._failures = 0
        self._probes_begun = self._probes_passed = 0
        logger.warning("the circuit was %s and is %s", before, state)
