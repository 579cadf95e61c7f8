"""Whether something has changed that what was said of the whole workspace depends on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass


@dataclass(slots=True)
class Survey:
    """The last look at the whole workspace, as the client was told of it."""

    told: dict[str, str] | None = None
    """By document, the name of what was said; `None` before anything was. Open documents are told of elsewhere."""
    number: int = 0
    """How many changes there were when it was made."""
    made: bool = False
    """Whether one was ever finished."""


class Changes:
    """Counts changes, and lets others wait for the next one; must be used on one loop."""

    def __init__(self) -> None:
        self.number = 0
        """How many there were."""
        self.over = False
        """Whether there will be no others."""
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Say that something has changed."""
        self.number += 1
        self._next.set()
        self._next = asyncio.Event()

    def end(self) -> None:
        """Say that nothing will change any more."""
        self.over = True
        self.tell()

    async def after(self, number: int, seconds: float) -> bool:
        """Wait for a change after the first `number`, but not longer than so; answer whether there was one."""
        if self.number == number and not self.over:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)
        return self.number != number
