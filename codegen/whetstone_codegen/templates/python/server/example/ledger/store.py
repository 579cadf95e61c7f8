"""A server: a task that keeps a state and handles messages about it, one at a time.

`run` is the task.  Run it in a task group or under a supervisor; cancel it to stop it.
An error in a handler ends it, since nobody knows then what the state is worth; callers
who wait are told with `ServerDownError`, and a new `run` begins with a new state.

A call waits for its reply, but not for ever.  Who stops waiting before his turn comes
has changed nothing; a handler that has begun is always finished.
A server belongs to one event loop; its state and its messages are lost with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_P = ParamSpec("_P")
_R = TypeVar("_R")


class ServerDownError(Exception):
    """The server is not running, or went down before it replied."""


class ServerRunningError(Exception):
    """The server is running already."""


class MailboxFullError(Exception):
    """More messages wait than the server may keep waiting; the message was not sent."""


@dataclass(slots=True)
class State:
    """What the server keeps."""

    balance: int = 0
    entries: list[object] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Message:
    handle: Callable[[State], Awaitable[Any]]
    reply: asyncio.Future[Any] | None


class Store:
    """The server, and what can be asked of it."""

    def __init__(
        self,
        *,
        mailbox: int = 1_000,
        call_seconds: float = 5.0,
    ) -> None:
        """Let `mailbox` messages wait, and callers wait `call_seconds` for a reply."""
        if mailbox < 1 or call_seconds <= 0:
            message = "mailbox is at least 1 and call_seconds above 0"
            raise ValueError(message)
        self._mailbox_size = mailbox
        self._call_seconds = call_seconds
        self._mailbox: asyncio.Queue[_Message] | None = None

    async def run(self) -> None:
        """Handle messages until this is cancelled or a handler fails."""
        if self._mailbox is not None:
            raise ServerRunningError
        mailbox: asyncio.Queue[_Message] = asyncio.Queue(self._mailbox_size)
        self._mailbox = mailbox
        state = State()
        try:
            while True:
                await _handle(await mailbox.get(), state)
        finally:
            self._mailbox = None
            while not mailbox.empty():
                _tell_down(mailbox.get_nowait().reply)

    async def balance(self) -> int:
        """Return the balance."""
        return await self._call(_balance)

    async def deposit(
        self,
        amount: int,
    ) -> int:
        """Add to the balance, and return what it is now."""
        _check(amount, int)
        return await self._call(_deposit, amount)

    def note(
        self,
        value: object,
    ) -> None:
        """Put something at the end of the entries, without waiting for it."""
        self._send(None, _note, value)

    async def entries(self) -> list[object]:
        """Return the entries."""
        return await self._call(_entries)

    async def _call(
        self,
        handler: Callable[Concatenate[State, _P], Awaitable[_R]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R:
        """Return the reply; raise `TimeoutError` when it takes too long."""
        reply: asyncio.Future[_R] = asyncio.get_running_loop().create_future()
        self._send(reply, handler, *args, **kwargs)
        async with asyncio.timeout(self._call_seconds):
            return await reply

    def _send(
        self,
        reply: asyncio.Future[Any] | None,
        handler: Callable[Concatenate[State, _P], Awaitable[Any]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None:
        """Send a message; raise `ServerDownError` or `MailboxFullError`."""
        if self._mailbox is None:
            raise ServerDownError
        message = _Message(lambda state: handler(state, *args, **kwargs), reply)
        try:
            self._mailbox.put_nowait(message)
        except asyncio.QueueFull:
            raise MailboxFullError from None


async def _handle(message: _Message, state: State) -> None:
    if message.reply is not None and message.reply.done():
        return  # nobody waits for it any more
    try:
        result = await message.handle(state)
    except BaseException:
        _tell_down(message.reply)
        raise
    if message.reply is not None and not message.reply.done():
        message.reply.set_result(result)


def _tell_down(reply: asyncio.Future[Any] | None) -> None:
    if reply is not None and not reply.done():
        reply.set_exception(ServerDownError())


def _check(value: object, kind: type | tuple[type, ...]) -> None:
    """Raise `TypeError` in the caller, who made the mistake, and not in the server."""
    if not isinstance(value, kind):
        message = f"{value!r} is not of the type that is kept"
        raise TypeError(message)


# The handlers: each has the state to itself until it returns, also while it waits.


async def _balance(state: State) -> int:
    return state.balance


async def _deposit(state: State, amount: int) -> int:
    state.balance += amount
    return state.balance


async def _note(state: State, value: object) -> None:
    state.entries.append(value)


async def _entries(state: State) -> list[object]:
    return state.entries.copy()  # what the caller does to it is not the server's
