"""One finding put right in its own function; the only place that runs LibCST over a document."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst
from libcst import matchers

from whetstone_codegen.edits import Edit, applied
from whetstone_codegen.imports import import_edits
from whetstone_codegen.module_names import names_of
from whetstone_codegen.rewrite import Rewrite
from whetstone_knowledge.rewriting import Place, Scene
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.spans import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import PythonRule

_NEWLINE = re.compile(rb"\r\n|\r|\n")


def rewritten(source: bytes, finding: Finding, rule: PythonRule) -> Rewrite:
    """Return the rewrite of the function that holds `finding`, found by `rule` in `source` (UTF-8, any newlines).

    Raises `Refused` with one sentence when the rule cannot rewrite this function safely.
    """
    if finding.unit is None or finding.function is None:
        raise Refused("only code inside a function can be rewritten")
    text = _Text(source)
    start = text.line_start(finding.unit.start)
    try:
        unit = source[start : finding.unit.end].decode()
        header, shift = _wrapped(unit)
        module = cst.parse_module(header + unit)
        tree = ast.parse(source.decode("utf-8-sig"))
    except (cst.ParserSyntaxError, SyntaxError, ValueError, RecursionError) as error:
        raise Refused("the file does not parse just now") from error
    first, last = text.line(finding.unit.start), text.line(finding.unit.end)
    names = names_of(tree, first, last)
    scene = Scene(
        module,
        text.places(finding, start, shift),
        names_taken=names.taken,
        names_inside=names.inside,
        names_bound=names.bound,
        imported=names.imported,
    )
    rule.mend(scene)
    new_module = scene.result()
    _keeps_comments(module, new_module)
    new_unit = new_module.code[len(header) :]
    if new_unit == unit:
        raise Refused("the rewrite would change nothing")
    edits = (Edit(Span(start, finding.unit.end), new_unit), *import_edits(source, tree, scene.imports))
    new_text = applied(source, edits)
    try:
        ast.parse(new_text.decode("utf-8-sig"))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Refused("the rewritten code would not parse") from error
    return Rewrite(finding.function, tuple(sorted(edits)), new_text, tuple(scene.imports))


def _keeps_comments(old: cst.Module, new: cst.Module) -> None:
    """Raise `Refused` when a comment of the old function is missing from the new one."""
    if _comments(old) - _comments(new):
        raise Refused("a comment would be lost")


def _comments(tree: cst.Module) -> Counter[str]:
    return Counter(cst.ensure_type(node, cst.Comment).value for node in matchers.findall(tree, matchers.Comment()))


def _wrapped(unit: str) -> tuple[str, int]:
    """Return a header under which an indented function parses on its own, and the lines it adds."""
    newline = "\r\n" if "\r\n" in unit else "\n"
    return (f"if 1:{newline}", 1) if unit[:1] in " \t" else ("", 0)


class _Text:
    """A source text that knows where its lines start."""

    def __init__(self, source: bytes) -> None:
        self._source = source

    def line_start(self, offset: int) -> int:
        """Return where the line that holds `offset` starts, behind a byte order mark."""
        start = max(self._source.rfind(b"\n", 0, offset), self._source.rfind(b"\r", 0, offset)) + 1
        return 3 if start == 0 and self._source.startswith(b"\xef\xbb\xbf") else start

    def line(self, offset: int) -> int:
        """Return the number, from 1, of the line that holds `offset`."""
        return 1 + len(_NEWLINE.findall(self._source[:offset]))

    def places(self, finding: Finding, start: int, shift: int) -> Mapping[str, Sequence[Place]]:
        """Return the finding's captures as LibCST positions in the function's own text."""
        places: dict[str, list[Place]] = {}
        for name, span in finding.captures:
            place = Place(self._position(span.start, start, shift), self._position(span.end, start, shift))
            places.setdefault(name, []).append(place)
        return places

    def _position(self, offset: int, start: int, shift: int) -> tuple[int, int]:
        before = self._source[start:offset]
        line = len(_NEWLINE.findall(before))
        column = len(self._source[max(self.line_start(offset), start) : offset].decode())
        return 1 + shift + line, column
