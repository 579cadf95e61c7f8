"""Comments that silence a finding, written and taken out again; nothing else of the text is touched."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from whetstone_codegen.edits import Edit, applied
from whetstone_knowledge.languages import find, rules_for
from whetstone_knowledge.rule import Refused
from whetstone_knowledge.rules import BY_CODE
from whetstone_knowledge.spans import Span
from whetstone_knowledge.suppression import covered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.suppression import Suppression


def silenced(source: bytes, finding: Finding, suppressions: Sequence[Suppression]) -> Edit:
    """Return the edit that silences `finding`: its code in a list that is there, else a comment of its own.

    Each place is tried and looked at again, because a line may end in a string or go on on the next one. Raises
    `Refused` when there is no place for a comment.
    """
    language = BY_CODE[finding.code].language
    before = _counted(source, language)
    for edit in _attempts(source, finding, suppressions):
        after = _counted(applied(source, (edit,)), language)
        if set(before - after) == {(finding.code, finding.function)} and not after - before:
            return edit
    raise Refused("no comment can stand beside this code")


def without_unused(source: bytes, suppression: Suppression) -> Edit:
    """Return the edit that takes what is unused out of a suppression, or the whole of it with the reason behind it."""
    words = suppression.words or ()
    if suppression.unused is not None and len(suppression.unused) < len(words):
        kept = [word for number, (word, _) in enumerate(words) if number not in suppression.unused]
        return Edit(Span(words[0][1].start, words[-1][1].end), ", ".join(kept))
    return Edit(_comment(source, suppression), "")


def _counted(source: bytes, language: str) -> Counter[tuple[str, str | None]]:
    found = find(source, language, rules_for(language))
    return Counter((finding.code, finding.function) for finding in found)


def _attempts(source: bytes, finding: Finding, suppressions: Sequence[Suppression]) -> Iterator[Edit]:
    """Yield the ways to silence a finding, the least conspicuous first."""
    for suppression in suppressions:
        line = covered(suppression, source)
        if suppression.words and not suppression.whole_file and line.start <= finding.span.start < line.end:
            last = suppression.words[-1][1].end
            yield Edit(Span(last, last), f", {finding.code}")
    comment = f"# whetstone: ignore[{finding.code}]"
    for offset in finding.span:
        end = _line_end(source, offset)
        if source[:end].endswith(b"\\"):  # the next line belongs to this one
            continue
        gap = "" if source[:end].endswith((b" ", b"\t")) else "  "
        yield Edit(Span(end, end), f"{gap}{comment}")
    start = _line_start(source, finding.span.start)
    if source[:start].rstrip(b"\r\n").endswith(b"\\"):
        return
    head = source[start : finding.span.start]
    indent = head[: len(head) - len(head.lstrip(b" \t"))].decode("utf-8", "replace")
    newline = "\r\n" if source[: _line_end(source, start) + 2].endswith(b"\r\n") else "\n"
    yield Edit(Span(start, start), f"{indent}{comment}{newline}")


def _comment(source: bytes, suppression: Suppression) -> Span:
    """Return what goes with a whole suppression: the reason behind it, and the line or the gap it leaves empty."""
    start, end = suppression.span.start, _line_end(source, suppression.span.end)
    other = source.find(b"#", suppression.span.end, end)
    if other >= 0:
        return Span(start, other)
    line = _line_start(source, start)
    if not source[line:start].strip():
        following = source.find(b"\n", end)
        return Span(line, len(source) if following < 0 else following + 1)
    return Span(line + len(source[line:start].rstrip()), end)


def _line_start(source: bytes, offset: int) -> int:
    return source.rfind(b"\n", 0, offset) + 1


def _line_end(source: bytes, offset: int) -> int:
    end = source.find(b"\n", offset)
    end = len(source) if end < 0 else end
    return end - 1 if source[:end].endswith(b"\r") else end
