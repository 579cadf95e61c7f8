"""Tests of the templates' tests: `python -m tests.codegen.elixir.mutants [TEMPLATE…]` prints which kills which mutant.

A mutant is the module of a template without one of its safety features; a test that does not notice is none.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.codegen.elixir.beam import Job, outcomes
from tests.codegen.elixir.variants import chosen
from whetstone_codegen.answers import checked
from whetstone_codegen.render import rendered

WAITING = 48
"""Mutants whose tests run at once: most of their time a test waits for what a mutant does not do."""
_FIRST = """
  setup context do
    Harness.alive!(context.module)
  end
"""
_CASE = re.compile(r"^  use ExUnit.Case.*\n", re.MULTILINE)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.codegen.elixir.beam import Outcome
    from whetstone_codegen.template import Mutant, Template

    Judged = tuple[Template, Mutant, Outcome]


def tried(templates: Sequence[Template], folder: Path) -> list[Judged]:
    """Return what became of each mutant of these templates, all tried in one BEAM."""
    every = [(template, mutant) for template in templates for mutant in template.mutants]
    jobs = [_job(f"Mutant{number}", template, mutant) for number, (template, mutant) in enumerate(every)]
    found = outcomes(jobs, folder, cases=WAITING)
    return [(template, mutant, found[job.id]) for (template, mutant), job in zip(every, jobs, strict=True)]


def survives(outcome: Outcome) -> str:
    """Return why a mutant is not killed; empty when it is."""
    if outcome.errors:
        return f"does not compile: {outcome.errors[0]}"
    return "" if outcome.failed else f"survives {len(outcome.passed)} tests"


def table(judged: Sequence[Judged]) -> str:
    """Return a line for each mutant: its template, the feature that it lacks, and the test that notices first."""
    return "".join(
        f"{template.name:<20} {mutant.feature:<64} {survives(outcome).upper() or _first(outcome)}\n"
        for template, mutant, outcome in judged
    )


def _first(outcome: Outcome) -> str:
    """Return the test that killed it; none was run after it."""
    return next(iter(outcome.failed)).removeprefix("test ")


def _job(prefix: str, template: Template, mutant: Mutant) -> Job:
    answers = checked(template, mutant.answers)
    module, test = rendered(template, f"{prefix}.{template.example}", answers).values()
    if (times := module.count(mutant.find)) != 1:
        raise AssertionError(f"{template}: what stands for {mutant.feature!r} is there {times} times, not once")
    until_killed, _ = _CASE.subn(lambda use: use[0] + _FIRST, test, count=1)
    return Job(prefix, module.replace(mutant.find, mutant.replace), until_killed)


def main(names: Sequence[str]) -> int:
    """Print the table; returns 1 when a mutant survives."""
    with tempfile.TemporaryDirectory() as folder:
        judged = tried(chosen(names), Path(folder))
    alive = [outcome for _, _, outcome in judged if survives(outcome)]
    print(f"{table(judged)}{len(judged) - len(alive)} of {len(judged)} mutants are killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
