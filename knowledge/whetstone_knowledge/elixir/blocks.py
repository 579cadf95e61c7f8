"""Blocks of Elixir: their statements, and what they result in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

SECTIONS = frozenset({"after_block", "catch_block", "else_block", "rescue_block"})
"""What may follow the statements of a `do` block."""
_BRANCHING = frozenset({"case", "cond", "if", "unless", "with", "try", "receive"})


def statements(nodes: Sequence[Node]) -> Sequence[Node]:
    """Return what of the contents of a block stands before its `rescue`, `catch`, `else` and `after`."""
    return [node for node in nodes if node.type not in SECTIONS]


def results(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield every expression whose value the contents of a block may have: the last one, or that of each branch."""
    plain = statements(nodes)
    if plain:
        yield from _results_of(plain[-1])
    for node in nodes:
        if node.type in SECTIONS - {"after_block"}:
            yield from _branches(node)


def _results_of(node: Node) -> Iterator[Node]:
    target = node.child_by_field_name("target") if node.type == "call" else None
    if target is None or (target.text or b"").decode() not in _BRANCHING:
        yield node
        return
    for child in node.named_children:
        if child.type == "do_block":
            yield from _branches(child)
        elif child.type == "arguments":  # if ready?, do: 1, else: 2
            for pair in pairs(child):
                value = pair.child_by_field_name("value")
                if value is not None:
                    yield from _results_of(value)


def _branches(block: Node) -> Iterator[Node]:
    """Yield the results of a block, whose contents are statements or clauses with an arrow."""
    inside = items(block)
    if inside and inside[0].type == "stab_clause":
        for clause in inside:
            if clause.type == "stab_clause":
                body = clause.child_by_field_name("right")
                yield from results(items(body) if body is not None else [])
        inside = [node for node in inside if node.type in SECTIONS]
    yield from results(inside)
