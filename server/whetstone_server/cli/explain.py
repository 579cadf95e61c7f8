"""`whetstone explain`: the page of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "explain",
        "Show the page of a rule: what it finds, why that costs time, and what was measured.",
        "  whetstone explain WP101\n  whetstone explain string-built-in-loop",
    )
    options.add_argument("code", metavar="CODE", help="a rule's code or name")
    return options


def run(arguments: Namespace) -> int:
    """Print the page: laid out for a terminal, as Markdown otherwise."""
    from whetstone_knowledge.catalogue import page  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.selection import one  # noqa: PLC0415
    from whetstone_server.cli.terminal import show_page  # noqa: PLC0415

    show_page(page(one(arguments.code)))
    return FOUND_NOTHING
