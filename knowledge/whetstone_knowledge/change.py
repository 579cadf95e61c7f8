"""One edit of a text, and what becomes of the things that were known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tree_sitter import Point

if TYPE_CHECKING:
    from tree_sitter import Tree

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.suppression import Suppression

Placed = TypeVar("Placed", "Finding", "Suppression")


class Change:
    """One edit, in bytes and in rows and columns."""

    def __init__(self, text: bytes, start: int, end: int, new: bytes, row: int) -> None:
        self.start, self.end, self.new = start, end, new
        self.by = len(new) - (end - start)
        removed, added = text.count(b"\n", start, end), new.count(b"\n")
        self.rows = added - removed
        column = start - (text.rfind(b"\n", 0, start) + 1)
        self._start_point = Point(row, column)
        self._old_point = Point(row + removed, end - (text.rfind(b"\n", 0, end) + 1))
        self._new_point = Point(row + added, len(new) - (new.rfind(b"\n") + 1) if added else column + len(new))

    def carried(self, thing: Placed) -> Placed | None:
        """Return something as it stands after the change; `None` when the change fell into it."""
        whole = thing.extent
        if whole.end < self.start:
            return thing
        return thing.shifted(self.by) if self.end < whole.start else None

    def tell(self, tree: Tree) -> None:
        """Tell a tree of the old text, so that the next parse can reuse it."""
        tree.edit(self.start, self.end, self.start + len(self.new), self._start_point, self._old_point, self._new_point)
