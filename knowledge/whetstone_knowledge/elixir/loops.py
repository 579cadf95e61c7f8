"""Values that stay the same through a loop, and where they can be made before it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import is_call_of
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.elixir.modules import DEFINITIONS
from whetstone_knowledge.elixir.variables import bound_in
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
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


def before_loop(match: Match, loop: Node, line: str) -> Replacement:
    """Return the insertion of a line before the statement that a loop is part of.

    Raises `Refused` where no line can stand there.
    """
    path = match.ancestors[: list(match.ancestors).index(loop) + 1]
    for outer, inner in itertools.pairwise(reversed(path)):
        block, statement = inner, outer
        if is_call_of(block, *DEFINITIONS):
            break
        if block.type in _BLOCKS and statement.type != "stab_clause":
            indent = match.indent(statement)
            start = match.whole.source.rfind(b"\n", 0, statement.start_byte) + 1
            if match.whole.source[start : statement.start_byte].strip():
                break
            # As the formatter has it, an empty line stands before a statement of several lines.
            apart = "\n" if statement.end_point.row > statement.start_point.row else ""
            return match.inserted(statement.start_byte, f"{line}\n{apart}{indent}")
    raise Refused("no line can stand before the loop: write the function with `do` and `end` first")


def fresh(match: Match, name: str) -> str:
    """Return a name for a new variable: this one, or one with a number where the function has it already."""
    clause = match.clause
    text = match.text(clause.node) if clause is not None else ""
    taken = frozenset(re.findall(r"\w+", text))
    numbered = (f"{name}{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)
