"""Every finding in one text, from a parse of the whole of it."""

from __future__ import annotations

import logging
from hashlib import blake2b
from typing import TYPE_CHECKING

from whetstone_knowledge import rules as catalogue
from whetstone_knowledge.finding import LOOP_WEIGHT, Finding, in_order
from whetstone_knowledge.rule import PythonRule
from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import MARK, sifted, silencing_in, unknown_words
from whetstone_knowledge.syntax.grammar import new_parser
from whetstone_knowledge.syntax.match import LOOPS, Match
from whetstone_knowledge.syntax.query import query_for
from whetstone_knowledge.syntax.segments import cut, ranges_of
from whetstone_knowledge.syntax.units import dotted_name, unit_of
from whetstone_knowledge.trees import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rule import Rule
    from whetstone_knowledge.syntax.facts import Facts

_log = logging.getLogger(__name__)


def find(source: bytes, rules: Sequence[Rule] | None = None) -> list[Finding]:
    """Return every finding of `rules` (all there are, if none are named) in `source`, UTF-8, in order of the text.

    What a comment asks to be silent about is left out.
    """
    root = new_parser().parse(source).root_node
    found = found_in_whole(root, source, selected(rules))
    silencing = silencing_in(root, source, Span(0, len(source)))
    return sifted(found, silencing, source)[0] if silencing else found


def selected(rules: Sequence[Rule] | None) -> tuple[PythonRule, ...]:
    """Return the rules for Python among `rules`, or all there are.

    They are looked up late, because rules are made of what stands in this folder.
    """
    if rules is None:
        return catalogue.PYTHON_RULES
    return tuple(rule for rule in rules if isinstance(rule, PythonRule))


def found_in_whole(root: Node, source: bytes, rules: tuple[PythonRule, ...]) -> list[Finding]:
    """Return the findings in a text of which `root` is the whole tree.

    Where that is broken, each function is read on its own, so that an open bracket in one does not swallow the next.
    """
    segments = cut(source) if root.has_error else None
    if segments is None:
        return found_in(root, source, rules)
    findings = []
    parser = new_parser()
    for segment in segments:
        parser.included_ranges = ranges_of([*segment.heads, Span(segment.start, segment.function_end(source))])
        findings += found_in(parser.parse(source).root_node, source, rules)
    return findings


def found_in(root: Node, source: bytes, rules: tuple[PythonRule, ...]) -> list[Finding]:
    """Return the findings in what was parsed of a text, in order."""
    broken = _Broken(root)
    known: dict[int, Facts] = {}
    findings: dict[tuple[str, Span], Finding] = {}
    for rule, captures in query_for(rules).matches(root):
        finding = _judged(rule, Match(captures, source, root, known), broken)
        if finding is not None:
            findings.setdefault((finding.code, finding.span), finding)
    return sorted(findings.values(), key=in_order)


def strangers(source: bytes) -> list[tuple[str, Span]]:
    """Return the words in suppressions that name no rule, and so silence nothing, with their places."""
    if MARK not in source:
        return []
    return unknown_words(silencing_in(new_parser().parse(source).root_node, source, Span(0, len(source))))


class _Broken:
    """The broken parts of a tree."""

    def __init__(self, root: Node) -> None:
        self._errors = errors(root) if root.has_error else []

    def touches(self, match: Match) -> bool:
        """Whether a match shares a byte with a part the parser could not understand, or a token it made up."""
        if not self._errors:
            return False
        nodes = [node for named in match.captures.values() for node in named]
        start, end = min(node.start_byte for node in nodes), max(node.end_byte for node in nodes)
        return any(error.start < end and start < error.end for error in self._errors)


def _judged(rule: PythonRule, match: Match, broken: _Broken) -> Finding | None:
    """Return the finding a match amounts to; `None` when the rule holds its tongue, breaks, or the code is broken."""
    try:
        if not rule.applies(match):
            return None
        unit, owners = unit_of(match.ancestors)
        if unit is None or broken.touches(match):
            return None
        return _finding(rule, match, unit, owners)
    except Exception:  # noqa: BLE001 -- one broken rule must not silence the others
        _log.exception("rule %s (%s) failed and was skipped here", rule.code, rule.name)
        return None


def _finding(rule: PythonRule, match: Match, unit: Node, owners: Sequence[Node]) -> Finding:
    spans = sorted(
        ((name, Span(node.start_byte, node.end_byte)) for name, nodes in match.captures.items() for node in nodes),
        key=lambda capture: (capture[1].start, -capture[1].end),
    )
    return Finding(
        code=rule.code,
        span=Span(match.here.start_byte, match.here.end_byte),
        message=_message(rule, match),
        severity=rule.severity,
        impact=_impact(rule, match),
        fix=rule.fix,
        function=dotted_name(owners, match.source),
        unit=Span(unit.start_byte, unit.end_byte),
        captures=tuple(spans),
        fingerprint=blake2b(match.source[unit.start_byte : unit.end_byte], digest_size=8).hexdigest(),
    )


def _impact(rule: PythonRule, match: Match) -> int:
    """Return the rule's own weight plus `LOOP_WEIGHT` for each loop that repeats the place, 100 at most.

    The innermost loop of a rule that needs one is already in its weight.
    """
    loops = len(match.loops) - (1 if rule.needs_loop and match.here.type not in LOOPS else 0)
    return min(100, rule.weight + LOOP_WEIGHT * max(0, loops))


def _message(rule: PythonRule, match: Match) -> str:
    """Return the rule's sentence with the captured texts put in, each on one line and cut where it gets long."""
    return rule.said({name: match.text(name) for name, nodes in match.captures.items() if nodes})
