"""Improvements as people read them, and as programs do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from whetstone_server.cli.findings.located import shown
from whetstone_server.cli.terminal import console, styled
from whetstone_server.improvements import told
from whetstone_server.improvements.told import gain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement

STATUS_STYLES = {
    "proposed": "dim",
    "testing": "cyan",
    "approved": "blue",
    "rejected": "dim",
    "applied": "bold green",
    "rolled-back": "yellow",
}


def as_json(history: History, improvement: Improvement) -> dict[str, Any]:
    """Return an improvement as the JSON contract names its fields."""
    return told.as_json(improvement, shown(history.file_of(improvement.path)))


def show_table(history: History, improvements: Sequence[Improvement]) -> None:
    """Print a line for each improvement, in columns; where a terminal is too narrow for them, two lines."""
    out = console()
    if not improvements:
        out.print("No improvements yet: `whetstone prove` makes them.")
        return
    rows = [_row(history, each) for each in improvements]
    rows.insert(0, ("id", "status", "rule", "where", "gain", "confidence", "when"))
    if not any(row[5] for row in rows[1:]):
        rows = [(*row[:5], "", row[6]) for row in rows]  # nobody worked it out
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if out.is_terminal and sum(widths) + 2 * len(widths) > out.width:
        _show_narrow(out, rows[1:])
        return
    for place, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width]
        style = STATUS_STYLES.get(row[1], "") if place else ""
        cells[-1] = cells[-1].rstrip()
        out.print(
            styled((f"{cells[0]}  ", "" if place else "dim"), (cells[1], style or "dim"))
            + styled(("  " + "  ".join(cells[2:]), "" if place else "dim"))
        )


def _show_narrow(out: Console, rows: Sequence[Sequence[str]]) -> None:
    """Print how each improvement stands on one line, and what it is about on the next."""
    for identifier, status, rule, where, gain_said, confidence, when in rows:
        known = "  ".join(filter(None, (gain_said, confidence and f"confidence {confidence}", when[: -len(":00")])))
        out.print(styled(f"{identifier}  ", (f"{status:<11}", STATUS_STYLES[status]), f"  {known}"))
        out.print(styled(f"{'':14}{rule}  {where}"))


def where(history: History, improvement: Improvement) -> str:
    """Return what an improvement is about: the rule, the function and the file."""
    return f"{improvement.about}  in {improvement.function} of {shown(history.file_of(improvement.path))}"


def local(moment: str) -> str:
    """Return a time of the history in the time of whoever reads it."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def _row(history: History, improvement: Improvement) -> tuple[str, ...]:
    confidence = improvement.confidence
    return (
        improvement.id,
        improvement.status,
        f"{improvement.code} {improvement.rule}" if improvement.code else "by hand",
        f"{shown(history.file_of(improvement.path))}:{improvement.line} {improvement.function}",
        gain(improvement) or str(improvement.evidence.get("verdict", "")),
        "" if confidence is None else f"{confidence:.2f}",
        local(improvement.records[-1].time),
    )
