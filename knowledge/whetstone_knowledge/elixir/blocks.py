"""Blocks of Elixir: their statements, and what they result in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import items, operands, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match

SECTIONS = frozenset({"after_block", "catch_block", "else_block", "rescue_block"})
"""What may follow the statements of a `do` block."""
_BRANCHING = frozenset({"case", "cond", "if", "unless", "with", "try", "receive"})
SHORT_CUTS = frozenset({"&&", "||", "and", "or"})
"""Operators that may do without their right side."""


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


def touching(statement: Node) -> tuple[bool, bool]:
    """Whether something stands right above a statement, other than its comment, and right below it."""
    above, below = statement.prev_named_sibling, statement.next_named_sibling
    return (
        above is not None and above.type != "comment" and above.end_point.row == statement.start_point.row - 1,
        below is not None and below.start_point.row == statement.end_point.row + 1,
    )


def straight(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the nodes in some statements that are reached whatever the case: in no branch and in no `fn`."""
    waiting = [*reversed(nodes)]
    while waiting:
        node = waiting.pop()
        if node.type in {"anonymous_function", "do_block"} or is_branch(node):
            continue
        yield node
        sides = operands(node)
        below = node.named_children if sides is None or sides[1] not in SHORT_CUTS else [sides[0]]
        waiting += reversed(below)


def is_branch(node: Node) -> bool:
    """Whether a node is what stands behind `do:` or `else:`."""
    key = node.child_by_field_name("key") if node.type == "pair" else None
    return key is not None and (key.text or b"").strip() in {b"do:", b"else:"}


def is_dropped(match: Match, node: Node) -> bool:
    """Whether nobody gets the value of an expression: more follows in its block, or nobody gets that of the block."""
    block = node.parent
    if block is None or block.type not in {"body", "do_block", *SECTIONS}:
        return False
    plain = statements(items(block))
    if not plain or plain[-1] != node:
        return True
    around = block.parent
    if block.type == "body" and around is not None:  # of an arrow
        block, around = around, around.parent
    if around is None or around.type == "anonymous_function":
        given = around.parent if around is not None else None
        call = match.read(given.parent) if given is not None and given.parent is not None else None
        return call is not None and call.to("Enum", "each")
    while around is not None and around.type != "call":
        around = around.parent
    target = around.child_by_field_name("target") if around is not None else None
    if around is None or target is None or match.text(target) not in _BRANCHING:
        return False
    return is_dropped(match, around)


def _results_of(node: Node) -> Iterator[Node]:
    target = node.child_by_field_name("target") if node.type == "call" else None
    name = (target.text or b"").decode() if target is not None else ""
    if name not in _BRANCHING:
        yield node
        return
    for child in node.named_children:
        if child.type == "do_block":
            yield from _branches(child)
            # What stands behind `after` is a result of `receive`, and none of `try`.
            for section in child.named_children if name == "receive" else ():
                if section.type == "after_block":
                    yield from _branches(section)
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
