"""Which rewrites somebody picked, seen by the text that an edit leads to, and whether they were taken back.

Being asked for an edit says too little, for some editors ask for each one they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 32
"""Edits that are watched for; the oldest are forgotten."""


class Rewritten(NamedTuple):
    """One finding among those that an edit puts right."""

    code: str
    proven: bool
    improvement: str | None


class Picks:
    """The edits that were handed out, until so many others were."""

    def __init__(self) -> None:
        self._edits: dict[tuple[str, _Mark, _Mark], _Edit] = {}

    def watch(self, uri: str, before: bytes, after: bytes, rewritten: Sequence[Rewritten]) -> None:
        """Watch for an edit that makes `after` of a document's text `before`."""
        key = uri, _mark(before), _mark(after)
        self._edits[key] = self._edits.pop(key, _Edit(rewritten))
        if len(self._edits) > MOST:
            del self._edits[next(iter(self._edits))]

    def seen(self, uri: str, text: bytes) -> Iterator[tuple[str, Rewritten]]:
        """Yield what became of edits now that a document has the text `text`: kinds of events, and of what."""
        size = len(text)
        for (place, before, after), edit in self._edits.items():
            wanted = before if edit.is_made else after
            if place == uri and wanted.size == size and wanted == _mark(text):
                edit.is_made = not edit.is_made
                kind = "action.chosen" if edit.is_made else "action.undone"
                yield from ((kind, rewritten) for rewritten in edit.rewritten)


class _Mark(NamedTuple):
    """A text, as far as it takes to know it again."""

    size: int
    digest: bytes


@dataclass(slots=True)
class _Edit:
    rewritten: Sequence[Rewritten]
    is_made: bool = False


def _mark(text: bytes) -> _Mark:
    return _Mark(len(text), blake2b(text, digest_size=12).digest())
