"""Names that running a piece of code binds at the top, where everything that runs after it sees them."""

from __future__ import annotations

import builtins
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from whetstone_knowledge.syntax.grammar import new_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

LEANED_ON = frozenset(dir(builtins)) | sys.stdlib_module_names
"""Names that a rule may take for what they usually mean."""
_SCOPES = frozenset({"function_definition", "class_definition", "lambda"})
_TARGETS = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "named_expression": "name",
}
_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern"})


@lru_cache(maxsize=256)
def rebound_in(source: bytes) -> frozenset[str]:
    """Return the names of builtins and of the standard library's modules that mean something else after `source`.

    All of them when it imports whatever another module has. Half-typed code counts as far as it is understood.
    """
    names: set[str] = set()
    waiting = [new_parser().parse(source).root_node]
    while waiting:
        node = waiting.pop()
        if node.type == "wildcard_import":
            return LEANED_ON
        names.update(_bound_by(node))
        if node.type not in _SCOPES:
            waiting.extend(node.named_children)
    return LEANED_ON.intersection(names)


def _bound_by(node: Node) -> Iterator[str]:
    """Yield the names that a node itself binds; a module imported under its own name means what it always does."""
    if node.type in _SCOPES:
        yield from _names(node.child_by_field_name("name"))
    elif node.type in _TARGETS:
        yield from _names(node.child_by_field_name(_TARGETS[node.type]))
    elif node.type == "as_pattern_target":
        yield from _names(node.named_children[0] if node.named_children else None)
    elif node.type == "aliased_import":
        yield from _names(node.child_by_field_name("alias"))
    elif node.type == "import_from_statement":
        for name in node.children_by_field_name("name"):
            if name.type == "dotted_name":
                yield from _names(name.named_children[0])


def _names(target: Node | None) -> Iterator[str]:
    if target is None:
        return
    if target.type == "identifier":
        yield (target.text or b"").decode("utf-8", "replace")
    elif target.type in _PATTERNS:
        for part in target.named_children:
            yield from _names(part)
