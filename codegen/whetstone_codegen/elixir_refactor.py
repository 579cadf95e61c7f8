"""One finding put right in an Elixir text, by replacing text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_codegen.edits import Edit, applied
from whetstone_codegen.rewrite import Rewrite
from whetstone_knowledge.elixir.find import matches
from whetstone_knowledge.elixir.grammar import new_parser
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from whetstone_knowledge.elixir.match import Match
    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import ElixirRule


def rewritten(source: bytes, finding: Finding, rule: ElixirRule) -> Rewrite:
    """Return the rewrite of `finding`, found by `rule` in `source` (UTF-8, any newlines).

    Raises `Refused` with one sentence when the rule cannot rewrite it safely.
    """
    if rule.fix == "none":
        raise Refused("there is no rewrite for this")
    match = _match(source, finding, rule)
    newline = "\r\n" if b"\r\n" in source else "\n"
    edits = tuple(
        sorted(Edit(span, text.replace("\r\n", "\n").replace("\n", newline)) for span, text in rule.mend(match))
    )
    new = _made(source, edits)
    if new_parser().parse(new).root_node.has_error:
        raise Refused("the rewritten code would not parse")
    return Rewrite(finding.function or "", edits, new)


def _match(source: bytes, finding: Finding, rule: ElixirRule) -> Match:
    """Return the place of the finding in the text as it is."""
    text = read(source)
    if text.broken:
        raise Refused("the file does not parse just now")
    for _, match in matches(text, (rule,)):
        if Span(match.here.start_byte, match.here.end_byte) == finding.span:
            return match
    raise Refused("what it was for is not there any more")


def _made(source: bytes, edits: tuple[Edit, ...]) -> bytes:
    """Return the text with the edits made."""
    new = applied(source, edits)
    if new == source:
        raise Refused("the rewrite would change nothing")
    return new
