"""A finding with everything that is printed of it: its path, its lines and columns, its rule and its heat."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whetstone_server.scan.source import UnreadableError, read

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
        """Return one line, counted from 1, without its end; nothing when the text has fewer lines."""
        if line > len(self._starts):
            return ""
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


class Texts:
    """The texts of files, each read when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[Path, Lines] = {}

    def of(self, path: Path) -> Lines:
        """Return the text of a file; empty when it went away since it was looked at."""
        if path not in self._known:
            try:
                source = read(os.fspath(path))
            except UnreadableError:
                source = b""
            self._known[path] = Lines(source)
        return self._known[path]

    def unit_lines(self, found: Located) -> tuple[int, int] | None:
        """Return the first and the last line of the function that holds a finding."""
        unit, lines = found.finding.unit, self.of(found.path)
        return (lines.position(unit.start)[0], lines.position(max(unit.start, unit.end - 1))[0]) if unit else None


def shown(path: Path) -> str:
    """Return `path` relative to the working directory when it is below it, absolute otherwise, with forward slashes."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links a person put there
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()
