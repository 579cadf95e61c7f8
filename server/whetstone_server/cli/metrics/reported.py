"""Trends and insights as programs read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from whetstone_server.events.transfer import moment

if TYPE_CHECKING:
    from whetstone_server.metrics import Change, Insight, Trend
    from whetstone_server.metrics.baseline import Comparison


def as_json(trend: Trend, comparison: Comparison | None) -> dict[str, Any]:
    """Return a trend as a row of `whetstone metrics trend`."""
    metric, samples = trend.series.metric, trend.series.samples
    values = trend.series.values
    return {
        "meta": dict(trend.series.meta),
        "unit": metric.unit,
        "better": metric.better,
        "target": metric.target.value if metric.target else None,
        "samples": len(samples),
        "mean": trend.mean,
        "median": trend.median,
        "spread": trend.spread,
        "least": min(values),
        "most": max(values),
        "first": moment(samples[0].time),
        "last": moment(samples[-1].time),
        "direction": trend.direction,
        "p": trend.chance,
        "verdict": trend.verdict,
        "change": _change(trend.change) if trend.change else None,
        "baseline": _baseline(comparison) if comparison else None,
    }


def insight_as_json(insight: Insight) -> dict[str, Any]:
    """Return an insight as a row of `whetstone metrics insights`."""
    change = insight.trend.change
    return {
        "metric": insight.series.metric.name,
        "meta": dict(insight.series.meta),
        "kind": insight.kind,
        "verdict": insight.verdict,
        "direction": insight.trend.direction,
        "confidence": insight.confidence,
        "sentence": insight.sentence,
        "action": insight.action,
        "change": _change(change) if change and insight.kind != "target" else None,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "shape": change.shape,
        "estimate": change.estimate,
        "low": _finite(change.low),
        "high": _finite(change.high),
        "before": change.before,
        "share": change.share,
        "at": moment(change.at) if change.at is not None else None,
    }


def _baseline(comparison: Comparison) -> dict[str, Any]:
    usual, shift = comparison.baseline, comparison.shift
    return {
        "level": usual.level,
        "spread": usual.spread,
        "samples": usual.samples,
        "since": moment(usual.start),
        "until": moment(usual.end),
        "p": comparison.chance,
        "shift": shift.estimate if shift else None,
        "low": _finite(shift.low) if shift else None,
        "high": _finite(shift.high) if shift else None,
    }


def _finite(value: float) -> float | None:
    """Return a bound, or nothing where there is none: JSON has no word for infinity."""
    return value if math.isfinite(value) else None
