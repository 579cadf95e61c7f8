"""The findings of one Elixir text while somebody types in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.change import Change
from whetstone_knowledge.elixir.find import found_in, selected, suppressions_of
from whetstone_knowledge.elixir.grammar import new_parser
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.finding import in_order
from whetstone_knowledge.suppression import sifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Tree

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule
    from whetstone_knowledge.suppression import Suppression

_SMALL = 200_000
"""Bytes above which a text is looked at again only when the typing pauses."""


class Document:
    """A text whose findings follow each keystroke.

    While the text can be read, an edit re-parses what it touched and the rules look again, for a module's other end
    may be what they speak of. While it is broken, findings only move, and those in the edited function go; `refresh`,
    for when the typing pauses, reads all but the broken functions. After it, `findings` are those of `find`.
    """

    def __init__(self, text: bytes, rules: Sequence[Rule] | None = None, path: str | None = None) -> None:
        self._text = text
        self._rules = selected(rules)
        self._path = path
        self._parser = new_parser()
        self._found: list[Finding] = []
        self._audible: list[Finding] = []
        self._silencing: list[Suppression] = []
        self._take(self._parser.parse(text))

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
        return self._audible

    def matches(self) -> list[Finding]:
        """Return the same with what a comment asks to be silent about."""
        return self._found

    def suppressions(self) -> list[Suppression]:
        """Return the comments that ask for silence; what is unused in them was seen at the last look at the whole."""
        return self._silencing

    def is_comment(self, offset: int) -> bool:
        """Whether the byte at `offset` stands in a comment."""
        node = self._parser.parse(self._text, self._tree).root_node.descendant_for_byte_range(offset, offset + 1)
        return node is not None and node.type == "comment"

    def edit(self, start: int, end: int, new: bytes) -> None:
        """Put `new` where the bytes from `start` to `end` were."""
        change = Change(self._text, start, end, new, self._text.count(b"\n", 0, start))
        self._text = self._text[:start] + new + self._text[end:]
        change.tell(self._tree)
        tree = self._parser.parse(self._text, self._tree) if len(self._text) <= _SMALL else None
        if tree is not None and not tree.root_node.has_error:
            self._take(tree)
            return
        self._fresh = False
        self._found = sorted((kept for each in self._found if (kept := change.carried(each))), key=in_order)
        self._silencing = [moved for comment in self._silencing if (moved := change.carried(comment))]
        self._audible, _ = sifted(self._found, self._silencing, self._text)

    def refresh(self) -> None:
        """Read the whole text again, as `find` would."""
        if not self._fresh:
            # How broken code is read depends on what was reused; only a fresh start gives what `find` gives.
            self._take(self._parser.parse(self._text))

    def _take(self, tree: Tree) -> None:
        """Take what is found in a tree of the whole text."""
        self._tree = tree
        text = read(self._text, self._path, tree)
        self._found = found_in(text, self._rules)
        silencing = suppressions_of(text)
        # In broken code findings are missing that would be there again a moment later.
        self._audible, judged = sifted(self._found, silencing, self._text)
        self._silencing = silencing if text.broken else judged
        self._fresh = True
