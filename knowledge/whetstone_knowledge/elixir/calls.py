"""A call in Elixir: whose function it is, with what, and what was piped into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Call:
    """One call, read where it stands."""

    node: Node
    """The call without what is piped into it."""
    whole: Node
    """The call with all that is piped into it."""
    module: str | None
    """The module it names, with aliases resolved: `Enum`, `:timer`; `None` where it names none or only at run time."""
    receiver: Node | None
    """What stands before the dot; `None` for a local call."""
    name: str
    arguments: tuple[Node, ...]
    """As the function gets them: what is piped in comes first. Options without brackets are one, a `keywords` node."""
    piped: bool
    block: Node | None
    """Its `do … end`."""

    @property
    def arity(self) -> int:
        """How many arguments the function gets; a `do … end` is one."""
        return len(self.arguments) + (self.block is not None and not self._has_options)

    @property
    def _has_options(self) -> bool:
        return bool(self.arguments) and self.arguments[-1].type == "keywords"

    @property
    def is_local(self) -> bool:
        """Whether nothing stands before its name: it is of this module, or imported."""
        return self.receiver is None

    def to(self, module: str, name: str, *arities: int) -> bool:
        """Whether it calls this function of this module, with one of these numbers of arguments if any are given."""
        return self.module == module and self.name == name and (not arities or self.arity in arities)

    def option(self, key: str) -> Node | None:
        """Return the value of an option in its last argument, in brackets or not; `None` where it has none."""
        return option(self.arguments[-1], key) if self.arguments else None


def call_of(node: Node, resolved: Callable[[Node], str], text: Callable[[Node], str]) -> Call | None:
    """Return what a `call` node says; `None` for any other node, and for a call of a function that has no name."""
    target = node.child_by_field_name("target") if node.type == "call" else None
    if target is None:
        return None
    receiver, named = None, target
    if target.type == "dot":
        receiver = target.child_by_field_name("left")
        right = target.child_by_field_name("right")
        if receiver is None or right is None:
            return None
        named = right
    if named.type not in {"identifier", "operator_identifier"}:
        return None
    given, block = _given(node)
    whole, piped = _piped(node)
    return Call(
        node,
        whole,
        _module(receiver, resolved, text),
        receiver,
        text(named),
        (piped, *given) if piped is not None else given,
        piped is not None,
        block,
    )


def is_call_of(node: Node, *names: str) -> bool:
    """Whether a node is a local call of one of these names; asked before a call is read, which takes longer."""
    target = node.child_by_field_name("target") if node.type == "call" else None
    return target is not None and target.type == "identifier" and (target.text or b"").decode() in names


def arguments_of(node: Node) -> Node | None:
    """Return what stands in the brackets of a call, or behind its name; `None` where nothing does."""
    return next((child for child in node.named_children if child.type == "arguments"), None)


def option(node: Node, key: str) -> Node | None:
    """Return the value that a keyword list, with or without brackets, or a map has for a key."""
    for pair in pairs(node):
        name = pair.child_by_field_name("key")
        if name is not None and (name.text or b"").decode("utf-8", "replace").rstrip(": \t\r\n").lstrip(":") == key:
            return pair.child_by_field_name("value")
    return None


def pairs(node: Node) -> Iterator[Node]:
    """Yield the `key: value` pairs of a keyword list or a map, in order."""
    for child in node.named_children:
        if child.type == "pair":
            yield child
        elif child.type in {"keywords", "map_content"}:
            yield from pairs(child)


def items(node: Node) -> Sequence[Node]:
    """Return what a list, a tuple or a pair of parentheses holds, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def operands(node: Node) -> tuple[Node, str, Node] | None:
    """Return left side, operator and right side of an expression with two; `None` for any other node."""
    if node.type != "binary_operator":
        return None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None:
        return None
    if operator is None:  # the grammar gives `not in` no field
        return left, "not in", right
    return left, (operator.text or b"").decode(), right


def _given(node: Node) -> tuple[tuple[Node, ...], Node | None]:
    given: tuple[Node, ...] = ()
    block = None
    for child in node.named_children:
        if child.type == "arguments":
            given = tuple(items(child))
        elif child.type == "do_block":
            block = child
    return given, block


def _piped(node: Node) -> tuple[Node, Node | None]:
    """Return the call with its pipe, and what is piped in."""
    around = node.parent
    sides = operands(around) if around is not None else None
    if around is None or sides is None or sides[1] != "|>" or sides[2] != node:
        return node, None
    return around, sides[0]


def _module(receiver: Node | None, resolved: Callable[[Node], str], text: Callable[[Node], str]) -> str | None:
    if receiver is None:
        return None
    if receiver.type == "alias":
        return resolved(receiver)
    if receiver.type == "atom":
        return text(receiver)
    if receiver.type == "identifier" and text(receiver) == "__MODULE__":
        return resolved(receiver)
    return None
