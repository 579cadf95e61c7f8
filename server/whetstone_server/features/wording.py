"""Verdicts in the few words that fit into a title, a squiggle or a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.improvements.prove import Proof
    from whetstone_server.sandbox.verdict import Verdict

NO_GAIN = frozenset({"no-difference", "slower", "broken"})
"""Answers after which nobody should be urged to make the change."""
_TAILS = {
    "no-difference": "not faster here",
    "slower": "slower here",
    "broken": "the rewrite would change what it does",
    "not-exercised": "not proven",
    "not-tried": "not proven",
}


def title(rule_title: str, verdict: Verdict | None) -> str:
    """Return a fix's title; it says "proven", and how much, only with a verdict of `faster`."""
    return f"{rule_title} ({_gain(verdict)})" if verdict and verdict.answer == "faster" else rule_title


def tail(verdict: Verdict) -> str:
    """Return what a squiggle says about the rewrite behind its own message."""
    if verdict.answer == "faster":
        return _gain(verdict)
    return f"{_TAILS[verdict.answer]}: {verdict.reason.rstrip('.')}"


def brief(verdict: Verdict) -> str:
    """Return a verdict in a few words, without its reason: `proven 12.3× faster, 11.8–12.9`."""
    if verdict.answer != "faster":
        return _TAILS[verdict.answer]
    return f"{_gain(verdict)}, on an assumption" if verdict.assumptions else _gain(verdict)


def sentence(proofs: Sequence[Proof]) -> str:
    """Return one sentence on one or several proofs that have just been made."""
    if len(proofs) == 1:
        proof = proofs[0]
        return f"{proof.candidate.finding.function}: {tail(proof.verdict)}."
    faster = sum(proof.verdict.answer == "faster" for proof in proofs)
    return f"{faster} of {len(proofs)} rewrites proven faster; the squiggles say why the others are not."


def _gain(verdict: Verdict) -> str:
    speedup = verdict.speedup
    return f"proven {speedup.gain} faster, {speedup.interval}" if speedup else "proven faster"
