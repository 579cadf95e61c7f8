"""One match of a rule's query, with what a rule may ask about its surroundings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from whetstone_knowledge.syntax.facts import Facts
from whetstone_knowledge.trees import path_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

LOOPS = frozenset({"for_statement", "while_statement"})
FUNCTIONS = frozenset({"function_definition", "lambda"})


class Match:
    """The nodes a query named, the nodes around them, and facts about the names in their scope."""

    def __init__(self, captures: dict[str, list[Node]], source: bytes, root: Node, known: dict[int, Facts]) -> None:
        self._captures = captures
        self._root = root
        self._known = known
        """Facts that earlier matches in the same tree asked for, by the id of the function's node."""
        self.source = source
        """The whole text; while typing and in a scan, only some of its functions are parsed."""

    @cached_property
    def ancestors(self) -> Sequence[Node]:
        """From the module down to the parent of `@here`."""
        return path_to(self._root, self.here)

    @property
    def here(self) -> Node:
        """What will be underlined."""
        return self._captures["here"][0]

    def node(self, name: str) -> Node:
        """Return the first node captured as `@name`; raises `KeyError` when the pattern did not name one."""
        return self._captures[name][0]

    def has(self, name: str) -> bool:
        """Whether the pattern that matched named a node `@name`."""
        return name in self._captures

    def nodes(self, name: str) -> Sequence[Node]:
        """Return every node captured as `@name`, in order of the text."""
        return self._captures.get(name, ())

    def also(self, name: str, *nodes: Node) -> None:
        """Name further nodes that `applies` found, so that `mend` looks them up as if the query had captured them."""
        if nodes:
            self._captures.setdefault(name, []).extend(nodes)

    @property
    def captures(self) -> Mapping[str, Sequence[Node]]:
        """Every named node: what the query captured, and what `applies` added with `also`. A finding keeps them all."""
        return self._captures

    def text(self, node: Node | str) -> str:
        """Return the source text of a node, or of the capture of that name."""
        if isinstance(node, str):
            node = self.node(node)
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def function(self) -> Node | None:
        """The innermost `def` around `@here`; `None` at module level, in a class body, and inside a lambda."""
        for node in reversed(self.ancestors):
            if node.type in {"lambda", "class_definition"}:
                return None
            if node.type == "function_definition":
                return node
        return None

    @cached_property
    def loops(self) -> tuple[Node, ...]:
        """`for` and `while` statements of the same function whose body repeats `@here`, innermost first."""
        found = []
        for depth in range(len(self.ancestors) - 1, -1, -1):
            node = self.ancestors[depth]
            if node.type in FUNCTIONS:
                break
            if node.type in LOOPS and self._repeats(node, depth):
                found.append(node)
        return tuple(found)

    def _repeats(self, loop: Node, depth: int) -> bool:
        """Whether `@here` runs once per iteration: in the body, or in the test of a `while`."""
        inner = self.ancestors[depth + 1] if depth + 1 < len(self.ancestors) else self.here
        if inner == loop.child_by_field_name("body"):
            return True
        return loop.type == "while_statement" and inner == loop.child_by_field_name("condition")

    @cached_property
    def facts(self) -> Facts:
        """What is known about the names of the innermost function around `@here`."""
        around: Facts | None = None
        for node in self.ancestors:
            if node.type == "function_definition" and node != self.function:
                around = self._facts_of(node, around)
        return self._facts_of(self.function or self.ancestors[0], around)

    def _facts_of(self, scope: Node, around: Facts | None) -> Facts:
        if scope.id not in self._known:
            self._known[scope.id] = Facts(scope, self.source, around)
        return self._known[scope.id]
