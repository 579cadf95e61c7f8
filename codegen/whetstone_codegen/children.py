"""The children of a supervisor as its module lists them: which they are, what each is called, and whom it names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from whetstone_codegen.elixir_names import Names, arguments, below, body, called, items, keyword, text_of
from whetstone_knowledge.elixir.grammar import new_parser
from whetstone_knowledge.rule import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

_BOM = b"\xef\xbb\xbf"
_STARTERS = {"Supervisor.init", "Supervisor.start_link"}
_NAMELESS = frozenset(
    {"Agent", "DynamicSupervisor", "PartitionSupervisor", "Registry", "Supervisor", "Task", "Task.Supervisor"}
)
"""What is started many times under names of its own, so that the module says nothing about which one it is."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One child in a list."""

    node: Node
    module: str | None
    """What is started; unknown where a function or a variable of the project decides."""
    name: str | None
    """What it is registered as, a module name or an atom with its colon, where the list says so."""
    id: str | None
    uses: frozenset[str]
    """The modules and atoms that its arguments name."""

    @property
    def known_as(self) -> frozenset[str]:
        """What the arguments of others may call it by."""
        module = None if self.module in _NAMELESS else self.module
        return frozenset(name for name in (module, self.name) if name)

    def is_same(self, other: Listed) -> bool:
        """Whether both are one child, however each is written."""
        if self.module is None or other.module is None:
            return False
        if self.module in _NAMELESS or (self.name and other.name):
            return (self.module, self.name) == (other.module, other.name)
        return self.module in {other.module, other.id}


@dataclass(frozen=True, slots=True)
class Children:
    """The list of one supervisor."""

    supervisor: str
    node: Node
    listed: tuple[Listed, ...]
    names: Names


def children_of(source: bytes, supervisor: str | None = None) -> Children:
    """Return the children that the module `supervisor` starts, or the only module in `source` that starts any.

    Raises `Refused` with one sentence that names what cannot be read.
    """
    modules = [each for each in _modules(source) if supervisor in {None, each.name}]
    if not modules:
        raise Refused(f"there is no module {supervisor} in it" if supervisor else "there is no module in it")
    starting = [(module, start) for module in modules for start in module.starts()]
    if not starting:
        raise Refused(_starts_nothing(modules))
    if len(starting) > 1:
        lines = " and ".join(str(start.start_point.row + 1) for _, start in starting)
        raise Refused(f"it starts more than one supervisor, on lines {lines}, so it does not say which one is meant")
    module, start = starting[0]
    return module.children(start)


def supervisor_at(source: bytes, offset: int) -> str | None:
    """Return the module whose list of children holds the byte at `offset`."""
    for module in _modules(source):
        try:
            nodes = [module.children(start).node for start in module.starts()]
        except Refused:
            continue
        if any(node.start_byte <= offset <= node.end_byte for node in nodes):
            return module.name
    return None


def modules_in(source: bytes) -> list[str]:
    """Return the whole names of all modules of a text, in its order."""
    return [module.name for module in _modules(source)]


def child_from(spec: str, names: Names) -> Listed:
    """Return the child that a child specification stands for; raises `ValueError` when it is none."""
    tree = new_parser().parse(spec.encode())
    nodes = tree.root_node.named_children
    if tree.root_node.has_error or len(nodes) != 1:
        raise ValueError(f"`{spec}` is not one child specification")
    return _listed(nodes[0], names)


@dataclass(frozen=True, slots=True)
class _Module:
    name: str
    block: Node
    names: Names

    def starts(self) -> list[Node]:
        """Return the calls that start a supervisor of children that they are given."""
        return [node for node in below(self.block) if called(node) in _STARTERS and not self._starts_a_module(node)]

    def children(self, start: Node) -> Children:
        given = arguments(start)
        function = _function_around(start)
        if function.has_error:
            raise Refused(f"{self.name} does not parse just now around line {start.start_point.row + 1}")
        pipe = start.parent if start.parent and _operator(start.parent) == "|>" else None
        node = pipe or (self._list(given[0], function) if given else start)
        if node.type != "list":
            raise Refused(self._unreadable(node))
        if any(child.type == "binary_operator" and _operator(child) == "|" for child in items(node)):
            raise Refused(self._unreadable(node))
        return Children(self.name, node, tuple(_listed(child, self.names) for child in items(node)), self.names)

    def _starts_a_module(self, call: Node) -> bool:
        """Whether it is `Supervisor.start_link(__MODULE__, …)`, whose children stand in `init/1`."""
        given = arguments(call)
        return called(call) == "Supervisor.start_link" and bool(given) and self.names.meant(given[0]) is not None

    def _list(self, node: Node, function: Node) -> Node:
        """Return what is passed as children: what a variable is set to in the function, or what `children()` returns.

        Where that is not to be seen it is the node itself.
        """
        name = text_of(node) if node.type == "identifier" else called(node)
        if node.type == "identifier":
            values = [value for each in below(function) if (value := _value_given(each, name))]
        elif name and not arguments(node):
            values = [value for each in below(self.block) if (value := _value_returned(each, name))]
        else:
            return node
        if len(values) > 1:
            lines = " and ".join(str(value.start_point.row + 1) for value in values)
            raise Refused(f"the children of {self.name} are `{text_of(node)}`, which has a value on lines {lines}")
        return values[0] if values else node

    def _unreadable(self, node: Node) -> str:
        line = node.start_point.row + 1
        shown = " ".join(text_of(node).split())
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        return f"the children of {self.name} on line {line} are not one list that can be read, but `{shown}`"


