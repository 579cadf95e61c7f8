"""What is known about the names of one function: where they are bound, what they hold, where they change."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from whetstone_knowledge.syntax.builtin_names import is_untouched
from whetstone_knowledge.syntax.effects import Effect, effect_of
from whetstone_knowledge.syntax.kinds import IMMUTABLE, Kind, Kinds
from whetstone_knowledge.syntax.scopes import (
    BINDING_ROLES,
    COMPREHENSIONS,
    Occurrence,
    occurrences,
    owned,
    places_that_may_bind,
    words,
)

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Facts", "Kind"]


class Facts:
    """Facts about the names of one function (or module), each worked out when it is asked for, from its own text."""

    def __init__(self, scope: Node, source: bytes, around: Facts | None = None) -> None:
        self._scope = scope
        self._source = source
        self._around = around
        """Facts about the function around this one, when it stands in another."""
        self._found: dict[str, list[Occurrence]] = {}
        self._binders: dict[str, list[Occurrence]] = {}
        self._parameters: dict[str, Occurrence | None] = {}

    def kind(self, name: str) -> Kind:
        """Return what `name` holds at every one of its bindings here, from literals, constructors and annotations."""
        return self._kinds.of_name(name)

    def kind_of(self, node: Node) -> Kind:
        """Return the kind of an expression: a literal, a display, a constructor call, or a name that has a kind."""
        return self._kinds.of_expression(node)

    def is_local(self, name: str) -> bool:
        """Whether `name` is bound in this scope and neither `global` nor `nonlocal`."""
        if self.is_parameter(name):
            return True
        direct = [occurrence.role for occurrence in self.binders(name) if not occurrence.frames]
        if "global" in direct or "nonlocal" in direct:
            return False
        return any(role in BINDING_ROLES for role in direct)

    def is_parameter(self, name: str) -> bool:
        """Whether `name` is one of the function's parameters."""
        return self.parameter(name) is not None

    def annotation(self, name: str) -> str | None:
        """Return the source of the annotation on the parameter or variable `name`."""
        for occurrence in self.binders(name):
            node = self._kinds.annotation_at(occurrence)
            if node is not None:
                return self.text(node)
        return None

    def bindings(self, name: str) -> tuple[Node, ...]:
        """Return every identifier that binds `name` here: parameters, assignments, loops, imports, `with`, `except`.

        Also those in an augmented assignment or a `del`, and in nested functions that say `nonlocal`.
        """
        return tuple(found.node for found in self.binders(name) if found.role in BINDING_ROLES)

    def uses(self, name: str, within: Node | None = None) -> tuple[Node, ...]:
        """Return every identifier that reads `name`, closures included, in `within` or in the whole scope.

        An augmented assignment reads its target too.
        """
        return tuple(
            found.node
            for found in self.occurrences(name)
            if found.role in {"read", "augment"} and (within is None or _holds(within, found.node))
        )

    def rebound_in(self, name: str, node: Node) -> bool:
        """Whether `name` is bound again, deleted or augmented somewhere inside `node`, or by a closure anywhere."""
        return any(
            found.role in BINDING_ROLES and (_holds(node, found.node) or _is_deferred(found))
            for found in self.binders(name)
        )

    def changed_in(self, name: str, node: Node) -> bool:
        """Whether what `name` holds may change inside `node`, or in a closure, which may run at any time.

        It does when it is rebound, by a mutating method, when an item is assigned or deleted, or when the object is
        passed on to where it could be changed: an argument, a return, another name, a display.
        Shallow: what is done to an object taken out of a collection does not count, unless done in one expression.
        """
        if self.rebound_in(name, node):
            return True
        if self.kind(name) in IMMUTABLE:
            return False
        return any(
            found.role == "read"
            and (_holds(node, found.node) or _is_deferred(found))
            and self._effect(found) != Effect.NONE
            for found in self.occurrences(name)
        )

    def escapes_before(self, name: str, node: Node) -> bool:
        """Whether another name may hold the same object by the time `node` runs, in any iteration of a loop around it.

        Always so for a parameter, whose caller has it; never for what cannot be changed anyway, such as a string.
        """
        if not self.is_local(name):
            return True
        if self.kind(name) in IMMUTABLE:
            return False
        end = self._outermost_loop(node).end_byte
        return any(
            (found.role in BINDING_ROLES and not self._kinds.binds_new_object(found))
            or (found.role == "read" and found.node.start_byte < end and self._effect(found) == Effect.ESCAPES)
            for found in self.occurrences(name)
        )

    # -- for the other files of this folder --------------------------------------------------------------------------

    def occurrences(self, name: str) -> list[Occurrence]:
        """Return every identifier that means the same variable as `name` does directly in this scope."""
        if name not in self._found:
            places = words(name.encode(), self._source, self._scope.start_byte, self._scope.end_byte)
            self._found[name] = owned(self._scope, occurrences(self._scope, places))
        return self._found[name]

    def binders(self, name: str) -> list[Occurrence]:
        """Return those occurrences that bind, delete or declare the name, having looked at few of the others."""
        if name in self._found:
            return [found for found in self._found[name] if found.role != "read"]
        if name not in self._binders:
            places = places_that_may_bind(name.encode(), self._source, self._scope.start_byte, self._scope.end_byte)
            found = [each for each in occurrences(self._scope, places) if each.role != "read"]
            self._binders[name] = owned(self._scope, found)
        return self._binders[name]

    def parameter(self, name: str) -> Occurrence | None:
        """Return the parameter called `name`, having read no further than the function's header."""
        if name not in self._parameters:
            header = self._scope.child_by_field_name("parameters")
            span = (header.start_byte, header.end_byte) if header is not None else (0, 0)
            found = occurrences(self._scope, words(name.encode(), self._source, *span))
            own = (each for each in found if each.role == "parameter" and not each.frames)
            self._parameters[name] = next(own, None)
        return self._parameters[name]

    def occurrence_at(self, node: Node) -> Occurrence | None:
        """Return the occurrence at an identifier; `None` when the name means something else there."""
        return next((found for found in self.occurrences(self.text(node)) if found.node == node), None)

    def is_builtin(self, name: str) -> bool:
        """Whether `name` still has its built-in meaning (or that of `collections`) in this function."""
        if self.is_local(name) or self._is_declared(name):
            return False
        return self._around.is_builtin(name) if self._around else is_untouched(name, self._source)

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def _kinds(self) -> Kinds:
        return Kinds(self)

    def _effect(self, found: Occurrence) -> Effect:
        return effect_of(found, self.kind(self.text(found.node)), self)

    def _is_declared(self, name: str) -> bool:
        return any(found.role in {"global", "nonlocal"} for found in self.binders(name) if not found.frames)

    def _outermost_loop(self, node: Node) -> Node:
        """Return the outermost loop of this scope around `node`; `node` itself when it is in none."""
        current: Node | None = self._scope
        while current is not None and current != node:
            if current.type in {"for_statement", "while_statement"} or current.type in COMPREHENSIONS:
                return current
            current = current.child_with_descendant(node)
        return node


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _is_deferred(found: Occurrence) -> bool:
    """Whether the occurrence runs when a nested function is called, which may be while anything else runs."""
    return any(frame.type in {"function_definition", "lambda", "generator_expression"} for frame in found.frames)
