"""Findings for a person: by file, each with its line of source and a squiggle under it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.cells import cell_len

from whetstone_server.cli.findings.located import Texts
from whetstone_server.cli.terminal import SEVERITY_STYLES, console, plain, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from whetstone_server.cli.findings.located import Located

_WIDEST = 160
"""Cells of a source line that are shown; a generated line may have thousands."""


def show(findings: Sequence[Located], *, files: int, seconds: float) -> None:
    """Print the findings, in the order given within each file, and a line that sums them up."""
    out = console()
    by_file: dict[str, list[Located]] = {}
    for found in findings:
        by_file.setdefault(found.shown_path, []).append(found)
    texts = Texts()
    for path, in_file in by_file.items():
        out.print(styled((path, "bold")))
        for found in in_file:
            _show_one(out, found, texts.of(found.path).text(found.line))
        out.print()
    out.print(_summary(findings, len(by_file), files, seconds))


def _show_one(out: Console, found: Located, source_line: str) -> None:
    style = SEVERITY_STYLES[found.finding.severity]
    out.print(
        styled(
            (f"  {found.line}:{found.column}", "dim"),
            "  ",
            (found.rule.code, "bold"),
            f" {found.rule.name}  ",
            (found.finding.severity, style),
            f"  impact {found.impact}",
            f"  heat {found.heat:.1%}" if found.heat is not None else "",
            f"  in {found.finding.function}" if found.finding.function else "",
        )
    )
    out.print(styled(f"      {found.finding.message}"))
    for line in _excerpt(found, source_line, style):
        out.print(line)


def _excerpt(found: Located, line: str, style: str) -> tuple[Text, Text]:
    """Return the source line with its number, and the squiggle that stands under what was found."""
    indent = len(line) - len(line.lstrip())
    end = found.end_column - 1 if found.end_line == found.line else len(line)
    before, marked, after = (
        plain(part) for part in (line[indent : found.column - 1], line[found.column - 1 : end], line[end:])
    )
    if cell_len(before) > _WIDEST // 2:
        before = f"…{before[-_WIDEST // 2 :]}"
    marked, after = marked[:_WIDEST], after[: max(0, _WIDEST - len(before) - len(marked))]
    number = f"{found.line:>6} │ "
    squiggle = " " * cell_len(before) + "~" * max(cell_len(marked), 1)
    return styled((number, "dim"), before, (marked, "bold"), after), styled((" " * 6 + " │ ", "dim"), (squiggle, style))


def _summary(findings: Sequence[Located], troubled: int, files: int, seconds: float) -> Text:
    looked = f"{files:,} {'file' if files == 1 else 'files'}, {seconds:.2f} s"
    if not findings:
        return styled(("Nothing found", "green"), f" in {looked}.")
    counts: Counter[str] = Counter(found.finding.severity for found in findings)
    by_severity = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITY_STYLES if counts[severity])
    noun = "finding" if len(findings) == 1 else "findings"
    provable = sum(found.finding.fix == "proof-needed" for found in findings)
    hint = f" `whetstone prove` can try {provable} of them." if provable else ""
    return styled((f"{len(findings):,} {noun}", "bold"), f" ({by_severity}) in {troubled:,} of {looked}.{hint}")
