"""`whetstone events stats`: how many events of which kinds, and what they take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace

    from whetstone_server.cli.parser import Parser
    from whetstone_server.events.rollups import Minutes
    from whetstone_server.events.store import Stats

_SAMPLE = 1_000
_HOUR = 3_600_000_000
_BARS = " ▁▂▃▄▅▆▇█"
EXAMPLE = """  whetstone events stats --format json"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print what the store holds."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import retention_days, to_read  # noqa: PLC0415
    from whetstone_server.events.event import now  # noqa: PLC0415
    from whetstone_server.events.transfer import lines, moment  # noqa: PLC0415

    days = retention_days(arguments)
    with to_read(arguments) as store:
        found = store.stats()
        if arguments.format == "text":
            sample = list(lines(store.newest(_SAMPLE)))
            day = store.per_minute(now() - 24 * _HOUR, now())
            _show(found, sum(map(len, sample)) / max(1, len(sample)), _by_hour(day, now()), days)
            return FOUND_NOTHING
    print(  # noqa: T201
        json.dumps(
            {
                "version": 1,
                "events": found.events,
                "repeats": found.repeats,
                "types": found.kinds,
                "bytes_on_disk": found.bytes_on_disk,
                "bytes_per_event": round(found.bytes_on_disk / found.events, 2) if found.events else None,
                "oldest": moment(found.oldest) if found.oldest is not None else None,
                "newest": moment(found.newest) if found.newest is not None else None,
                "map_size": found.map_size,
                "retention_days": days,
            },
            indent=2,
        )
    )
    return FOUND_NOTHING


def _by_hour(minutes: Minutes, now: int) -> list[int]:
    """Return how many events there were in each of the last 24 hours, the current one last."""
    first = now // _HOUR * 60 - 23 * 60 - minutes.first
    return [
        sum(sum(counts[max(0, at) : max(0, at + 60)]) for counts in minutes.counts.values())
        for at in range(first, first + 24 * 60, 60)
    ]


def _show(found: Stats, bytes_as_json: float, hours: list[int], days: int) -> None:
    from rich.table import Table  # noqa: PLC0415 -- the other format does without

    from whetstone_server.cli.events.shown import local  # noqa: PLC0415
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    out = console()
    table = Table("type", "events", "share", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, count in found.kinds.items():
        table.add_row(kind, f"{count:,}", f"{count / found.events:.1%}")
    out.print(table)
    each = found.bytes_on_disk / max(1, found.events)
    repeats = f" and {found.repeats:,} repeats" if found.repeats else ""
    out.print(styled(("events    ", "dim"), f"{found.events:,}{repeats}, kept for {days} days"))
    out.print(styled(("on disk   ", "dim"), f"{found.bytes_on_disk:,} bytes, {each:.1f} for each event"))
    if found.events:
        out.print(
            styled(("packed    ", "dim"), f"{bytes_as_json / each:.1f} times smaller than the same events as JSON")
        )
    if found.oldest is not None and found.newest is not None:
        out.print(
            styled(
                ("from      ", "dim"), f"{local(found.oldest):%Y-%m-%d %H:%M} to {local(found.newest):%Y-%m-%d %H:%M}"
            )
        )
    out.print(styled(("last 24 h ", "dim"), _sparkline(hours), f" {sum(hours):,} events"))


def _sparkline(counts: list[int]) -> str:
    """Return a bar for each count, as high as its share of the largest."""
    most = max(counts) or 1
    return "".join(_BARS[math.ceil(count / most * (len(_BARS) - 1))] for count in counts)
