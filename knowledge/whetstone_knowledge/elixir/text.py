"""One Elixir text and its tree, with what every match in it asks for: names in full, modules, and what is broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING

from whetstone_knowledge.elixir.calls import arguments_of, call_of, is_call_of, items
from whetstone_knowledge.elixir.modules import Module
from whetstone_knowledge.spans import Span
from whetstone_knowledge.trees import path_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

_MODULES = frozenset({"defmodule", "defimpl", "defprotocol"})


@dataclass(frozen=True, slots=True)
class _Alias:
    """A short name for a module, from a place to the end of the block it stands in."""

    short: str
    full: str
    scope: Span


class Text:
    """A text, its tree, and what holds for all of it."""

    def __init__(self, source: bytes, root: Node, path: str | None = None, *, broken: Sequence[Span] = ()) -> None:
        self.source = source
        """As the tree was read from: broken clauses are blank in it."""
        self.root = root
        self.path = path
        """Where it lies, as far as anybody knows."""
        self.broken = broken
        """The parts of the text that could not be read."""
        self._modules: dict[int, Module] = {}

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def resolved(self, node: Node) -> str:
        """Return the full name of the module that an alias, an atom or `__MODULE__` stands for, where it stands."""
        name = self.text(node)
        if name == "__MODULE__":
            around = self.module_around(self.path_to(node))
            return around.name if around is not None else name
        if node.type != "alias":
            return name
        return _expanded(self._aliases, name, node.start_byte)

    def written(self, module: str, at: int) -> str:
        """Return how to name a module at a place: by its name, or in full where an alias has taken that."""
        return module if _expanded(self._aliases, module, at) == module else f"Elixir.{module}"

    @cached_property
    def is_test(self) -> bool:
        """Whether it is a test, or a script that is run by hand: code in which a shortcut does no harm."""
        if self.path is None:
            return False
        path = PurePath(self.path)
        return path.suffix == ".exs" or "test" in path.parts[:-1]

    def path_to(self, node: Node) -> Sequence[Node]:
        """Return the nodes around a node, from the whole text down to its parent."""
        return path_to(self.root, node)

    def module_around(self, path: Sequence[Node]) -> Module | None:
        """Return the innermost module among the nodes of a path; `None` outside of any."""
        names: list[str] = []
        innermost: Node | None = None
        for node in path:
            name = self._module_name(node)
            if name is not None:
                names.append(name)
                innermost = node
        if innermost is None:
            return None
        if innermost.id not in self._modules:
            self._modules[innermost.id] = Module(innermost, _joined(names), self)
        return self._modules[innermost.id]

    @cached_property
    def modules(self) -> Sequence[Module]:
        """Every module in the text, in order, with those inside others."""
        found = []
        waiting = [(child, [self.root]) for child in reversed(self.root.named_children)]
        while waiting:
            node, path = waiting.pop()
            if self._module_name(node) is None:
                continue
            around = [*path, node]
            module = self.module_around(around)
            if module is not None:
                found.append(module)
                waiting += [(child, around) for child in reversed(module.statements)]
        return found

    def is_whole(self, node: Node) -> bool:
        """Whether all of a node could be read."""
        return not any(span.start < node.end_byte and node.start_byte < span.end for span in self.broken)

    # -- names -------------------------------------------------------------------------------------------------------

    def _module_name(self, node: Node) -> str | None:
        """Return the name that a module is defined under, as it is written there; `None` for any other node."""
        if not is_call_of(node, *_MODULES):
            return None
        given = arguments_of(node)
        name = given.named_children[0] if given is not None and given.named_children else None
        return self.text(name) if name is not None and name.type == "alias" else None

    @cached_property
    def _aliases(self) -> Mapping[str, Sequence[_Alias]]:
        found: dict[str, list[_Alias]] = {}
        for alias in self._all_aliases():
            # One alias may be written in terms of another that stands above it.
            full = _expanded(found, alias.full, alias.scope.start)
            found.setdefault(alias.short, []).append(replace(alias, full=full))
        return found

    def _all_aliases(self) -> Iterator[_Alias]:
        """Yield the aliases in the order of the text: those that are asked for, and those of modules inside modules."""
        for word in (b"alias", b"defmodule"):
            at = self.source.find(word)
            while at >= 0:
                leaf = self.root.descendant_for_byte_range(at, at + len(word))
                if leaf is not None and leaf.type == "identifier" and leaf.end_byte - leaf.start_byte == len(word):
                    path = self.path_to(leaf)
                    if path and path[-1].type == "call":
                        yield from self._aliases_of(path[-1], path[:-1])
                at = self.source.find(word, at + len(word))

    def _aliases_of(self, node: Node, path: Sequence[Node]) -> Iterator[_Alias]:
        block = next((around for around in reversed(path) if around.type == "do_block"), self.root)
        inside = Span(node.end_byte, block.end_byte)
        nested = self._module_name(node)
        if nested is not None:
            around = [name for each in path if (name := self._module_name(each)) is not None]
            if around:
                short = nested.partition(".")[0]
                yield _Alias(short, _joined([*around, short]), Span(node.start_byte, block.end_byte))
            return
        call = call_of(node, self.text, self.text)
        if call is None or not call.is_local or call.name != "alias" or not call.arguments:
            return
        named, given = call.arguments[0], call.option("as")
        for full in self._named_in(named):
            short = self.text(given) if given is not None else full.rpartition(".")[2]
            yield _Alias(short, full, inside)

    def _named_in(self, node: Node) -> Iterator[str]:
        """Yield the modules that `alias` names: one, or several in braces."""
        if node.type == "alias":
            yield self.text(node)
        elif node.type == "dot":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and right.type == "tuple":
                for item in items(right):
                    yield f"{self.text(left)}.{self.text(item)}"


def _expanded(aliases: Mapping[str, Sequence[_Alias]], name: str, at: int) -> str:
    """Return in full what a name stands for at a place."""
    first, dot, rest = name.partition(".")
    for alias in reversed(aliases.get(first, ())):
        if alias.scope.start <= at < alias.scope.end:
            return f"{alias.full}{dot}{rest}"
    return name


def _joined(names: Sequence[str]) -> str:
    """Return the full name of a module inside modules."""
    return ".".join(name.removeprefix("Elixir.") for name in names)
