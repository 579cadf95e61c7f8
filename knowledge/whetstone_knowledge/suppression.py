"""Comments that ask Whetstone to hold its tongue: `# whetstone: ignore[WP101]`, or `ignore-file` for a whole file.

A comment behind code counts for what is found at the beginning or the end of its line; one that stands alone counts
for the next line of code, decorators included. Codes and names of rules may be listed; without a list all are meant.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import whetstone_knowledge as catalogue  # its rules are read when asked for: theirs is the code that imports this
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.finding import Finding

MARK = b"whetstone:"
"""What stands in every such comment: a text without it has none."""
UNUSED = "unused-suppression"
"""The code that an editor shows one under that nothing needs."""
# A list that is not closed yet asks for nothing: it is being typed.
_ASKING = re.compile(
    rb"#[ \t]*whetstone:[ \t]*ignore(?P<file>-file)?(?:[ \t]*\[(?P<words>[^\]\r\n]*)\]|(?![\w\-\[]|[ \t]+\[))"
)
_WORD = re.compile(rb"[^\s,]+")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment that silences findings, or the part of a comment that does."""

    span: Span
    """From its `#` to the end of its list."""
    words: tuple[tuple[str, Span], ...] | None
    """The codes and names in its list, each with its place; `None` when it has no list, and so means every rule."""
    whole_file: bool
    unused: tuple[int, ...] | None = field(default=(), compare=False)
    """Which of its words silence nothing; `None` when all of it does not. Known after a look at the whole text only."""

    @property
    def extent(self) -> Span:
        """All of the text that its places lie in."""
        return self.span

    def shifted(self, by: int) -> Suppression:
        """Return the same after `by` bytes were inserted before it."""
        words = self.words and tuple((word, span.shifted(by)) for word, span in self.words)
        return replace(self, span=self.span.shifted(by), words=words)

    def means(self, code: str) -> bool:
        """Whether the rule with this code is one of those that are to be silent."""
        return self.words is None or any(_names(word, code) for word, _ in self.words)


def suppressions_in(text: bytes, within: Span, is_comment: Callable[[int], bool]) -> Iterator[Suppression]:
    """Yield what asks for silence in a part of `text`; `is_comment` answers whether a `#` begins or is in a comment."""
    if text.find(MARK, *within) < 0:
        return
    for asking in _ASKING.finditer(text, *within):
        if is_comment(asking.start()):
            yield Suppression(Span(*asking.span()), _words(asking), asking["file"] is not None)


def silencing_in(root: Node, source: bytes, within: Span) -> list[Suppression]:
    """Return the suppressions in comments of a part of `source`; `root` is that of a tree of at least this part."""

    def is_comment(offset: int) -> bool:
        node = root.descendant_for_byte_range(offset, offset + 1)
        return node is not None and node.type == "comment"

    return list(suppressions_in(source, within, is_comment))


def unknown_words(suppressions: Iterable[Suppression]) -> list[tuple[str, Span]]:
    """Return the words in suppressions that name no rule, and so silence nothing, with their places."""
    return [each for suppression in suppressions for each in suppression.words or () if not known(each[0])]


def sifted(
    findings: Sequence[Finding], suppressions: Sequence[Suppression], text: bytes
) -> tuple[list[Finding], list[Suppression]]:
    """Return the findings that nobody silenced, and the suppressions with what is unused in them."""
    places = _Places(findings)
    silenced: set[int] = set()
    judged = []
    for suppression in suppressions:
        silent = [finding for finding in places.meant(suppression, text) if suppression.means(finding.code)]
        silenced.update(map(id, silent))
        judged.append(replace(suppression, unused=_unused(suppression, silent)))
    return [finding for finding in findings if id(finding) not in silenced], judged


def known(word: str) -> bool:
    """Whether a word in a list is the code or the name of a rule."""
    return any(rule.is_called(word) for rule in catalogue.BY_CODE.values())


def covered(suppression: Suppression, text: bytes) -> Span:
    """Return the line that a suppression is about, without its end; with decorators it is several."""
    start = text.rfind(b"\n", 0, suppression.span.start) + 1
    if not text[start : suppression.span.end].lstrip().startswith(b"#"):
        return Span(start, _line_end(text, start))
    start = line = _line_end(text, start) + 1
    while line < len(text) and (first := text[line : _line_end(text, line)].lstrip()[:1]) in {b"#", b"@"}:
        line = _line_end(text, line) + 1
        start = line if first == b"#" else start
    return Span(min(start, len(text)), _line_end(text, line))


class _Places:
    """Findings by where they begin and end, because a file may have hundreds of both these and suppressions."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = findings
        self._by_start = sorted(findings, key=_start)
        self._by_end = sorted(findings, key=_end)

    def meant(self, suppression: Suppression, text: bytes) -> Sequence[Finding]:
        """Return the findings that a suppression is about, whatever rules it names."""
        if suppression.whole_file:
            return self._findings
        line = covered(suppression, text)
        first = bisect_left(self._by_start, line.start, key=_start)
        found = self._by_start[first : bisect_left(self._by_start, line.end, key=_start)]
        if line.holds(suppression.span):  # it stands behind code
            first = bisect_right(self._by_end, line.start, key=_end)
            found += self._by_end[first : bisect_right(self._by_end, line.end, key=_end)]
        return found


def _start(finding: Finding) -> int:
    return finding.span.start


def _end(finding: Finding) -> int:
    return finding.span.end


def _words(asking: re.Match[bytes]) -> tuple[tuple[str, Span], ...] | None:
    if asking["words"] is None:
        return None
    return tuple(
        (word[0].decode("utf-8", "replace"), Span(*word.span()))
        for word in _WORD.finditer(asking.string, *asking.span("words"))
    )


def _unused(suppression: Suppression, silent: Sequence[Finding]) -> tuple[int, ...] | None:
    if not silent:
        return None
    words = suppression.words or ()
    return tuple(
        number for number, (word, _) in enumerate(words) if not any(_names(word, finding.code) for finding in silent)
    )


def _names(word: str, code: str) -> bool:
    """Whether a word names the rule of a finding; of one that is not in the catalogue only its code does."""
    rule = catalogue.BY_CODE.get(code)
    return rule.is_called(word) if rule is not None else word.upper() == code


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    return len(text) if end < 0 else end
