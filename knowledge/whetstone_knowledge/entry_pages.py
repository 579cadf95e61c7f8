"""The entries as pages for people: `ENTRIES.md`, which lists them all, and the page of one, as a terminal shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_knowledge.catalogue import address, table
from whetstone_knowledge.entries import PAGES, path
from whetstone_knowledge.entry import ANTI_PATTERN, KINDS
from whetstone_knowledge.need import USES, Need
from whetstone_knowledge.recommend import recommend
from whetstone_knowledge.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from whetstone_knowledge.entry import Entry
    from whetstone_knowledge.rule import Rule

_HERE = Path(__file__).parents[1]
ENTRIES_PAGE = _HERE / "ENTRIES.md"
"""Where the list of all entries is written."""
_INTRODUCTION = """\
# Entries

<!-- Written by `python -m whetstone_knowledge.catalogue` from the entries themselves; change those instead. -->

How to build what lasts, mostly with Elixir and OTP.
Each entry has a page: when to use it, when not to, what it costs, and what is lost on a crash.

- `whetstone knowledge search` finds entries by words, and `whetstone knowledge show` prints one.
- `whetstone knowledge recommend` goes from a need to entries, with reasons, and says what was ruled out.
"""


def catalogue(all_entries: Sequence[Entry]) -> str:
    """Return the whole of `ENTRIES.md`: what answers each use, then a table of the entries of each kind."""
    kinds = (
        f"## {heading}\n\n{_entries_table([entry for entry in all_entries if entry.kind == kind])}"
        for kind, heading in KINDS.items()
    )
    return "\n".join((_INTRODUCTION, f"## By use\n\n{_uses_table(all_entries)}", *kinds))


def page(entry: Entry, templates: Collection[str] = ()) -> str:
    """Return the page of one entry in Markdown, with its templates, its rules, and its sources.

    Rules are left out that do not exist yet, and so are templates; `templates` names those that do.
    """
    parts = [f"# {entry.title}", f"`{entry.name}` · {entry.kind}", entry.summary, entry.body]
    if written := [name for name in entry.templates if name in templates]:
        parts += ["## Templates", "\n".join(f"- `whetstone new {name} NAME`" for name in written)]
    if found_by := _found_by(entry):
        parts += ["## Rules", found_by]
    parts += ["## Sources", "\n".join(f"- <{source}>" for source in entry.sources)]
    return "\n\n".join(parts) + "\n"


def rules_of(entry: Entry) -> tuple[Rule, ...]:
    """Return the rules that belong to an entry; it may name some that are still to be written."""
    return tuple(rule for rule in RULES if rule.name in entry.rules)


def _found_by(entry: Entry) -> str:
    """Return a line for each rule, or for an anti-pattern without one the reason; nothing for other entries."""
    rules = rules_of(entry)
    if rules:
        return "\n".join(f"- `{rule.code}` [{rule.name}]({address(rule)}): {rule.title}" for rule in rules)
    if entry.no_rule:
        return entry.no_rule
    return "No rule finds this yet." if entry.kind == ANTI_PATTERN else ""


def _uses_table(all_entries: Sequence[Entry]) -> str:
    rows = [["use", "that is", "answers, the best first"], ["---"] * 3]
    for use, meaning in USES.items():
        fitting = recommend(Need(use=frozenset({use})), all_entries).fitting
        rows.append([f"`{use}`", meaning, ", ".join(_linked(judged.entry, judged.entry.name) for judged in fitting)])
    return table(rows)


def _entries_table(some: Sequence[Entry]) -> str:
    rows = [["entry", "says", "rules"], ["---"] * 3]
    rows += [[_linked(entry, entry.title), entry.summary, _rules_cell(entry)] for entry in some]
    return table(rows)


def _rules_cell(entry: Entry) -> str:
    rules = rules_of(entry)
    return ", ".join(f"[{rule.code}](RULES.md#{rule.name})" for rule in rules) or entry.no_rule or ""


def _linked(entry: Entry, text: str) -> str:
    folder = dict(zip(KINDS, PAGES, strict=True))[entry.kind]
    page = path(folder, entry.name.replace("-", "_")).relative_to(_HERE).as_posix()
    return f"[{text}]({page})"
