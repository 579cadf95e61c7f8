"""Finds the command that runs a project's tests, and says how it is to be started here."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SKIPPED_FOLDERS = frozenset(("node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"))
MOST_FILES = 50_000
"""Past so many files without a test among them, the project is taken to have none."""
PYTEST_SECTIONS = {
    "pytest.ini": "\n",
    "pyproject.toml": "[tool.pytest",
    "tox.ini": "[pytest]",
    "setup.cfg": "[tool:pytest]",
}


class Command(NamedTuple):
    """A command line and who will read it."""

    line: tuple[str, ...]
    runner: str
    """`pytest`, `unittest`, `script`, or `other`."""
    start: tuple[str, ...]
    """What is really started: `line` with this interpreter, and with our launcher where it runs a script."""
    given: bool
    """Whether somebody chose it."""

    def restricted_to(self, tests: Sequence[str] | None) -> Command:
        """Return the command that need not run more than these tests. It may run more, and their outcomes are told."""
        if tests is None:
            return self
        if self.runner == "pytest" and not self.given:
            files = dict.fromkeys(test.split("::")[0] for test in tests)
            return self._replace(start=(*self.start, *files))
        if self.runner == "unittest" and len(tests) <= 500:
            # `-k` finds a test by any part of its name, and leaves where to look for tests as it is.
            return self._replace(start=(*self.start, *(part for test in tests for part in ("-k", test))))
        return self


def command_for(root: str, given: Sequence[str] | None) -> Command | None:
    """Return the given command, or the one that suits the project; `None` when it has no tests."""
    if given:
        return _adapted(tuple(given))
    tests = _test_files(root)
    if importlib.util.find_spec("pytest") and (tests or _has_pytest_section(root)):
        return _adapted(("python", "-m", "pytest"))._replace(given=False)
    if not tests:
        return None
    folder = _outermost_folder(root, tests[0])
    where = () if folder == "." else ("-s", folder, "-t", folder)
    return _adapted(("python", "-m", "unittest", "discover", *where))._replace(given=False)


def _adapted(line: tuple[str, ...]) -> Command:
    program = os.path.basename(line[0])
    if program in ("pytest", "py.test"):
        return Command(line, "pytest", (sys.executable, "-m", "pytest", *line[1:]), given=True)
    if not re.fullmatch(r"python[\d.]*", program):
        return Command(line, "other", line, given=True)
    place = _first_argument(line)
    options, rest = line[1:place], line[place:]
    start = (sys.executable, *options, *rest)
    if rest[:1] == ("-m",):
        module = rest[1] if len(rest) > 1 else ""
        runner = module if module in ("pytest", "unittest") else "other"
        return Command(line, runner, start, given=True)
    if rest and rest[0].endswith(".py"):
        launcher = ("-c", "__import__('whetstone_script').main()")
        return Command(line, "script", (sys.executable, *options, *launcher, *rest), given=True)
    return Command(line, "other", start, given=True)


def _first_argument(line: tuple[str, ...]) -> int:
    """Return the place after the interpreter's own options: of `-m`, `-c` or a script."""
    place = 1
    while place < len(line) and line[place].startswith("-") and line[place] not in ("-m", "-c"):
        place += 2 if line[place] in ("-W", "-X") else 1
    return place


def _test_files(root: str) -> list[str]:
    """Return a test file, if there is one; files of the outermost folders come first."""
    for name in _files(root):
        base = os.path.basename(name)
        if base.endswith(".py") and (base.startswith("test") or base.endswith("_test.py")):
            return [name]
    return []


def _files(root: str) -> Iterator[str]:
    seen = 0
    folders = [root]
    while folders and seen < MOST_FILES:
        folder = folders.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") and entry.name not in SKIPPED_FOLDERS:
                    folders.append(entry.path)
            else:
                yield entry.path


def _has_pytest_section(root: str) -> bool:
    return any(section in _text(os.path.join(root, name)) for name, section in PYTEST_SECTIONS.items())


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read() or "\n"
    except OSError:
        return ""


def _outermost_folder(root: str, test_file: str) -> str:
    """Return where discovery starts: the folder above the packages around the test, relative to the root."""
    folder = os.path.dirname(test_file)
    while folder != root and os.path.exists(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return os.path.relpath(folder, root)
