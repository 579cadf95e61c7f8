"""A supervisor: starts tasks in order, restarts them, and gives up if that is no help.

One for one: a child that ends is restarted alone, since the others do not need it.
A child that ends is restarted as its `Restart` says; more than `max_restarts` within
`max_seconds` end the supervisor with `RestartsExceededError`, so that whoever runs it
decides.  A supervisor runs as a child of another one: `Child("inner", inner.run)`.

Cancel it to stop it: its children are cancelled in the opposite order, each when the
one after it has ended.  A restarted child begins anew; what it knew is lost.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

logger = logging.getLogger(__name__)


class Restart(enum.Enum):
    """When a child that has ended is started again."""

    ALWAYS = "always"
    AFTER_FAILURE = "after failure"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Child:
    """What is supervised: `run` makes the coroutine that is the child's whole life."""

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]
    restart: Restart = Restart.ALWAYS

    def is_due(self, error: BaseException | None) -> bool:
        """Tell whether the child is restarted after it ended with this error."""
        if self.restart is Restart.AFTER_FAILURE:
            return isinstance(error, Exception)
        return self.restart is Restart.ALWAYS


class RestartsExceededError(Exception):
    """A child ended too often; the cause is the error it ended with last, if any."""

    def __init__(self, child: str) -> None:
        """Remember which child it was."""
        super().__init__(f"{child} had to be restarted too often")
        self.child = child


class Supervisor:
    """Children, in the order in which they are started."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        max_restarts: int = 3,
        max_seconds: float = 5.0,
        shutdown_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the children; raise `ValueError` when two have the same name."""
        if len({child.name for child in children}) < len(children):
            message = "two children have the same name"
            raise ValueError(message)
        self._children = tuple(children)
        self._max_restarts = max_restarts
        self._max_seconds = max_seconds
        self._shutdown_seconds = shutdown_seconds
        self._clock = clock
        self._restarts: deque[float] = deque()
        self._tasks: dict[Child, asyncio.Task[Exception | None]] = {}

    async def run(self) -> None:
        """Run the children until all have ended for good, or this is cancelled.

        Raises `RestartsExceededError` when restarting does not help; all children
        have ended then.
        """
        failure = None
        # The group waits for every task, even when the stop itself is cancelled.
        async with asyncio.TaskGroup() as group:
            try:
                self._start(group, self._children)
                while self._tasks and failure is None:
                    failure = await self._watched(group)
            finally:
                await self._stop(self._children)
        if failure is not None:
            raise failure

    async def _watched(self, group: asyncio.TaskGroup) -> RestartsExceededError | None:
        """Handle the next child that ends; return why to give up, if it is time to."""
        await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        child = next(child for child, task in self._tasks.items() if task.done())
        error = self._ended(child)
        if not child.is_due(error):
            return None
        if not self._may_restart():
            failure = RestartsExceededError(child.name)
            failure.__cause__ = error
            return failure
        affected = [child]
        self._start(group, affected)
        return None

    def _may_restart(self) -> bool:
        """Count a restart, and tell whether it is within the limit."""
        now = self._clock()
        self._restarts.append(now)
        while self._restarts[0] <= now - self._max_seconds:
            self._restarts.popleft()
        return len(self._restarts) <= self._max_restarts

    def _start(
        self,
        group: asyncio.TaskGroup,
        children: Sequence[Child],
    ) -> None:
        for child in children:
            life = _life(child)
            self._tasks[child] = group.create_task(life, name=child.name)

    async def _stop(self, children: Sequence[Child]) -> None:
        """End the children, the last first; none is left to itself."""
        for child in reversed(children):
            if child not in self._tasks:
                continue
            task = self._tasks[child]
            task.cancel()
            await asyncio.wait([task], timeout=self._shutdown_seconds)
            while not task.done():
                logger.error("%s does not stop and is cancelled again", child.name)
                task.cancel()
                await asyncio.wait([task], timeout=self._shutdown_seconds)
            self._ended(child)

    def _ended(self, child: Child) -> BaseException | None:
        error = _outcome(self._tasks.pop(child))
        if isinstance(error, Exception):
            logger.error("%s failed", child.name, exc_info=error)
        else:
            logger.info("%s ended", child.name)
        return error


async def _life(
    child: Child,
) -> Exception | None:
    """Live a child's life and return what ended it; its group must not be told."""
    try:
        await child.run()
    except Exception as error:  # noqa: BLE001 -- the supervisor judges every failure
        return error
    return None


def _outcome(task: asyncio.Task[Exception | None]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.result()
