"""From speedups by size of input to one answer, and the sentence that says where it holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from whetstone_server.sandbox.timing import judged
from whetstone_server.sandbox.verdict import Growth, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.sandbox.timing import Judgement
    from whetstone_server.sandbox.verdict import Speedup

SMALL = 16
"""A gain lost on inputs of fewer items than this does not speak against a rewrite; it is said all the same."""
STEPS_OF_GROWTH = 2
"""Sizes on which a gain must show, and not shrink, before it outweighs recorded calls that show none."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speedups of one trial; behaviour was found equal."""

    usual: Speedup | None
    """On the calls as they occurred, or on inputs of no particular size; `None` when only sizes were timed."""
    growth: tuple[Growth, ...]
    """By size of input, smallest first."""
    threshold: float
    recorded: bool
    """Whether `usual` was measured on calls that tests made."""

    def verdict(self) -> Verdict:
        """Return the answer: recorded calls are the best evidence of use, so they decide where they show anything."""
        if self.usual is None:
            return self._of_sizes()
        answer = self._judged(self.usual)
        if answer == "no-difference" and self.usual.high >= 1 and self._grows():
            step = self._large[0]
            sentence = f"{_SENTENCE['faster']} on longer inputs: {_at(step)}"
            beside = f", but no difference {self._where}: {self.usual}"
            return Verdict("faster", sentence + beside + _beside(self._large[1:]), step.speedup, growth=self.growth)
        others = [step for step in self._large if self._judged(step.speedup) != answer]
        reason = f"{_SENTENCE[answer]} {self._where}: {self.usual}{_beside(others)}"
        return Verdict(answer, reason, self.usual, growth=self.growth)

    def _of_sizes(self) -> Verdict:
        """Return the answer for made-up inputs only: a gain from some size on, and a loss at none that counts.

        A gain at one size that the next larger size does not show is chance: with several sizes, one may look so.
        """
        steps = self._large
        answers = [self._judged(step.speedup) for step in steps]
        step, answer = steps[-1], answers[-1]
        if "slower" in answers:
            step, answer = steps[answers.index("slower")], "slower"
        elif answer == "faster":
            tail = takewhile(lambda place: answers[place] == "faster", range(len(steps) - 1, -1, -1))
            step = steps[min(tail)]
        small = [other for other in self.growth if other.size < SMALL and self._judged(other.speedup) == "slower"]
        others = [*small, *(other for other in steps[-1:] if other is not step)]
        reason = f"{_SENTENCE[answer]}: {_at(step)}{_beside(others)}"
        return Verdict(answer, reason, step.speedup, growth=self.growth)

    def _grows(self) -> bool:
        """Whether every larger size is faster, and the largest no less so than the smallest."""
        steps = self._large
        return (
            len(steps) >= STEPS_OF_GROWTH
            and all(self._judged(step.speedup) == "faster" for step in steps)
            and steps[-1].speedup.high >= steps[0].speedup.low
        )

    @property
    def _large(self) -> Sequence[Growth]:
        return [step for step in self.growth if step.size >= SMALL] or list(self.growth)

    @property
    def _where(self) -> str:
        return "on the recorded calls" if self.recorded else "on the inputs tried"

    def _judged(self, found: Speedup) -> Judgement:
        return judged(found, self.threshold)


_SENTENCE = {
    "faster": "equal on every input tried, and faster",
    "slower": "equal on every input tried, but slower",
    "no-difference": "equal on every input tried, but no faster",
}


def _at(step: Growth) -> str:
    return f"{step.speedup} at {step.size:,} items"


def _beside(steps: Sequence[Growth]) -> str:
    return "".join(f", {_at(step)}" for step in steps)
