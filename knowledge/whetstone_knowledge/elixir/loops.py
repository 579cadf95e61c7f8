"""Values that stay the same through a loop, and where they can be made before it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.blocks import SHORT_CUTS, is_branch
from whetstone_knowledge.elixir.calls import is_call_of, operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.modules import DEFINITIONS
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.match import Match, Replacement

_BLOCKS = frozenset({"do_block", "body", "else_block", "after_block", "rescue_block", "catch_block"})


def is_item(match: Match, node: Node, loop: Node) -> bool:
    """Whether the value of an expression comes from the item of a loop."""
    bound = {*bound_in(loop, match.whole)}
    if any(match.text(each) in bound for each in variables(node)):
        return True
    return any(each.type == "unary_operator" and match.text(each)[1:].isdigit() for each in below(node))


def outermost_without(match: Match, name: str) -> Node | None:
    """Return the outermost of the loops around through which a variable stays the same; `None` for no loop."""
    found = None
    for loop in match.loops:
        if name in bound_in(loop, match.whole):
            break
        found = loop
    return found


def before_loop(match: Match, loop: Node, name: str, line: str) -> Replacement:
    """Return the insertion of a line, which reads a variable, before the statement that a loop is part of.

    Raises `Refused` where no line can stand there.
    """
    statement = _statement(match, loop)
    check_moves_up(match, statement, loop, name)
    # As the formatter has it, an empty line stands before a statement of several lines.
    apart = "\n" if statement.end_point.row > statement.start_point.row else ""
    return match.inserted(statement.start_byte, f"{line}\n{apart}{match.indent(statement)}")


def check_moves_up(match: Match, statement: Node, node: Node, name: str) -> None:
    """Raise `Refused` where reading a variable before a statement is not what reading it at a node in there is.

    That is so where the statement binds it first, and where it comes to the node only in some case.
    """
    path = [*match.whole.path_to(node), node]
    if name in _bound_before(match, statement, node):
        raise Refused(f"the statement itself says what `{name}` is; write it on a line of its own first")
    if any(_may_pass_over(outer, inner) for outer, inner in itertools.pairwise(path[path.index(statement) :])):
        raise Refused(f"`{name}` is read only in some case here; write that case with `do` and `end` first")


def _statement(match: Match, loop: Node) -> Node:
    """Return the statement that a loop is part of; raises `Refused` where no line can stand before it."""
    path = match.ancestors[: list(match.ancestors).index(loop) + 1]
    for statement, block in itertools.pairwise(reversed(path)):
        if is_call_of(block, *DEFINITIONS):
            break
        if block.type in _BLOCKS and statement.type != "stab_clause":
            start = match.whole.source.rfind(b"\n", 0, statement.start_byte) + 1
            if match.whole.source[start : statement.start_byte].strip():
                break
            return statement
    raise Refused("no line can stand before the loop: write the function with `do` and `end` first")


def _bound_before(match: Match, statement: Node, node: Node) -> Iterator[str]:
    """Yield the names that a statement binds before it comes to a node in it."""
    for inner in below(statement):
        sides = operands(inner)
        if sides is not None and sides[1] in {"=", "<-"} and sides[2].end_byte <= node.start_byte:
            yield from (match.text(each) for each in variables(sides[0]))


def _may_pass_over(outer: Node, inner: Node) -> bool:
    """Whether an expression may be worked out without what stands in it."""
    sides = operands(outer)
    if sides is not None:
        return sides[1] in SHORT_CUTS and sides[2] == inner
    if outer.type == "arguments":
        return outer.parent is not None and is_call_of(outer.parent, "with") and outer.named_children[0] != inner
    return is_branch(outer)


def fresh(match: Match, name: str) -> str:
    """Return a name for a new variable: this one, or one with a number where the function has it already."""
    clause = match.clause
    text = match.text(clause.node) if clause is not None else ""
    taken = frozenset(re.findall(r"\w+", text))
    numbered = (f"{name}{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)
