"""Findings on their way to verdicts and, where that was asked for, into their files."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from whetstone_knowledge.languages import find
from whetstone_server.cli.findings.located import shown
from whetstone_server.cli.search import search
from whetstone_server.cli.workload import executable, test_command
from whetstone_server.errors import InputError
from whetstone_server.improvements.actors import person
from whetstone_server.improvements.apply import StoredText, plan, write
from whetstone_server.improvements.commits import Commits, applied_message
from whetstone_server.improvements.history import HistoryError
from whetstone_server.improvements.policy import apply_selected, select
from whetstone_server.improvements.prove import Candidate, Prover
from whetstone_server.project import project_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from whetstone_knowledge.finding import Finding
    from whetstone_server.choice import Choice
    from whetstone_server.cli.findings.located import Located
    from whetstone_server.cli.verdicts.report import Key, Report
    from whetstone_server.improvements.apply import Plan
    from whetstone_server.improvements.history import History
    from whetstone_server.improvements.policy import Policy
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


class Wanted(NamedTuple):
    """What is to become of proven rewrites."""

    write: bool
    """They go into their files."""
    assume: bool
    """So do those that assume something."""
    commit: bool
    """What was written is committed."""
    policy: Policy | None = None
    """What else is written: what this allows."""


class Proving:
    """One run over any number of projects; knows whether something that was to be written could not be."""

    def __init__(self, settings: Settings, choice: Choice, report: Report, wanted: Wanted) -> None:
        """Nothing is started here."""
        self._settings = settings
        self._choice = choice
        self._report = report
        self._wanted = wanted
        self.failed = False

    def prove(self, findings: Iterable[Located]) -> None:
        """Prove what can be proven among `findings`, one project after the other."""
        projects: dict[Path, list[Candidate]] = {}
        for candidate in self._candidates(findings):
            projects.setdefault(project_root(candidate.path), []).append(candidate)
        for root, candidates in projects.items():
            with prover(root, self._settings) as here:
                self._settle(here, candidates)
                if self._wanted.policy:
                    self._apply_allowed(self._wanted.policy, here.history)
                if self._report.tried:
                    self._report.ran(here.python_version, here.engine)

    def _candidates(self, findings: Iterable[Located]) -> list[Candidate]:
        """Return what can be proven; a file that went away in the meantime is said, and the others go on."""
        candidates: list[Candidate] = []
        provable = (finding for finding in findings if finding.finding.fix == "proof-needed")
        for path, in_file in groupby(provable, key=lambda finding: finding.path):
            try:
                candidates += _candidates(path, list(in_file))
            except InputError as error:
                self._complain(error)
        return candidates

    def _complain(self, error: InputError) -> None:
        self.failed = True
        _say(str(error))

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
            if proof.verdict.answer == "faster" and self._may_write(proof):
                proven.setdefault(proof.candidate.path, []).append(proof)
        return self._written(here.history, list(proven.values()))

    def _may_write(self, proof: Proof) -> bool:
        """Whether a proven rewrite may go into its file; one that assumes something needs somebody's assent."""
        if not self._wanted.write or self._wanted.assume or not proof.verdict.assumptions:
            return self._wanted.write
        where = f"{proof.candidate.finding.function} of {shown(proof.candidate.path)}"
        why = f"it assumes no call like {proof.verdict.assumptions[0].input}"
        _say(f"{where} was left alone: {why}; --assume writes it")
        return False

    def _written(self, history: History, proven: Sequence[Sequence[Proof]]) -> list[Proof]:
        """Write the proofs, given file by file, and return those that this makes stale.

        A file that has changed or has no way back is said, and the others go on; these are written together.
        """
        plans: list[Plan] = []
        for proofs in proven:
            try:
                plans.append(plan(proofs))
            except InputError as error:
                self._complain(error)
        done = self._written_together(history, plans)
        self._report.applied([proof for each in done for proof in each.taken])
        return [proof for each in done for proof in each.held]

    def _written_together(self, history: History, plans: Sequence[Plan]) -> Sequence[Plan]:
        """Write all plans at once or, when something is wrong with one, each by itself; return those written."""
        try:
            commits = Commits(each.path for each in plans) if self._wanted.commit else None
            write(history, plans, person(history.root), assent=self._wanted.assume)
        except HistoryError as error:
            self._complain(error)
            return ()
        except InputError as error:
            if len(plans) > 1:
                return [each for single in plans for each in self._written_together(history, [single])]
            self._complain(error)
            return ()
        if commits and plans:
            self._commit(commits, history, [proof for each in plans for proof in each.taken])
        return plans

    def _commit(self, commits: Commits, history: History, proofs: Sequence[Proof]) -> None:
        """Commit what was written; a hook that refuses is said, and what was written stays."""
        known = history.improvements()
        try:
            made = commits.make(applied_message([known[proof.improvement or ""] for proof in proofs]))
        except InputError as error:
            self._complain(error)
        else:
            self._report.committed(made)

    def _apply_allowed(self, policy: Policy, history: History) -> None:
        """Write what the policy allows of the improvements that were just proven, and say why the others are left."""
        proofs = {proof.improvement: proof for proof in self._report.proofs if proof.improvement}
        check = Commits.check if self._wanted.commit else None
        try:
            selection = select(policy, history, proofs, check=check)
            commits = Commits(each.path for each in selection.plans) if self._wanted.commit else None
            done = apply_selected(policy, history, selection)
        except InputError as error:
            self._complain(error)
            return
        self.failed = self.failed or len(done.plans) < len(selection.plans)
        for each in done.decisions:
            if each.against:
                about = each.improvement
                _say(f"{about.function} of {about.path} was left alone: {each.against}")
        applied = [proofs[each.improvement.id] for each in done.decisions if each.allowed]
        self._report.applied(applied)
        if commits and applied:
            self._commit(commits, history, applied)

    def _found_again(self, held: Sequence[Proof]) -> list[Candidate]:
        """Return, from the files as they stand now, the findings of the same rules in the same functions."""
        if not held:
            return []
        keys = {_key(proof.candidate.path, proof.candidate.finding) for proof in held}
        found = search(sorted({path for path, _, _ in keys}), self._choice, self._settings)
        again = [finding for finding in found.findings if _key(finding.path, finding.finding) in keys]
        self._report.withdraw({_key(finding.path, finding.finding) for finding in again})
        return self._candidates(again)


def _say(sentence: str) -> None:
    """Say on standard error what was not done; names and inputs in it cannot steer the terminal."""
    from whetstone_server.cli.terminal import plain  # noqa: PLC0415 -- JSON does without colours

    print(plain(f"whetstone: {sentence}"), file=sys.stderr)  # noqa: T201


def _key(path: Path, finding: Finding) -> Key:
    return path, finding.function, finding.code


def _candidates(path: Path, findings: Sequence[Located]) -> list[Candidate]:
    """Return what a proof can judge, found once more in the text as it stands now: a scan may remember an older one."""
    source = StoredText(path).source
    wanted = {(each.rule.code, each.finding.span): each.rule for each in findings}
    found = find(source, "python", tuple(dict.fromkeys(wanted.values())))
    return [Candidate(path, source, finding) for finding in found if (finding.code, finding.span) in wanted]