def _modules(source: bytes) -> Iterator[_Module]:
    # A mark at the start stays as long as it is, so that every place is one in the text.
    text = b" " * len(_BOM) + source[len(_BOM) :] if source.startswith(_BOM) else source
    yield from _modules_in(new_parser().parse(text).root_node, Names())


def _modules_in(node: Node, around: Names) -> Iterator[_Module]:
    for call in below(node):
        given = arguments(call) if called(call) == "defmodule" and call is not node else []
        block = body(call) if given else None
        if block and given[0].type in {"alias", "dot"}:
            name = around.meant(given[0]) or text_of(given[0])
            if around.module and given[0].type == "alias":
                name = f"{around.module}.{text_of(given[0])}"
            names = Names(name, block, around)
            yield _Module(name, block, names)
            yield from _modules_in(block, names)


def _starts_nothing(modules: list[_Module]) -> str:
    name = modules[0].name
    for module in modules:
        calls = {called(node) for node in below(module.block)}
        if calls & {"DynamicSupervisor.init", "DynamicSupervisor.start_link"}:
            return f"{module.name} starts its children on demand, with DynamicSupervisor.start_child"
    return f"{name} starts no supervisor with a list of children"


def _function_around(node: Node) -> Node:
    """Return the definition that a node stands in, or the block of its module."""
    current = node
    while current.parent and called(current) not in {"def", "defp"}:
        if current.type == "do_block" and called(current.parent) == "defmodule":
            break
        current = current.parent
    return current


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return text_of(operator) if operator else ""


def _value_given(node: Node, variable: str) -> Node | None:
    """Return what a variable is set to, when that is what a node does."""
    left = node.child_by_field_name("left") if _operator(node) == "=" else None
    return node.child_by_field_name("right") if left and text_of(left) == variable else None


def _value_returned(node: Node, function: str) -> Node | None:
    """Return what a function without arguments comes to, when that is what a node defines."""
    given = arguments(node) if called(node) in {"def", "defp"} else []
    if not given or text_of(given[0]).removesuffix("()") != function:
        return None
    block = body(node)
    inside = items(block) if block else []
    return inside[-1] if inside else keyword(given[-1], "do")


def _listed(node: Node, names: Names) -> Listed:
    """Return what an element of a list of children stands for, in each of the ways to write a child."""
    if module := names.meant(node):
        return Listed(node, module, None, None, frozenset())
    inside = items(node)
    match node.type:
        case "tuple" if inside:
            return _started(node, names, names.meant(inside[0]), inside[1:])
        case "map":
            return _mapped(node, names)
        case "call" if called(node) == "Supervisor.child_spec" and (given := arguments(node)):
            return _overridden(node, _listed(given[0], names), keyword(given[-1], "id"), names)
        case "call":
            return _called(node, names)
    return _started(node, names, None, [node])


def _started(node: Node, names: Names, module: str | None, given: Sequence[Node]) -> Listed:
    registered = next((value for each in given if (value := keyword(each, "name"))), None)
    name = _own_name(registered, names) if registered else None
    uses = {use for each in given for use in names.mentioned(each)}
    return Listed(node, module, name, None, frozenset(uses - {name, module}))


def _mapped(node: Node, names: Names) -> Listed:
    """Return the child of a map: `%{id: Store, start: {Store, :start_link, [[name: :store]]}}`."""
    start = keyword(node, "start")
    inside = items(start) if start and start.type == "tuple" else []
    given = [part for each in inside[2:] for part in (each, *items(each))]
    return _overridden(
        node, _started(node, names, names.meant(inside[0]) if inside else None, given), keyword(node, "id"), names
    )


def _called(node: Node, names: Names) -> Listed:
    """Return the child of a call: `Store.child_spec(limit: 8)`, or a function that is given a module."""
    target, given = node.child_by_field_name("target"), arguments(node)
    left = target.child_by_field_name("left") if target and called(node).endswith(".child_spec") else None
    if left and (module := names.meant(left)):
        return _started(node, names, module, given)
    if given and (module := names.meant(given[0])):
        return _started(node, names, module, given[1:])
    return _started(node, names, None, [node])


def _overridden(node: Node, child: Listed, given: Node | None, names: Names) -> Listed:
    """Return a child with the id that it is given."""
    return replace(child, node=node, id=(names.meant(given) or text_of(given)) if given else child.id)


def _own_name(node: Node, names: Names) -> str | None:
    """Return what `name:` registers on this node of the cluster, if that is a module's name or an atom."""
    inside = items(node) if node.type == "tuple" else []
    if len(inside) == 2 and text_of(inside[0]) == ":local":  # {:local, name}
        return _own_name(inside[1], names)
    return text_of(node) if node.type in {"atom", "quoted_atom"} else names.meant(node)
