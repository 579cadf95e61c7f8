"""`whetstone events backup`: a consistent copy of the store, while it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events backup ~/backups/shop-events"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("target", metavar="DIR", help="a folder that is not there yet")


def run(arguments: Namespace) -> int:
    """Write the copy and say how large it is."""
    from pathlib import Path  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import folder, to_read  # noqa: PLC0415
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415
    from whetstone_server.events.maintenance import backup  # noqa: PLC0415

    to_read(arguments).close()  # says so when there is no store
    with tidy_stop(), Steps("Copying the store"):
        size = backup(folder(arguments), Path(arguments.target).absolute())
    print(f"{size:,} bytes in {arguments.target}")  # noqa: T201
    return FOUND_NOTHING
