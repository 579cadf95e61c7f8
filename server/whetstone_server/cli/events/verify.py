"""`whetstone events verify`: everything is read, and what is damaged is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND, FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone events verify"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print what is damaged; exit status 1 when something is."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import folder, to_read  # noqa: PLC0415
    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.progress import Steps  # noqa: PLC0415
    from whetstone_server.events.maintenance import live_writers, verify  # noqa: PLC0415

    to_read(arguments).close()  # says so when there is no store
    place = folder(arguments)
    in_use = bool(live_writers(place))
    with tidy_stop(), Steps("Reading pages") as steps:
        events, problems = verify(
            place, lambda done, total: steps.step("Reading blocks", done, total), pages=not in_use
        )
    if arguments.format == "json":
        print(json.dumps({"version": 1, "events": events, "pages": not in_use, "problems": problems}))  # noqa: T201
        return FOUND if problems else FOUND_NOTHING
    for problem in problems:
        print(problem)  # noqa: T201
    pages = "; pages were not looked at, since the store is in use" if in_use else ""
    print(f"{events:,} events read, {len(problems)} problems{pages}")  # noqa: T201
    return FOUND if problems else FOUND_NOTHING
