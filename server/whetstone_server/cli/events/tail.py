"""`whetstone events tail`: events as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

_EVERY_S = 0.2
EXAMPLE = """  whetstone events tail"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import number  # noqa: PLC0415 -- asked for once

    options.add_argument(
        "--last", type=number, default=10, metavar="N", help="begin with so many (default: %(default)s)"
    )


def run(arguments: Namespace) -> NoReturn:
    """Print events until it is interrupted."""
    import sys  # noqa: PLC0415 -- so that --help stays quick
    import time  # noqa: PLC0415

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.events.shown import show_one  # noqa: PLC0415

    with to_read(arguments) as store:
        follower = store.follow()
        events = store.newest(arguments.last)[::-1]
        shown = {event.id for event in events}  # what came between the two lines above is told of by both
        while True:
            for event in events:
                show_one(event)
            sys.stdout.flush()
            time.sleep(_EVERY_S)
            events = [event for event in follower.events() if event.id not in shown]
            shown.clear()
