"""`whetstone events export`: events as JSON Lines, oldest first; packed with zstd when the file is named so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events export --since 7d --output week.jsonl
  whetstone events export --output all.jsonl.zst"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import add_time  # noqa: PLC0415 -- asked for once

    add_time(options)
    options.add_argument("--output", metavar="FILE", help="where to (default: standard output); .zst is packed")


def run(arguments: Namespace) -> int:
    """Write the events of a time, whole or not at all where it goes to a file."""
    import sys  # noqa: PLC0415 -- so that --help stays quick
    from contextlib import nullcontext  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps, counted  # noqa: PLC0415
    from whetstone_server.events import transfer  # noqa: PLC0415
    from whetstone_server.events.reading import FOREVER, Wanted  # noqa: PLC0415

    steps = Steps("Writing events")
    on_terminal = not arguments.output and sys.stdout.isatty()  # where a bar would run through the lines
    with tidy_stop(), to_read(arguments) as store, nullcontext() if on_terminal else steps:
        chosen = Wanted(arguments.since or 0, arguments.until or FOREVER)
        total = store.stats().events if chosen == Wanted() else None
        events = counted(store.forwards(chosen), lambda done: steps.step("Writing events", done, total))
        if arguments.output:
            transfer.write(Path(arguments.output), events)
        else:
            sys.stdout.writelines(transfer.lines(events))
    return FOUND_NOTHING
