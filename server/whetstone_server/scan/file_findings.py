"""What a scan says of one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_knowledge.finding import Finding

_BOM = b"\xef\xbb\xbf"
_NEWLINE = re.compile(rb"\r\n|\r|\n")


class Position(NamedTuple):
    """Where a finding stands: lines and columns from 1, columns in code points, the end just behind the last one."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class FileFindings:
    """One file that was looked at, or could not be."""

    path: Path
    findings: tuple[Finding, ...] = ()
    """In order. Their spans count bytes of the text in UTF-8, which differs from the file's own bytes if it is not."""
    positions: tuple[Position, ...] = ()
    """For each finding, where it stands."""
    strangers: tuple[tuple[str, int], ...] = ()
    """Words in comments that ask for silence which name no rule, each with its line."""
    error: str | None = None
    """Why the file could not be read; one sentence."""


def line_of(offset: int, source: bytes) -> int:
    """Return the line, from 1, of a byte of `source`, UTF-8 with any newlines."""
    return _at(source, offset)[0]


def positions_of(findings: tuple[Finding, ...], source: bytes) -> tuple[Position, ...]:
    """Return where each finding stands in `source`, UTF-8 with any newlines."""
    return tuple(Position(*_at(source, finding.span.start), *_at(source, finding.span.end)) for finding in findings)


def _at(source: bytes, offset: int) -> tuple[int, int]:
    if source.startswith(_BOM):
        source, offset = source[len(_BOM) :], offset - len(_BOM)
    before = source[:offset]
    breaks = _NEWLINE.findall(before) if b"\r" in before else before.split(b"\n")[1:]
    line_start = max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
    return len(breaks) + 1, len(before[line_start:].decode("utf-8", "replace")) + 1
