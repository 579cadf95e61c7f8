"""Entries as people read them, a line each with reasons under it, and as programs do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.entry import Entry


def as_json(entry: Entry, score: float | None = None, reasons: Sequence[str] = ()) -> dict[str, Any]:
    """Return an entry as the contract has it."""
    return {
        "name": entry.name,
        "kind": entry.kind,
        "title": entry.title,
        "summary": entry.summary,
        "score": score,
        "reasons": list(reasons),
    }


def show_document(**parts: Any) -> None:
    """Print one JSON document."""
    print(json.dumps({"version": 1, **parts}, indent=2, ensure_ascii=False))  # noqa: T201


def show_line(entry: Entry, widest: int) -> None:
    """Print an entry on one line: its name, filled up to `widest`, and its summary."""
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415 -- the other format does without

    console().print(styled((f"{entry.name:<{widest}}", "bold"), f"  {entry.summary}"))
