"""Every Python template, with its defaults and every two answers that can meet, is clean, typed, tested and safe.

What is written is checked as its user's tools would: ruff with all its rules but those of `RUFF`, mypy in strict mode,
and pytest without any plugin and with warnings as errors. All variants lie in one folder, since starting a tool costs
more than its work. For each safety feature a mutant that lacks it has to fail the template's own test.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from whetstone_codegen.answers import checked, told
from whetstone_codegen.pairs import pairs
from whetstone_codegen.render import rendered
from whetstone_codegen.templates import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from whetstone_codegen.template import Mutant, Template

PYTHON = tuple(template for template in TEMPLATES if template.language == "python")
NAMES = (
    "a",
    "Ledger",
    "orders.warehouse_orders_today",
    "WarehouseInventoryOfNorthernDepartment42",
    "accounts.ReceivableAndPayableOfEveryBranchInAllCountriesOfTheFarNorth",
    "ledger.HTTPStore",
)
"""Classes of 1, 6, 20, 40 and 60 characters, nested and not, and one with an acronym: all is tidy with each."""

RUFF = """
exclude = ["conftest.py"]
line-length = 88
target-version = "py311"

[lint]
select = ["ALL"]
ignore = [
  "COM812",  # the formatter decides about trailing commas
  "CPY001",  # whose it is, its owner says
  "D203",    # at odds with D211
  "D213",    # at odds with D212
  "INP001",  # the package is its owner's
  "PLR0913", # each limit of a pattern is a parameter
]

[lint.per-file-ignores]
"tests/**" = [
  "PLR2004", # numbers in tests are examples
  "S101",    # assertions are how a test speaks
]
"""
CONFTEST = '''
import gc
import signal

import pytest

failed = set()


def pytest_runtest_setup(item):
    """Leave a file alone that has failed: once is enough, and what failures hold makes collections slow."""
    if item.path in failed:
        pytest.skip("it has failed already")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        failed.add(item.path)
    return report


def pytest_collection_finish(session):
    """Leave what was loaded out of the collections that the tests make."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """End a test that hangs, as that of a mutant may; time in the loop is virtual, so a hang uses the processor."""
    signal.signal(signal.SIGPROF, lambda *_: pytest.fail("it hangs"))
    signal.setitimer(signal.ITIMER_PROF, 1)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
'''


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant, and where the tests of the module with the feature and of the one without it lie."""

    template: Template
    mutant: Mutant
    whole: str
    mutated: str


@pytest.fixture(scope="module")
def variants(tmp_path_factory) -> Path:
    """Return a folder in which every template is written with every two answers that can meet."""
    folder = _project(tmp_path_factory.mktemp("variants"))
    rows = [(template, answers) for template in PYTHON for answers in pairs(template)]
    for number, (template, answers) in enumerate(rows):
        _write(folder, template, f"v{number:03}.{NAMES[number % len(NAMES)]}", answers)
    return folder


def test_what_is_written_breaks_no_rule_of_ruff(variants):
    _clean("ruff", "check", "--no-cache", "--output-format=concise", folder=variants)


def test_what_is_written_is_formatted(variants):
    _clean("ruff", "format", "--no-cache", "--diff", folder=variants)


def test_names_of_every_length_are_formatted_and_sorted_in(tmp_path):
    folder = _project(tmp_path)
    for number, template in enumerate(PYTHON):
        for name in NAMES:
            _write(folder, template, f"v{number:03}.{name}", checked(template, {}))
    _clean("ruff", "check", "--no-cache", "--output-format=concise", folder=folder)
    _clean("ruff", "format", "--no-cache", "--diff", folder=folder)


def test_types_are_strict(variants):
    options = ["--strict", "--explicit-package-bases", "--python-version=3.11", "--exclude=conftest"]
    _clean("mypy", *options, f"--cache-dir={os.devnull}", ".", folder=variants)


def test_their_own_tests_pass(variants):
    done = _pytest(variants, "--tb=short", "--show-capture=no")
    assert done.returncode == 0, done.stdout[-5_000:]


def test_every_safety_feature_is_tested(tmp_path, capsys):
    """A module without the feature fails the template's own test, and the module with it passes."""
    folder = _project(tmp_path)
    trials = [
        _trial(folder, template, f"{number:02}_{index:02}", mutant)
        for number, template in enumerate(PYTHON)
        for index, mutant in enumerate(template.mutants)
    ]
    failed = _failed(_pytest(folder, "--tb=no", "-rfE"))
    with capsys.disabled():
        print("\n".join(_table(trials, failed)))  # noqa: T201 -- the table is what the test finds out
    assert not [trial.whole for trial in trials if trial.whole in failed]
    assert not [trial.mutant.feature for trial in trials if trial.mutated not in failed]


def _project(folder: Path) -> Path:
    (folder / "ruff.toml").write_text(RUFF)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\npythonpath = .\ntestpaths = tests\n")
    return folder


def _write(folder: Path, template: Template, name: str, answers: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write a template and return where its module and its test lie."""
    texts = {folder / path: text for path, text in rendered(template, name, answers).items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    module, test = texts
    return module, test


def _trial(folder: Path, template: Template, number: str, mutant: Mutant) -> Trial:
    answers = checked(template, mutant.answers)
    row = "_".join(f"{key}_{value}" for key, value in told(template, answers).items())
    whole = f"whole{number[:2]}{re.sub('[^a-z0-9_]', '_', row.lower())}.store"
    _, test = _write(folder, template, whole, answers)
    module, mutated = _write(folder, template, f"mutant{number}.store", answers)
    text = module.read_text()
    assert text.count(mutant.find) == 1, f"{template}: {mutant.feature}: found {text.count(mutant.find)} times"
    module.write_text(text.replace(mutant.find, mutant.replace))
    return Trial(template, mutant, test.name, mutated.name)


def _failed(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return the first test that failed in each file with one, by the name of the file."""
    failed: dict[str, str] = {}
    for file, _, test in re.findall(r"^(?:FAILED|ERROR) tests/(\S+?\.py)(::(\w+))?", done.stdout, re.MULTILINE):
        failed.setdefault(file, test or "it cannot be imported")
    return failed


def _table(trials: list[Trial], failed: Mapping[str, str]) -> list[str]:
    width = max(len(trial.mutant.feature) for trial in trials)
    lines = [
        f"{trial.template.name:16} {trial.mutant.feature:{width}} {failed.get(trial.mutated, 'SURVIVED')}"
        for trial in trials
    ]
    killed = sum(trial.mutated in failed for trial in trials)
    return ["", *lines, f"{killed} of {len(trials)} mutants were killed."]


def _clean(tool: str, *options: str, folder: Path) -> None:
    done = _run(tool, *options, folder=folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5_000:]


def _pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return _run("pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *options, folder=folder)


def _run(tool: str, *options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, "-m", tool, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
