"""`whetstone events search`: the newest events that hold a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events search parse_header --since 7d"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import add_choice  # noqa: PLC0415 -- asked for once

    options.add_argument("text", metavar="TEXT", help="part of a type, a source, a path or a text of the event")
    add_choice(options)
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the newest events that hold the text."""
    from whetstone_server.cli.events.shown import list_newest  # noqa: PLC0415 -- so that --help stays quick

    return list_newest(arguments, arguments.text)
