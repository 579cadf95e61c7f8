"""`whetstone events tail`: events as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

_EVERY_S = 0.2
_LATE = 60_000_000
EXAMPLE = """  whetstone events tail"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import number  # noqa: PLC0415 -- asked for once

    options.add_argument(
        "--last", type=number, default=10, metavar="N", help="begin with so many (default: %(default)s)"
    )


def run(arguments: Namespace) -> NoReturn:
    """Print events until it is interrupted."""
    import time  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.events.shown import show_one  # noqa: PLC0415

    with to_read(arguments) as store:
        shown: dict[str, int] = {}
        events = store.newest(arguments.last)[::-1]
        while True:
            for event in events:
                if event.id not in shown:
                    shown[event.id] = event.time
                    show_one(event)
            time.sleep(_EVERY_S)
            latest = max(shown.values(), default=0)
            # Another writer's clock may lag: what comes late by up to a minute is shown as well.
            events = store.between(max(0, latest - _LATE)) if shown else store.newest(arguments.last)[::-1]
            shown = {key: when for key, when in shown.items() if when >= latest - 2 * _LATE}
