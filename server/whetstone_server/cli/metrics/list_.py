"""`whetstone metrics list`: what is measured here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from whetstone_server.cli.parser import Parser
    from whetstone_server.metrics import Series

EXAMPLE = """  whetstone metrics list --since 30d"""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.metrics.narrowed import add_window  # noqa: PLC0415 -- asked for once

    add_window(options)
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print every metric with how often it was measured, and what came last."""
    import json  # noqa: PLC0415 -- so that --help stays quick
    from itertools import groupby  # noqa: PLC0415

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.metrics.narrowed import window  # noqa: PLC0415
    from whetstone_server.events.transfer import moment  # noqa: PLC0415
    from whetstone_server.metrics import series  # noqa: PLC0415

    with to_read(arguments) as store:
        found = series(store, None, *window(arguments))
    by_name = {name: list(group) for name, group in groupby(found, key=lambda one: one.metric.name)}
    if arguments.format == "text":
        _show(by_name)
        return FOUND_NOTHING
    rows = []
    for name, group in by_name.items():
        last = max((one.samples[-1] for one in group), key=lambda sample: sample.time)
        metric = group[-1].metric
        rows.append(
            {
                "name": name,
                "unit": metric.unit,
                "better": metric.better,
                "target": metric.target.value if metric.target else None,
                "series": len(group),
                "samples": sum(len(one.samples) for one in group),
                "last": {"time": moment(last.time), "value": last.value, "meta": dict(last.meta)},
            }
        )
    print(json.dumps({"version": 1, "metrics": rows}, indent=2))  # noqa: T201
    return FOUND_NOTHING


def _show(by_name: Mapping[str, Sequence[Series]]) -> None:
    from rich.table import Table  # noqa: PLC0415 -- the other format does without

    from whetstone_server.cli.terminal import console, plain, styled  # noqa: PLC0415
    from whetstone_server.metrics.insights import moment  # noqa: PLC0415

    out = console()
    if not by_name:
        out.print("Nothing was measured in that time; `whetstone metrics record NAME VALUE` keeps a measurement.")
        return
    table = Table("metric", "series", "samples", "last", "at", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, group in by_name.items():
        last = max(group, key=lambda one: one.samples[-1].time)
        samples = sum(len(one.samples) for one in group)
        said = plain(last.metric.said(last.samples[-1].value))
        table.add_row(styled(name), f"{len(group):,}", f"{samples:,}", said, moment(last.samples[-1].time))
    out.print(table)
