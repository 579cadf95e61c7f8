"""Publish and subscribe: tells everybody who asked for a topic what happened.

Each subscriber has a buffer of its own, so that a slow one does not slow the others.
When it is full the oldest event makes room, and `Subscription.dropped` counts it.

Delivery is at most once and within this process and event loop only.  Who is not
subscribed when an event is published misses it; store what must not be missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_E = TypeVar("_E")

logger = logging.getLogger(__name__)


class Events(Generic[_E]):
    """Topics, and who has subscribed to each."""

    def __init__(
        self,
        *,
        buffer: int = 100,
    ) -> None:
        """Let up to `buffer` events wait for each subscriber."""
        if buffer < 1:
            message = "buffer is at least 1"
            raise ValueError(message)
        self._buffer = buffer
        # A dictionary without values, since it keeps the order of its keys.
        self._topics: dict[str, dict[Subscription[_E], None]] = {}

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[Subscription[_E]]:
        """Give a subscription that gets events for the length of the block."""
        subscription: Subscription[_E] = Subscription(
            topic,
            self._buffer,
        )
        subscribers = self._topics.setdefault(topic, {})
        subscribers[subscription] = None
        try:
            yield subscription
        finally:
            del subscribers[subscription]
            if not subscribers:
                del self._topics[topic]

    def publish(self, topic: str, event: _E) -> int:
        """Give the event to all subscribers, and return how many got it."""
        received = 0
        for subscription in tuple(self._topics.get(topic, ())):
            received += subscription.give(event)
        return received

    def topics(self) -> list[str]:
        """Return the topics that somebody has subscribed to."""
        return list(self._topics)


class Subscription(Generic[_E]):
    """Events for one subscriber: `async for event in subscription`."""

    def __init__(
        self,
        topic: str,
        buffer: int,
    ) -> None:
        """Begin with nothing to read."""
        self.topic = topic
        self.dropped = 0
        self._buffer = buffer
        self._events: deque[_E] = deque()
        self._changed = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[_E]:
        """Read events as they come."""
        return self

    async def __anext__(self) -> _E:
        """Return the next event."""
        while not self._events:
            self._changed.clear()
            await self._changed.wait()
        return self._events.popleft()

    def give(self, event: _E) -> bool:
        """Let an event be read, and tell whether it will be."""
        if len(self._events) == self._buffer:
            logger.warning("a subscriber of %s is too slow", self.topic)
            self.dropped += 1
            self._events.popleft()
        self._events.append(event)
        self._changed.set()
        return True
