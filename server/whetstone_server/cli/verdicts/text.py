"""A verdict for a person: the answer, what supports it, and where it would not hold."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from whetstone_server.cli.terminal import plain, styled
from whetstone_server.sandbox.support import by_size, inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from whetstone_server.cli.verdicts.reported import Reported
    from whetstone_server.sandbox.verdict import Counterexample, Verdict

ANSWER_STYLES = {
    "faster": "bold green",
    "no-difference": "yellow",
    "slower": "bold yellow",
    "broken": "bold red",
    "not-exercised": "magenta",
    "not-tried": "dim",
}
_RINGS = {
    "recorded": "a recorded call, or a smaller one like it",
    "annotated": "an input the annotations allow",
    "grown-within": "an input like the recorded ones",
    "grown-beyond": "an input unlike the recorded ones",
}
_LONGEST = 150
"""Characters of an input or an answer that are shown; JSON has them all."""


def show(out: Console, reported: Reported, *, diff: bool) -> None:
    """Print one verdict, with its diff when that is wanted."""
    verdict = reported.proof.verdict
    out.print(_heading(reported))
    out.print(styled("  ", (verdict.answer, ANSWER_STYLES[verdict.answer]), _gain(verdict)))
    for sentence in (*_reason(verdict), *_support(verdict), *_confidence(reported)):
        out.print(styled("  ", sentence))
    if verdict.counterexample:
        _show_differences(out, f"differs for {_RINGS[verdict.counterexample.ring]}:", [verdict.counterexample])
    _show_differences(
        out, "assumes no call like these, unlike all that was recorded or annotated:", verdict.assumptions
    )
    if reported.agreed and reported.proof.improvement:
        out.print(styled((f"  improvement {reported.proof.improvement}", "dim")))
    if diff and reported.proof.diff:
        for text in reported.proof.diff.splitlines():
            out.print(diff_line(text))
    out.print()


def _heading(reported: Reported) -> Text:
    function = reported.proof.candidate.finding.function
    return styled(
        (f"{reported.shown_path}:{reported.line}", "bold"),
        f"  {reported.code} {reported.rule}" if reported.code else "",
        f"  in {function}" if function else "",
    )


def _gain(verdict: Verdict) -> str:
    """Return the gain that the answer stands on; a loss on long inputs may stand beside a gain on the recorded ones."""
    if verdict.speedup is None or (verdict.answer == "slower" and verdict.speedup.estimate > 1):
        return ""
    return f"  {verdict.speedup}"


def _reason(verdict: Verdict) -> Iterator[str]:
    """Yield the reason, without what stands beside or under it anyhow."""
    if verdict.counterexample:
        return
    reason = verdict.reason
    if verdict.assumptions:
        reason = reason.partition("; assumes no call like ")[0]
    yield reason.removesuffix(f": {verdict.speedup}")


def _support(verdict: Verdict) -> Iterator[str]:
    """Yield the sentences about inputs, growth and reach that the verdict has."""
    yield from filter(None, (inputs(verdict.workload), by_size(verdict.growth)))
    if verdict.unreached:
        yield f"never reached: {_lines(verdict.unreached)}"


def _confidence(reported: Reported) -> Iterator[str]:
    """Yield how sure a proven rewrite is, and what would make it surer."""
    sure = reported.proof.confidence
    if sure and reported.agreed:
        yield f"confidence {sure.value:.2f}; what speaks least for it: {sure.weakest.sentence}"


def _lines(numbers: Sequence[int]) -> str:
    """Return line numbers with runs drawn together: `lines 3, 7-9`."""
    runs = []
    for _, group in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        runs.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}")
    return f"line{'' if len(numbers) == 1 else 's'} {', '.join(runs)}"


def _show_differences(out: Console, lead: str, found: Sequence[Counterexample]) -> None:
    """Print inputs on which old and new differ, under a line that says what they are."""
    if found:
        out.print(styled("  ", (lead, "bold")))
    for example in found:
        out.print(styled(("    input   ", "dim"), _indented(example.input)))
        out.print(styled(("    before  ", "dim"), _indented(example.before)))
        out.print(styled(("    after   ", "dim"), _indented(example.after)))


def _indented(text: str) -> str:
    """Return a value under the column it begins in; of a long one the beginning and the end, where inputs differ."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST * 2 // 3]} … {text[-_LONGEST // 3 :]}"
    return plain(text).replace("\n", "\n" + " " * 12)


def diff_line(text: str) -> Text:
    """Return one line of a unified diff in its colour."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    return styled("  ", (text, "bold" if text.startswith(("+++", "---")) else styles.get(text[:1], "")))
