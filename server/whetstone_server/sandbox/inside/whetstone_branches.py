"""Ways through a line: `a if b else c` reaches its line whichever of the two it takes, so lines alone do not tell."""

from __future__ import annotations

import ast
import dis
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types
    from collections.abc import Iterable, Iterator

_PASSED_OVER = ("CACHE", "EXTENDED_ARG", "NOT_TAKEN", "RESUME", "NOP")
_CHOOSING = (ast.IfExp, ast.BoolOp, ast.comprehension)
_CLEANING_UP = (ast.With, ast.AsyncWith, ast.ExceptHandler, ast.Assert, ast.Try)


class Branches:
    """The places behind jumps within one line, for the code objects of one version; each has a number below zero."""

    def __init__(self, tree: ast.AST, codes: Iterable[types.CodeType]) -> None:
        """`tree` is the definition that the code objects were compiled from."""
        lines = choosing_lines(tree)
        self.lines: dict[int, int] = {}
        """The line of each place, by its number."""
        self._places: dict[types.CodeType, dict[int, int]] = {}
        numbers = itertools.count(-1, -1)
        for code in codes:
            places = {}
            for offset, line in sorted(set(_places(code))):
                if line in lines:
                    places[offset] = next(numbers)
                    self.lines[places[offset]] = line
            if places:
                self._places[code] = places

    def within(self, code: types.CodeType) -> dict[int, int] | None:
        """Return the places of one code object that were not reached yet, as numbers by offset."""
        return self._places.get(code)


def choosing_lines(tree: ast.AST) -> set[int]:
    """Return the lines on which an expression chooses between its parts."""
    chosen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension):
            chosen.update(line for test in node.ifs for line in _span(test))
        elif isinstance(node, _CHOOSING):
            chosen.update(_span(node))
    return chosen - {node.lineno for node in ast.walk(tree) if isinstance(node, _CLEANING_UP)}


def _span(node: Any) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _places(code: types.CodeType) -> Iterator[tuple[int, int]]:
    """Yield offset and line of what follows a conditional jump on the jump's own line, either way."""
    instructions = [each for each in dis.get_instructions(code) if each.opname not in _PASSED_OVER]
    lines = _lines_by_offset(code, [each.offset for each in instructions])
    following = {each.offset: after.offset for each, after in zip(instructions, instructions[1:])}
    offsets = sorted(lines)
    for each in instructions:
        if "JUMP" not in each.opname or "_IF_" not in each.opname or "EXC_MATCH" in each.opname:
            continue
        targets = [following.get(each.offset), next((offset for offset in offsets if offset >= each.argval), None)]
        for target in targets:
            if target is not None and lines[target] == lines[each.offset]:
                yield target, lines[target]


def _lines_by_offset(code: types.CodeType, offsets: list[int]) -> dict[int, int]:
    starts = sorted((offset, line) for offset, line in dis.findlinestarts(code) if line is not None)
    found, line = {}, code.co_firstlineno
    for offset in offsets:
        while starts and starts[0][0] <= offset:
            line = starts.pop(0)[1]
        found[offset] = line
    return found
