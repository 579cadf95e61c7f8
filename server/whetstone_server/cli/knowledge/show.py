"""`whetstone knowledge show`: the page of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_knowledge.entry import Entry
    from whetstone_server.cli.parser import Parser
    from whetstone_server.errors import InputError

EXAMPLE = """  whetstone knowledge show circuit-breaker"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("name", metavar="NAME", help="an entry's name or title")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the page: laid out for a terminal, as Markdown otherwise."""
    from whetstone_codegen.templates import TEMPLATES  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_knowledge.entry_pages import page  # noqa: PLC0415
    from whetstone_server.cli.terminal import show_page  # noqa: PLC0415

    entry = _named(arguments.name)
    if arguments.format == "json":
        _show_json(entry)
        return FOUND_NOTHING
    show_page(page(entry, {template.name for template in TEMPLATES}))
    return FOUND_NOTHING


def _show_json(entry: Entry) -> None:
    from whetstone_codegen.templates import TEMPLATES  # noqa: PLC0415 -- text has its own
    from whetstone_knowledge.entry_pages import rules_of  # noqa: PLC0415
    from whetstone_server.cli.knowledge.shown import as_json, show_document  # noqa: PLC0415

    show_document(
        entry={
            **as_json(entry),
            "sections": dict(entry.sections),
            "rules": [{"code": rule.code, "rule": rule.name, "title": rule.title} for rule in rules_of(entry)],
            "no_rule": entry.no_rule,
            "templates": [
                {"template": template.name, "language": template.language, "title": template.title}
                for template in TEMPLATES
                if template.name in entry.templates
            ],
            "sources": list(entry.sources),
        }
    )


def _named(word: str) -> Entry:
    """Return the entry of this name or title; raises `InputError` with the nearest when there is none."""
    from whetstone_knowledge.entries import entries  # noqa: PLC0415 -- so that --help stays quick

    for entry in entries():
        if word.lower() in {entry.name, entry.title.lower()}:
            return entry
    raise _unknown(word)


def _unknown(word: str) -> InputError:
    from difflib import get_close_matches  # noqa: PLC0415 -- only for a name that is none

    from whetstone_knowledge.entries import entries  # noqa: PLC0415
    from whetstone_knowledge.search import Index  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415

    names = [entry.name for entry in entries()]
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.75) or [
        hit.entry.name for hit in Index(entries()).search(word)
    ]
    hint = f"did you mean {close[0]}?" if close else "`whetstone knowledge list` has them all"
    return InputError(f"no entry is called {word}; {hint}")
