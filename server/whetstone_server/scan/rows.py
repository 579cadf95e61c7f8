"""What was found in a file as plain lists and back, for the cache and on the way from one process to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from whetstone_knowledge.finding import Finding
from whetstone_knowledge.spans import Span
from whetstone_server.scan.file_findings import FileFindings, Position

if TYPE_CHECKING:
    from collections.abc import Sequence


def rows_of(found: FileFindings) -> list[list[Any]]:
    """Return the findings of a file as what JSON can hold."""
    return [_row(finding, position) for finding, position in zip(found.findings, found.positions, strict=True)]


def revived(
    path: str, error: str | None, rows: Sequence[Sequence[Any]], strangers: Sequence[tuple[str, int]] = ()
) -> FileFindings:
    """Return what `rows_of` was given; raises `TypeError`, `ValueError` or the like for anything else."""
    findings, positions = [], []
    for code, span, message, severity, impact, fix, function, unit, captures, fingerprint, position in rows:
        named = tuple((name, Span(*place)) for name, place in captures)
        whole = Span(*unit) if unit else None
        findings.append(Finding(code, Span(*span), message, severity, impact, fix, function, whole, named, fingerprint))
        positions.append(Position(*position))
    return FileFindings(Path(path), tuple(findings), tuple(positions), tuple(map(_stranger, strangers)), error)


def _stranger(pair: Sequence[Any]) -> tuple[str, int]:
    word, line = pair
    return str(word), int(line)


def _row(finding: Finding, position: Position) -> list[Any]:
    return [
        finding.code,
        finding.span,
        finding.message,
        finding.severity,
        finding.impact,
        finding.fix,
        finding.function,
        finding.unit,
        finding.captures,
        finding.fingerprint,
        position,
    ]
