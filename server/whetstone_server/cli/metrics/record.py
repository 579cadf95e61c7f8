"""`whetstone metrics record`: keep a measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser

EXAMPLE = """  whetstone metrics record test_duration 12.5 --unit s --meta suite=integration --meta "commit=$GITHUB_SHA"
  whetstone metrics record rows 812 --meta better=higher --meta target=500"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import moment  # noqa: PLC0415 -- asked for once
    from whetstone_server.cli.metrics.narrowed import add_meta  # noqa: PLC0415

    options.add_argument("name", metavar="NAME", help="of the metric, as test_duration")
    options.add_argument("value", type=float, metavar="VALUE", help="the number")
    options.add_argument("--unit", metavar="UNIT", help="what it counts, as s or MB")
    add_meta(
        options,
        "under which circumstances it was measured; only like is compared with like. better=lower or better=higher "
        "says which side is good, target=NUMBER what is wanted",
    )
    options.add_argument("--at", type=moment, metavar="TIME", help="when it was measured, as 2h or RFC 3339: now")


def run(arguments: Namespace) -> int:
    """Keep one measurement on the disk."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.workspace import root  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.metrics.recording import event, opened, sample  # noqa: PLC0415

    try:
        measured = sample(arguments.name, arguments.value, dict(arguments.meta), arguments.unit)
    except ValueError as error:
        raise InputError(str(error)) from error
    at = datetime.fromtimestamp(arguments.at / 1_000_000, UTC) if arguments.at is not None else None
    with opened(root(arguments)) as store:
        if not store.record(event(measured, at)):
            raise InputError("the event store has no room for it just now; `whetstone events verify` says more")
        store.flush()
    return FOUND_NOTHING
