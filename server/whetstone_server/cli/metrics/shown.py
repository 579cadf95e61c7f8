"""Trends as people read them."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from whetstone_server.cli.terminal import console, plain, styled
from whetstone_server.metrics.insights import moment
from whetstone_server.metrics.trends import FEWEST, SIGNIFICANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.metrics import Metric, Sample, Trend
    from whetstone_server.metrics.baseline import Comparison

_BARS = "▁▂▃▄▅▆▇█"
_WIDE, _NARROW = 48, 16
_NUMBERS = 90
"""Columns that are enough for all but the name of a series."""
_STYLES = {"better": "green", "worse": "red", None: "cyan"}
_CERTAIN = 0.001


def show_trend(trend: Trend, comparison: Comparison | None) -> None:
    """Print all that is to say of one series."""
    out, metric, values = console(), trend.series.metric, trend.series.values
    side = f"{metric.better} is better" if metric.better else "no side is known to be better"
    target = f", target {metric.said(metric.target.value)}" if metric.target else ""
    out.print(styled((trend.series.title, "bold"), (f"  {side}{target}", "dim")))
    out.print(styled("  ", sparkline(trend.series.samples, _WIDE)))
    said = (
        f"  {len(values):,} {'sample' if len(values) == 1 else 'samples'} from {moment(trend.series.samples[0].time)} "
        f"to {moment(trend.series.samples[-1].time)}\n"
        f"  mean {metric.said(trend.mean)}, median {metric.said(trend.median)}, spread {metric.said(trend.spread)}, "
        f"{metric.said(min(values))} to {metric.said(max(values))}"
    )
    out.print(styled((said, "dim")))
    out.print(styled("  ", (trend.direction, _STYLES[trend.verdict]), _verdict(trend), f": {_changed(trend)}"))
    if comparison is not None and comparison.shift is not None:
        out.print(styled("  ", _against(metric, comparison)))
    out.print()


def show_table(trends: Sequence[Trend], limit: int) -> None:
    """Print a line for each series: those that changed first, then those with the largest values."""
    from rich.table import Table  # noqa: PLC0415 -- a few series do without

    out = console()
    ordered = sorted(trends, key=lambda each: (each.direction == "steady", each.verdict != "worse", -each.median))
    first = trends[0].series.meta
    shared_keys = {key for key, value in first.items() if all(each.series.meta.get(key) == value for each in trends)}
    common = ", ".join(f"{key}={first[key]}" for key in sorted(shared_keys))
    out.print(styled((trends[0].series.metric.name, "bold"), (f"  {common}", "dim")))
    table = Table("", "samples", "median", "spread", "trend", "chance", "series", box=None, pad_edge=False)
    table.header_style = "dim"
    for place in (1, 2, 3, 5):
        table.columns[place].justify = "right"
    longest = 0
    for trend in ordered[:limit]:
        told = ", ".join(
            value if key == "test" else f"{key}={value}"
            for key, value in trend.series.meta.items()
            if key not in shared_keys
        )
        share = trend.change.share if trend.change and trend.direction != "steady" else None
        way = f"{trend.direction}{'' if share is None else f' {share:+.0%}'}"
        table.add_row(
            sparkline(trend.series.samples, _NARROW),
            f"{len(trend.series.samples):,}",
            plain(trend.series.metric.said(trend.median)),
            plain(trend.series.metric.said(trend.spread)),
            styled((way, _STYLES[trend.verdict] if trend.direction != "steady" else "dim")),
            "" if trend.change is None else _odds(trend.chance),
            styled(told),
        )
        longest = max(longest, len(told))
    out.print(table, width=max(out.width, _NUMBERS + longest))  # names of tests are long, and of no use cut short
    rest = len(trends) - limit
    if rest > 0:
        out.print(styled((f"and {rest:,} more; --limit shows them, --meta narrows them", "dim")))


def sparkline(samples: Sequence[Sample], width: int) -> str:
    """Return a bar for each part of the time between first and last sample: its median, between least and most."""
    first, span = samples[0].time, max(1, samples[-1].time - samples[0].time)
    parts: list[list[float]] = [[] for _ in range(min(width, len(samples)))]
    for sample in samples:
        parts[min(len(parts) - 1, (sample.time - first) * len(parts) // span)].append(sample.value)
    heights = [median(part) if part else None for part in parts]
    known = [height for height in heights if height is not None]
    least, most = min(known), max(known)
    step = (most - least) / len(_BARS)
    return "".join(
        " " if height is None else _BARS[min(len(_BARS) - 1, int((height - least) / step))] if step else _BARS[0]
        for height in heights
    )


def chance_said(chance: float) -> str:
    """Return how often noise looks like that."""
    if chance < _CERTAIN:
        return "noise does that less than once in 1,000 times"
    if chance < SIGNIFICANT:
        return f"noise does that about once in {round(1 / chance):,} times"
    return f"noise does as much {'half the time or more' if chance >= 0.5 else f'once in {round(1 / chance)} times'}"


def _odds(chance: float) -> str:
    return "<0.001" if chance < _CERTAIN else f"{chance:.3f}" if chance < SIGNIFICANT else f"{chance:.2f}"


def _verdict(trend: Trend) -> str:
    return f" ({trend.verdict})" if trend.verdict else ""


def _changed(trend: Trend) -> str:
    change, metric = trend.change, trend.series.metric
    if change is None:
        few = f"it needs at least {FEWEST} moments of measuring to have a direction"
        return few if len(set(trend.series.values)) > 1 or len(trend.series.values) < FEWEST else "it never changes"
    if trend.direction == "steady":
        return f"no change that stands out; {chance_said(trend.chance)}"
    way = "up" if change.estimate > 0 else "down"
    share = f" ({abs(change.share):.0%})" if change.share is not None else ""
    verb = f"jumped {way}" if change.shape == "jump" else f"drifted {way}"
    when = f" at {moment(change.at)}" if change.at is not None else ""
    interval = ""
    if math.isfinite(change.low) and math.isfinite(change.high):
        low, high = change.bounds
        interval = f", 95 % interval {metric.said(low)} to {metric.said(high)}"
    return f"{verb} by {metric.said(abs(change.estimate))}{share}{when}{interval}; {chance_said(trend.chance)}"


def _against(metric: Metric, comparison: Comparison) -> str:
    usual, shift = comparison.baseline, comparison.shift
    known = (
        f"usual before: {metric.said(usual.level)} ± {metric.said(usual.spread)} ({usual.samples:,} samples from "
        f"{moment(usual.start)} to {moment(usual.end)})"
    )
    if shift is None or comparison.chance >= SIGNIFICANT or not shift.estimate:
        return f"{known}; no difference that stands out"
    way = "above" if shift.estimate > 0 else "below"
    share = f" ({abs(shift.estimate / usual.level):.0%})" if usual.level else ""
    return f"{known}; now {metric.said(abs(shift.estimate))}{share} {way} that; {chance_said(comparison.chance)}"
