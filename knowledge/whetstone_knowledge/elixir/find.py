"""Every finding in one Elixir text."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge import rules as catalogue
from whetstone_knowledge.elixir.match import Match
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.finding import LOOP_WEIGHT, Finding, in_order
from whetstone_knowledge.rule import ElixirRule
from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import MARK, sifted, silencing_in, unknown_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.text import Text
    from whetstone_knowledge.rule import Rule
    from whetstone_knowledge.suppression import Suppression

_TOKEN = re.compile(rb"\w+")
_log = logging.getLogger(__name__)


def find(source: bytes, rules: Sequence[Rule] | None = None, path: str | None = None) -> list[Finding]:
    """Return every finding of `rules` in `source`, UTF-8, in order of the text.

    Without `rules`, those that speak unasked; `path` tells tests and scripts from other code. What a comment asks to
    be silent about is left out.
    """
    text = read(source, path)
    found = found_in(text, selected(rules))
    silencing = suppressions_of(text)
    return sifted(found, silencing, source)[0] if silencing else found


def selected(rules: Sequence[Rule] | None) -> tuple[ElixirRule, ...]:
    """Return the rules for Elixir among `rules`, or all that speak unasked."""
    if rules is None:
        return tuple(rule for rule in catalogue.elixir_rules() if not rule.on_request)
    return tuple(rule for rule in rules if isinstance(rule, ElixirRule))


def found_in(text: Text, rules: tuple[ElixirRule, ...]) -> list[Finding]:
    """Return the findings in a text, in order."""
    findings: dict[tuple[str, Span], Finding] = {}
    for rule, match in matches(text, rules):
        finding = _finding(rule, match)
        findings.setdefault((finding.code, finding.span), finding)
    return sorted(findings.values(), key=in_order)


def suppressions_of(text: Text) -> list[Suppression]:
    """Return the comments in a text that ask for silence."""
    return silencing_in(text.root, text.source, Span(0, len(text.source)))


def strangers(source: bytes) -> list[tuple[str, Span]]:
    """Return the words in suppressions that name no rule, and so silence nothing, with their places."""
    if MARK not in source:
        return []
    return unknown_words(suppressions_of(read(source)))


def matches(text: Text, rules: tuple[ElixirRule, ...]) -> Iterator[tuple[ElixirRule, Match]]:
    """Yield each place at which a rule says that it applies, with the rule."""
    written = frozenset(_TOKEN.findall(text.source))
    for word in _words(rules):
        if not word.tokens <= written:
            continue
        asked = [rule for rule, beside in word.rules if beside <= written and not (rule.leaves_tests and text.is_test)]
        for leaf in _leaves(text, word.pattern) if asked else ():
            match = Match(leaf, text)
            for rule in asked:
                match = match.again()
                if _applies(rule, match):
                    yield rule, match


class _Word(NamedTuple):
    """A word at which rules begin to look."""

    tokens: frozenset[bytes]
    """What stands in every text that has it; nothing for an operator."""
    pattern: re.Pattern[bytes]
    rules: list[tuple[ElixirRule, frozenset[bytes]]]
    """Who begins there, with what has to stand in the text beside it."""


@lru_cache(maxsize=16)
def _words(rules: tuple[ElixirRule, ...]) -> Sequence[_Word]:
    """Return every word of the rules, with those that begin at it."""
    found: dict[str, _Word] = {}
    for rule in rules:
        for word in rule.words:
            known = found.setdefault(word, _Word(_tokens(word), _pattern(word), []))
            known.rules.append((rule, _tokens(*rule.beside)))
    return tuple(found.values())


def _tokens(*words: str) -> frozenset[bytes]:
    return frozenset(token for word in words for token in _TOKEN.findall(word.encode()))


def _pattern(word: str) -> re.Pattern[bytes]:
    """Return what finds a word as a token; the literal comes first, because that is looked for the fastest."""
    before = r"(?<![\w.])" if word[0].isupper() else r"(?<!\w)"
    if word[0].isidentifier() or word[0] == ":":
        behind = "" if word[-1] == ":" else r"(?![\w?!])" if word[-1] not in "?!" else ""
        return re.compile(f"{re.escape(word)}{behind}{before[:3]}{before[3:-1]}{re.escape(word)})".encode())
    return re.compile(re.escape(word).encode())


def _leaves(text: Text, pattern: re.Pattern[bytes]) -> Iterator[Node]:
    """Yield the tokens that a pattern finds; what stands in strings and comments is none."""
    for found in pattern.finditer(text.source):
        leaf = text.root.descendant_for_byte_range(*found.span())
        if leaf is None or leaf.start_byte != found.start() or leaf.type in {"quoted_content", "comment"}:
            continue
        if leaf.end_byte == found.end() or (leaf.type == "keyword" and found[0].endswith(b":")):
            yield leaf


def _applies(rule: ElixirRule, match: Match) -> bool:
    """Whether a rule finds something here; no when it breaks, or when it would speak of what cannot be read."""
    try:
        if not rule.applies(match):
            return False
        module = match.module
        if rule.leaves_tests and module is not None and module.is_test:
            return False
        judged = module.node if rule.needs_whole_module and module is not None else match.here
        return match.whole.is_whole(judged) and (rule.reads_macros or not match.in_generated_code)
    except Exception:  # noqa: BLE001 -- one broken rule must not silence the others
        _log.exception("rule %s (%s) failed and was skipped here", rule.code, rule.name)
        return False


def _finding(rule: ElixirRule, match: Match) -> Finding:
    clause = match.clause
    here = Span(match.here.start_byte, match.here.end_byte)
    unit = Span(clause.node.start_byte, clause.node.end_byte) if clause is not None else None
    marked = unit or here
    captures = (
        (name, Span(node.start_byte, node.end_byte)) for name, nodes in match.captures.items() for node in nodes
    )
    return Finding(
        code=rule.code,
        span=here,
        message=rule.said({name: match.text(nodes[0]) for name, nodes in match.captures.items()}),
        severity=rule.severity,
        impact=min(100, rule.weight + LOOP_WEIGHT * len(match.loops)),
        fix="review" if match.asks_for_review and rule.fix == "mechanical" else rule.fix,
        function=_function(match),
        unit=unit,
        captures=tuple(sorted(captures, key=lambda capture: (capture[1].start, -capture[1].end))),
        fingerprint=blake2b(match.whole.source[marked.start : marked.end], digest_size=8).hexdigest(),
    )


def _function(match: Match) -> str | None:
    """Return `Module.function/arity`, as Elixir writes it."""
    clause, module = match.clause, match.module
    if clause is None:
        return None
    return f"{module.name}.{clause.name}/{clause.arity}" if module is not None else f"{clause.name}/{clause.arity}"
