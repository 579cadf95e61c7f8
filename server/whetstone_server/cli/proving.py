"""Findings on their way to verdicts and, where that was asked for, into their files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from whetstone_server.cli.search import search
from whetstone_server.cli.workload import executable, test_command
from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import StoredText, apply
from whetstone_server.improvements.prove import Candidate, Prover
from whetstone_server.project import project_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from whetstone_knowledge.finding import Finding
    from whetstone_knowledge.rule import Rule

    from whetstone_server.cli.findings.located import Located
    from whetstone_server.cli.verdicts.report import Key, Report
    from whetstone_server.improvements.prove import Proof
    from whetstone_server.settings import Settings


def prover(root: Path, settings: Settings) -> Prover:
    """Return a prover for one project, set as the settings say; raises `InputError` for what cannot be used."""
    return Prover(
        root,
        python=executable(settings.python, root) if settings.python else None,
        sandbox=settings.sandbox,
        workload=test_command(settings.workload) if settings.workload else None,
        budget=settings.budget,
        jobs=settings.jobs or 1,  # measurements side by side share the machine, and are less sure for it
        threshold=settings.threshold,
    )


class Proving:
    """One run over any number of projects; knows whether something that was to be written could not be."""

    def __init__(self, settings: Settings, rules: Sequence[Rule], report: Report, *, write: bool) -> None:
        self._settings = settings
        self._rules = rules
        self._report = report
        self._write = write
        self.failed = False

    def prove(self, findings: Iterable[Located]) -> None:
        """Prove what can be proven among `findings`, one project after the other."""
        projects: dict[Path, list[Candidate]] = {}
        for finding in findings:
            if finding.finding.fix == "proof-needed":
                projects.setdefault(project_root(finding.path), []).append(_candidate(finding))
        for root, candidates in projects.items():
            with prover(root, self._settings) as here:
                self._settle(here, candidates)
                if self._report.tried:
                    self._report.ran(here.python_version, here.engine)

    def _settle(self, here: Prover, candidates: Sequence[Candidate]) -> None:
        """Prove, write, and prove again what was proven for a text that writing has changed, until nothing is left.

        Each round writes at least one rewrite of those that wait, so that there are never more rounds than findings.
        """
        waiting = candidates
        for _ in candidates:
            held = self._round(here, waiting)
            waiting = self._found_again(held)
            if not waiting:
                return

    def _round(self, here: Prover, candidates: Sequence[Candidate]) -> list[Proof]:
        """Prove the candidates once; return the proofs that writing the others has made stale."""
        proven: dict[Path, list[Proof]] = {}
        for proof in here.prove(candidates, on_step=self._report.step):
            self._report.proved(proof)
            if proof.verdict.answer == "faster":
                proven.setdefault(proof.candidate.path, []).append(proof)
        return [held for path in proven for held in self._written(here, proven[path])] if self._write else []

    def _written(self, here: Prover, proofs: Sequence[Proof]) -> Sequence[Proof]:
        """Write the proofs about one file; a file that cannot be written is said, and the others go on."""
        try:
            written = apply(proofs, here)
        except InputError as error:
            self.failed = True
            print(f"whetstone: {error}", file=sys.stderr)  # noqa: T201
            return ()
        self._report.applied(written.applied)
        return written.held

    def _found_again(self, held: Sequence[Proof]) -> list[Candidate]:
        """Return, from the files as they stand now, the findings of the same rules in the same functions."""
        if not held:
            return []
        keys = {_key(proof.candidate.path, proof.candidate.finding) for proof in held}
        found = search(sorted({path for path, _, _ in keys}), self._rules, self._settings.jobs)
        again = [finding for finding in found.findings if _key(finding.path, finding.finding) in keys]
        self._report.withdraw({_key(finding.path, finding.finding) for finding in again})
        return [_candidate(finding) for finding in again]


def _key(path: Path, finding: Finding) -> Key:
    return path, finding.function, finding.code


def _candidate(finding: Located) -> Candidate:
    return Candidate(finding.path, StoredText(finding.path).source, finding.finding)
