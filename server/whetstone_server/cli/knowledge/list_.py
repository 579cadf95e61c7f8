"""`whetstone knowledge list`: every entry, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_knowledge.entry import KINDS
from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_knowledge.entry import Entry
    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone knowledge list --kind fault-tolerance"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("--kind", choices=list(KINDS), metavar="KIND", help=f"only these: {', '.join(KINDS)}")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the entries in catalogue order."""
    from whetstone_knowledge.entries import entries  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.knowledge.shown import as_json, show_document  # noqa: PLC0415

    wanted = [entry for entry in entries() if arguments.kind in {None, entry.kind}]
    if arguments.format == "json":
        show_document(entries=[as_json(entry) for entry in wanted])
    else:
        _show(wanted)
    return FOUND_NOTHING


def _show(wanted: Sequence[Entry]) -> None:
    from itertools import groupby  # noqa: PLC0415 -- the other format does without

    from whetstone_server.cli.knowledge.shown import show_line  # noqa: PLC0415
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    for kind, group in groupby(wanted, key=lambda entry: entry.kind):
        some = list(group)
        console().print(styled((KINDS[kind], "underline")))
        for entry in some:
            show_line(entry, max(len(entry.name) for entry in some))
        console().print()
