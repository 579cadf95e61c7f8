"""One finding put right in its own function; the only place that runs LibCST over a document."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
from whetstone_knowledge.rewriting import Import, Place, Refused, Scene
from whetstone_knowledge.spans import Span

from whetstone_codegen.edits import Edit, applied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a rule makes of one function."""

    function: str
    """Dotted name of the function that was rewritten."""
    edits: tuple[Edit, ...]
    """In order, not crossing: the function's new text, and an import line where one was needed."""
    text: bytes
    """The whole new text of the file."""
    imports: tuple[Import, ...]
    """The imports among the edits."""


def rewritten(source: bytes, finding: Finding, rule: Rule) -> Rewrite:
    """Return the rewrite of the function that holds `finding`, found by `rule` in `source` (UTF-8, any newlines).

    Raises `Refused` with one sentence when the rule cannot rewrite this function safely.
    """
    if finding.unit is None or finding.function is None:
        raise Refused("only code inside a function can be rewritten")
    text = _Text(source)
    start = text.line_start(finding.unit.start)
    unit = source[start : finding.unit.end].decode()
    header, shift = _wrapped(unit)
    try:
        module = cst.parse_module(header + unit)
        tree = ast.parse(source)
    except (cst.ParserSyntaxError, SyntaxError, ValueError) as error:
        raise Refused("the file does not parse just now") from error
    scene = Scene(
        module,
        text.places(finding, start, shift),
        names_taken=frozenset(_WORD.findall(source.decode())),
        imported=_imported(tree),
    )
    rule.mend(scene)
    new_unit = scene.result().code[len(header) :]
    if new_unit == unit:
        raise Refused("the rewrite would change nothing")
    edits = (Edit(Span(start, finding.unit.end), new_unit), *_import_edits(source, tree, text, scene.imports))
    new_text = applied(source, edits)
    try:
        ast.parse(new_text)
    except (SyntaxError, ValueError) as error:
        raise Refused("the rewritten code would not parse") from error
    return Rewrite(finding.function, tuple(sorted(edits)), new_text, tuple(scene.imports))


def _wrapped(unit: str) -> tuple[str, int]:
    """Return a header under which an indented function parses on its own, and the lines it adds."""
    newline = "\r\n" if "\r\n" in unit else "\n"
    return (f"if 1:{newline}", 1) if unit[:1] in " \t" else ("", 0)


class _Text:
    """A source text that knows where its lines start."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    def line_start(self, offset: int) -> int:
        return max(self._source.rfind(b"\n", 0, offset), self._source.rfind(b"\r", 0, offset)) + 1

    def places(self, finding: Finding, start: int, shift: int) -> Mapping[str, Sequence[Place]]:
        """Return the finding's captures as LibCST positions in the function's own text."""
        places: dict[str, list[Place]] = {}
        for name, span in finding.captures:
            place = Place(self._position(span.start, start, shift), self._position(span.end, start, shift))
            places.setdefault(name, []).append(place)
        return places

    def _position(self, offset: int, start: int, shift: int) -> tuple[int, int]:
        before = self._source[start:offset]
        line = len(re.findall(rb"\r\n|\r|\n", before))
        column = len(self._source[max(self.line_start(offset), start) : offset].decode())
        return 1 + shift + line, column


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return what the module's own top-level imports bind: dotted name → the name it has here."""
    bound: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.asname or "." not in alias.name:
                    bound[alias.name] = alias.asname or alias.name
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            for alias in statement.names:
                bound[f"{statement.module}.{alias.name}"] = alias.asname or alias.name
    return bound


def _import_edits(source: bytes, tree: ast.Module, text: _Text, imports: Sequence[Import]) -> tuple[Edit, ...]:
    """Return the edit that adds import lines after the last top-level import, docstring or comment header."""
    if not imports:
        return ()
    newline = "\r\n" if b"\r\n" in source else "\n"
    lines = [statement.statement for statement in sorted(imports)]
    offsets = _line_offsets(source)
    anchor = _last_import(tree)
    if anchor is not None:
        at = offsets[anchor] if anchor < len(offsets) else len(source)
        lead = "" if source[:at].endswith((b"\n", b"\r")) or not at else newline
        return (Edit(Span(at, at), lead + newline.join(lines) + newline),)
    first = tree.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        line = first.end_lineno or 1
        at = offsets[line] if line < len(offsets) else len(source)
        return (Edit(Span(at, at), newline + newline.join(lines) + newline),)
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    at = offsets[line - 1]
    if line == 1 and source.startswith(b"\xef\xbb\xbf"):
        at = 3
    return (Edit(Span(at, at), newline.join(lines) + newline * 3),)


def _last_import(tree: ast.Module) -> int | None:
    """Return the line after the last import of the module's opening block, counted from 0."""
    last = None
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            last = statement.end_lineno
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    return last


def _line_offsets(source: bytes) -> list[int]:
    return [0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", source))]
