"""A cold scan of a text: only the functions in which some rule could find something are parsed."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from whetstone_knowledge.spans import Span
from whetstone_knowledge.syntax.find import find, found_in, selected
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.segments import cut, ranges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

    def __init__(self, anywhere: Iterable[bytes], in_loops: Iterable[bytes], patterns: Iterable[_Pattern]) -> None:
        self._anywhere = _shortest(anywhere)
        self._in_loops = _shortest([*self._anywhere, *in_loops])[len(self._anywhere) :]
        self._patterns = list(patterns)

    def within(self, text: bytes) -> _Triggers:
        """Return those that stand in `text` at all, so that nobody looks for the others in each part of it."""
        loops = _LOOP.search(text) is not None
        return _Triggers(
            [word for word in self._anywhere if word in text],
            [word for word in self._in_loops if loops and word in text],
            [pattern for pattern in self._patterns if any(word in text for word in pattern.words)],
        )

    def __bool__(self) -> bool:
        return bool(self._anywhere or self._in_loops or self._patterns)

    def pulled(self, text: bytes, start: int, end: int, *, loops: bool) -> bool:
        """Whether some rule could find something between `start` and `end`, where `loops` says if there are any."""
        if any(text.find(word, start, end) >= 0 for word in self._anywhere):
            return True
        # Most functions have no loop, so that is the question to begin with.
        if loops and any(text.find(word, start, end) >= 0 for word in self._in_loops):
            return True
        return any(pattern.pulled(text, start, end) for pattern in self._patterns)


class _Pattern:
    """The words and the regular expression of one rule."""

    def __init__(self, rule: Rule) -> None:
        self.words = [word.encode() for word in rule.literals]
        self._pattern = re.compile(rule.trigger.encode(), re.DOTALL)

    def pulled(self, text: bytes, start: int, end: int) -> bool:
        """Whether the rule could find something between `start` and `end`."""
        if not any(text.find(word, start, end) >= 0 for word in self.words):
            return False
        return any(match.lastindex for match in self._pattern.finditer(text, start, end))


def _shortest(words: Iterable[bytes]) -> list[bytes]:
    """Return the words that contain none of those before them; where they stand, these do too."""
    kept: list[bytes] = []
    for word in words:
        if not any(other in word for other in kept):
            kept.append(word)
    return kept


@lru_cache(maxsize=16)
def _triggers(rules: tuple[Rule, ...]) -> _Triggers:
    python = [rule for rule in rules if rule.language == "python"]
    plain = [rule for rule in python if not rule.trigger]
    anywhere = {word.encode() for rule in plain if not rule.needs_loop for word in rule.literals}
    in_loops = {word.encode() for rule in plain if rule.needs_loop for word in rule.literals}
    patterns = [_Pattern(rule) for rule in python if rule.trigger]
    return _Triggers(sorted(anywhere, key=len), sorted(in_loops, key=len), patterns)


def _wanted_spans(source: bytes, triggers: _Triggers) -> list[Span] | None:
    """Return the parts of `source` to parse; `None` when it should be parsed as a whole."""
    triggers = triggers.within(source)
    if not triggers:
        return []
    segments = cut(source)
    if segments is None:
        return None
    spans: list[Span] = []
    loops = [match.start() for match in _LOOP.finditer(source)]
    for segment in segments:
        looping = bisect_left(loops, segment.start) < bisect_left(loops, segment.end)
        if triggers.pulled(source, segment.start, segment.end, loops=looping):
            spans.extend(head for head in segment.heads if not spans or head.start >= spans[-1].end)
            spans.append(Span(segment.start, segment.function_end(source)))
    read = sum(span.end - span.start for span in spans)
    return spans if read < _WORTH_A_CUT * len(source) else None
