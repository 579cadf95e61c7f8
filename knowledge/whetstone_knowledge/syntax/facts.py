"""What is known about the names of one function: where they are bound, what they hold, where they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node

Kind: TypeAlias = Literal[
    "list", "dict", "set", "frozenset", "tuple", "str", "bytes", "int", "float", "bool", "deque", "none", "unknown"
]
"""What a name is proven to hold in the whole scope; `unknown` whenever any binding leaves a doubt."""


class Facts:
    """Facts about the names of one function (or module), from a single small query over its own text."""

    def __init__(self, scope: Node, source: bytes) -> None:
        self._scope = scope
        self._source = source

    def kind(self, name: str) -> Kind:
        """Return what `name` holds at every one of its bindings here, from literals, constructors and annotations."""
        raise NotImplementedError

    def kind_of(self, node: Node) -> Kind:
        """Return the kind of an expression: a literal, a display, a constructor call, or a name that has a kind."""
        raise NotImplementedError

    def is_local(self, name: str) -> bool:
        """Whether `name` is bound in this scope and neither `global` nor `nonlocal`."""
        raise NotImplementedError

    def is_parameter(self, name: str) -> bool:
        """Whether `name` is one of the function's parameters."""
        raise NotImplementedError

    def annotation(self, name: str) -> str | None:
        """Return the source of the annotation on the parameter or variable `name`."""
        raise NotImplementedError

    def bindings(self, name: str) -> tuple[Node, ...]:
        """Return every identifier that binds `name` here: parameters, assignments, loops, imports, `with`, `except`."""
        raise NotImplementedError

    def uses(self, name: str, within: Node | None = None) -> tuple[Node, ...]:
        """Return every identifier that reads `name`, closures included, in `within` or in the whole scope."""
        raise NotImplementedError

    def rebound_in(self, name: str, node: Node) -> bool:
        """Whether `name` is bound again, deleted or augmented somewhere inside `node`."""
        raise NotImplementedError

    def changed_in(self, name: str, node: Node) -> bool:
        """Whether what `name` holds may change inside `node`: rebound, a mutating method, an item assigned or deleted,
        or the object passed on to where it could be changed (an argument, a return, another name, a closure)."""
        raise NotImplementedError

    def escapes_before(self, name: str, node: Node) -> bool:
        """Whether another name may hold the same object by the time `node` runs."""
        raise NotImplementedError
