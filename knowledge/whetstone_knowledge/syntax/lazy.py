"""A cold scan of a text: only the functions in which some rule could find something are parsed."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import MARK
from whetstone_knowledge.syntax.find import find, found_in, selected
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.segments import cut, ranges_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import PythonRule, Rule

_LOOP = re.compile(rb"\n[ \t\x0c]*+(?=[afw])(?:async[ \t]+)?(?:for|while)\b")
_WORTH_A_CUT = 0.9
"""Above this share of the text, reading all of it costs less than reading parts."""


def find_lazily(source: bytes, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return what `find` returns, for less: functions in which no rule's trigger is pulled are left unread."""
    chosen = selected(rules)
    wanted = _wanted_spans(source, _triggers(chosen))
    if wanted is None or (wanted and MARK in source):
        return find(source, chosen)
    if not wanted:
        return []
    parser = new_parser()
    parser.included_ranges = ranges_of(wanted)
    root = parser.parse(source).root_node
    if root.has_error:
        return find(source, chosen)
    return found_in(root, source, chosen)


class _Trigger:
    """What stands in every function in which one rule finds something, behind its first loop if the rule needs one."""

    def __init__(self, rule: PythonRule) -> None:
        self.needs_loop = rule.needs_loop
        self.words = [word.encode() for word in rule.literals]
        self._pattern = re.compile(rule.trigger.encode(), re.DOTALL) if rule.trigger else None

    def is_pulled(self, text: bytes, place: Span) -> bool:
        """Whether the rule could find something in a place near which it is."""
        return self._pattern is None or any(each.lastindex for each in self._pattern.finditer(text, *place))

    def near(self, text: bytes, places: Sequence[Span]) -> Iterator[Span]:
        """Yield those of `places`, which are in order, in which one of the rule's words stands, once for each word."""
        for word in self.words:
            at = -1
            for place in places:
                # Looked for in the text and not in each place, for most words are rare.
                if at < place.start:
                    at = text.find(word, place.start)
                    if at < 0:
                        break
                if at < place.end:
                    yield place


@lru_cache(maxsize=16)
def _triggers(rules: tuple[PythonRule, ...]) -> tuple[_Trigger, ...]:
    return tuple(_Trigger(rule) for rule in rules)


def _wanted_spans(source: bytes, triggers: Sequence[_Trigger]) -> list[Span] | None:
    """Return the parts of `source` to parse; `None` when it should be parsed as a whole."""
    loops = [match.start() for match in _LOOP.finditer(source)]
    possible = (trigger for trigger in triggers if loops or not trigger.needs_loop)
    if not any(word in source for trigger in possible for word in trigger.words):
        return []
    segments = cut(source)
    if segments is None:
        return None
    functions = [Span(segment.start, segment.end) for segment in segments]
    behind_loops = list(_behind_loops(functions, loops))
    pulled: set[int] = set()
    for trigger in triggers:
        for place in trigger.near(source, behind_loops if trigger.needs_loop else functions):
            if place.end not in pulled and trigger.is_pulled(source, place):
                pulled.add(place.end)
    spans: list[Span] = []
    for segment in segments:
        if segment.end in pulled:
            spans.extend(head for head in segment.heads if not spans or head.start >= spans[-1].end)
            spans.append(Span(segment.start, segment.function_end(source)))
    read = sum(span.end - span.start for span in spans)
    return spans if read < _WORTH_A_CUT * len(source) else None


def _behind_loops(functions: Sequence[Span], loops: Sequence[int]) -> Iterator[Span]:
    """Yield what stands behind the first loop of each function that has one."""
    for function in functions:
        first = bisect_left(loops, function.start)
        if first < len(loops) and loops[first] < function.end:
            yield Span(loops[first], function.end)
