"""`whetstone metrics insights`: what the measurements say, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND, FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_server.cli.parser import Parser
    from whetstone_server.metrics import Insight

EXAMPLE = """  whetstone metrics insights --since 30d
  whetstone metrics insights test_duration --meta suite=integration --format json

The exit status is 1 when something became worse or misses its target. --format json prints {"version": 1, "since",
"until", "series", "insights": [{"metric", "meta", "kind": "drift|jump|target", "verdict": "better|worse"|null,
"direction", "confidence", "sentence", "action", "change"}]}, with the change as in `whetstone metrics trend`."""
_STYLES = {"better": "green", "worse": "red", None: "cyan"}


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.metrics.narrowed import add_meta, add_window  # noqa: PLC0415 -- asked for once

    options.add_argument("name", nargs="?", metavar="NAME", help="of a metric (default: all of them)")
    add_window(options)
    add_meta(options, "only samples with this metadata")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print what changed and what misses its target."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.metrics.narrowed import window  # noqa: PLC0415
    from whetstone_server.events.transfer import moment  # noqa: PLC0415
    from whetstone_server.metrics import insights, series  # noqa: PLC0415

    start, end = window(arguments)
    with to_read(arguments) as store:
        found = series(store, arguments.name, start, end, dict(arguments.meta))
    told = insights(found)
    if arguments.format == "text":
        _show(told, len(found))
    else:
        from whetstone_server.cli.metrics.reported import insight_as_json  # noqa: PLC0415

        rows = [insight_as_json(insight) for insight in told]
        report = {"version": 1, "since": moment(start), "until": moment(end), "series": len(found), "insights": rows}
        print(json.dumps(report, indent=2))  # noqa: T201
    return FOUND if any(insight.verdict == "worse" for insight in told) else FOUND_NOTHING


def _show(told: Sequence[Insight], number: int) -> None:
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    out = console()
    for insight in told:
        out.print(styled((f"{insight.verdict or insight.kind:<8}", _STYLES[insight.verdict]), insight.sentence))
        out.print(styled((f"        sure to {insight.confidence:.1%}", "dim")))
        out.print(styled(("        " + insight.action, "dim")))
        out.print()
    if not told:
        many = f"{number:,} series" if number != 1 else "one series"
        out.print(f"Nothing stands out in {many}." if number else "Nothing was measured in that time.")
