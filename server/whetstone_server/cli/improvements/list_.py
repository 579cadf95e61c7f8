"""`whetstone improvements list`: improvements, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone improvements list --status applied"""
STATUSES = ("proposed", "testing", "approved", "rejected", "applied", "rolled-back")


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("--status", choices=STATUSES, help="only those that stand there")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the improvements that are asked for."""
    from whetstone_server.cli.improvements import shown  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.improvements.place import history  # noqa: PLC0415

    known = history(arguments)
    found = [each for each in known.improvements().values() if arguments.status in (None, each.status)]
    if arguments.format == "json":
        import json  # noqa: PLC0415 -- only this format needs it

        rows = [shown.as_json(known, each) for each in reversed(found)]
        print(json.dumps({"version": 1, "improvements": rows}, indent=2))  # noqa: T201
    else:
        shown.show_table(known, found[::-1])
    return FOUND_NOTHING
