"""`whetstone events search`: the newest events that hold a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

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
    from itertools import islice  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.events.shown import show  # noqa: PLC0415
    from whetstone_server.cli.events.wanted import wanted  # noqa: PLC0415

    with to_read(arguments) as store:
        events = list(islice(store.backwards(wanted(arguments, arguments.text)), arguments.limit))
    show(events, arguments.format)
    return FOUND_NOTHING
