"""A cold scan of a text: only the functions in which some rule could find something are parsed."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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
    """Return what `find` returns, for less: functions in which no rule's trigger is pulled are left unread."""
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


class _Part(NamedTuple):
    """A part of a text, or all of it."""

    start: int
    end: int
    loop: int
    """Where the first loop in it begins; its end when there is none."""


class _Trigger:
    """What stands in every function in which one rule finds something, behind a loop if it needs one."""

    def __init__(self, rule: Rule) -> None:
        self._needs_loop = rule.needs_loop
        self._words = [word.encode() for word in rule.literals]
        self._pattern = re.compile(rule.trigger.encode(), re.DOTALL) if rule.trigger else None

    def is_near(self, text: bytes, part: _Part) -> bool:
        """Whether one of the rule's words stands in `part`."""
        begin, end = part.loop if self._needs_loop else part.start, part.end
        return begin < end and any(text.find(word, begin, end) >= 0 for word in self._words)

    def is_pulled(self, text: bytes, part: _Part) -> bool:
        """Whether the rule could find something in `part`."""
        if not self.is_near(text, part):
            return False
        begin = part.loop if self._needs_loop else part.start
        return self._pattern is None or any(each.lastindex for each in self._pattern.finditer(text, begin, part.end))


@lru_cache(maxsize=16)
def _triggers(rules: tuple[Rule, ...]) -> tuple[_Trigger, ...]:
    return tuple(_Trigger(rule) for rule in rules if rule.language == "python")


def _wanted_spans(source: bytes, triggers: Sequence[_Trigger]) -> list[Span] | None:
    """Return the parts of `source` to parse; `None` when it should be parsed as a whole."""
    loops = [match.start() for match in _LOOP.finditer(source)]
    # Asked of the whole text first, so that nobody looks for rare words in each part of it.
    whole = _part(0, len(source), loops)
    triggers = [trigger for trigger in triggers if trigger.is_near(source, whole)]
    if not triggers:
        return []
    segments = cut(source)
    if segments is None:
        return None
    spans: list[Span] = []
    for segment in segments:
        part = _part(segment.start, segment.end, loops)
        if any(trigger.is_pulled(source, part) for trigger in triggers):
            spans.extend(head for head in segment.heads if not spans or head.start >= spans[-1].end)
            spans.append(Span(segment.start, segment.function_end(source)))
    read = sum(span.end - span.start for span in spans)
    return spans if read < _WORTH_A_CUT * len(source) else None


def _part(start: int, end: int, loops: Sequence[int]) -> _Part:
    first = bisect_left(loops, start)
    return _Part(start, end, loops[first] if first < len(loops) and loops[first] < end else end)
