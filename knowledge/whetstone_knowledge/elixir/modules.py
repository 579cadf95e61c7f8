"""Modules of an Elixir text: their clauses, what they use, and which of their functions a behaviour calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import arguments_of, call_of, is_call_of, items, operands
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.calls import Call
    from whetstone_knowledge.elixir.text import Text

DEFINITIONS = frozenset({"def", "defp", "defmacro", "defmacrop"})
SERVER_CALLBACKS = frozenset(
    {
        ("init", 1),
        ("handle_call", 3),
        ("handle_cast", 2),
        ("handle_info", 2),
        ("handle_continue", 2),
        ("terminate", 2),
        ("code_change", 3),
        ("format_status", 1),
        ("format_status", 2),
    }
)
"""What GenServer calls, in the process of the server."""

_OF_THEIR_OWN = DEFINITIONS | {"defmodule", "defimpl", "defprotocol", "quote"}
_DIRECTIVES = frozenset({"alias", "import", "require", "use"})
_DOCUMENTS = re.compile(rb"@(?:moduledoc|behaviour)\b")


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One clause of a function or macro."""

    node: Node
    """The whole of it, from `def` to its end."""
    kind: str
    """`def`, `defp`, `defmacro` or `defmacrop`."""
    name: str
    name_node: Node
    parameters: tuple[Node, ...]
    guard: Node | None
    body: tuple[Node, ...]
    """The expressions of its `do` block, or the one behind `do:`; empty for a head without a body."""
    has_body: bool

    @property
    def arity(self) -> int:
        """How many parameters it has."""
        return len(self.parameters)

    @property
    def least_arity(self) -> int:
        """How many arguments it has to be given: the others have a value of their own, behind two backslashes."""
        return sum(not _has_default(parameter) for parameter in self.parameters)


