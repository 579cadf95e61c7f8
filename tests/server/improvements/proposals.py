"""Proofs made without a sandbox, and put into a history as if one had made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_codegen import Edit, Rewrite, applied
from whetstone_knowledge import Finding, Span
from whetstone_server.improvements.decisions import open_id, settle
from whetstone_server.improvements.proof import Candidate, Proof
from whetstone_server.improvements.record import Actor, Subject
from whetstone_server.improvements.store import ProofStore, id_of
from whetstone_server.improvements.texts import name_of
from whetstone_server.sandbox.verdict import Counterexample, Speedup, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_knowledge.rewriting import Import
    from whetstone_server.improvements.history import History

ADA = Actor("person", "Ada <ada@example.org>")
SOURCE = b"""\
# prices in euro
def cheapest(prices):
    return sorted(prices)[0]  # low


def dearest(prices):
    return sorted(prices)[-1]
"""
ASSUMES = Counterexample("cheapest(iter([]))", "raises IndexError", "raises ValueError", "grown-beyond")


def proof(path: Path, source: bytes, old: str, new: str, *imports: Import, low: float = 2.0) -> Proof:
    """Return a proof that replaces `old`, on lines of its own, by `new`, with import lines at the top."""
    start = source.index(old.encode())
    unit = Span(start, start + len(old.encode()))
    edits = [Edit(unit, new)]
    if imports:
        newline = "\r\n" if b"\r\n" in source else "\n"
        at = 3 if source.startswith(b"\xef\xbb\xbf") else 0
        lines = newline.join(each.statement for each in sorted(imports))
        edits.append(Edit(Span(at, at), lines + newline * 3))
    rewrite = Rewrite("f", tuple(sorted(edits)), applied(source, tuple(edits)), imports)
    finding = Finding("WP101", unit, "slow", "low", 10, "proof-needed", "f", unit)
    verdict = Verdict("faster", "equal and faster", Speedup(low + 1, low, low + 2))
    return Proof(Candidate(path, source, finding), rewrite, verdict, f"id-{new}", "")


def kept(history: History, *proofs: Proof) -> list[Proof]:
    """Put proofs into a history as the prover does, and return them with the ids that they have there."""
    return [_kept(history, each) for each in proofs]


def _kept(history: History, made: Proof) -> Proof:
    assert made.rewrite
    rewrite, source, verdict = made.rewrite, made.candidate.source, made.verdict
    path = history.path_of(made.candidate.path)
    facts = {"code": "WP101", "path": path, "function": "f", "python": "3.11.7", "sandbox": "none"}
    evidence = {**facts, **verdict.as_json()}
    with history.writing() as writing:
        improvement = open_id(writing, verdict, lambda attempt: id_of(facts, source, rewrite.text, attempt))
        ProofStore(history.folder.parent).keep(improvement, evidence, source, rewrite)
        texts = name_of(source), name_of(rewrite.text)
        settle(writing, improvement, Subject("WP101", "string-built-in-loop", path, "f", 1, *texts), verdict, evidence)
    return Proof(made.candidate, rewrite, verdict, improvement, "")
