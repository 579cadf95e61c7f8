"""What becomes of a rewrite before it is applied: proposed, tested, approved or rejected."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from whetstone_server.improvements.actors import PROOF
from whetstone_server.improvements.record import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from whetstone_server.improvements.history import History, Writing
    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.record import Actor, Status, Subject
    from whetstone_server.sandbox.verdict import Verdict


def decision(verdict: Verdict) -> Status | None:
    """Return what a verdict decides, or `None` when it takes something for granted that only a person can judge."""
    if verdict.answer != "faster":
        return "rejected"
    return None if verdict.assumptions else "approved"


def open_id(writing: Writing, verdict: Verdict, id_for: Callable[[int], str]) -> str:
    """Return the id of the improvement that a proof is about; `id_for(attempt)` names it, from 1 on.

    It is an earlier proof's as long as the two do not disagree: what was rejected, applied or rolled back stays so,
    and what was approved and now fails, or assumes what it did not, is a proposal of its own.
    """
    known = writing.improvements
    for attempt in count(1):
        improvement = known.get(id_for(attempt))
        if improvement is None or improvement.status == "testing" or _agrees(improvement, verdict):
            return id_for(attempt)
    raise AssertionError("there are always more numbers")


def _agrees(improvement: Improvement, verdict: Verdict) -> bool:
    """Whether a verdict would leave an improvement approved as it is."""
    taken_on = bool(improvement.assumptions) or not verdict.assumptions
    return improvement.status == "approved" and verdict.answer == "faster" and taken_on


def settle(writing: Writing, improvement: str, subject: Subject, verdict: Verdict, evidence: dict[str, Any]) -> None:
    """Take the steps that a proof leads to; an improvement that waits for a person stays in testing."""
    known = writing.improvements.get(improvement)
    if known and known.status == "approved":
        return
    steps = []
    if known is None:
        steps += [
            Step(step="proposed", improvement=improvement, actor=PROOF, subject=subject),
            Step(step="testing", improvement=improvement, actor=PROOF, evidence=evidence),
        ]
    if step := decision(verdict):
        newer = evidence if known else None
        steps.append(Step(step=step, improvement=improvement, actor=PROOF, reason=verdict.reason, evidence=newer))
    if steps:
        writing.append(*steps)


def approve(history: History, improvements: Sequence[str], actor: Actor, reason: str | None = None) -> None:
    """Let improvements be applied that only a person can judge, all or none.

    Raises `InputError` when one does not wait for that.
    """
    with history.writing() as writing:
        writing.append(*_steps("approved", improvements, actor, reason))


def reject(history: History, improvements: Sequence[str], actor: Actor, reason: str | None = None) -> None:
    """Have improvements never applied, all or none. Raises `InputError` when one does not wait for a decision."""
    with history.writing() as writing:
        writing.append(*_steps("rejected", improvements, actor, reason))


def _steps(step: Status, improvements: Sequence[str], actor: Actor, reason: str | None) -> list[Step]:
    return [Step(step=step, improvement=improvement, actor=actor, reason=reason) for improvement in improvements]
