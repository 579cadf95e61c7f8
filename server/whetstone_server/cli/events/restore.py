"""`whetstone events restore`: a backup in the store's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events restore ~/backups/shop-events"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("source", metavar="DIR", help="what `backup` wrote")


def run(arguments: Namespace) -> int:
    """Exchange the store for the backup, and say where the former one lies."""
    from pathlib import Path  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import folder  # noqa: PLC0415
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415
    from whetstone_server.events.maintenance import restore  # noqa: PLC0415

    with tidy_stop(), Steps("Looking at the backup, and copying it"):
        former = restore(Path(arguments.source).absolute(), folder(arguments))
    print("restored" + (f"; the former store lies in {former}" if former else ""))  # noqa: T201
    return FOUND_NOTHING
