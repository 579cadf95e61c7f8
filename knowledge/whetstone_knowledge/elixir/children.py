"""The children of a supervisor as its module lists them: which they are, what each is called, and whom it names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import Call, call_of, items, operands, option
from whetstone_knowledge.elixir.reading import read
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.trees import below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.elixir.modules import Clause, Module
    from whetstone_knowledge.elixir.text import Text

_BOM = b"\xef\xbb\xbf"
_NAMELESS = frozenset(
    {"Agent", "DynamicSupervisor", "PartitionSupervisor", "Registry", "Supervisor", "Task", "Task.Supervisor"}
)
"""What is started many times under names of its own, so that the module says nothing about which one it is."""
_SHOWN = 60
"""Characters of code in a message."""


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

    def __str__(self) -> str:
        return self.name or self.module or f"`{shown(self.node)}`"


@dataclass(frozen=True, slots=True)
class Children:
    """The list of one supervisor."""

    supervisor: str
    node: Node
    listed: tuple[Listed, ...]


def children_of(source: bytes, supervisor: str | None = None) -> Children:
    """Return the children that the module `supervisor` starts, or the only module in `source` that starts any.

    Raises `Refused` with one sentence that names what cannot be read.
    """
    text = _read(source)
    modules = [module for module in text.modules if supervisor in {None, module.name}]
    if not modules:
        raise Refused(f"there is no module {supervisor} in it" if supervisor else "there is no module in it")
    starts = [start for module in modules for start in _starts(module, text)]
    if not starts:
        raise Refused(_starts_nothing(modules, text))
    if len(starts) > 1:
        lines = " and ".join(str(start.call.node.start_point.row + 1) for start in starts)
        raise Refused(f"it starts more than one supervisor, on lines {lines}, so it does not say which one is meant")
    return starts[0].children()


def supervisor_at(source: bytes, offset: int) -> str | None:
    """Return the module whose list of children holds the byte at `offset`."""
    text = _read(source)
    for start in (start for module in text.modules for start in _starts(module, text)):
        try:
            node = start.children().node
        except Refused:
            continue
        if node.start_byte <= offset <= node.end_byte:
            return start.module.name
    return None


def child_from(spec: str) -> Listed:
    """Return the child that a child specification stands for; raises `ValueError` when it is none."""
    text = read(spec.encode())
    nodes = text.root.named_children
    if text.broken or len(nodes) != 1:
        raise ValueError(f"`{spec}` is not one child specification")
    return listed_in(nodes[0], text)


def start_of(call: Call, clause: Clause, module: Module, text: Text) -> Start | None:
    """Return what a call starts if that is a supervisor with a list of children; `None` for any other call.

    `start_link(__MODULE__, …)` starts one whose children stand in `init/1`.
    """
    if not call.arguments or not (call.to("Supervisor", "init") or call.to("Supervisor", "start_link")):
        return None
    hands_on = call.name == "start_link" and _module(call.arguments[0], text)
    return None if hands_on else Start(call, clause, module, text)


def listed_in(node: Node, text: Text) -> Listed:
    """Return what an element of a list of children stands for, in each of the ways to write a child."""
    if module := _module(node, text):
        return Listed(node, module, None, None, frozenset())
    if node.type == "tuple" and (inside := items(node)):
        return _started(node, text, _module(inside[0], text), inside[1:])
    if node.type == "map":
        return _mapped(node, text)
    call = call_of(node, text.resolved, text.text)
    if call and call.to("Supervisor", "child_spec") and call.arguments:
        return _with_id(listed_in(call.arguments[0], text), node, call.option("id"), text)
    if call and call.name == "child_spec" and call.module:  # Store.child_spec(limit: 8)
        return _started(node, text, call.module, call.arguments)
    if call and call.arguments and (module := _module(call.arguments[0], text)):  # worker(Store, [])
        return _started(node, text, module, call.arguments[1:])
    return _started(node, text, None, [node])


def set_to(variable: str, clause: Clause) -> Iterator[Node]:
    """Yield what a variable is set to in a function."""
    for node in below(*clause.body):
        sides = operands(node)
        if sides and sides[1] == "=" and sides[0].text == variable.encode():
            yield sides[2]


def shown(node: Node) -> str:
    """Return a piece of code on one line, its end left out when it is long."""
    code = " ".join((node.text or b"").decode("utf-8", "replace").split())
    return code if len(code) <= _SHOWN else code[: _SHOWN - 1] + "…"


def _read(source: bytes) -> Text:
    # A mark at the start becomes as many spaces, so that every place is one in the text.
    return read(b" " * len(_BOM) + source[len(_BOM) :] if source.startswith(_BOM) else source)


@dataclass(frozen=True, slots=True)
class Start:
    """A call that starts a supervisor of children that it is given."""

    call: Call
    clause: Clause
    module: Module
    text: Text

    def children(self) -> Children:
        """Return its children; raises `Refused` when they are not one list."""
        node = self._list(self.call.arguments[0])
        inside = items(node)
        if node.type != "list" or any((sides := operands(each)) and sides[1] == "|" for each in inside):
            line = node.start_point.row + 1
            raise Refused(
                f"the children of {self.module.name} on line {line} are not one list that can be read, "
                f"but `{shown(node)}`"
            )
        return Children(self.module.name, node, tuple(listed_in(each, self.text) for each in inside))

    def _list(self, node: Node) -> Node:
        """Return what is passed as children: what a variable is set to in the function, or what `children()` returns.

        Of `children ++ more` it is the list that comes first. Where that is not to be seen it is the node itself.
        """
        sides = operands(node)
        if sides and sides[1] == "++" and sides[0].type == sides[2].type == "identifier":
            first = self._list(sides[0])
            return first if first.type == "list" else node
        call = call_of(node, self.text.resolved, self.text.text)
        if node.type == "identifier":
            values = list(set_to(self.text.text(node), self.clause))
        elif call and call.is_local and not call.arguments:
            values = [each.body[-1] for each in self.module.functions.get((call.name, 0), ()) if each.body]
        else:
            values = []
        if len(values) > 1:
            lines = " and ".join(str(value.start_point.row + 1) for value in values)
            raise Refused(f"the children of {self.module.name} are `{shown(node)}`, which has a value on lines {lines}")
        return values[0] if values else node


def _starts(module: Module, text: Text) -> Iterator[Start]:
    """Yield what starts a supervisor in a module."""
    for clause in module.clauses:
        for node in below(*clause.body):
            call = call_of(node, text.resolved, text.text)
            if call is not None and (start := start_of(call, clause, module, text)) is not None:
                yield start


def _starts_nothing(modules: Sequence[Module], text: Text) -> str:
    """Return why no children were found."""
    name = modules[0].name
    if text.broken:
        line = text.source.count(b"\n", 0, text.broken[0].start) + 1
        return f"{name} does not parse just now around line {line}"
    for module in modules:
        calls = (call_of(node, text.resolved, text.text) for clause in module.clauses for node in below(*clause.body))
        if any(call and call.module == "DynamicSupervisor" for call in calls):
            return f"{module.name} starts its children on demand, with DynamicSupervisor.start_child"
    return f"{name} starts no supervisor with a list of children"


def _started(node: Node, text: Text, module: str | None, given: Sequence[Node]) -> Listed:
    registered = next((value for each in given if (value := option(each, "name"))), None)
    name = _own_name(registered, text) if registered else None
    uses = {use for each in given for use in _mentioned(each, text)}
    return Listed(node, module, name, None, frozenset(uses - {name, module}))


def _mapped(node: Node, text: Text) -> Listed:
    """Return the child of a map: `%{id: Store, start: {Store, :start_link, [[name: :store]]}}`."""
    start = option(node, "start")
    inside = items(start) if start and start.type == "tuple" else []
    given = [part for each in inside[2:] for part in (each, *items(each))]
    child = _started(node, text, _module(inside[0], text) if inside else None, given)
    return _with_id(child, node, option(node, "id"), text)


def _with_id(child: Listed, node: Node, given: Node | None, text: Text) -> Listed:
    return replace(child, node=node, id=(_module(given, text) or text.text(given)) if given else child.id)


def _own_name(node: Node, text: Text) -> str | None:
    """Return what `name:` registers on this node of the cluster, if that is a module's name or an atom."""
    inside = items(node) if node.type == "tuple" else []
    if len(inside) == 2 and text.text(inside[0]) == ":local":  # {:local, name}
        return _own_name(inside[1], text)
    return text.text(node) if node.type in {"atom", "quoted_atom"} else _module(node, text)


def _module(node: Node, text: Text) -> str | None:
    """Return in full the name of the module that a node stands for, if it is one."""
    if node.type == "alias" or (node.type == "identifier" and text.text(node) == "__MODULE__"):
        return text.resolved(node).removeprefix("Elixir.")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type == "dot" and left and right and right.type == "alias" and (around := _module(left, text)):
        return f"{around}.{text.text(right)}"
    return None


def _mentioned(node: Node, text: Text) -> Iterator[str]:
    """Yield every module that is named in a node, and every atom, with its colon.

    Not the keys of a configuration, nor a module whose function is called, which need not be about its process.
    """
    name = text.text(node) if node.type in {"atom", "quoted_atom"} else _module(node, text)
    if name:
        yield name
        return
    call = call_of(node, text.resolved, text.text)
    if call and call.module == "Application":
        return
    target = node.child_by_field_name("target") if node.type == "call" else None
    for child in node.named_children:
        if child != target:
            yield from _mentioned(child, text)
