"""Two sets of changes to one text brought together: diff3.

As in Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (2007): lines of the base that both sides kept are
stable; between them lie chunks, and a chunk that only one side changed, or both in the same way, is taken from there.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Conflict(NamedTuple):
    """A chunk that both sides changed, each in its own way."""

    line: int
    """1-based, in our text: where the chunk begins."""
    ours: tuple[bytes, ...]
    base: tuple[bytes, ...]
    theirs: tuple[bytes, ...]


class Merged(NamedTuple):
    """What a merge came to."""

    text: bytes
    """Our text with their changes; ours where there is a conflict."""
    conflicts: tuple[Conflict, ...]


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Return `ours` with the changes that lead from `base` to `theirs`."""
    texts = base.splitlines(keepends=True), ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    pieces: list[bytes] = []
    conflicts: list[Conflict] = []
    line = 1
    for in_base, in_ours, in_theirs in _chunks(*texts):
        if in_ours in (in_base, in_theirs):
            pieces += in_theirs
        else:
            pieces += in_ours
            if in_theirs != in_base:
                conflicts.append(Conflict(line, tuple(in_ours), tuple(in_base), tuple(in_theirs)))
        line += len(in_ours)
    return Merged(b"".join(pieces), tuple(conflicts))


def _chunks(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]
) -> Iterator[tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]]:
    """Yield the three texts in pieces that belong together: stable ones, and what lies between them."""
    start = _alike(base, ours, theirs)
    yield base[:start], ours[:start], theirs[:start]
    base, ours, theirs = base[start:], ours[start:], theirs[start:]
    end = _alike(base[::-1], ours[::-1], theirs[::-1])
    yield from _between(base[: len(base) - end], ours[: len(ours) - end], theirs[: len(theirs) - end])
    yield base[len(base) - end :], ours[len(ours) - end :], theirs[len(theirs) - end :]


def _alike(*texts: Sequence[bytes]) -> int:
    """Return how many lines the texts have in common at the start; comparing the others is what costs."""
    return sum(1 for _ in takewhile(lambda lines: len(set(lines)) == 1, zip(*texts, strict=False)))


def _between(
    base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]
) -> Iterator[tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]]:
    in_ours, in_theirs = _kept(base, ours), _kept(base, theirs)
    at = at_ours = at_theirs = 0
    for line in range(len(base)):
        if line in in_ours and line in in_theirs:
            if line > at or in_ours[line] > at_ours or in_theirs[line] > at_theirs:
                yield base[at:line], ours[at_ours : in_ours[line]], theirs[at_theirs : in_theirs[line]]
            at, at_ours, at_theirs = line + 1, in_ours[line] + 1, in_theirs[line] + 1
            yield base[line:at], ours[in_ours[line] : at_ours], theirs[in_theirs[line] : at_theirs]
    yield base[at:], ours[at_ours:], theirs[at_theirs:]


def _kept(base: Sequence[bytes], other: Sequence[bytes]) -> dict[int, int]:
    """Return which lines of the base another text has kept, and where they stand there."""
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {start + step: place + step for start, place, size in blocks for step in range(size)}
