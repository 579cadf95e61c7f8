"""Chains of calls, piped or nested: the step before a call, and one call in place of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.calls import items
from whetstone_knowledge.elixir.match import Replacement
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match


class Steps(NamedTuple):
    """Two calls of which the second takes the result of the first as its first argument."""

    first: Call
    second: Call


def steps(match: Match) -> Steps | None:
    """Return the call that stands here with the one before it; `None` where there are no two."""
    second = match.call
    first = step_before(match, second) if second is not None else None
    return Steps(first, second) if first is not None and second is not None else None


def step_before(match: Match, call: Call) -> Call | None:
    """Return the call whose result another gets first, by a pipe or between its brackets; it has an argument itself."""
    if not call.arguments or call.block is not None:
        return None
    before = match.read(bare(call.arguments[0]))
    return before if before is not None and before.arguments and before.block is None else None


def bare(node: Node) -> Node:
    """Return what stands between parentheses; any other node is returned as it is."""
    while node.type == "block":
        held = items(node)
        if len(held) != 1:
            break
        node = held[0]
    return node


def merged(match: Match, two: Steps, function: str, *arguments: Node) -> Replacement:
    """Return one call in place of two, of what the first was given and these arguments: in a pipe where that was one.

    Raises `Refused` where a comment would be lost.
    """
    first, second = two
    subject = first.arguments[0]
    in_pipe = first.piped and second.piped
    start = first.node if in_pipe else second.whole
    kept = arguments if in_pipe else (subject, *arguments)
    span = Span(start.start_byte, second.whole.end_byte)
    match.spare_comments(second.whole, span, kept)
    return Replacement(span, f"{function}({', '.join(match.moved(node, start) for node in kept)})")
