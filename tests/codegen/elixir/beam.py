"""One BEAM in which everything is checked, compiled and tested, and what it said of each."""

from __future__ import annotations

import base64
import difflib
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HARNESS = Path(__file__).with_name("harness.exs")
LONGEST = 600
"""Seconds after which a BEAM that has not ended is ended, for each time that it runs the tests."""


@dataclass(frozen=True, slots=True)
class Job:
    """A module with its test to compile and run; `also` are texts that are only looked at for their form."""

    id: str
    module: str
    test: str
    also: Iterable[str] = ()


@dataclass(slots=True)
class Outcome:
    """What was found out about one job."""

    unformatted: list[str] = field(default_factory=list)
    """What the formatter would change, as a diff for each text."""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    """Names of tests, once for each time."""
    failed: dict[str, list[str]] = field(default_factory=dict)
    """By the name of a test, why it failed each time."""
    skipped: list[str] = field(default_factory=list)

    def troubles(self) -> list[str]:
        """Return all that is not as it has to be, a text each."""
        told = [f"would be formatted:\n{text}" for text in self.unformatted]
        told += [f"error: {text}" for text in self.errors] + [f"warning: {text}" for text in self.warnings]
        told += [f"{name}: {why}" for name, reasons in self.failed.items() for why in reasons]
        told += [f"{name} was skipped" for name in self.skipped]
        if not told and not self.passed:
            told.append("no test was run")
        return told


def outcomes(jobs: Iterable[Job], folder: Path, *, times: int = 1, cases: int = 4) -> Mapping[str, Outcome]:
    """Return what became of each job, by its id; skips where there is no Elixir.

    `folder` is where the texts are put, each test is run so many `times`, and the tests of so many jobs, the `cases`,
    at once.
    """
    elixir = shutil.which("elixir")
    if elixir is None:
        pytest.skip("elixir is not installed")
    found = {job.id: Outcome() for job in jobs}
    plan = folder / "plan.txt"
    plan.write_text("".join(line for job in jobs for line in _planned(job, folder)), encoding="utf-8")
    done = subprocess.run(
        [elixir, str(HARNESS), str(plan), str(times), str(cases)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST * times,
        cwd=folder,  # where tests put their temporary files
    )
    lines = [line.split("\t")[1:] for line in done.stdout.splitlines() if line.startswith("@@\t")]
    if ["-", "done", "-", ""] not in lines:
        raise AssertionError(f"the BEAM died with {done.returncode}:\n{done.stdout[-2_000:]}{done.stderr[-8_000:]}")
    for id_, kind, name, encoded in lines:
        if id_ in found:
            _note(found[id_], kind, name, base64.b64decode(encoded).decode())
    return found


def _planned(job: Job, folder: Path) -> Iterable[str]:
    """Write a job's texts to files, and yield its lines of the plan."""
    (place := folder / job.id).mkdir()
    module, test = place / "module.ex", place / "module_test.exs"
    module.write_text(job.module, encoding="utf-8")
    test.write_text(job.test, encoding="utf-8")
    yield f"test\t{job.id}\t{module}\t{test}\n"
    for number, text in enumerate(job.also):
        (file := place / f"also_{number}.ex").write_text(text, encoding="utf-8")
        yield f"format\t{job.id}\t{file}\n"


def _note(outcome: Outcome, kind: str, name: str, text: str) -> None:
    if kind == "passed":
        outcome.passed.append(name)
    elif kind == "failed":
        outcome.failed.setdefault(name, []).append(text)
    elif kind == "skipped":
        outcome.skipped.append(name)
    elif kind == "unformatted":
        outcome.unformatted.append(_changed(Path(name).read_text(encoding="utf-8"), text))
    else:
        {"error": outcome.errors, "warning": outcome.warnings}[kind].append(text)


def _changed(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    return "\n".join(list(lines)[2:])
