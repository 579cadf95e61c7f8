"""`whetstone events compact`: the room of deleted events goes back to the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events compact"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    del options  # nothing but which workspace


def run(arguments: Namespace) -> int:
    """Rewrite the store and say what that gave."""
    from whetstone_server.cli.events.place import folder, to_read, to_write  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415
    from whetstone_server.events.maintenance import compact  # noqa: PLC0415

    to_read(arguments).close()  # says so when there is no store
    with tidy_stop(), Steps("Packing and rewriting the store"):
        with to_write(arguments) as store:  # takes in what killed processes left, and packs all there is
            store.checkpoint()
        before, after = compact(folder(arguments))
    print(f"{before:,} bytes before, {after:,} after")  # noqa: T201
    return FOUND_NOTHING
