"""`whetstone metrics trend`: where a metric is going, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_server.cli import FOUND_NOTHING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from whetstone_server.cli.parser import Parser
    from whetstone_server.metrics import Series

EXAMPLE = """  whetstone metrics trend test_duration --since 7d --meta suite=integration
  whetstone metrics trend test_duration --against version=1.4 --format json

--format json prints {"version": 1, "name", "since", "until", "series": [{"meta", "unit", "better", "target",
"samples", "mean", "median", "spread", "least", "most", "first", "last", "direction": "rising|falling|steady",
"p", "verdict": "better|worse"|null, "change": {"shape": "drift|jump", "estimate", "low", "high", "before",
"share", "at"}|null, "baseline": {"level", "spread", "samples", "since", "until", "p", "shift", "low", "high"}|null}]}.
p is the chance of such a change in mere noise; low and high hold 95 of 100; spread is a standard deviation."""
_FEW = 4
"""Series that are shown with all there is to say; more are shown as a table."""
_ROWS = 30


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    from whetstone_server.cli.events.wanted import number  # noqa: PLC0415 -- asked for once
    from whetstone_server.cli.metrics.narrowed import add_meta, add_window  # noqa: PLC0415

    options.add_argument("name", metavar="NAME", help="of the metric; `whetstone metrics list` says which there are")
    add_window(options)
    add_meta(options, "only samples with this metadata")
    options.add_argument(
        "--against",
        metavar="TIME|KEY=VALUE",
        help="what it is compared with: measurements from that time up to --since, or those with that metadata, as "
        "version=1.4 (default: as long a time before --since)",
    )
    options.add_argument(
        "--limit", type=number, default=_ROWS, metavar="N", help="at most so many series as text (default: %(default)s)"
    )
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print the trend of each series of the metric."""
    import json  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.events.place import to_read  # noqa: PLC0415
    from whetstone_server.cli.metrics.narrowed import window  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.events.transfer import moment  # noqa: PLC0415
    from whetstone_server.metrics import series, trend_of  # noqa: PLC0415

    start, end = window(arguments)
    meta = dict(arguments.meta)
    with to_read(arguments) as store:
        found = series(store, arguments.name, start, end, meta)
        if not found:
            names = sorted({one.metric.name for one in series(store)})
            raise InputError(_unknown(arguments.name, names))
        usual = _usual(store, arguments, start, end)
    rows = [(trend_of(one), _compared(one, usual)) for one in found]
    if arguments.format == "text":
        from whetstone_server.cli.metrics.shown import show_table, show_trend  # noqa: PLC0415

        if len(rows) > _FEW:
            show_table([trend for trend, _ in rows], arguments.limit)
        else:
            for trend, comparison in rows:
                show_trend(trend, comparison)
        return FOUND_NOTHING
    from whetstone_server.cli.metrics.reported import as_json  # noqa: PLC0415

    report: dict[str, Any] = {"version": 1, "name": arguments.name, "since": moment(start), "until": moment(end)}
    print(json.dumps({**report, "series": [as_json(*row) for row in rows]}, indent=2))  # noqa: T201
    return FOUND_NOTHING


def _usual(store: Any, arguments: Namespace, start: int, end: int) -> Sequence[Series]:
    """Return the series that the window is compared with."""
    from argparse import ArgumentTypeError  # noqa: PLC0415

    from whetstone_server.cli.events.wanted import moment  # noqa: PLC0415
    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.metrics import series  # noqa: PLC0415

    against, meta = arguments.against, dict(arguments.meta)
    if against is None:
        return series(store, arguments.name, max(0, 2 * start - end), start, meta)
    key, equals, value = against.partition("=")
    if equals:
        return series(store, arguments.name, meta={**meta, key: value})
    try:
        since = moment(against)
    except ArgumentTypeError as error:
        raise InputError(f"--against: {error}, nor KEY=VALUE") from error
    if since >= start:
        raise InputError("--against is not before --since; name an earlier time")
    return series(store, arguments.name, since, start, meta)


def _compared(one: Series, usual: Sequence[Series]) -> Any:
    from whetstone_server.metrics.baseline import compared, matching  # noqa: PLC0415

    before = matching(one, usual)
    return compared(before, one) if before else None


def _unknown(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415

    if name in names:
        return f"{name} was not measured in that time or not with that metadata; ask for more with --since 30d"
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else "`whetstone metrics list` says what is"
    return f"{name} is not measured here; {hint}"
