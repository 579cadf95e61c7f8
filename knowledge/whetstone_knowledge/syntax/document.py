"""The findings of one text while somebody types in it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tree_sitter import Point

from whetstone_knowledge.syntax.find import found_in, found_in_whole, in_order, selected
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.slots import Head, Slot, slots_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Tree

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule


class Document:
    """A text whose findings follow each keystroke, at a cost that depends on the edited function, not on the text.

    An edit inside one outermost function re-reads that function only and moves the findings after it; while the
    text is broken there, findings elsewhere stay. Other edits only move findings, and a large one that spans
    functions is followed by `refresh`. Call `refresh` when the typing pauses: after it, `findings` are those of `find`.
    """

    def __init__(self, text: bytes, rules: Sequence[Rule] | None = None) -> None:
        self._text = text
        self._rules = selected(rules)
        self._whole = new_parser()
        self._partial = new_parser()
        self._fresh = False
        self._take(self._whole.parse(text))

    @property
    def text(self) -> bytes:
        """The text as it stands, in UTF-8."""
        return self._text

    @property
    def is_fresh(self) -> bool:
        """Whether the findings are those of the whole text, so that `refresh` would change nothing."""
        return self._fresh

    def findings(self) -> list[Finding]:
        """Return what is found in the text as it stands, in order."""
        found = [finding for slot in self._slots for finding in slot.findings]
        return sorted([*found, *self._loose], key=in_order) if self._loose else found

    def edit(self, start: int, end: int, new: bytes) -> None:
        """Put `new` where the bytes from `start` to `end` were."""
        number = bisect_right(self._slots, start, key=lambda slot: slot.start) - 1
        slot = self._slots[number] if number >= 0 else None
        if slot is not None and end <= slot.stretched(self._text, self._limit(number)):
            self._edit_inside(slot, number, start, end, new)
        else:
            self._edit_outside(start, end, new)

    def refresh(self) -> None:
        """Read the whole text again, as `find` would, at the cost of what was edited where that is known."""
        if self._fresh:
            return
        tree = self._whole.parse(self._text, self._tree)
        if tree.root_node.has_error:
            # How broken code is read depends on what was reused; only a fresh start gives what `find` gives.
            tree = self._whole.parse(self._text)
        self._take(tree)

    # -- the whole text ----------------------------------------------------------------------------------------------

    def _take(self, tree: Tree) -> None:
        """Make `tree`, which is of the whole text, the ground on which later edits are followed."""
        self._tree = tree
        self._slots = slots_in(self._text)
        self._heads = _unique(head for slot in self._slots for head in slot.heads)
        self._open: tuple[Slot, Tree] | None = None
        self._share(found_in_whole(tree.root_node, self._text, self._rules))
        self._fresh = True

    def _share(self, findings: Sequence[Finding]) -> None:
        """Give each finding to the slot it stands in; there may be none in a text whose quotes do not pair up."""
        starts = [slot.start for slot in self._slots]
        self._loose: list[Finding] = []
        for finding in findings:
            number = bisect_right(starts, finding.span.start) - 1
            inside = number >= 0 and finding.span.end <= self._slots[number].end
            (self._slots[number].findings if inside else self._loose).append(finding)

    # -- one edit ----------------------------------------------------------------------------------------------------

    def _edit_inside(self, slot: Slot, number: int, start: int, end: int, new: bytes) -> None:
        row = slot.row + self._text.count(b"\n", slot.start, start)
        change = _Change(self._text, start, end, new, row)
        self._apply(change)
        slot.end = max(slot.end, end) + change.by
        self._move(self._slots[number + 1 :], change)
        limit = self._limit(number)
        tree = self._reparsed(slot, change, limit)
        if tree.root_node.has_error and slot.end < limit and not slot.full:
            # The code may be half typed, or the function may end further on than it seemed.
            slot.full, slot.end = True, limit
            tree = self._parsed(slot, limit)
        self._open = slot, tree
        slot.findings = found_in(tree.root_node, self._text, self._rules)

    def _reparsed(self, slot: Slot, change: _Change, limit: int) -> Tree:
        """Return the tree of one function, reusing that of the last edit when it was in here too."""
        if self._open is None or self._open[0] is not slot:
            return self._parsed(slot, limit)
        change.tell(self._open[1])
        self._partial.included_ranges = slot.ranges(self._text, slot.stretched(self._text, limit))
        return self._partial.parse(self._text, self._open[1])

    def _parsed(self, slot: Slot, limit: int) -> Tree:
        self._partial.included_ranges = slot.ranges(self._text, slot.stretched(self._text, limit))
        return self._partial.parse(self._text)

    def _edit_outside(self, start: int, end: int, new: bytes) -> None:
        """Follow an edit between functions, where nothing is ever found, or across several."""
        change = _Change(self._text, start, end, new, self._text.count(b"\n", 0, start))
        self._apply(change)
        self._open = None
        kept = [slot for slot in self._slots if slot.end <= start or end <= slot.start]
        if len(self._slots) - len(kept) > 1:
            self.refresh()
            return
        self._slots = kept
        self._move([slot for slot in kept if slot.start >= end], change)
        for head in self._heads:
            if head.start <= start and end < head.end:
                head.end += change.by
                head.rows += change.rows
            elif head.start < end and start < head.end:
                self._slots = [slot for slot in self._slots if all(other is not head for other in slot.heads)]

    def _apply(self, change: _Change) -> None:
        self._text = self._text[: change.start] + change.new + self._text[change.end :]
        self._fresh = False
        self._loose = [moved for finding in self._loose if (moved := change.carried(finding))]
        change.tell(self._tree)

    def _move(self, slots: Sequence[Slot], change: _Change) -> None:
        """Move everything after a change by what it added."""
        for slot in slots:
            slot.start += change.by
            slot.end += change.by
            slot.row += change.rows
            if slot.findings and change.by:
                slot.findings = [finding.shifted(change.by) for finding in slot.findings]
        for head in self._heads:
            if head.start >= change.end:
                head.start += change.by
                head.end += change.by
                head.row += change.rows

    def _limit(self, number: int) -> int:
        """Return where the slot after this one begins."""
        return self._slots[number + 1].start if number + 1 < len(self._slots) else len(self._text)


class _Change:
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

    def carried(self, finding: Finding) -> Finding | None:
        """Return a finding as it stands after the change; `None` when the change fell into it."""
        if finding.span.end < self.start:
            return finding
        return finding.shifted(self.by) if self.end < finding.span.start else None

    def tell(self, tree: Tree) -> None:
        """Tell a tree of the old text, so that the next parse can reuse it."""
        tree.edit(self.start, self.end, self.start + len(self.new), self._start_point, self._old_point, self._new_point)


def _unique(heads: Iterable[Head]) -> list[Head]:
    return list({id(head): head for head in heads}.values())
