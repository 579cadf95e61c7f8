"""What a run of proofs says as it goes along and when it is over."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from whetstone_knowledge.rules import BY_CODE
from whetstone_server.cli.findings.located import Lines, shown
from whetstone_server.cli.progress import Steps
from whetstone_server.cli.verdicts.reported import Reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from whetstone_server.improvements.prove import Proof

Key: TypeAlias = "tuple[Path, str | None, str]"
"""A file, a function in it and the code of a rule: what stays the same of a finding when its text is rewritten."""


@contextmanager
def report_in(wanted: str, *, diff: bool) -> Iterator[Report]:
    """Return a report in this format, with a progress bar where somebody watches."""
    with Steps() as steps:
        yield TextReport(steps, diff=diff) if wanted == "text" else JsonReport(steps)


class Report:
    """Keeps the verdicts of one run."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._began = time.monotonic()
        self._python: str | None = None
        self._sandbox: str | None = None
        self._reported: list[Reported] = []
        self._commits: list[str] = []

    @property
    def agreed(self) -> bool:
        """Whether every proof said yes."""
        return all(reported.agreed for reported in self._reported)

    @property
    def proofs(self) -> list[Proof]:
        """What was proved so far."""
        return [reported.proof for reported in self._reported]

    @property
    def tried(self) -> bool:
        """Whether any rewrite was made and tried, which is what a sandbox is started for."""
        return any(reported.proof.rewrite for reported in self._reported)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self._began

    def step(self, sentence: str, done: int, total: int) -> None:
        """Show how far it is."""
        self._steps.step(sentence, done, total)

    def ran(self, python: str, sandbox: str) -> None:
        """Note what ran the code; of several projects the first one's is told."""
        self._python = self._python or python
        self._sandbox = self._sandbox or sandbox

    def proved(self, proof: Proof) -> None:
        """Take in one proof."""
        self._reported.append(_reported(proof))

    def withdraw(self, keys: AbstractSet[Key]) -> None:
        """Forget verdicts on findings that are proven again in a newer text; what was written stays."""
        self._reported = [each for each in self._reported if each.applied or _key(each.proof) not in keys]

    def applied(self, proofs: Sequence[Proof]) -> None:
        """Note that these rewrites were written."""
        self._reported = [
            replace(reported, applied=True) if any(reported.proof is each for each in proofs) else reported
            for reported in self._reported
        ]

    def committed(self, hashes: Sequence[str]) -> None:
        """Note that what was just written was committed."""
        self._commits += hashes

    def finish(self, errors: Sequence[tuple[str, str]]) -> None:
        """Print what is left to say."""
        raise NotImplementedError


class JsonReport(Report):
    """Says everything at the end, in one document."""

    def finish(self, errors: Sequence[tuple[str, str]]) -> None:
        """Print the document."""
        import json  # noqa: PLC0415 -- only this format needs it

        document = {
            "version": 1,
            "python": self._python,
            "sandbox": self._sandbox,
            "seconds": round(self.seconds, 3),
            "errors": [{"path": path, "message": message} for path, message in errors],
            "commits": self._commits,
            "verdicts": [reported.as_json() for reported in self._reported],
        }
        with self._steps.paused():
            print(json.dumps(document, indent=2))  # noqa: T201


class TextReport(Report):
    """Says each verdict as it is reached, and sums up."""

    def __init__(self, steps: Steps, *, diff: bool) -> None:
        from whetstone_server.cli.terminal import console  # noqa: PLC0415 -- the other format does without

        super().__init__(steps)
        self._out = console()
        self._diff = diff

    def proved(self, proof: Proof) -> None:
        """Print one verdict."""
        from whetstone_server.cli.verdicts import text  # noqa: PLC0415 -- the other format does without

        super().proved(proof)
        with self._steps.paused():
            text.show(self._out, self._reported[-1], diff=self._diff)

    def withdraw(self, keys: AbstractSet[Key]) -> None:
        """Say what is proven again, because another rewrite of the same function was written first."""
        super().withdraw(keys)
        for path, function, code in sorted(keys, key=str):
            self._say(f"{code} in {function} of {shown(path)} is proven again: its function was just rewritten.")

    def applied(self, proofs: Sequence[Proof]) -> None:
        """Say which rewrites were written."""
        super().applied(proofs)
        for proof in proofs:
            finding = proof.candidate.finding
            self._say(f"Applied {finding.code} to {finding.function} in {shown(proof.candidate.path)}.", "green")

    def committed(self, hashes: Sequence[str]) -> None:
        """Say so."""
        super().committed(hashes)
        self._say(f"Committed as {', '.join(hashes)}.", "green")

    def finish(self, errors: Sequence[tuple[str, str]]) -> None:  # noqa: ARG002 -- text said them when they were met
        """Print how many verdicts there are of each kind, and what ran the code."""
        if not self._reported:
            self._say("Nothing to prove: no finding here has a rewrite that a proof can judge.")
            return
        counts = Counter(reported.proof.verdict.answer for reported in self._reported)
        answers = ", ".join(f"{count} {answer}" for answer, count in counts.most_common())
        where = f" Python {self._python} in {self._sandbox}," if self._sandbox else ""
        self._say(f"{answers}.{where} {self.seconds:.1f} s.", "bold")

    def _say(self, sentence: str, style: str = "") -> None:
        from whetstone_server.cli.terminal import styled  # noqa: PLC0415 -- the other format does without

        with self._steps.paused():
            self._out.print(styled((sentence, style)))


def _key(proof: Proof) -> Key:
    finding = proof.candidate.finding
    return proof.candidate.path, finding.function, finding.code


def _reported(proof: Proof) -> Reported:
    """Return the proof with the rule's name and the line of what was found."""
    finding = proof.candidate.finding
    rule = BY_CODE.get(finding.code)
    line, _ = Lines(proof.candidate.source).position(finding.span.start)
    return Reported(proof, rule.code if rule else None, rule.name if rule else None, line)
