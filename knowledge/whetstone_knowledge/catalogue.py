"""What is known as pages for people: `python -m whetstone_knowledge.catalogue [--check]` writes them.

`RULES.md` holds the page of every rule, and everything on it comes from the rule's own class, so that the editor's
hover, `whetstone explain` and the web page say the same words. `ENTRIES.md` leads to the entries, whose pages are
written by hand.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_knowledge.entries import PAGES, entries, path
from whetstone_knowledge.entry import ANTI_PATTERN, KINDS
from whetstone_knowledge.need import USES, Need
from whetstone_knowledge.recommend import recommend
from whetstone_knowledge.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from whetstone_knowledge.entry import Entry
    from whetstone_knowledge.rule import Rule

ADDRESS = "https://github.com/whetstone-ls/whetstone/blob/main/knowledge/RULES.md"
"""Where the pages of all rules are read."""

_HERE = Path(__file__).parents[1]
RULES_PAGE = _HERE / "RULES.md"
"""Where the pages of all rules are written."""
ENTRIES_PAGE = _HERE / "ENTRIES.md"
"""Where the list of all entries is written."""

FIXES = {
    "proof-needed": "a rewrite that is offered as faster only when it was proved",
    "review": "a rewrite that only a person can judge",
    "none": "no rewrite",
}
_MEASURED = (
    "Old time over new time of the example above: above 1, the rewrite is faster; within 10 % of 1, it is a tie."
)
_INTRODUCTION = f"""\
# Rules

<!-- Written by `python -m whetstone_knowledge.catalogue` from the rules themselves; change those instead. -->

What Whetstone looks for, what it makes of it, and what that was measured to gain.

- The numbers are from the example of each rule, as `benchmarks/evidence.py` measured it. {_MEASURED}
- They say that a rule is worth asking about, never that your code gets faster: that is what a proof is for.
"""


_ENTRIES_INTRODUCTION = """\
# Entries

<!-- Written by `python -m whetstone_knowledge.catalogue` from the entries themselves; change those instead. -->

How to build what lasts, mostly with Elixir and OTP.
Each entry has a page: when to use it, when not to, what it costs, and what is lost on a crash.

- `whetstone knowledge search` finds entries by words, and `whetstone knowledge show` prints one.
- `whetstone knowledge recommend` goes from a need to entries, with reasons, and says what was ruled out.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write `RULES.md` and `ENTRIES.md`, or with `--check` only say whether they are current; returns the status."""
    options = argparse.ArgumentParser(prog="python -m whetstone_knowledge.catalogue", description=main.__doc__)
    options.add_argument("--check", action="store_true", help="write nothing; fail when a page is not current")
    pages = {RULES_PAGE: catalogue(RULES), ENTRIES_PAGE: entries_catalogue(entries())}
    stale = [page for page, wanted in pages.items() if not page.exists() or page.read_text(encoding="utf-8") != wanted]
    if not options.parse_args(arguments).check:
        for page in stale:
            page.write_text(pages[page], encoding="utf-8", newline="\n")
        return 0
    for page in stale:
        sys.stderr.write(f"{page.name} is not current: run `python -m whetstone_knowledge.catalogue`\n")
    return 1 if stale else 0


def catalogue(rules: Sequence[Rule]) -> str:
    """Return the whole of `RULES.md`: a table of all rules, then a page for each."""
    return "\n".join((_INTRODUCTION, _index(rules), *(page(rule) for rule in rules)))


def page(rule: Rule) -> str:
    """Return the page of one rule in Markdown: what it finds and why, an example, what it leaves alone, and evidence.

    Its heading is the rule's name, so that `RULES.md#name` leads to it.
    """
    language = rule.language
    (before, after), *more = rule.pairs
    parts = [
        f"## {rule.name}",
        f"`{rule.code}` · {rule.title} · severity {rule.severity} · {FIXES[rule.fix]}",
        inspect.getdoc(rule) or "",
        _example(language, before, after),
        _evidence(rule),
    ]
    if more:
        parts += ["### Also rewritten", *(_example(language, *pair) for pair in more)]
    parts += ["### Left alone", _code(language, "\n\n".join(rule.look_alikes))]
    return "\n\n".join(parts) + "\n"


def address(rule: Rule) -> str:
    """Return the address of a rule's page on the web."""
    return f"{ADDRESS}#{rule.name}"


def entries_catalogue(all_entries: Sequence[Entry]) -> str:
    """Return the whole of `ENTRIES.md`: what answers each use, then a table of the entries of each kind."""
    kinds = (
        f"## {heading}\n\n{_entries_table([entry for entry in all_entries if entry.kind == kind])}"
        for kind, heading in KINDS.items()
    )
    return "\n".join((_ENTRIES_INTRODUCTION, f"## By use\n\n{_uses_table(all_entries)}", *kinds))


def entry_page(entry: Entry) -> str:
    """Return the page of one entry in Markdown, with the rules that belong to it, where they exist, and its sources."""
    parts = [f"# {entry.title}", f"`{entry.name}` · {entry.kind}", entry.summary, entry.body]
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
    return _table(rows)


def _entries_table(some: Sequence[Entry]) -> str:
    rows = [["entry", "says", "rules"], ["---"] * 3]
    rows += [[_linked(entry, entry.title), entry.summary, _rules_cell(entry)] for entry in some]
    return _table(rows)


def _rules_cell(entry: Entry) -> str:
    rules = rules_of(entry)
    return ", ".join(f"[{rule.code}](RULES.md#{rule.name})" for rule in rules) or entry.no_rule or ""


def _linked(entry: Entry, text: str) -> str:
    folder = dict(zip(KINDS, PAGES, strict=True))[entry.kind]
    page = path(folder, entry.name.replace("-", "_")).relative_to(_HERE).as_posix()
    return f"[{text}]({page})"


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _index(rules: Sequence[Rule]) -> str:
    versions = sorted({version for rule in rules for version in rule.evidence}, key=_by_number)
    heading = ["code", "finds", "cure", "fix", *versions]
    rows = [heading, ["---"] * 4 + ["---:"] * len(versions)]
    for rule in rules:
        measured = [_ratio(rule.evidence[version]) if version in rule.evidence else "" for version in versions]
        rows.append([rule.code, f"[{rule.name}](#{rule.name})", rule.title, rule.fix, *measured])
    return _table(rows)


def _example(language: str, before: str, after: str) -> str:
    return f"{_code(language, before)}\n\nbecomes\n\n{_code(language, after)}"


def _code(language: str, source: str) -> str:
    return f"```{language}\n{source.rstrip()}\n```"


def _evidence(rule: Rule) -> str:
    """Return the measured ratios of a rule as a sentence; says so when nothing was measured."""
    if not rule.evidence:
        return "**Measured:** nothing yet."
    ratios = (f"{_ratio(rule.evidence[version])} on {version}" for version in sorted(rule.evidence, key=_by_number))
    return f"**Measured:** {', '.join(ratios)}. {_MEASURED}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}×"


def _by_number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    sys.exit(main())
