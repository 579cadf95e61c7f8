"""The history of improvements as a page of Markdown, for editors without a view of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server import markdown
from whetstone_server.improvements.told import diff, evidence, gain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.improvement import Improvement


def page(history: History, improvements: Iterable[Improvement]) -> str:
    """Return every improvement in a section of its own, in the order given."""
    sections = [section(history, each) for each in improvements]
    if not sections:
        sections = ["Nothing was proven here yet: prove a rewrite, and it stands on this page.\n"]
    return "\n".join((f"# Improvements to {markdown.words(history.root.name)}\n", *sections))


def section(history: History, improvement: Improvement) -> str:
    """Return one improvement: where it is, what it stands on, who did what with it and when, and what it changes."""
    return "\n".join(_lines(history, improvement))


def _lines(history: History, improvement: Improvement) -> Iterator[str]:
    yield f"## {improvement.status}: {improvement.about} in `{improvement.function}` {gain(improvement)}".rstrip()
    yield ""
    yield f"`{improvement.id}` · {markdown.code(improvement.path)}, line {improvement.line}"
    yield ""
    yield "Why:"
    yield ""
    for sentence in evidence(improvement):
        yield f"{'  ' if sentence.startswith(' ') else ''}- {markdown.words(sentence)}"
    yield ""
    yield "Steps:"
    yield ""
    for record in improvement.records:
        why = f": {markdown.words(record.reason)}" if record.reason else ""
        who = markdown.words(str(record.actor))
        yield f"{record.number}. {record.time[:19].replace('T', ' ')} UTC, {record.step} by {who}{why}"
    if changed := diff(history, improvement):
        yield ""
        yield markdown.block(changed.rstrip("\n"), "diff")
    yield ""
