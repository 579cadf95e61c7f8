"""What module names mean in one Elixir module: its aliases, the modules inside it, and `__MODULE__`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


def text_of(node: Node) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def called(node: Node | None) -> str:
    """Return what a call calls, as `defmodule` or `Supervisor.init`; nothing for what is no call."""
    target = node.child_by_field_name("target") if node and node.type == "call" else None
    return text_of(target) if target else ""


def arguments(call: Node) -> list[Node]:
    """Return the arguments of a call; keywords at its end are one of them."""
    return [each for child in call.children if child.type == "arguments" for each in items(child)]


def items(node: Node) -> list[Node]:
    """Return what stands in a container or between parentheses, comments left out."""
    return [child for child in node.named_children if child.type != "comment"]


def body(call: Node) -> Node | None:
    """Return the `do` block of a call."""
    return next((child for child in call.children if child.type == "do_block"), None)


def below(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in the order of the text, what is in modules inside it left out."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if current is node or called(current) != "defmodule":
            waiting.extend(reversed(current.named_children))


class Names:
    """What names mean in a module. What is aliased in one of its functions counts for all of it."""

    def __init__(self, module: str = "", block: Node | None = None, around: Names | None = None) -> None:
        self.module = module
        self.aliases: dict[str, str] = {**around.aliases} if around else {}
        """What the first part of a name stands for."""
        for call in below(block) if block else ():
            if called(call) == "alias":
                self._add_alias(call)
            elif called(call) == "defmodule" and (given := arguments(call)) and given[0].type == "alias":
                first = text_of(given[0]).partition(".")[0]
                self.aliases[first] = f"{module}.{first}" if module else first

    def resolved(self, name: str) -> str:
        """Return the whole name that `name` stands for."""
        first, dot, rest = name.partition(".")
        if first == "Elixir" and rest:
            return rest
        return self.aliases.get(first, first) + dot + rest

    def meant(self, node: Node) -> str | None:
        """Return the whole name of the module that a node stands for, if it is one."""
        if node.type == "alias":
            return self.resolved(text_of(node))
        if node.type == "identifier" and text_of(node) == "__MODULE__":
            return self.module
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type == "dot" and left and right and right.type == "alias" and (parent := self.meant(left)):
            return f"{parent}.{text_of(right)}"
        return None

    def mentioned(self, node: Node) -> Iterator[str]:
        """Yield every module that is named in a node, and every atom, with its colon."""
        name = text_of(node) if node.type in {"atom", "quoted_atom"} else self.meant(node)
        if name:
            yield name
        else:
            for child in node.named_children:
                yield from self.mentioned(child)

    def _add_alias(self, call: Node) -> None:
        given = arguments(call)
        if not given:
            return
        together = given[0].child_by_field_name("right") if given[0].type == "dot" else None
        if together and together.type == "tuple":  # alias Ledger.{Cache, Store}
            left = given[0].child_by_field_name("left")
            parent = self.meant(left) if left else None
            for each in items(together) if parent else ():
                self.aliases[text_of(each).rpartition(".")[2]] = f"{parent}.{text_of(each)}"
        elif name := self.meant(given[0]):
            renamed = keyword(given[1], "as") if len(given) > 1 else None
            self.aliases[text_of(renamed) if renamed else name.rpartition(".")[2]] = name


def keyword(node: Node | None, key: str) -> Node | None:
    """Return the value of `key:` in keywords, which may stand in a list of their own or in a map."""
    if node is None:
        return None
    if node.type in {"list", "map", "map_content"}:
        found = (keyword(child, key) for child in node.named_children if child.type in {"keywords", "map_content"})
        return next((value for value in found if value), None)
    for pair in node.named_children if node.type == "keywords" else ():
        name = pair.child_by_field_name("key")
        if name and text_of(name).rstrip().rstrip(":") == key:
            return pair.child_by_field_name("value")
    return None
