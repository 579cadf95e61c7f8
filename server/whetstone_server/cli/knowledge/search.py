"""`whetstone knowledge search`: the entries that fit some words, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_knowledge.search import Index
    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone knowledge search one process per user"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("words", nargs="+", metavar="WORDS", help="what to look for, in any form and order")
    options.add_argument("--limit", type=int, default=10, metavar="N", help="the most to list (default: %(default)s)")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the entries that hold any of the words."""
    from whetstone_knowledge.entries import entries  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_knowledge.search import Index  # noqa: PLC0415
    from whetstone_server.cli.knowledge.shown import as_json, show_document, show_line  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415

    if arguments.limit < 1:
        raise InputError(f"--limit must be 1 or more, not {arguments.limit}")
    words = " ".join(arguments.words)
    index = Index(entries())
    hits = index.search(words)[: arguments.limit]
    if arguments.format == "json":
        show_document(entries=[as_json(hit.entry, round(hit.score, 3), hit.reasons) for hit in hits])
        return FOUND_NOTHING
    for hit in hits:
        show_line(hit.entry, max(len(hit.entry.name) for hit in hits))
    if not hits:
        _suggest(index, words)
    return FOUND_NOTHING


def _suggest(index: Index, words: str) -> None:
    """Say that nothing was found, and what may have been meant."""
    import sys  # noqa: PLC0415 -- only when nothing was found

    meant = [index.nearest(word) or word for word in words.split()]
    hint = f"did you mean {' '.join(meant)}?" if meant != words.split() else "`whetstone knowledge list` has them all"
    print(f"whetstone: no entry speaks of {words}; {hint}", file=sys.stderr)  # noqa: T201
