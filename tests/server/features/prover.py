"""A prover with the real one's face that answers at once, or waits until it is told to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whetstone_codegen import rewritten
from whetstone_knowledge import BY_CODE
from whetstone_knowledge.rule import Refused
from whetstone_server.improvements.prove import Candidate, Proof
from whetstone_server.sandbox.verdict import Speedup, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from whetstone_server.settings import Settings

FASTER = Verdict("faster", "12 times faster on 3 recorded calls", Speedup(12.3, 11.8, 12.9))


@dataclass
class Laboratory:
    """Where provers come from in a test: it sets their answer and sees what becomes of them."""

    verdict: Verdict = FASTER
    waits: bool = False
    """Whether a proof runs until it is let go or cancelled."""
    fault: Exception | None = None
    go: threading.Event = field(default_factory=threading.Event)
    provers: list[QuickProver] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    keep: Callable[[Proof], Proof] = lambda proof: proof
    """What becomes of a proof before it is answered, where a test wants it in a history."""
    running: int = 0
    most_at_once: int = 0

    def start(self, root: Path, settings: Settings) -> QuickProver:
        """Return a new prover."""
        self.provers.append(QuickProver(self, root, settings))
        return self.provers[-1]


class QuickProver:
    """Gives the laboratory's verdict on every candidate."""

    def __init__(self, laboratory: Laboratory, root: Path, settings: Settings) -> None:
        self._laboratory = laboratory
        self.root = root
        self.settings = settings
        self.closed = threading.Event()
        self.saw_cancel = False

    def prove(
        self,
        candidates: Sequence[Candidate],
        *,
        on_step: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Proof]:
        """Yield a proof per candidate."""
        laboratory = self._laboratory
        if laboratory.fault:
            raise laboratory.fault
        laboratory.running += 1
        laboratory.most_at_once = max(laboratory.most_at_once, laboratory.running)
        try:
            for number, candidate in enumerate(candidates):
                laboratory.candidates.append(candidate)
                if on_step:
                    on_step("Running old and new", number, len(candidates))
                while laboratory.waits and not laboratory.go.wait(0.01):
                    if cancelled() or self.closed.is_set():
                        self.saw_cancel = True
                        return
                try:
                    rewrite = rewritten(candidate.source, candidate.finding, BY_CODE[candidate.finding.code])
                except Refused as refusal:
                    yield Proof(candidate, None, Verdict("not-tried", f"no rewrite: {refusal}"), None, "")
                    continue
                yield laboratory.keep(Proof(candidate, rewrite, laboratory.verdict, "improvement", "diff"))
        finally:
            laboratory.running -= 1

    def close(self) -> None:
        """Take note."""
        self.closed.set()
