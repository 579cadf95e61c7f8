"""What a reduce carries from one item to the next, and what its function does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.elixir.blocks import results
from whetstone_knowledge.elixir.branches import branches, section
from whetstone_knowledge.elixir.calls import is_call_of, items, operands, option, pairs
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.branches import Branch
    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.match import Match

_REDUCES = frozenset(
    {
        *(("Enum", name) for name in ("reduce", "reduce_while", "map_reduce", "flat_map_reduce")),
        *((module, name) for module in ("List", ":lists") for name in ("foldl", "foldr")),
    }
)


class Reduction(NamedTuple):
    """A function that is called with each item and with what it resulted in before."""

    call: Call
    """What calls it: `Enum.reduce` and its like, or `for` with `reduce:`."""
    branches: Sequence[Branch]
    branch: Branch
    """The one of interest."""
    initial: Node | None
    """What it is first called with; `None` where that is an item."""

    def carries(self, name: str, match: Match) -> bool:
        """Whether a variable is bound in the pattern for what is carried on."""
        return any(match.text(each) == name for each in variables(self.branch.patterns[-1]))


def passes_on(branch: Branch, node: Node) -> bool:
    """Whether a branch results in a value that it works out: by itself, or as part of a tuple or a changed map."""
    passed = [part for result in results(branch.body) for part in _parts(result)]
    if node in passed:
        return True
    name = _given_name(node)
    return name is not None and name in {part.text for part in passed if part.type == "identifier"}


def growths(match: Match, branch: Branch, grown: Callable[[Node], Node | None]) -> list[Node]:
    """Return the results of a branch that make what is carried on grow, when its others pass it on as it is.

    `grown` says which variable an expression makes grow. Raises `Refused` where the branch does anything else with what
    is carried on.
    """
    carried = branch.patterns[-1]
    if carried.type != "identifier":
        raise Refused("it is carried on together with something else")
    name = match.text(carried)
    outcomes = list(results(branch.body))
    growing = [node for node in outcomes if (each := grown(node)) is not None and match.text(each) == name]
    passing = [node for node in outcomes if match.text(node) == name]
    halves = [node for node in below(*branch.body) if _may_give_nil(match, node)]
    if any(outcome in below(half) for half in halves for outcome in outcomes):
        raise Refused(f"an `if` without `else` gives `nil` in place of `{name}`")
    if len(growing) + len(passing) != len(outcomes) or len(outcomes) != mentions(match, branch, name):
        raise Refused(f"the function does something else with `{name}` too")
    return growing


def _may_give_nil(match: Match, node: Node) -> bool:
    """Whether a node is an `if` or `unless` that says nothing of the other case."""
    call = match.read(node) if is_call_of(node, "if", "unless") else None
    if call is None:
        return False
    return call.option("else") is None and (call.block is None or section(call.block, "else") is None)


def mentions(match: Match, branch: Branch, name: str) -> int:
    """Return how often a variable stands in the guard and the body of a branch."""
    parts = [*branch.body, *((branch.guard,) if branch.guard is not None else ())]
    return sum(match.text(node) == name for part in parts for node in variables(part))


def reduction(match: Match) -> Reduction | None:
    """Return the reduction whose function this stands in, with no other function between; `None` outside of any."""
    path = match.ancestors
    for depth in range(len(path) - 1, 1, -1):
        clause, function = path[depth], path[depth - 1]
        if clause.type != "stab_clause" or function.type not in {"anonymous_function", "do_block"}:
            continue
        found = _reduction(match, clause, function, path[:depth])
        if found is not None or function.type == "anonymous_function":
            return found
    return None


def _reduction(match: Match, clause: Node, function: Node, path: Sequence[Node]) -> Reduction | None:
    around = next((node for node in reversed(path[-3:-1]) if node.type == "call"), None)
    call = match.read(around) if around is not None else None
    every = list(branches(function))
    branch = next(each for each in every if each.node == clause)
    if call is None or not branch.patterns:
        return None
    if function.type == "do_block":
        initial = option(call.arguments[-1], "reduce") if call.is_local and call.name == "for" else None
        return Reduction(call, every, branch, initial) if initial is not None else None
    if (call.module, call.name) not in _REDUCES or function not in call.arguments:
        return None
    # List.foldl(list, acc, fun) and Enum.reduce(list, acc, fun), but :lists.foldl(fun, acc, list).
    initial = call.arguments[1] if len(call.arguments) == 3 else None
    return Reduction(call, every, branch, initial)


def _parts(node: Node) -> Iterator[Node]:
    """Yield a result, and what it holds if it is a tuple, parentheses or a map."""
    yield node
    if node.type in {"tuple", "block"}:
        for item in items(node):
            yield from _parts(item)
    elif node.type == "map":
        for content in node.named_children:
            sides = operands(content.named_children[0]) if content.named_child_count else None
            for pair in pairs(sides[2] if sides is not None else content):
                value = pair.child_by_field_name("value")
                if value is not None:
                    yield from _parts(value)


def _given_name(node: Node) -> bytes | None:
    """Return the variable that a value is bound to where it stands."""
    sides = operands(node.parent) if node.parent is not None else None
    if sides is None or sides[1] != "=" or sides[2] != node or sides[0].type != "identifier":
        return None
    return sides[0].text
