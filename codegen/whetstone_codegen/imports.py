"""Where a new import goes in a module."""

from __future__ import annotations

import ast
import re
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from whetstone_codegen.edits import Edit
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.rewriting import Import

_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BOM = b"\xef\xbb\xbf"


def import_edits(source: bytes, tree: ast.Module, imports: Sequence[Import]) -> tuple[Edit, ...]:
    """Return the edits that add whole import lines: sorted in among the standard library's, or before the code."""
    newline = "\r\n" if b"\r\n" in source else "\n"
    lines = _Lines(source)
    placed = sorted((_place(lines, tree, wanted), _order(wanted.module, wanted.name), wanted) for wanted in imports)
    edits = []
    for (at, above, below), group in groupby(placed, key=lambda each: each[0]):
        statements = newline.join(wanted.statement for _, _, wanted in group)
        lead = "" if lines.starts(at) else newline
        edits.append(Edit(Span(at, at), lead + newline * above + statements + newline + newline * below))
    return tuple(edits)


class _Lines:
    """Where the lines of a text start, counted from 1."""

    def __init__(self, source: bytes) -> None:
        first = len(_BOM) if source.startswith(_BOM) else 0
        self._starts = [first, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", source))]
        self._source = source

    def start(self, line: int) -> int:
        return self._starts[line - 1] if line <= len(self._starts) else len(self._source)

    def starts(self, offset: int) -> bool:
        return offset == self._starts[0] or self._source[:offset].endswith((b"\n", b"\r"))

    def is_comment(self, line: int) -> bool:
        return self._source[self.start(line) : self.start(line + 1)].lstrip().startswith(b"#")


def _place(lines: _Lines, tree: ast.Module, wanted: Import) -> tuple[int, int, int]:
    """Return where the import's line goes, and how many blank lines it wants above and below."""
    opening = _opening(tree)
    standard = [node for node in opening if _is_standard(node)]
    smaller = [node for node in standard if _key(node) < _order(wanted.module, wanted.name)]
    if smaller:
        return lines.start((smaller[-1].end_lineno or 1) + 1), 0, 0
    if standard and _has_own_line(tree, standard[0]):
        return lines.start(standard[0].lineno), 0, 0
    if opening:
        only_future = all(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in opening)
        return lines.start((opening[-1].end_lineno or 1) + 1), 1 if only_future else 0, 0
    first = tree.body[0]
    if _is_docstring(first):
        return lines.start((first.end_lineno or 1) + 1), 1, 0
    return lines.start(_top(lines, first)), 0, 2


def _opening(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports that the module begins with, behind its docstring."""
    found: list[ast.Import | ast.ImportFrom] = []
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.append(statement)
        elif not (statement is tree.body[0] and _is_docstring(statement)):
            break
    return found


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import is of the standard library, `__future__` left out."""
    if isinstance(node, ast.ImportFrom):
        root = "" if node.level else (node.module or "").partition(".")[0]
    else:
        root = node.names[0].name.partition(".")[0]
    return root in sys.stdlib_module_names and root != "__future__"


def _order(module: str, name: str | None) -> tuple[bool, str]:
    """Return what the usual order of imports sorts by: plain imports first, then by module."""
    return (name is not None, module.lower())


def _key(node: ast.Import | ast.ImportFrom) -> tuple[bool, str]:
    if isinstance(node, ast.ImportFrom):
        return _order(node.module or "", node.names[0].name)
    return _order(node.names[0].name, None)


def _has_own_line(tree: ast.Module, node: ast.stmt) -> bool:
    """Whether no statement before `node` ends on the line where it starts."""
    return all((other.end_lineno or 0) < node.lineno for other in tree.body if other.lineno < node.lineno) and all(
        other is node or other.lineno != node.lineno or other.col_offset > node.col_offset for other in tree.body
    )


def _top(lines: _Lines, first: ast.stmt) -> int:
    """Return the line of the module's first statement, or of the comment that belongs to it.

    A comment on the module's first line is a header: a shebang, an encoding, a licence.
    """
    decorators = first.decorator_list if isinstance(first, _DECORATED) else []
    line = min([first.lineno, *(decorator.lineno for decorator in decorators)])
    top = line
    while top > 1 and lines.is_comment(top - 1):
        top -= 1
    return line if top == 1 else top
