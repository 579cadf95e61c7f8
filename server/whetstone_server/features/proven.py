"""Which findings a proof has been made for that still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_server.session import OpenFile, Session


def proven(session: Session, file: OpenFile) -> Sequence[Finding]:
    """Return the findings that a verdict of `faster` holds for now and takes nothing for granted; one in each function.

    Where several were proven in one function the largest gain is taken: each was proven alone, not with the others.
    """
    best: dict[Span, tuple[float, Finding]] = {}
    for finding in session.findings(file):
        verdict = session.verdicts.verdict(file, finding)
        if verdict and verdict.answer == "faster" and not verdict.assumptions and finding.unit:
            gain = verdict.speedup.estimate if verdict.speedup else 1.0
            best[finding.unit] = max(best.get(finding.unit, (0.0, finding)), (gain, finding), key=lambda pair: pair[0])
    return [finding for _, finding in best.values()]
