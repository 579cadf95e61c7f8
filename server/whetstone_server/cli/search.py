"""Looks through files and folders, and says where things stand."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.cli.findings.located import Lines, located, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.rule import Rule

    from whetstone_server.cli.findings.located import Located


@dataclass(slots=True)
class Search:
    """What was found, and what could not be looked at."""

    paths: list[Path] = field(default_factory=list)
    """Every file that was looked at."""
    findings: list[Located] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason, as they are printed."""
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return len(self.paths)

    def complain(self) -> None:
        """Say on standard error what could not be looked at."""
        for path, message in self.errors:
            print(f"whetstone: {path}: {message}", file=sys.stderr)  # noqa: T201


def search(paths: Sequence[Path], rules: Sequence[Rule], jobs: int) -> Search:
    """Return what `rules` find in files and folders, by path and then in order of the text."""
    from whetstone_knowledge.syntax import find

    began = time.perf_counter()
    found = Search()
    by_code = {rule.code: rule for rule in rules}
    files = sorted({f for p in paths for f in ([p] if not p.is_dir() else p.rglob("*.py"))})
    for path in files:
        try:
            source = path.read_bytes()
            source.decode()
        except OSError as error:
            found.errors.append((shown(path), str(error.strerror)))
            continue
        except ValueError as error:
            found.errors.append((shown(path), str(error)))
            continue
        found.paths.append(path.absolute())
        if findings := find(source, rules):
            lines = Lines(source)
            found.findings += [located(path.absolute(), lines, finding, by_code[finding.code]) for finding in findings]
    found.seconds = time.perf_counter() - began
    return found
