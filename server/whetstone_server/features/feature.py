"""What a feature is: one LSP message and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from whetstone_server.session import Session

Answer: TypeAlias = Callable[[Session, Any], Any] | Callable[[Session, Any], Awaitable[Any]]
"""The message's parameters in, its result out; a plain function holds up every other message until it returns."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One LSP message that is answered here."""

    method: str
    answer: Answer
    options: Any = None
    """What `initialize` says about it, where its mere presence does not say everything."""
    offered: Callable[[Session], bool] | None = None
    """Whether it is for this client, once it is known what the client can do; `None` when it is for every one."""
    long: bool = False
    """Whether it waits for a proof or for the client; how long it takes is then held to no target."""
