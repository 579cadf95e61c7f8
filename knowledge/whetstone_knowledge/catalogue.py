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

from whetstone_knowledge.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from whetstone_knowledge.rule import Rule

ADDRESS = "https://github.com/whetstone-ls/whetstone/blob/main/knowledge/RULES.md"
"""Where the pages of all rules are read."""

RULES_PAGE = Path(__file__).parents[1] / "RULES.md"
"""Where the pages of all rules are written."""

FIXES = {
    "proof-needed": "a rewrite that is offered as faster only when it was proved",
    "mechanical": "a rewrite that keeps what the code means",
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

- The numbers are from the example of each rule, as `benchmarks/evidence.py` or `benchmarks/elixir_evidence.py` measured
  it. {_MEASURED}
- They say that a rule is worth asking about, never that your code gets faster: that is what a proof is for.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write `RULES.md` and `ENTRIES.md`, or with `--check` only say whether they are current; returns the status."""
    # The editor's hover needs the pages of rules only, and is not to wait for those of the entries.
    from whetstone_knowledge import entry_pages  # noqa: PLC0415 -- see above
    from whetstone_knowledge.entries import entries  # noqa: PLC0415

    options = argparse.ArgumentParser(prog="python -m whetstone_knowledge.catalogue", description=main.__doc__)
    options.add_argument("--check", action="store_true", help="write nothing; fail when a page is not current")
    pages = {RULES_PAGE: catalogue(RULES), entry_pages.ENTRIES_PAGE: entry_pages.catalogue(entries())}
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
        *_evidence(rule),
    ]
    if more:
        heading = "### Also rewritten" if rule.fix != "none" else "### Also found"
        parts += [heading, *(_example(language, *pair) for pair in more)]
    parts += ["### Left alone", _code(language, "\n\n".join(rule.look_alikes))]
    return "\n\n".join(parts) + "\n"


def address(rule: Rule) -> str:
    """Return the address of a rule's page on the web."""
    return f"{ADDRESS}#{rule.name}"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of cells as lines of a Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _index(rules: Sequence[Rule]) -> str:
    """Return a table of the rules for each language."""
    languages = dict.fromkeys(rule.language for rule in rules)
    return "\n".join(
        f"For {language.capitalize()}:\n\n{_table_of([rule for rule in rules if rule.language == language])}"
        for language in languages
    )


def _table_of(rules: Sequence[Rule]) -> str:
    versions = sorted({version for rule in rules for version in rule.evidence}, key=_by_number)
    heading = ["code", "finds", "cure", "fix", *versions]
    rows = [heading, ["---"] * 4 + ["---:"] * len(versions)]
    for rule in rules:
        measured = [_ratio(rule.evidence[version]) if version in rule.evidence else "" for version in versions]
        rows.append([rule.code, f"[{rule.name}](#{rule.name})", rule.title, rule.fix, *measured])
    return table(rows)


def _example(language: str, before: str, after: str) -> str:
    if not after:
        return _code(language, before)
    return f"{_code(language, before)}\n\nbecomes\n\n{_code(language, after)}"


def _code(language: str, source: str) -> str:
    return f"```{language}\n{source.rstrip()}\n```"


def _evidence(rule: Rule) -> Iterator[str]:
    """Yield the measured ratios of a rule as a sentence; a rule whose point is not time has none."""
    if not rule.evidence:
        return
    ratios = (f"{_ratio(rule.evidence[version])} on {version}" for version in sorted(rule.evidence, key=_by_number))
    yield f"**Measured:** {', '.join(ratios)}. {_MEASURED}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}×"


def _by_number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    sys.exit(main())
