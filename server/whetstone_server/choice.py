"""Which rules somebody wants to hear of, and which findings the settings let through."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.languages import rules_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from whetstone_knowledge import Finding
    from whetstone_knowledge.rule import Rule
    from whetstone_server.settings import PerFile, Settings


@dataclass(frozen=True, slots=True)
class Choice:
    """The rules that `select` names and `ignore` does not; those of a language are loaded when it is asked for.

    Without `select` it is all but those that speak only on request, which have to be named by their whole code or name.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    on_request: bool = False
    """Whether those that speak only on request are among them, unless something is selected."""

    def takes(self, rule: Rule) -> bool:
        """Whether a rule is among them."""
        if self.ignore and named(rule, self.ignore):
            return False
        if rule.on_request and not self.on_request:
            return any(rule.is_called(word) for word in self.select)
        return not self.select or named(rule, self.select)

    def rules(self, language: str) -> tuple[Rule, ...]:
        """Return those for a language, in catalogue order."""
        return _rules(self, language)


@cache
def _rules(choice: Choice, language: str) -> tuple[Rule, ...]:
    """Return them once: each file is asked with them."""
    return tuple(rule for rule in rules_for(language) if choice.takes(rule))


def chosen(findings: Sequence[Finding], settings: Settings, root: Path | None, path: Path | None) -> Sequence[Finding]:
    """Return those of the findings in the file at `path`, which belongs to the project at `root`, that are wanted."""
    ignore = (*settings.ignore, *ignored_in(path, root, settings.per_file_ignores))
    choice = Choice(settings.select, ignore)
    return [finding for finding in findings if choice.takes(BY_CODE[finding.code])]


def ignored_in(path: Path | None, root: Path | None, per_file: PerFile) -> Sequence[str]:
    """Return the words that name the rules to be left out in one file.

    A pattern means the path from the project's folder, or the file's name alone; `*` stands for slashes too.
    """
    if not per_file or path is None:
        return ()
    name = path.name
    below = os.path.relpath(path, root).replace(os.sep, "/") if root else name
    return [word for pattern, words in per_file if _fits(below, pattern) or _fits(name, pattern) for word in words]


def named(rule: Rule, words: Sequence[str]) -> bool:
    """Whether one of `words` is the rule's name, its code or a beginning of it, or means every rule."""
    return any(rule.code.startswith(word.upper()) or word.lower() in {rule.name, "all"} for word in words if word)


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or (pattern.startswith("**/") and fnmatchcase(path, pattern[3:]))
