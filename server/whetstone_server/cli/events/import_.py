"""`whetstone events import`: exported events that are not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events import week.jsonl"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_argument("file", metavar="FILE", help="what `export` wrote; - for standard input")


def run(arguments: Namespace) -> int:
    """Add what is not there yet, and say how much that was."""
    import sys  # noqa: PLC0415 -- so that --help stays quick
    from pathlib import Path  # noqa: PLC0415

    from whetstone_server.cli.events.place import to_write  # noqa: PLC0415
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415
    from whetstone_server.events import transfer  # noqa: PLC0415

    with tidy_stop(), to_write(arguments) as store, Steps("Adding events") as steps:
        rows = sys.stdin.buffer if arguments.file == "-" else transfer.rows(Path(arguments.file))
        added, known = transfer.add(store, transfer.read(rows), lambda seen: steps.step("Adding events", seen, None))
    print(f"{added:,} events added, {known:,} were there already")  # noqa: T201
    return FOUND_NOTHING
