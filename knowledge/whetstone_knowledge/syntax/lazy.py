"""A cold scan of a text: only the functions in which some rule could find something are parsed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span
from whetstone_knowledge.syntax.find import find, found_in, selected
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.segments import cut, ranges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule

_LOOP = re.compile(rb"\n[ \t\x0c]*(?:async[ \t]+)?(?:for|while)\b")
_WORTH_A_CUT = 0.9
"""Above this share of the text, reading all of it costs less than reading parts."""


def find_lazily(source: bytes, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return what `find` returns, for less: functions without a rule's words, or without a loop, are left unread."""
    chosen = selected(rules)
    wanted = _wanted_spans(source, _triggers(chosen))
    if wanted is None:
        return find(source, chosen)
    if not wanted:
        return []
    parser = new_parser()
    parser.included_ranges = ranges_of(wanted)
    root = parser.parse(source).root_node
    if root.has_error:
        return find(source, chosen)
    return found_in(root, source, chosen)


class _Triggers:
    """Which words, with or without a loop, make a text worth parsing."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        python = [rule for rule in rules if rule.language == "python"]
        anywhere = {word.encode() for rule in python if not rule.needs_loop for word in rule.literals}
        in_loops = {word.encode() for rule in python if rule.needs_loop for word in rule.literals} - anywhere
        self._anywhere = sorted(anywhere, key=len)
        self._in_loops = sorted(in_loops, key=len)

    def pulled(self, text: bytes, start: int, end: int) -> bool:
        """Whether some rule could find something between `start` and `end`."""
        if any(text.find(word, start, end) >= 0 for word in self._anywhere):
            return True
        if not any(text.find(word, start, end) >= 0 for word in self._in_loops):
            return False
        return _LOOP.search(text, start, end) is not None


@lru_cache(maxsize=16)
def _triggers(rules: tuple[Rule, ...]) -> _Triggers:
    return _Triggers(rules)


def _wanted_spans(source: bytes, triggers: _Triggers) -> list[Span] | None:
    """Return the parts of `source` to parse; `None` when it should be parsed as a whole."""
    if not triggers.pulled(source, 0, len(source)):
        return []
    segments = cut(source)
    if segments is None:
        return None
    spans: list[Span] = []
    for segment in segments:
        if triggers.pulled(source, segment.start, segment.end):
            spans.extend(head for head in segment.heads if not spans or head.start >= spans[-1].end)
            spans.append(Span(segment.start, segment.function_end(source)))
    read = sum(span.end - span.start for span in spans)
    return spans if read < _WORTH_A_CUT * len(source) else None
