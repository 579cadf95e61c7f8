"""A finding with everything that is printed of it: its path, its lines and columns, its rule and its heat."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Lines:
    """A text in UTF-8 that knows where its lines begin."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
        if source.startswith(_BOM):
            self._starts[0] = len(_BOM)

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of a byte offset, from 1 and in code points; a byte order mark counts for nothing."""
        line = max(bisect_right(self._starts, offset), 1)
        start = self._starts[line - 1]
        return line, len(self._source[start:offset].decode("utf-8", "replace")) + 1

    def text(self, line: int) -> str:
        """Return one line, counted from 1, without its end."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._source)
        return self._source[start:end].rstrip(b"\r\n").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Located:
    """A finding where a person would look for it."""

    path: Path
    finding: Finding
    rule: Rule
    line: int
    column: int
    end_line: int
    end_column: int
    """One past the last code point, as editors and SARIF count."""
    unit_lines: tuple[int, int] | None
    """First and last line of the function that holds it."""
    source_line: str
    """The text of the line it begins on."""
    impact: int
    """The finding's own, raised by heat when a profile was given."""
    heat: float | None = None
    """The function's share of all time in the profile; `None` when the profile does not know its file."""

    @property
    def shown_path(self) -> str:
        """The path as it is printed."""
        return shown(self.path)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as the JSON contract names its fields."""
        return {
            "code": self.rule.code,
            "rule": self.rule.name,
            "path": self.shown_path,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "function": self.finding.function,
            "message": self.finding.message,
            "severity": self.finding.severity,
            "impact": self.impact,
            "fix": self.finding.fix,
            "heat": self.heat,
        }


def located(path: Path, lines: Lines, finding: Finding, rule: Rule) -> Located:
    """Return `finding` with its lines and columns in the text it was found in."""
    line, column = lines.position(finding.span.start)
    end_line, end_column = lines.position(finding.span.end)
    unit = finding.unit
    unit_lines = (lines.position(unit.start)[0], lines.position(max(unit.start, unit.end - 1))[0]) if unit else None
    return Located(
        path, finding, rule, line, column, end_line, end_column, unit_lines, lines.text(line), finding.impact
    )


def shown(path: Path) -> str:
    """Return `path` relative to the working directory when it is below it, absolute otherwise, with forward slashes."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links a person put there
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()
