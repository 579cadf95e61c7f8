"""What the state machine promises."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import selectors
from typing import TYPE_CHECKING, Any

import pytest

from orders.order import (
    Event,
    Order,
    State,
    Timeout,
    UnexpectedEventError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

TABLE = (
    (
        State.PENDING,
        Event.PAY,
        State.PAID,
    ),
    (
        State.PAID,
        Event.SHIP,
        State.SHIPPED,
    ),
    (
        State.PENDING,
        Event.CANCEL,
        State.CANCELLED,
    ),
    (
        State.PAID,
        Event.CANCEL,
        State.CANCELLED,
    ),
)
FIRST = TABLE[0][0]
LEAVES_FIRST = [row for row in TABLE if row[0] is FIRST and row[2] is not FIRST]
EVENT, SECOND = LEAVES_FIRST[0][1:]
EXPECTED = {(before, event) for before, event, _ in TABLE}
UNEXPECTED = [
    (state, event)
    for state in State
    for event in Event
    if (state, event) not in EXPECTED
]


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


def machine_in(
    state: State,
) -> Order:
    """Return a machine that has gone to the state by the shortest way."""
    ways: dict[State, list[Event]] = {FIRST: []}
    while state not in ways:
        for before, event, after in TABLE:
            if before in ways and after not in ways:
                ways[after] = [*ways[before], event]
    machine = Order()
    for event in ways[state]:
        machine.send(event)
    assert machine.state is state
    return machine


def test_begins_in_the_first_state() -> None:
    """Nothing has happened yet."""
    assert Order().state is FIRST


@pytest.mark.parametrize(("before", "event", "after"), TABLE)
def test_goes_where_the_table_says(before: State, event: Event, after: State) -> None:
    """Every transition, from a machine that went to its beginning."""
    machine = machine_in(before)
    assert machine.send(event) is after
    assert machine.state is after


@pytest.mark.parametrize(("state", "event"), UNEXPECTED)
def test_refuses_what_the_state_does_not_know(state: State, event: Event) -> None:
    """The machine stays where it was, and the error says what did not fit."""
    machine = machine_in(state)
    with pytest.raises(UnexpectedEventError, match="means nothing") as refused:
        machine.send(event)
    assert (refused.value.state, refused.value.event) == (state, event)
    assert machine.state is state


def test_calls_the_action_of_a_state_that_is_entered() -> None:
    """It sees the machine in that state; the first state is not entered."""
    seen: list[State] = []
    machine = Order(
        on_enter={state: lambda: seen.append(machine.state) for state in State},
    )
    assert seen == []
    machine.send(EVENT)
    assert seen[:1] == [SECOND]


def test_lets_an_action_send_an_event() -> None:
    """The machine goes on from the new state."""
    sent: list[State] = []

    def go_on() -> None:
        for before, event, after in TABLE:
            if before is SECOND and after is not SECOND and not sent:
                sent.append(after)
                machine.send(event)

    machine = Order(
        on_enter={SECOND: go_on},
    )
    assert machine.send(EVENT) is (sent or [SECOND])[0]


@played
async def test_lets_an_event_come_when_a_state_has_lasted_long_enough() -> None:
    """And not before."""
    machine = Order(
        timeouts={FIRST: Timeout(10.0, EVENT)},
    )
    await asyncio.sleep(9.9)
    assert machine.state is FIRST
    await asyncio.sleep(0.2)
    assert machine.state is SECOND


@played
async def test_forgets_the_time_of_a_state_that_was_left() -> None:
    """The event of an old time-out never comes."""
    for before, event, after in LEAVES_FIRST:
        machine = Order(
            timeouts={before: Timeout(10.0, event)},
        )
        await asyncio.sleep(5)
        machine.send(event)
        await asyncio.sleep(100)
        assert machine.state is after


@played
async def test_lets_no_time_out_come_when_it_is_closed() -> None:
    """A machine that is needed no more does nothing; closing it again is no error."""
    machine = Order(
        timeouts={FIRST: Timeout(10.0, EVENT)},
    )
    machine.close()
    machine.close()
    await asyncio.sleep(100)
    assert machine.state is FIRST


@pytest.mark.parametrize(("state", "event"), UNEXPECTED)
def test_refuses_a_time_out_without_effect(state: State, event: Event) -> None:
    """Its event would mean nothing when it comes."""
    with pytest.raises(ValueError, match="means nothing"):
        Order(
            timeouts={state: Timeout(10.0, event)},
        )


def test_logs_every_change(caplog: pytest.LogCaptureFixture) -> None:
    """The way of a machine can be read from the log."""
    caplog.set_level(logging.INFO)
    Order().send(EVENT)
    assert caplog.messages == [f"{EVENT} led from {FIRST} to {SECOND}"]
