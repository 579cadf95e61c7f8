"""Looks through files and folders, and says where things stand."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whetstone_knowledge import BY_CODE
from whetstone_server.choice import ignored_in, named
from whetstone_server.cli.findings.located import Located, shown
from whetstone_server.cli.selection import check_words
from whetstone_server.cli.target import common_folder
from whetstone_server.project import project_root
from whetstone_server.scan import scan
from whetstone_server.state import workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_server.choice import Choice
    from whetstone_server.settings import Settings


@dataclass(slots=True)
class Search:
    """What was found, and what could not be looked at."""

    paths: list[Path] = field(default_factory=list)
    """Every file that was looked at."""
    findings: list[Located] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason, as they are printed."""
    strangers: list[tuple[str, str]] = field(default_factory=list)
    """Path with its line, and a word in a comment there that was to silence a rule and names none."""
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return len(self.paths)

    def complain(self) -> None:
        """Say on standard error what could not be looked at, and which comments name rules that there are not."""
        if not self.errors and not self.strangers:
            return
        from whetstone_server.cli.terminal import plain  # noqa: PLC0415 -- only read when something went wrong

        for path, message in self.errors:
            print(plain(f"whetstone: {path}: {message}"), file=sys.stderr)  # noqa: T201
        for place, word in self.strangers:
            sentence = f"{place}: no rule is called {word}, so nothing is silenced by it"
            print(plain(f"whetstone: {sentence}"), file=sys.stderr)  # noqa: T201


def search(paths: Sequence[Path], choice: Choice, settings: Settings) -> Search:
    """Return what the chosen rules find in files and folders, by path and then in order of the text.

    Raises `InputError` when a word in `per_file_ignores` names no rule.
    """
    check_words(settings.per_file_ignores)
    began = time.perf_counter()
    found = Search()
    root = project_root(common_folder(paths))
    for file in scan(paths, choice=choice, jobs=settings.jobs or processors(), cache=workspace(root) / "scan"):
        path = file.path.absolute()
        if file.error is not None:
            found.errors.append((shown(path), file.error))
            continue
        found.paths.append(path)
        found.strangers += [(f"{shown(path)}:{line}", word) for word, line in file.strangers]
        unwanted = ignored_in(path, root, settings.per_file_ignores)
        found.findings += [
            Located(path, finding, BY_CODE[finding.code], *position, impact=finding.impact)
            for finding, position in zip(file.findings, file.positions, strict=True)
            if not named(BY_CODE[finding.code], unwanted)
        ]
    found.seconds = time.perf_counter() - began
    return found


def processors() -> int:
    """Return how many processors this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
