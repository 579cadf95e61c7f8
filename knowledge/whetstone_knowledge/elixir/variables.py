"""Variables of Elixir: which a piece of code binds, and which a function takes in from around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import operands
from whetstone_knowledge.elixir.match import variables
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from whetstone_knowledge.elixir.text import Text

_BINDING = frozenset({"=", "<-"})


def bound_in(node: Node, text: Text) -> Iterator[str]:
    """Yield the names that are bound anywhere within a node: parameters, and what stands left of `=` and `<-`."""
    for inner in below(node):
        pattern = inner.child_by_field_name("left") if inner.type == "stab_clause" else None
        sides = operands(inner)
        if sides is not None and sides[1] in _BINDING:
            pattern = sides[0]
        if pattern is not None:
            yield from (text.text(name) for name in variables(pattern))


def taken_in(function: Node, text: Text) -> Iterator[Node]:
    """Yield each place in `fn … end` at which a variable from around it is read."""
    own = {*bound_in(function, text)}
    for name in variables(function):
        if text.text(name) not in own:
            yield name
