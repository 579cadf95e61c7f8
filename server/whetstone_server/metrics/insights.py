"""Insights: what the measurements of a window say, in a sentence, with how sure that is and what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from whetstone_server.metrics.trends import trend_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from whetstone_server.metrics.reading import Sample, Series
    from whetstone_server.metrics.trends import Change, Trend

SURE = 0.02
"""The chance of a change in mere noise, below which it is worth a sentence."""
WORTH_SAYING = 0.01
"""Of its level that a metric must have changed by: less is no news, however sure."""
LEAST_S = 0.001
"""Seconds that a test must have changed by: what is shorter is up to the machine's mood."""
HIGHEST_CONFIDENCE = 0.999
_RECENT = 5
"""Samples before a jump whose metadata is compared with what came behind it."""


@dataclass(frozen=True, slots=True)
class Insight:
    """Something the measurements say."""

    series: Series
    kind: Literal["drift", "jump", "target"]
    sentence: str
    verdict: Literal["better", "worse"] | None
    confidence: float
    """1 less the chance of the same in mere noise."""
    action: str
    trend: Trend


def insights(found: Iterable[Series]) -> list[Insight]:
    """Return what series of one window say: changes for the worse first, then missed targets, then the rest.

    The more series are asked, the surer each has to be: of all changes that are told, at most about one in twenty is
    noise (Benjamini and Hochberg, 1995).
    """
    trends = [trend_of(one) for one in found]
    bar = _bar([trend.chance for trend in trends])
    said = [changed(trend) for trend in trends if trend.chance <= bar and _is_news(trend)]
    missed = [insight for trend in trends if (insight := _missed(trend)) is not None]
    return sorted(said + missed, key=lambda each: (each.verdict != "worse", each.kind == "target", -each.confidence))


def changed(trend: Trend) -> Insight:
    """Return what a trend that changes says."""
    change, metric = trend.change, trend.series.metric
    assert change is not None
    verdict = f", which is {trend.verdict}" if trend.verdict else ""
    share = f" ({abs(change.share):.0%})" if change.share is not None else ""
    way = "up" if change.estimate > 0 else "down"
    size = f"{metric.said(abs(change.estimate))}{share}"
    if change.shape == "jump":
        assert change.at is not None
        after = metric.said(change.before + change.estimate)
        words = f"jumped {way} by {size} at {moment(change.at)}, from {metric.said(change.before)} to {after}"
    else:
        words = f"drifted {way} by {size} from {moment(trend.series.samples[0].time)} on, {_daily(trend)} a day"
    sentence = f"{trend.series.title} {words}{verdict}{_interval(trend, change)}."
    confidence = min(HIGHEST_CONFIDENCE, round(1 - trend.chance, 3))
    return Insight(trend.series, change.shape, sentence, trend.verdict, confidence, _action(trend, change), trend)


def moment(time: int) -> str:
    """Return a time as people write it, where they are."""
    return f"{datetime.fromtimestamp(time / 1_000_000, UTC).astimezone():%Y-%m-%d %H:%M}"


def differences(samples: Sequence[Sample], at: int) -> dict[str, tuple[str, str]]:
    """Return the metadata that was one thing up to a time and another from then on: last before, first behind."""
    before = [sample for sample in samples if sample.time < at]
    after = [sample for sample in samples if sample.time >= at]
    if not before or not after:
        return {}
    found = {}
    for key in sorted(before[-1].meta.keys() & after[0].meta.keys()):
        old, new = before[-1].meta[key], after[0].meta[key]
        recent = {sample.meta.get(key) for sample in before[-_RECENT:]}
        if old != new and new not in recent:
            found[key] = (old, new)
    return found


def _bar(chances: Sequence[float]) -> float:
    """Return the largest chance that is told: as sure as `SURE`, and surer where many series were asked."""
    ordered = sorted(chances)
    kept = [chance for place, chance in enumerate(ordered, 1) if chance <= SURE * place / len(ordered)]
    return kept[-1] if kept else -1.0


def _is_news(trend: Trend) -> bool:
    change = trend.change
    if change is None or change.estimate == 0:
        return False
    if "test" in trend.series.meta and trend.series.metric.unit == "s" and abs(change.estimate) < LEAST_S:
        return False
    return change.share is None or abs(change.share) >= WORTH_SAYING


def _missed(trend: Trend) -> Insight | None:
    """Return the insight that a target is missed: by the median, so that it takes more than a few bad samples."""
    metric, samples = trend.series.metric, trend.series.samples
    if metric.target is None or not metric.target.missed_by(trend.median):
        return None
    on_wrong_side = sum(metric.target.missed_by(sample.value) > 0 for sample in samples)
    sentence = (
        f"{trend.series.title} misses its target: {metric.said(trend.median)} instead of {metric.target.side} "
        f"{metric.said(metric.target.value)}, in {on_wrong_side} of {len(samples)} measurements."
    )
    # Laplace's rule of succession: how likely the next one misses it as well.
    confidence = min(HIGHEST_CONFIDENCE, round((on_wrong_side + 1) / (len(samples) + 2), 3))
    return Insight(trend.series, "target", sentence, "worse", confidence, _looked_into(trend), trend)


def _daily(trend: Trend) -> str:
    assert trend.change is not None
    samples = trend.series.samples
    days = (samples[-1].time - samples[0].time) / 86_400_000_000
    return trend.series.metric.said(abs(trend.change.estimate) / days)


def _interval(trend: Trend, change: Change) -> str:
    if not math.isfinite(change.low) or not math.isfinite(change.high):
        return ""
    low, high = change.bounds
    return f"; 95 % interval {trend.series.metric.said(low)} to {trend.series.metric.said(high)}"


def _action(trend: Trend, change: Change) -> str:
    """Return what to do about a change: where to look for its cause, and how to see what is slow."""
    if trend.verdict == "better":
        return "Keep it: nothing needs to be done, but whatever changed is worth knowing."
    if change.at is None or change.last_before is None:
        return _looked_into(trend)
    differing = differences(trend.series.samples, change.at)
    commits = next((differing[key] for key in ("commit", "sha") if key in differing), None)
    others = ", ".join(f"{key} went from {old} to {new}" for key, (old, new) in differing.items())
    where = f" ({others})" if others else ""
    if commits:
        return f"Look at what changed: git log {commits[0]}..{commits[1]}{where}. {_looked_into(trend)}"
    since, until = moment(change.last_before), moment(change.at)
    return f'Look at what changed between {since} and {until}: git log --since "{since}" --until "{until}"{where}. ' + (
        _looked_into(trend)
    )


def _looked_into(trend: Trend) -> str:
    """Return how to see what is slow, for measurements of time; for others, what can be done from here."""
    metric, test = trend.series.metric, trend.series.meta.get("test")
    if metric.name.startswith("server."):
        return "See what Whetstone says of itself: whetstone bottlenecks."
    if test is not None:
        return (
            f"Profile the test: python -m cProfile -o run.prof -m pytest {test!r}; then whetstone check . --profile "
            "run.prof shows what costs time there, and whetstone prove which of it can be made faster."
        )
    if metric.unit in ("s", "ms", "µs", "ns"):
        return (
            "Profile what is measured, and see what costs time there: whetstone check . --profile run.prof; then "
            "whetstone prove tries what can be made faster."
        )
    return "Look at what else changed in that time; whetstone metrics trend shows when."
