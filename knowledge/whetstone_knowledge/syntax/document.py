"""The findings of one text while somebody types in it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from whetstone_knowledge.change import Change, Placed
from whetstone_knowledge.finding import in_order
from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import Suppression, sifted, silencing_in
from whetstone_knowledge.syntax.find import found_in, found_in_whole, selected
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.slots import Head, Slot, slots_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        self._audible: list[Finding] | None = None
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
        if self._audible is None:
            suppressions = self.suppressions()
            self._audible = sifted(self.matches(), suppressions, self._text)[0] if suppressions else self.matches()
        return self._audible

    def matches(self) -> list[Finding]:
        """Return the same with what a comment asks to be silent about."""
        found = [finding for slot in self._slots for finding in slot.findings]
        return sorted([*found, *self._loose], key=in_order) if self._loose else found

    def suppressions(self) -> list[Suppression]:
        """Return the comments that ask for silence; what is unused in them was seen at the last look at the whole."""
        return [*(each for slot in self._slots for each in slot.silencing), *self._loose_silencing]

    def is_comment(self, offset: int) -> bool:
        """Whether the byte at `offset` stands in a comment."""
        if self._open is not None and self._open[0].start <= offset < self._open[0].end:
            tree = self._open[1]
        else:
            tree = self._whole.parse(self._text, self._tree)
        node = tree.root_node.descendant_for_byte_range(offset, offset + 1)
        return node is not None and node.type == "comment"

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
        root = tree.root_node
        found = found_in_whole(root, self._text, self._rules)
        silencing = silencing_in(root, self._text, Span(0, len(self._text)))
        self._audible = found
        if silencing:
            self._audible, judged = sifted(found, silencing, self._text)
            # In broken code findings are missing that would be there again a moment later.
            silencing = silencing if root.has_error else judged
        self._loose = self._shared(found, lambda slot: slot.findings)
        self._loose_silencing = self._shared(silencing, lambda slot: slot.silencing)
        self._fresh = True

    def _shared(self, things: Iterable[Placed], of: Callable[[Slot], list[Placed]]) -> list[Placed]:
        """Give each thing to the slot it stands in; return the others.

        There may be no slots at all in a text whose quotes do not pair up.
        """
        starts = [slot.start for slot in self._slots]
        loose: list[Placed] = []
        for thing in things:
            number = bisect_right(starts, thing.span.start) - 1
            inside = number >= 0 and thing.span.end <= self._slots[number].end
            (of(self._slots[number]) if inside else loose).append(thing)
        return loose

    # -- one edit ----------------------------------------------------------------------------------------------------

    def _edit_inside(self, slot: Slot, number: int, start: int, end: int, new: bytes) -> None:
        row = slot.row + self._text.count(b"\n", slot.start, start)
        change = Change(self._text, start, end, new, row)
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
        slot.silencing = silencing_in(tree.root_node, self._text, Span(slot.start, slot.end))

    def _reparsed(self, slot: Slot, change: Change, limit: int) -> Tree:
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
        change = Change(self._text, start, end, new, self._text.count(b"\n", 0, start))
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

    def _apply(self, change: Change) -> None:
        self._text = self._text[: change.start] + change.new + self._text[change.end :]
        self._fresh = False
        self._audible = None
        self._loose_silencing = [kept for each in self._loose_silencing if (kept := change.carried(each))]
        self._loose = [moved for finding in self._loose if (moved := change.carried(finding))]
        change.tell(self._tree)

    def _move(self, slots: Sequence[Slot], change: Change) -> None:
        """Move everything after a change by what it added."""
        for slot in slots:
            slot.start += change.by
            slot.end += change.by
            slot.row += change.rows
            if slot.findings and change.by:
                slot.findings = [finding.shifted(change.by) for finding in slot.findings]
            if slot.silencing and change.by:
                slot.silencing = [suppression.shifted(change.by) for suppression in slot.silencing]
        for head in self._heads:
            if head.start >= change.end:
                head.start += change.by
                head.end += change.by
                head.row += change.rows

    def _limit(self, number: int) -> int:
        """Return where the slot after this one begins."""
        return self._slots[number + 1].start if number + 1 < len(self._slots) else len(self._text)


def _unique(heads: Iterable[Head]) -> list[Head]:
    return list({id(head): head for head in heads}.values())
