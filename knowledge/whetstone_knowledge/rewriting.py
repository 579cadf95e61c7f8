"""The function a rule rewrites, and the few moves a rewrite is made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from whetstone_knowledge.rule import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from libcst.metadata import CodeRange

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
_Node = TypeVar("_Node", bound=cst.CSTNode)


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """A module-level import that a rewrite needs: `import module`, or `from module import name`."""

    module: str
    name: str | None = None

    @property
    def bound(self) -> str:
        """The name that the import binds."""
        return self.name or self.module

    @property
    def statement(self) -> str:
        """The import as one line of source, without a newline."""
        return f"from {self.module} import {self.name}" if self.name else f"import {self.module}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a captured node stands inside the function's own text: LibCST lines from 1, columns in code points."""

    start: tuple[int, int]
    end: tuple[int, int]


class Scene:
    """One outermost function or method as a LibCST tree, with the places that a rule's query captured in it.

    A rule's `mend` looks nodes up with `at`, and changes the tree with `replace`, `replace_statement`,
    `insert_before` and `remove`. Nothing changes until `result` is asked for, so every lookup sees the old tree.
    """

    def __init__(
        self,
        module: cst.Module,
        places: Mapping[str, Sequence[Place]],
        *,
        names_taken: frozenset[str],
        names_inside: frozenset[str],
        names_bound: frozenset[str],
        imported: Mapping[str, str],
    ) -> None:
        self._wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        resolved = self._wrapper.resolve_many([PositionProvider, ParentNodeProvider])
        self._parents: Mapping[cst.CSTNode, cst.CSTNode] = resolved[ParentNodeProvider]  # type: ignore[assignment]
        self._module = self._wrapper.module
        self._starting: dict[tuple[int, int], list[tuple[tuple[int, int], cst.CSTNode]]] = {}
        ranges: Mapping[cst.CSTNode, CodeRange] = resolved[PositionProvider]  # type: ignore[assignment]
        for node, span in ranges.items():
            end = (span.end.line, span.end.column)
            self._starting.setdefault((span.start.line, span.start.column), []).append((end, node))
            if isinstance(node, cst.BaseExpression) and node.lpar:
                # The brackets of a tuple or generator are part of it for tree-sitter, and around it for LibCST.
                opening, closing = ranges[node.lpar[0]].start, ranges[node.rpar[-1]].end
                around = self._starting.setdefault((opening.line, opening.column), [])
                around.append(((closing.line, closing.column), node))
        self._places = places
        self._taken = set(names_taken)
        self._inside = set(names_inside)
        self._bound = names_bound
        self._imported = dict(imported)
        self._new: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        self._before: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        self._after: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        self.imports: list[Import] = []
        """Imports that the rewrite asked for and the module does not have yet."""

    # -- looking -----------------------------------------------------------------------------------------------------

    @property
    def function(self) -> cst.FunctionDef:
        """The outermost function or method, as it stood before the rewrite."""
        node: cst.CSTNode = self._module
        while not isinstance(node, cst.FunctionDef):
            body = node.body if isinstance(node, cst.Module | cst.IndentedBlock) else node.body.body  # type: ignore[attr-defined]
            node = body[0]
        return node

    def at(self, capture: str, kind: type[_Node]) -> _Node:
        """Return the outermost node of class `kind` that stands exactly where `@capture` does.

        Raises `Refused` when there is none, which happens when LibCST sees the text otherwise than tree-sitter did.
        """
        return self.every(capture, kind)[0]

    def every(self, capture: str, kind: type[_Node]) -> list[_Node]:
        """Return, for each node captured as `@capture`, the outermost node of class `kind` at its place."""
        found = [self._find(place, kind) for place in self._places.get(capture, ())]
        if not found:
            raise Refused(f"the code around “{capture}” is not in a form this rewrite knows")
        return found

    def loop(self, capture: str) -> cst.For | cst.While:
        """Return the loop captured as `@capture`."""
        node = self.at(capture, cst.CSTNode)
        if not isinstance(node, cst.For | cst.While):
            raise Refused("this code is laid out in a way the rewrite cannot follow")
        return node

    def _find(self, place: Place, kind: type[_Node]) -> _Node:
        for end, node in self._starting.get(place.start, ()):
            # Comments after a block's last statement are inside the block for one parser and behind it for the other.
            if isinstance(node, kind) and (end == place.end or isinstance(node, cst.BaseCompoundStatement)):
                return node
        raise Refused("this code is laid out in a way the rewrite cannot follow")

    def has(self, capture: str) -> bool:
        """Whether the query captured anything as `@capture` here."""
        return bool(self._places.get(capture))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the node directly around `node`."""
        return self._parents[node]

    def statement(self, node: cst.CSTNode) -> Statement:
        """Return the whole statement, simple or compound, that `node` is part of (itself, if it is one)."""
        while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            if isinstance(node, cst.SimpleStatementSuite):
                raise Refused("the statement shares its line with others")
            node = self._parents[node]
        return node

    def block(self, statement: Statement) -> Sequence[cst.CSTNode]:
        """Return the statements of the block that `statement` stands in, in order."""
        shared = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1
        parent = self._parents[statement]
        if shared or not isinstance(parent, cst.IndentedBlock | cst.Module):
            raise Refused("the statement shares its line with others")
        return parent.body

    def code(self, node: cst.CSTNode) -> str:
        """Return the source of one node."""
        return self._module.code_for_node(node)

    # -- changing ----------------------------------------------------------------------------------------------------

    def replace(self, old: cst.CSTNode, new: cst.CSTNode) -> None:
        """Put `new` where `old` stood, in the same parentheses. Statements go through `replace_statement` instead."""
        if isinstance(old, cst.BaseExpression) and isinstance(new, cst.BaseExpression) and not new.lpar:
            new = new.with_changes(lpar=old.lpar, rpar=old.rpar)
        self._new[old] = [new]

    def replace_statement(self, old: Statement, *new: Statement) -> None:
        """Put statements where `old` stood; the comments and blank lines above it stay above the first of them."""
        if new:
            new = (new[0].with_changes(leading_lines=old.leading_lines), *new[1:])
        self._new[old] = list(new)

    def remove(self, old: Statement) -> None:
        """Take a statement out; refuses when comments stand above it or beside it, which would be lost with it."""
        trailing = old.trailing_whitespace.comment if isinstance(old, cst.SimpleStatementLine) else None
        if trailing or any(line.comment for line in old.leading_lines):
            raise Refused("a comment belongs to a line that the rewrite would remove")
        self._new[old] = []

    def insert_before(self, statement: Statement, *new: Statement) -> None:
        """Put statements before `statement`: under the blank lines above it, over the comments that speak of it."""
        self.block(statement)
        self._before.setdefault(statement, []).extend(new)

    def insert_after(self, statement: Statement, *new: Statement) -> None:
        """Put statements after `statement`."""
        self.block(statement)
        self._after.setdefault(statement, []).extend(new)

    def need(self, module: str, name: str | None = None) -> str:
        """Return the name by which `module` (or `name` from it) can be used here, importing it when it is not yet.

        Where the plain name is taken, the dotted one is used. Raises `Refused` when that is taken too.
        """
        dotted = f"{module}.{name}" if name else module
        if dotted in self._imported:
            return self._imported[dotted]
        if name and module in self._imported:
            return f"{self._imported[module]}.{name}"
        wanted = Import(module, name)
        if wanted.bound not in self._taken:
            self.imports.append(wanted)
            self._imported[dotted] = wanted.bound
            self._taken.add(wanted.bound)
            self._inside.add(wanted.bound)
            return wanted.bound
        if name:
            return f"{self.need(module)}.{name}"
        raise Refused(f"the name “{wanted.bound}” already means something else in this file")

    def builtin(self, name: str) -> str:
        """Return `name`, a builtin; raises `Refused` when that name may mean something else in this function."""
        if name in self._bound:
            raise Refused(f"the name “{name}” does not mean the builtin here")
        return name

    def fresh(self, wanted: str) -> str:
        """Return `wanted`, or `wanted` with a number behind it, so that it names nothing else in this function."""
        name, number = wanted, 2
        while name in self._inside:
            name, number = f"{wanted}_{number}", number + 1
        self._inside.add(name)
        self._taken.add(name)
        return name

    def parse(self, source: str) -> Statement:
        """Return one statement parsed from `source`, which starts at column 0 and is indented with four spaces."""
        config = cst.PartialParserConfig(python_version=self._module.config_for_parsing.python_version)
        return cst.parse_statement(source, config=config)

    def expression(self, source: str) -> cst.BaseExpression:
        """Return one expression parsed from `source`."""
        return cst.parse_expression(source, config=self._module.config_for_parsing)

    def result(self) -> cst.Module:
        """Return the tree with every change made."""
        return self._module.visit(_Changes(self._new, self._before, self._after))


class _Changes(cst.CSTTransformer):
    def __init__(
        self,
        new: Mapping[cst.CSTNode, Sequence[cst.CSTNode]],
        before: Mapping[cst.CSTNode, Sequence[cst.CSTNode]],
        after: Mapping[cst.CSTNode, Sequence[cst.CSTNode]],
    ) -> None:
        super().__init__()
        self._new = new
        self._before = before
        self._after = after

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel:
        before, after = self._before.get(original_node, ()), self._after.get(original_node, ())
        if original_node not in self._new and not before and not after:
            return super().on_leave(original_node, updated_node)
        new = list(self._new.get(original_node, [updated_node]))
        if before:
            blank, comments = _split(updated_node.leading_lines)  # type: ignore[attr-defined]
            rest = [new[0].with_changes(leading_lines=comments), *new[1:]] if new else []
            new = [before[0].with_changes(leading_lines=blank), *before[1:], *rest]
        new += after
        if not new:
            return cst.RemoveFromParent()
        return new[0] if len(new) == 1 else cst.FlattenSentinel(new)


def _split(lines: Sequence[cst.EmptyLine]) -> tuple[Sequence[cst.EmptyLine], Sequence[cst.EmptyLine]]:
    """Return the blank lines that `lines` begins with, and the others."""
    blank = list(takewhile(lambda line: line.comment is None, lines))
    return blank, lines[len(blank) :]
