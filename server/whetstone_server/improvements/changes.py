"""What happened to a file between two texts, kept so that each of them leads to the other."""

from __future__ import annotations

from difflib import SequenceMatcher, unified_diff
from typing import TYPE_CHECKING, Literal, TypeAlias

from whetstone_server.improvements.record import Change, Hunk
from whetstone_server.improvements.texts import name_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from whetstone_codegen import Edit

Encoding: TypeAlias = Literal["utf-8", "latin-1"]


def change_between(path: str, before: bytes, after: bytes) -> Change:
    """Return the change that leads from one text of a file to another, line by line."""
    encoding = _encoding(before, after)
    return Change(path, name_of(before), name_of(after), encoding, tuple(_hunks(before, after, encoding)))


def edits_between(before: bytes, after: bytes) -> list[Edit]:
    """Return the edits that lead from one text in UTF-8 to another, line by line."""
    from whetstone_codegen import Edit  # noqa: PLC0415 -- whoever only looks at improvements does without LibCST
    from whetstone_knowledge.spans import Span  # noqa: PLC0415

    hunks = _hunks(before, after, "utf-8")
    return [Edit(Span(each.start, each.start + len(each.old.encode())), each.new) for each in hunks]


def made(change: Change, before: bytes) -> bytes:
    """Return the text after a change to the text before; raises `ValueError` when it is not that text."""
    places = [(each.start, each.old, each.new) for each in change.hunks]
    return _replaced(before, change.before, places, change.encoding)


def undone(change: Change, after: bytes, *, but: Container[Hunk] = ()) -> bytes:
    """Return the text before a change from the text after, with the hunks in `but` left as they are.

    Raises `ValueError` when it is not that text.
    """
    places = [(each.new_start, each.new, each.old) for each in change.hunks if each not in but]
    return _replaced(after, change.after, places, change.encoding)


def unified(path: str, before: bytes, after: bytes) -> str:
    """Return the unified diff between two texts of a file."""
    old, new = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (before, after))
    return "".join(unified_diff(old, new, f"a/{path}", f"b/{path}"))


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
