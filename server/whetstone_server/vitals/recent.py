"""A function's latest answers, with a count of how often more room would have spared asking it again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Key = TypeVar("Key")
Value = TypeVar("Value")
_REMEMBERED = 256
"""Let-go keys of which it is noticed when they are asked for again, by their hash alone."""


class Recent(Generic[Key, Value]):
    """Called like the function it was made from; keeps the answers to the `size` keys asked for last.

    A key that was never asked for before counts neither as a hit nor as a miss: no size would have had its answer.
    So a low hit rate says that the size is too small, and nothing else.
    """

    def __init__(self, answer: Callable[[Key], Value], size: int) -> None:
        self.size = size
        """Takes effect with the next key that is new."""
        self.hits = 0
        self.misses = 0
        """How often an answer was wanted that had been there and was let go."""
        self._answer = answer
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._gone: OrderedDict[int, None] = OrderedDict()

    def __call__(self, key: Key) -> Value:
        """Return the function's answer, from memory where it is there."""
        if key in self._kept:
            self.hits += 1
            self._kept.move_to_end(key)
            return self._kept[key]
        if hash(key) in self._gone:
            self.misses += 1
            del self._gone[hash(key)]
        answer = self._kept[key] = self._answer(key)
        self._let_go()
        return answer

    def _let_go(self) -> None:
        while len(self._kept) > self.size:
            key, _ = self._kept.popitem(last=False)
            self._gone[hash(key)] = None
        while len(self._gone) > _REMEMBERED:
            self._gone.popitem(last=False)