class Module:
    """One `defmodule` (or `defimpl`, `defprotocol`)."""

    def __init__(self, node: Node, name: str, text: Text) -> None:
        self.node = node
        self.name = name
        """In full, with the modules around it."""
        self._text = text

    @cached_property
    def block(self) -> Node | None:
        """Its `do … end`."""
        return next((child for child in self.node.named_children if child.type == "do_block"), None)

    @cached_property
    def statements(self) -> Sequence[Node]:
        """What stands directly in it, in order, without comments."""
        return items(self.block) if self.block is not None else []

    @cached_property
    def head(self) -> Node | None:
        """The last of what it begins with: its documentation, and the modules that it names."""
        last = None
        for node in self.statements:
            call = call_of(node, self._text.resolved, self._text.text)
            if (call is None or call.name not in _DIRECTIVES) and not _DOCUMENTS.match(node.text or b""):
                break
            last = node
        return last

    @cached_property
    def clauses(self) -> Sequence[Clause]:
        """Its clauses, in order; not those of modules inside it, nor those inside `quote`."""
        found = (clause_of(node, self._text) for node in self.statements)
        return [clause for clause in found if clause is not None]

    @cached_property
    def functions(self) -> Mapping[tuple[str, int], Sequence[Clause]]:
        """Its clauses by name and arity."""
        found: dict[tuple[str, int], list[Clause]] = {}
        for clause in self.clauses:
            found.setdefault((clause.name, clause.arity), []).append(clause)
        return found

    @cached_property
    def perhaps(self) -> frozenset[tuple[str, int]]:
        """Names and arities of what it defines in an `if`, a `for` and their like, which run when it is compiled."""
        blocks = [node for node in self.statements if node.type == "call" and not is_call_of(node, *_OF_THEIR_OWN)]
        inside = (clause_of(inner, self._text) for inner in below(*blocks))
        return frozenset((clause.name, clause.arity) for clause in inside if clause is not None)

    @cached_property
    def uses(self) -> Mapping[str, Node]:
        """What it says `use` of, in full, with the call that says so."""
        return self._named("use")

    @cached_property
    def behaviours(self) -> frozenset[str]:
        """The behaviours it follows: what it says `use` or `@behaviour` of."""
        named = {
            self._text.resolved(value)
            for value in self.attributes.get("behaviour", ())
            if value.type in {"alias", "atom"}
        }
        return frozenset(self.uses) | named

    @cached_property
    def imports(self) -> Mapping[str, Node]:
        """What it imports, in full, with the call that does."""
        return self._named("import")

    @cached_property
    def attributes(self) -> Mapping[str, Sequence[Node]]:
        """The values that its attributes are set to, by name without the `@`."""
        found: dict[str, list[Node]] = {}
        for node in self.statements:
            operand = node.child_by_field_name("operand") if node.type == "unary_operator" else None
            if operand is None or not (node.text or b"").startswith(b"@"):
                continue
            call = call_of(operand, self._text.resolved, self._text.text)
            if call is not None and call.is_local and call.arguments:
                found.setdefault(call.name, []).append(call.arguments[0])
        return found

    @property
    def is_server(self) -> bool:
        """Whether it is a GenServer."""
        return "GenServer" in self.behaviours

    @property
    def is_supervisor(self) -> bool:
        """Whether it is a supervisor or an application."""
        return bool(self.behaviours & {"Supervisor", "DynamicSupervisor", "Application"})

    @property
    def is_mix_task(self) -> bool:
        """Whether it is a task of Mix: a program of its own, which ends when it is done."""
        return self.name.startswith("Mix.Tasks.")

    @property
    def is_of_mix(self) -> bool:
        """Whether it is a task of Mix or a part of it, which runs where a program is developed."""
        return self.name.startswith("Mix.") or "Mix.Task" in self.behaviours

    @property
    def is_test(self) -> bool:
        """Whether it is a case of ExUnit, or says `use` of something that is named like one."""
        return any(used.endswith("Case") for used in self.uses)

    def defines(self, name: str, arity: int) -> bool:
        """Whether a local call of this name and arity reaches a function of its own."""
        return (name, arity) in self.functions or bool(self.reached_by(name, arity))

    def reached_by(self, name: str, arity: int) -> Sequence[Clause]:
        """Return the clauses that a local call of this name and arity reaches, also by leaving something out."""
        return [
            clause
            for (each, most), clauses in self.functions.items()
            if each == name and min(clause.least_arity for clause in clauses) <= arity <= most
            for clause in clauses
            if clause.has_body
        ]

    def requires(self, module: str) -> bool:
        """Whether it says `require` or `import` of a module."""
        return module in self._named("require") or module in self.imports

    def is_callback(self, clause: Clause) -> bool:
        """Whether GenServer calls this clause, in the process of the server; not said of one in an `if` or `for`."""
        if clause.kind != "def" or (clause.name, clause.arity) not in SERVER_CALLBACKS or not self.is_server:
            return False
        return any(own.node == clause.node for own in self.functions.get((clause.name, clause.arity), ()))

    def calls_within(self, clause: Clause) -> frozenset[str]:
        """Return the names of what a clause calls without a module: its own functions, and what is imported."""
        found = set()
        waiting = list(clause.body)
        while waiting:
            node = waiting.pop()
            target = node.child_by_field_name("target") if node.type == "call" else None
            if target is not None and target.type == "identifier":
                found.add(self._text.text(target))
            waiting += node.named_children
        return frozenset(found)

    def reached_from(self, clause: Clause) -> Sequence[Clause]:
        """Return a clause with those of its module's functions that it calls, and those that these call, and so on."""
        found = [clause]
        names: set[str] = set()
        for each in found:
            new = self.calls_within(each) - names
            names |= new
            found += [other for other in self.clauses if other.name in new and other.node != clause.node]
        return found

    def _named(self, directive: str) -> Mapping[str, Node]:
        found = {}
        for node in self.statements:
            call = call_of(node, self._text.resolved, self._text.text) if is_call_of(node, directive) else None
            if call is not None and call.arguments:
                found[self._text.resolved(call.arguments[0])] = node
        return found


def clause_of(node: Node, text: Text) -> Clause | None:
    """Return what a `def`, `defp`, `defmacro` or `defmacrop` says; `None` for any other node."""
    call = call_of(node, text.resolved, text.text) if is_call_of(node, *DEFINITIONS) else None
    if call is None or not call.arguments:
        return None
    head, guard = call.arguments[0], None
    parameters: tuple[Node, ...] = ()
    sides = operands(head)
    if sides is not None and sides[1] == "when":
        head, _, guard = sides
    if head.type == "identifier":
        name_node = head
    else:
        named = head.child_by_field_name("target")
        if head.type != "call" or named is None or named.type != "identifier":
            return None
        name_node = named
        given = arguments_of(head)
        parameters = tuple(items(given)) if given is not None else ()
    body, has_body = body_of(call)
    return Clause(node, call.name, text.text(name_node), name_node, parameters, guard, body, has_body)


def body_of(call: Call) -> tuple[tuple[Node, ...], bool]:
    """Return what stands between `do` and `end`, or behind `do:`, and whether there is either."""
    if call.block is not None:
        return tuple(items(call.block)), True
    value = call.option("do")
    return ((value,), True) if value is not None else ((), False)


def _has_default(parameter: Node) -> bool:
    sides = operands(parameter)
    return sides is not None and sides[1] == "\\\\"
