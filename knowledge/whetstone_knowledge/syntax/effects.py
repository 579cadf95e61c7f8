"""What reading a name may do to the object it holds."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from whetstone_knowledge.syntax.facts import Facts
    from whetstone_knowledge.syntax.kinds import Kind
    from whetstone_knowledge.syntax.scopes import Occurrence


class Effect(IntEnum):
    """What one use of a name may do; the greater includes the lesser."""

    NONE = 0
    CHANGES = 1
    """The object itself may be changed there."""
    ESCAPES = 2
    """Something else may hold the object from there on, and change it."""


_READING = {
    "list": frozenset({"copy", "count", "index"}),
    "dict": frozenset({"copy", "get", "items", "keys", "values"}),
    "set": frozenset(
        {"copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"}
    ),
    "deque": frozenset({"copy", "count", "index"}),
}
"""Methods that leave the object as it is."""

_CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "difference_update",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "intersection_update",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "reverse",
        "rotate",
        "setdefault",
        "sort",
        "symmetric_difference_update",
        "update",
    }
)
"""Methods that change a built-in collection, and keep no second reference to it."""

_COPYING = frozenset({"extend", "extendleft", "update", "difference_update", "intersection_update", "union", "join"})
"""Methods of a built-in collection that take the items out of their argument and let it go."""

_READERS = frozenset(
    {
        "all", "any", "bool", "dict", "enumerate", "frozenset", "hash", "id", "isinstance", "iter", "len", "list",
        "print", "range", "repr", "reversed", "set", "sorted", "str", "tuple", "type", "zip",
    }
)  # fmt: skip
"""Built-ins that only look at their arguments, or at the items in them."""

_SINGLE_READERS = frozenset({"max", "min", "sum"})
"""Built-ins that only read a lone argument, but may return one of several."""

_HARMLESS = frozenset({"len", "isinstance", "id", "type", "bool"})
"""Built-ins that do not even iterate over something of unknown kind."""


def effect_of(found: Occurrence, kind: Kind, facts: Facts) -> Effect:  # noqa: C901 -- one line for each form
    """Return what the use `found` of a name that holds a `kind` may do to the object; in doubt, the most."""
    depth = len(found.chain) - 1
    known = kind != "unknown"
    node, parent = found.chain[depth], found.chain[depth - 1]
    # In `name or []` and the like the whole expression may be the object, so what is done to that counts.
    while depth > 1 and _hands_through(node, parent):
        depth -= 1
        node, parent = found.chain[depth], found.chain[depth - 1]
    reads = Effect.NONE if known else Effect.CHANGES
    match parent.type:
        case "attribute":
            return _attribute_effect(found, depth, kind, facts)
        case "subscript" if node == parent.child_by_field_name("value"):
            return _item_effect(found, depth, kind, facts)
        case "argument_list":
            return _argument_effect(found, depth, kind, facts)
        case "comparison_operator" | "unary_operator" | "binary_operator":
            return Effect.NONE if known else Effect.ESCAPES
        case "for_statement" | "for_in_clause":
            return reads
        case "list_splat" | "dictionary_splat":
            return reads
        case "interpolation" | "not_operator" | "expression_statement" | "assert_statement" | "type" | "if_clause":
            return Effect.NONE
        case "if_statement" | "while_statement" | "elif_clause" | "conditional_expression":
            return Effect.NONE
        case "slice" if known:
            return Effect.NONE
        case "augmented_assignment":
            left = parent.child_by_field_name("left")
            return reads if left is not None and facts.kind_of(left) != "unknown" else Effect.ESCAPES
    return Effect.ESCAPES


def _hands_through(node: Node, parent: Node) -> bool:
    if parent.type in {"parenthesized_expression", "boolean_operator"}:
        return True
    return parent.type == "conditional_expression" and node != _test_of(parent)


def _test_of(conditional: Node) -> Node | None:
    parts = [child for child in conditional.named_children if child.type != "comment"]
    return parts[1] if len(parts) > 1 else None


def _attribute_effect(found: Occurrence, depth: int, kind: Kind, facts: Facts) -> Effect:
    """Return what `name.attribute`, called or not, may do."""
    attribute, around = found.chain[depth - 1], found.chain[depth - 2]
    called = around.type == "call" and attribute == around.child_by_field_name("function")
    if not called:
        return Effect.ESCAPES
    name = attribute.child_by_field_name("attribute")
    method = facts.text(name) if name is not None else ""
    if method in _READING.get(kind, ()):
        return Effect.NONE
    return Effect.CHANGES if kind in _READING and method in _CHANGING else Effect.ESCAPES


def _item_effect(found: Occurrence, depth: int, kind: Kind, facts: Facts) -> Effect:
    """Return what `name[…]`, and whatever is done to the item, may do."""
    top = depth - 1
    while top > 0 and found.chain[top - 1].type in {"attribute", "subscript"}:
        if found.chain[top] != found.chain[top - 1].child(0):
            break
        top -= 1
    item, around = found.chain[top], found.chain[top - 1]
    if _is_target(found.chain, top):
        return Effect.CHANGES
    if item.type == "attribute" and around.type == "call" and item == around.child_by_field_name("function"):
        name = item.child_by_field_name("attribute")
        if name is None or facts.text(name) in _CHANGING:
            return Effect.CHANGES
    return Effect.NONE if kind != "unknown" else Effect.CHANGES


def _is_target(chain: tuple[Node, ...], depth: int) -> bool:
    """Whether the expression at `depth` is assigned to or deleted."""
    statements = {"assignment", "augmented_assignment", "for_statement", "for_in_clause"}
    for above in range(depth - 1, -1, -1):
        parent = chain[above]
        if parent.type in {"delete_statement", "as_pattern_target"}:
            return True
        if parent.type in statements:
            return chain[above + 1] == parent.child_by_field_name("left")
        if parent.type not in {
            "pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "tuple", "list", "list_splat",
            "expression_list", "parenthesized_expression",
        }:  # fmt: skip
            return False
    return False


def _argument_effect(found: Occurrence, depth: int, kind: Kind, facts: Facts) -> Effect:
    """Return what passing the name to a call may do."""
    call, arguments = found.chain[depth - 2], found.chain[depth - 1]
    function = call.child_by_field_name("function") if call.type == "call" else None
    if function is None:
        return Effect.ESCAPES
    if function.type == "attribute":
        return _method_argument_effect(function, kind, facts)
    name = facts.text(function)
    if function.type != "identifier" or not facts.is_builtin(name):
        return Effect.ESCAPES
    if name in _HARMLESS:
        return Effect.NONE
    alone = arguments.named_child_count == 1
    if name in _READERS or (name in _SINGLE_READERS and alone):
        return Effect.NONE if kind != "unknown" else Effect.CHANGES
    return Effect.ESCAPES


def _method_argument_effect(function: Node, kind: Kind, facts: Facts) -> Effect:
    """Return what passing the name to a method may do: nothing, when a built-in collection only copies the items."""
    receiver, method = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    if receiver is None or method is None or kind == "unknown" or facts.kind_of(receiver) == "unknown":
        return Effect.ESCAPES
    return Effect.NONE if facts.text(method) in _COPYING else Effect.ESCAPES
