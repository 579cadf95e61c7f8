"""Finding bottlenecks: targets that are missed, changes for the worse, slow tests, and findings in hot functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.bottlenecks.bottleneck import Bottleneck, impact_of
from whetstone_server.bottlenecks.remedies import remedy
from whetstone_server.metrics import Target, insights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from whetstone_server.metrics import Series

JUDGED_STATISTIC = "p95"
"""Where several quantiles were measured: a single slow answer is no bottleneck; one in twenty is."""
COLD = 0.01
"""A function's share of all time, below which what is found in it is no bottleneck."""
LARGE_SHARE = 0.25
"""Of the time of all tests that a single one may take."""
FEWEST_TESTS, LEAST_S = 4, 2.0
"""Tests and seconds that a run must have for a share of it to mean something."""
LITTLE_S, LITTLE_IMPACT = 0.1, 24
"""What costs a test less than so many seconds is of low severity, however many times slower it became."""


class HotFinding(NamedTuple):
    """What a rule found in a function whose share of a profile is known."""

    path: str
    line: int
    function: str | None
    code: str
    message: str
    impact: int
    """0 to 100, raised by the heat."""
    heat: float
    can_be_proven: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the measurements came to."""

    found: Sequence[Bottleneck]
    newest: Mapping[tuple[str, str], Sequence[float]]
    """The newest measurements by subject and metric: what is not found there and keeps its goal is gone."""
    paths: frozenset[str] = frozenset()
    """Files whose findings were looked at with a profile; what is not found in them any more is gone as well."""


def find(series: Iterable[Series], hot: Iterable[HotFinding] = (), paths: Iterable[str] = ()) -> Look:
    """Return the bottlenecks of the series of one window, and of findings, the one with the most impact first.

    A target is held against the newest measurement. A change for the worse has to be significant, and the newest
    measurement still nearer to the new level than to the old one.
    """
    judged = [one for one in series if one.meta.get("statistic", JUDGED_STATISTIC) == JUDGED_STATISTIC]
    found: dict[tuple[str, str], Bottleneck] = {}
    for each in (*_missed(judged), *_worse(judged), *_slow_tests(judged), *_hot(hot)):
        if each.key not in found or each.impact > found[each.key].impact:
            found[each.key] = each
    ordered = sorted(found.values(), key=lambda each: (-each.impact, each.key))
    newest: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in judged:
        newest[subject_of(one), one.metric.name].append(one.samples[-1].value)
    return Look(ordered, newest, frozenset(paths))


def subject_of(one: Series) -> str:
    """Return what a series is about: the test, method or suite it names, with all else that tells it from others."""
    named = [one.meta[key] for key in ("test", "benchmark", "method", "cache", "suite") if key in one.meta]
    if one.metric.name.startswith("server."):
        return " ".join(["the server", *named])
    return " ".join(named) or one.metric.name


def _missed(series: Sequence[Series]) -> Iterator[Bottleneck]:
    for one in series:
        metric, last = one.metric, one.samples[-1]
        target = metric.target
        if target is None or not target.missed_by(last.value):
            continue
        yield Bottleneck(
            subject_of(one),
            metric.name,
            impact_of(target.times_worse(last.value)),
            f"{one.title} is {metric.said(last.value)} where {target.side} {metric.said(target.value)} is wanted.",
            remedy(one),
            target,
        )


def _worse(series: Sequence[Series]) -> Iterator[Bottleneck]:
    for told in insights(series):
        change, metric = told.trend.change, told.series.metric
        if told.kind == "target" or told.verdict != "worse" or change is None:
            continue
        goal = Target(change.before + change.estimate / 2, "lower" if change.estimate > 0 else "higher")
        if not goal.missed_by(told.series.samples[-1].value):
            continue
        after = change.before + change.estimate
        impact = impact_of(Target(change.before, goal.better).times_worse(after))
        if "test" in told.series.meta and abs(change.estimate) < LITTLE_S:
            impact = min(impact, LITTLE_IMPACT)
        yield Bottleneck(subject_of(told.series), metric.name, impact, told.sentence, told.action, goal)


def _slow_tests(series: Sequence[Series]) -> Iterator[Bottleneck]:
    """Yield the tests that take much of the time of all that ran on the same machine and Python."""
    runs: dict[tuple[str | None, str | None], list[Series]] = defaultdict(list)
    for one in series:
        if one.metric.name == "test_duration" and "test" in one.meta:
            runs[one.meta.get("machine"), one.meta.get("python")].append(one)
    for run in runs.values():
        total = sum(one.samples[-1].value for one in run)
        if len(run) < FEWEST_TESTS or total < LEAST_S:
            continue
        for one in run:
            last = one.samples[-1]
            share = last.value / total
            if share >= LARGE_SHARE:
                took = f"{one.metric.said(last.value)} of {one.metric.said(total)}"
                sentence = f"{one.meta['test']} takes {share:.0%} of the time of all {len(run):,} tests: {took}."
                yield Bottleneck(subject_of(one), one.metric.name, round(100 * share), sentence, remedy(one))


def _hot(findings: Iterable[HotFinding]) -> Iterator[Bottleneck]:
    for finding in findings:
        if finding.heat < COLD:
            continue
        where = f"{finding.path}:{finding.line}"
        function = f" in {finding.function}" if finding.function else ""
        deed = "whetstone prove" if finding.can_be_proven else f"whetstone explain {finding.code} says what helps at"
        yield Bottleneck(
            f"{finding.path}{f'::{finding.function}' if finding.function else ''}",
            finding.code,
            finding.impact,
            f"{finding.message}{function}, which takes {finding.heat:.0%} of the profile's time ({where}).",
            f"{deed} {where}",
        )
