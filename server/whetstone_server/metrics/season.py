"""Season: what a series owes to the hour of the day, taken out where there is such a thing."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR, DAY = 3_600_000_000, 86_400_000_000
FEWEST_DAYS = 3
WORTH = 0.9
"""Of the deviations that may be left for a pattern to count as one."""


def without_daily_pattern(times: Sequence[int], values: Sequence[float]) -> list[float]:
    """Return the values less what is usual at their hour of the day, or as they are where hours say nothing.

    Hours say something when the other days at the same hour foretell a value better than all of the series does.
    """
    if len(times) < 2 or times[-1] - times[0] < (FEWEST_DAYS - 1) * DAY:
        return list(values)
    by_hour: dict[int, list[float]] = defaultdict(list)
    for time, value in zip(times, values, strict=True):
        by_hour[time % DAY // HOUR].append(value)
    if len(values) < FEWEST_DAYS * len(by_hour):
        return list(values)
    level = median(values)
    foretold = fmean(
        abs(value - median(group[:place] + group[place + 1 :] or [level]))
        for group in by_hour.values()
        for place, value in enumerate(group)
    )
    if foretold > WORTH * fmean(abs(value - level) for value in values):
        return list(values)
    usual = {hour: median(group) - level for hour, group in by_hour.items()}
    return [value - usual[time % DAY // HOUR] for time, value in zip(times, values, strict=True)]
