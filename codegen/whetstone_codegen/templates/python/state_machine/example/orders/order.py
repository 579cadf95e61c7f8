"""A state machine: stands in one of its states, and events change it as a table says.

An event that the state does not know is refused with `UnexpectedEventError`.
A state can have a time, after which an event comes by itself; leaving the state, or
entering it again, begins the time anew.  Close a machine that is needed no more.

A machine belongs to one event loop.  It lives in memory: a new one stands in its first
state, so what must go on after a restart stores each state that it enters.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


class State(enum.StrEnum):
    """Where the machine can stand; it begins in the first."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Event(enum.StrEnum):
    """What can happen to it."""

    PAY = "pay"
    SHIP = "ship"
    CANCEL = "cancel"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.PENDING: {
        Event.PAY: State.PAID,
        Event.CANCEL: State.CANCELLED,
    },
    State.PAID: {
        Event.SHIP: State.SHIPPED,
        Event.CANCEL: State.CANCELLED,
    },
    State.SHIPPED: {},
    State.CANCELLED: {},
}
"""What each event does in each state; a state without any is final."""


class UnexpectedEventError(Exception):
    """The event means nothing in the state, which has not changed."""

    def __init__(self, state: State, event: Event) -> None:
        """Remember what did not go together."""
        super().__init__(f"{event} means nothing in the state {state}")
        self.state = state
        self.event = event


@dataclass(frozen=True, slots=True)
class Timeout:
    """The event that comes when a state has lasted so long."""

    seconds: float
    event: Event


class Order:
    """One thing that goes from state to state."""

    def __init__(
        self,
        *,
        on_enter: Mapping[State, Callable[[], None]] | None = None,
        timeouts: Mapping[State, Timeout] | None = None,
    ) -> None:
        """Stand in the first state; raise `ValueError` for a useless time-out."""
        for state, timeout in (timeouts or {}).items():
            if timeout.event not in TRANSITIONS[state]:
                message = f"{timeout.event} means nothing in the state {state}"
                raise ValueError(message)
        self._state = next(iter(State))
        self._on_enter = dict(on_enter or {})
        self._timeouts = dict(timeouts or {})
        self._timer: asyncio.TimerHandle | None = None
        self._start_timer()

    @property
    def state(self) -> State:
        """Where the machine stands."""
        return self._state

    def send(self, event: Event) -> State:
        """Let an event happen, and return the state it led to.

        Raises `UnexpectedEventError` when the state does not know it.
        """
        after = TRANSITIONS[self._state].get(event)
        if after is None:
            raise UnexpectedEventError(self._state, event)
        self._enter(after, event)
        return self._state

    def close(self) -> None:
        """Let no time-out come any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _enter(self, state: State, event: Event) -> None:
        before = self._state
        self._state = state
        self._start_timer()
        logger.info("%s led from %s to %s", event, before, state)
        # The last of all, because it may send an event itself.
        if state in self._on_enter:
            self._on_enter[state]()

    def _start_timer(self) -> None:
        self.close()
        timeout = self._timeouts.get(self._state)
        if timeout is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(timeout.seconds, self.send, timeout.event)
