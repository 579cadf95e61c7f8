"""What a server may move of itself while it runs, and within which bounds; the README names each."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from whetstone_server.session.verdicts import KEPT_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from whetstone_server.session.session import Session

PAUSE_SECONDS = 0.15
"""How long nobody types before the whole file is looked at again, unless that was tuned."""


@dataclass(eq=False, slots=True)
class Knob:
    """A setting that may be moved while the server runs, and within which bounds."""

    name: str
    usual: float
    least: float
    most: float
    cures: Mapping[str, Literal["up", "down"]]
    """By the metric that a move may make better, in which direction."""
    take_effect: Callable[[float], None]
    while_proving: bool = False
    """Whether only windows in which a proof ran say anything about it."""
    value: float = field(init=False)

    def __post_init__(self) -> None:
        self.value = self.usual

    def set(self, value: float) -> None:
        """Move it there."""
        self.value = value
        self.take_effect(value)

    def moved(self, direction: Literal["up", "down"]) -> float:
        """Return twice or half its value, within its bounds; a whole number where its bounds are."""
        value = self.value * 2 if direction == "up" else self.value / 2
        if isinstance(self.least, int):
            value = int(value)
        return min(max(value, self.least), self.most)

    def nearer(self) -> float:
        """Return its value one step nearer to what is usual."""
        if self.value > self.usual:
            return max(self.moved("down"), self.usual)
        return min(self.moved("up"), self.usual)


def knobs_of(session: Session) -> Sequence[Knob]:
    """Return what may be moved in a session."""
    processors = os.cpu_count() or 1

    def pause(seconds: float) -> None:
        session.pause_seconds = seconds

    def keep_texts(number: float) -> None:
        session.verdicts.texts.size = int(number)

    def prove_at_once(number: float) -> None:
        session.provers.most = int(number) if number < processors else None

    return (
        Knob(
            "pause_seconds",
            usual=PAUSE_SECONDS,
            least=PAUSE_SECONDS,
            most=4 * PAUSE_SECONDS,
            cures={"server.cpu.percent": "up", "server.loop.lag_ms": "up"},
            take_effect=pause,
        ),
        Knob(
            "kept_texts",
            usual=KEPT_TEXTS,
            least=KEPT_TEXTS,
            most=16 * KEPT_TEXTS,
            cures={"server.cache.hit_rate": "up", "server.memory.mb": "down"},
            take_effect=keep_texts,
        ),
        Knob(
            "parallel_proofs",
            usual=processors,
            least=1,
            most=processors,
            cures={"server.loop.lag_ms": "down", "server.request.ms": "down"},
            take_effect=prove_at_once,
            while_proving=True,
        ),
    )
