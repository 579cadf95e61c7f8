"""What happened to a file between two texts, kept so that each of them leads to the other."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_server.improvements.record import Change, Hunk
from whetstone_server.improvements.texts import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Encoding: TypeAlias = Literal["utf-8", "latin-1"]


def change_between(path: str, before: bytes, after: bytes) -> Change:
    """Return the change that leads from one text of a file to another, line by line."""
    encoding = _encoding(before, after)
    return Change(path, name_of(before), name_of(after), encoding, tuple(_hunks(before, after, encoding)))


def made(change: Change, before: bytes) -> bytes:
    """Return the text after a change to the text before; raises `ValueError` when it is not that text."""
    return _replaced(
        before, change.before, [(each.start, each.old, each.new) for each in change.hunks], change.encoding
    )


def undone(change: Change, after: bytes) -> bytes:
    """Return the text before a change from the text after; raises `ValueError` when it is not that text."""
    return _replaced(
        after, change.after, [(each.new_start, each.new, each.old) for each in change.hunks], change.encoding
    )


def _replaced(text: bytes, name: str, places: Sequence[tuple[int, str, str]], encoding: Encoding) -> bytes:
    if name_of(text) != name:
        raise ValueError("this is not the text that the change was made to")
    pieces, end = [], 0
    for start, old, new in places:
        pieces += [text[end:start], new.encode(encoding)]
        end = start + len(old.encode(encoding))
    return b"".join([*pieces, text[end:]])


def _encoding(*texts: bytes) -> Encoding:
    try:
        for text in texts:
            text.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _hunks(before: bytes, after: bytes, encoding: Encoding) -> Iterator[Hunk]:
    """Yield where the lines of two texts differ."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    same = 0  # lines at the start that are equal, and then at the end: comparing what is between is what costs
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start = sum(map(len, old[:same]))
    old, new = old[same : len(old) - tail], new[same : len(new) - tail]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    at, new_at = start, start
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        removed, inserted = b"".join(old[low:high]), b"".join(new[new_low:new_high])
        if tag != "equal":
            yield Hunk(at, new_at, removed.decode(encoding), inserted.decode(encoding))
        at, new_at = at + len(removed), new_at + len(inserted)
